"""Risk of the takes: what is known of them comes together, and is worked out again when it changed."""
from __future__ import annotations

import pytest

from core.config import DataRoot
from core.library import Change, Library, Project, WordTimes
from core.steps import risk
from core.steps.ingest import ingest
from core.types import Word
from tests.made import heard, library, take

Made = tuple[Library, Project]


@pytest.fixture
def made(data_root: DataRoot) -> Made:
    lib, project = library(data_root)
    for n in range(12):
        clip = take(lib, project, prompt=f"order one two {'three' if n % 2 else 'four'}")
        said = "order 123" if n % 2 else "order 124"
        heard(lib, project, {"item": clip, "text": said})
    ingest(lib, project)
    return lib, project


def ids(lib: Library, project: Project) -> list[str]:
    return [view.clip.id for view in lib.clips.views(project.id)]


def test_an_edit_that_leaves_what_was_heard_is_the_riskiest(made: Made) -> None:
    from core.steps import review

    lib, project = made
    odd = ids(lib, project)[5]
    review.edit(lib, project, odd, "order one two nine", lib.clips.get(odd).transcript_id, "anna")
    found = risk.ranked(lib, project)
    assert next(iter(found)) == odd
    codes = {reason.code for reason in found[odd].reasons}
    assert {"digits_differ", "prompt_differs"} <= codes


def test_what_was_heard_is_compared_in_the_words_of_the_text(made: Made) -> None:
    lib, project = made
    assert all(not each.reasons for each in risk.ranked(lib, project).values())


def test_alignments_count_and_rejected_takes_do_not(made: Made) -> None:
    lib, project = made
    *rest, gone = ids(lib, project)
    for n, clip in enumerate(rest):
        worst = 8.0 if n == 3 else 0.2 + 0.01 * n
        lib.word_times.put(WordTimes(lib.clips.get(clip).transcript_id or 0, "ctc:starter",
                                     (Word("order", 0, 1),), 0.9, worst))
    lib.changes.apply(project.id, [Change(gone, "decision", "todo", "rejected")], "anna")
    found = risk.ranked(lib, project)
    assert next(iter(found)) == rest[3] and found[rest[3]].reasons[0].code == "word_unlike_sound"
    assert gone not in found


def test_an_edited_prompt_counts_at_once(made: Made) -> None:
    from core.steps import prompts

    lib, project = made
    assert not any(each.reasons for each in risk.ranked(lib, project).values())
    changed = lib.prompts.of(project.id)[0]
    prompts.edit(lib, project, changed.id, "order five six seven", changed.text, "anna", True)
    found = risk.ranked(lib, project)
    assert found and next(iter(found.values())).reasons[0].code == "prompt_differs"


def test_nothing_is_worked_out_twice(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    lib, project = made
    first = risk.ranked(lib, project)
    assert risk.ranked(lib, project) is first
    made_again: list[str] = []
    real = risk.evidence
    monkeypatch.setattr(risk, "evidence", lambda p, v, t, r: made_again.append(v.clip.id) or real(p, v, t, r))
    changed = ids(lib, project)[0]
    lib.word_times.put(WordTimes(lib.clips.get(changed).transcript_id or 0, "x", (Word("order", 0, 1),),
                                 0.9, 0.1))
    assert risk.ranked(lib, project) is not first and made_again == [changed]
