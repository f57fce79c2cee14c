"""The story on human voices that the starter never met: two speakers, strings 22-29 held out."""
from __future__ import annotations

from pathlib import Path

import pytest

from core.config import REPOSITORY, DataRoot
from core.files import read_json
from core.library import Library
from core.runs.start import wait
from core.steps import dataset, importing, projects, review, train, verdict

HUMANS = REPOSITORY.parent / "shared" / "data" / "human_digits"


@pytest.mark.slow
@pytest.mark.skipif(not (HUMANS / "index.json").exists(), reason="human digits are not beside the checkout")
@pytest.mark.parametrize("speaker", ["jackson", "nicolas"])
def test_twenty_two_strings_teach_a_new_voice(data_root: DataRoot, speaker: str) -> None:
    lib = Library(data_root)
    project = projects.create(lib, f"Digits of {speaker}", "numbers").project
    said = {row["file"]: row["text"] for row in read_json(HUMANS / "index.json")}
    files = sorted(HUMANS.glob(f"{speaker}_*.flac"))
    imported = importing.import_files(lib, project, files, speaker, texts=said)
    assert len(imported.clips) == 30
    review.use_prompts(lib, project, [lib.clips.view(c.id) for c in imported.clips], "test")
    made = dataset.make(lib, project, dataset.options(hold_out=(f"{speaker}_2[2-9]*",)))
    assert made.counts["test"]["clips"] == 8
    run = train.start(lib, project, dataset=made.dataset.name)
    assert wait(run, 900) == "done", run.log_tail()
    shown = verdict.of_run(run)
    assert shown is not None
    held_out = {Path(lib.clips.get(item["id"]).name).stem for item in shown.items}
    assert held_out == {f"{speaker}_{n}" for n in range(22, 30)}
    print(shown.verdict.sentence)
    assert shown.verdict.tuned.wer <= 0.25, shown.verdict.sentence
    assert shown.verdict.tuned.wer < shown.verdict.base.wer
