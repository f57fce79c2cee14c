"""Changes of prompts: all or nothing, the expected state, and libraries from before they were kept."""
from __future__ import annotations

from pathlib import Path

import pytest

from core import db
from core.config import DataRoot
from core.errors import BadInput, Stale
from core.library.prompt_changes import PromptChange
from core.library.prompts import Prompts
from tests.made import library


def test_a_batch_is_written_whole_or_not_at_all(data_root: DataRoot) -> None:
    lib, project = library(data_root)
    lib.prompts.add(project.id, [("one", ""), ("two", "")])
    one, two = (prompt.id for prompt in lib.prompts.of(project.id))
    batch = [PromptChange(one, "text", "one", "eins"), PromptChange(two, "text", "deux", "zwei")]
    with pytest.raises(Stale, match="nothing was overwritten"):
        lib.prompts.apply(project.id, batch, "anna")
    with pytest.raises(BadInput, match="“role” of a prompt cannot be changed"):
        lib.prompts.apply(project.id, [PromptChange(one, "role", "target", "regression")], "anna")
    assert [prompt.text for prompt in lib.prompts.of(project.id)] == ["one", "two"]
    assert lib.prompts.history(one) == []
    assert lib.prompts.undo(project.id, "anna") == []


def test_what_the_app_itself_adds_is_nothing_to_undo(data_root: DataRoot) -> None:
    lib, project = library(data_root)
    lib.prompts.add(project.id, [("one", "")])
    assert lib.prompts.undo(project.id, "") == []


def test_a_library_from_before_keeps_its_prompts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, now = tmp_path / "library.db", db.MIGRATIONS
    with monkeypatch.context() as patch:
        patch.setattr(db, "MIGRATIONS", now[:1])
        with db.connect(path) as old:
            old.execute("INSERT INTO projects (slug, name, template, created_at) VALUES ('p', 'P', 'x', 0)")
            old.execute("INSERT INTO prompts (project_id, position, text, created_at) VALUES (1, 1, 'a', 0)")
    prompts = Prompts(path)
    assert [(prompt.text, prompt.must) for prompt in prompts.of(1)] == [("a", False)]
    prompts.apply(1, [PromptChange(1, "must", False, True)], "anna")
    assert prompts.of(1)[0].must is True
    prompts.undo(1, "anna")
    assert prompts.of(1)[0].must is False
