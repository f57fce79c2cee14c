"""A random sample: drawn once, kept, proven by its own marks; handed to somebody else and brought home."""
from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import soundfile

import app
from core.config import DataRoot
from core.errors import BadInput, NotFound, Refused, Stale
from core.library import Library, Project
from core.library.transcripts import Draft
from core.quality.sets import upper_bound
from core.steps import review, sample, sample_marks, sample_page, spot_check
from core.steps.record import save_take
from tests.made import library, take, wav

ANNA = "page:anna"
EVIL = "</script><img src=x onerror=alert(1)> “DATA” \"DATA\" <!-- [[title]]"
Made = tuple[Library, Project]


@pytest.fixture
def sixty(data_root: DataRoot) -> Made:
    """Sixty takes with a text, and one without."""
    lib, project = library(data_root)
    for number in range(60):
        take(lib, project, f"text {number}", name=f"{number}.wav")
    take(lib, project)
    return lib, project


@pytest.fixture
def sounding(data_root: DataRoot, tmp_path: Path) -> Made:
    """Three takes that can be heard; the text of the first is no markup."""
    lib, project = library(data_root)
    for number, text in enumerate((EVIL, "two", "three")):
        path = wav(tmp_path / f"{number}.wav", pitch=200.0 + 50 * number)
        clip = save_take(lib, project, None, "ann", path, ANNA).clip
        lib.transcripts.append(project.id, [Draft(clip.id, text, "person", None)], ANNA)
    return lib, project


def mark_all(made: Made, drawn: sample.Sample, marks: list[str]) -> None:
    """Mark the clips of a sample in its order."""
    lib, project = made
    for clip, mark in zip(drawn.clips, marks, strict=False):
        spot_check.mark(lib, project, clip, mark, lib.clips.get(clip).mark, ANNA)


def test_a_sample_is_drawn_once_and_stays_as_it_is(sixty: Made) -> None:
    lib, project = sixty
    drawn = sample.draw(lib, project, 30, ANNA, seed=7)
    assert (len(set(drawn.clips)), drawn.n_total, drawn.seed) == (30, 60, 7)
    review.decide(lib, project, drawn.clips[3], "rejected", "todo", ANNA)
    take(lib, project, "a new one")
    assert sample.get(lib, project) == drawn
    shown = sample.within(spot_check.checks(lib, project), drawn)
    assert [clip.id for clip in shown.clips] == [one for one in drawn.clips if one != drawn.clips[3]]
    again, other = sample.draw(lib, project, 30, ANNA, seed=8), sample.draw(lib, project, 30, ANNA, seed=8)
    assert again.clips == other.clips and set(again.clips) != set(drawn.clips)
    assert [one.name for one in sample.samples(lib, project)] == ["sample-3", "sample-2", "sample-1"]
    assert sample.get(lib, project, "sample-1") == drawn


def test_every_take_is_drawn_equally_often(sixty: Made) -> None:
    lib, project = sixty
    drawn = [sample.draw(lib, project, 6, ANNA, seed=seed).clips for seed in range(60)]
    times = [sum(clip.id in clips for clips in drawn) for clip in lib.clips.checks(project.id) if clip.text]
    assert sum(times) == 360 and max(times) <= 16, "each is expected 6 times"


def test_nothing_to_draw_and_odd_numbers_are_told(sixty: Made, data_root: DataRoot) -> None:
    lib, project = sixty
    for n in (0, -1, 10**6):
        with pytest.raises(BadInput, match="A sample holds 1 to 5,000 takes"):
            sample.draw(lib, project, n, ANNA)
    assert len(sample.draw(lib, project, 5000, ANNA).clips) == 60
    empty = lib.projects.add("empty", "Empty", "blank", "en")
    with pytest.raises(Refused, match="no take with a text yet"):
        sample.draw(lib, empty, 30, ANNA)
    with pytest.raises(NotFound, match="draw one on the Spot-check tab"):
        sample.get(lib, empty)
    assert sample.newest(lib, empty) is None


def test_thirty_right_ones_prove_under_ten_percent(sixty: Made) -> None:
    lib, project = sixty
    drawn = sample.draw(lib, project, 30, ANNA, seed=1)
    mark_all(sixty, drawn, ["right"] * 30)
    found = sample.standing(lib, project, drawn)
    assert (found.n_done, found.n_right, found.n_bad, found.is_prefix) == (30, 30, 0, True)
    assert found.sentence == (
        "30 of 30 right: with 95 % confidence at most 4 of the 60 clips (6.7 %) are wrong. Of clips made in "
        "the same way, however many there will be, at most 9.5 % are wrong.")
    assert upper_bound(0, 30) < 0.1 < upper_bound(0, 28)


def test_a_fixed_take_counts_as_wrong_a_skipped_one_not_at_all(sixty: Made) -> None:
    lib, project = sixty
    drawn = sample.draw(lib, project, 5, ANNA, seed=1)
    mark_all(sixty, drawn, ["right", "right", "skip", "wrong"])
    clip = lib.clips.get(drawn.clips[4])
    spot_check.fix(lib, project, clip.id, "another text", clip.transcript_id, "", ANNA)
    found = sample.standing(lib, project, drawn)
    assert (found.n_done, found.n_right, found.n_bad) == (5, 2, 2)
    assert found.sentence.startswith("2 of 4 right")


def test_only_marks_since_the_draw_count_and_what_was_taken_back_does_not(sixty: Made) -> None:
    lib, project = sixty
    before = lib.clips.checks(project.id)
    for clip in before[:60]:
        spot_check.mark(lib, project, clip.id, "wrong", "", "page:earlier")
    drawn = sample.draw(lib, project, 10, ANNA, seed=1)
    assert sample.standing(lib, project, drawn).n_done == 0
    mark_all(sixty, drawn, ["right", "wrong"])
    assert sample.standing(lib, project, drawn).marks == {drawn.clips[0]: "right", drawn.clips[1]: "wrong"}
    review.undo(lib, project, ANNA)
    assert sample.standing(lib, project, drawn).marks == {drawn.clips[0]: "right"}
    spot_check.mark(lib, project, drawn.clips[5], "right", "wrong", ANNA)
    assert not sample.standing(lib, project, drawn).is_prefix


# --- for somebody elsewhere

def page_of(made: Made, out: Path) -> tuple[sample.Sample, str]:
    """A sample of all, written to a folder."""
    lib, project = made
    drawn = sample.draw(lib, project, 10, ANNA, seed=1)
    return drawn, sample_page.export(lib, project, drawn, out).read_text(encoding="utf-8")


def data_of(page: str) -> dict[str, object]:
    """What the page knows."""
    found = re.search(r"const data = (\{.*?\}), labels = ", page, re.S)
    assert found is not None
    return json.loads(found[1])


def test_the_page_holds_all_and_leads_nowhere(sounding: Made, tmp_path: Path) -> None:
    lib, _ = sounding
    drawn, page = page_of(sounding, tmp_path / "out")
    assert {path.stem for path in (tmp_path / "out" / "clips").glob("*.wav")} == set(drawn.clips)
    for clip in drawn.clips:
        found = soundfile.info(tmp_path / "out" / "clips" / f"{clip}.wav")
        assert found.duration == pytest.approx(0.6, abs=0.01)
    assert [row["text"] for row in data_of(page)["clips"]] == [  # type: ignore[index, attr-defined]
        lib.clips.view(clip).text for clip in drawn.clips]
    assert "http:" not in page and "https:" not in page and "[[" not in page.replace("[[title]]", "")
    assert "Ann" not in page and "<img" not in page and page.count("</script>") == 1
    labels = json.loads(sample_page.LABELS.read_text(encoding="utf-8"))
    template = Path(sample_page.__file__).with_suffix(".html").read_text(encoding="utf-8")
    assert set(re.findall(r"\[\[(\w+)\]\]", template)) <= set(labels)


def test_a_folder_with_something_else_is_refused(sounding: Made, tmp_path: Path) -> None:
    lib, project = sounding
    drawn, _ = page_of(sounding, tmp_path / "out")
    sample_page.export(lib, project, drawn, tmp_path / "out")
    other = sample.draw(lib, project, 1, ANNA)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("x")
    for folder in (tmp_path / "out", tmp_path / "full"):
        with pytest.raises(BadInput, match="holds something else already"):
            sample_page.export(lib, project, other, folder)
    with pytest.raises(BadInput, match="is a file"):
        sample_page.export(lib, project, other, tmp_path / "full" / "letter.txt")
    assert sample_page.zipped(tmp_path / "out").name == "out.zip"


def marks_of(page: str, given: dict[int, str], **more: object) -> bytes:
    """A file as the page writes it."""
    clips = data_of(page)["clips"]
    rows = [{"clip": clips[at]["id"], "seen": clips[at]["seen"], "mark": mark, "note": f"n{at}"}  # type: ignore
            for at, mark in given.items()]
    whole = {"format": "voicewright-marks", "version": 1, "project": "p", "sample": "sample-1",
             "reviewer": "Tamara", "marks": rows}
    return json.dumps({**whole, **more}).encode()


def test_marks_come_home_in_her_name_after_a_preview_with_one_undo(sounding: Made, tmp_path: Path) -> None:
    lib, project = sounding
    drawn, page = page_of(sounding, tmp_path / "out")
    brought = sample_marks.read(marks_of(page, {0: "right", 1: "wrong"}))
    found = sample_marks.plan(lib, project, brought)
    assert [(line.before, line.after, line.note) for line in found.lines] == [
        ("", "right", "n0"), ("", "wrong", "n1")]
    assert lib.clips.get(drawn.clips[0]).mark == "", "a preview writes nothing"
    sample_marks.apply(lib, project, brought, found.mark)
    standing = sample.standing(lib, project, drawn)
    assert (standing.n_right, standing.n_bad) == (1, 1)
    assert lib.clips.get(drawn.clips[1]).note == "n1"
    assert {change["who"] for change in lib.changes.of(drawn.clips[1])} >= {"reviewer:Tamara"}
    again = sample_marks.plan(lib, project, brought)
    assert (again.lines, again.n_same) == ((), 2)
    with pytest.raises(Stale, match="have changed since they were listed"):
        sample_marks.apply(lib, project, brought, found.mark)
    lib.changes.undo(project.id, "reviewer:Tamara")
    assert [(lib.clips.get(clip).mark, lib.clips.get(clip).note) for clip in drawn.clips] == [("", "")] * 3


def test_marks_of_clips_that_changed_are_named_and_not_applied(sounding: Made, tmp_path: Path) -> None:
    lib, project = sounding
    drawn, page = page_of(sounding, tmp_path / "out")
    brought = sample_marks.read(marks_of(page, {0: "right", 1: "right", 2: "wrong"}))
    text, gone = lib.clips.get(drawn.clips[0]), drawn.clips[1]
    review.edit(lib, project, text.id, "another text", text.transcript_id, ANNA)
    review.decide(lib, project, gone, "rejected", "todo", ANNA)
    found = sample_marks.plan(lib, project, brought)
    assert (found.changed, found.gone) == ((text.name,), (gone,))
    assert [line.clip_id for line in found.lines] == [drawn.clips[2]]
    sample_marks.apply(lib, project, brought, found.mark)
    assert [lib.clips.get(clip).mark for clip in drawn.clips] == ["", "", "wrong"]


@pytest.mark.parametrize(("content", "told"), [
    (b"", "no file of marks"), (b"\xff\xfe", "no file of marks"), (b"[]", "no file of marks"),
    (b"[" * 100_000, "no file of marks"),
    (b'{"format": "voicewright-marks", "version": 2}', "no file of marks"),
    (b" " * 4_000_001, "at most 4"),
])
def test_what_is_no_file_of_marks_is_told(content: bytes, told: str) -> None:
    with pytest.raises(BadInput, match=told):
        sample_marks.read(content, "a.json")


def test_marks_that_nobody_can_have_given_are_refused(sounding: Made, tmp_path: Path) -> None:
    lib, project = sounding
    _, page = page_of(sounding, tmp_path / "out")
    for wrong in ({0: "fixed"}, {0: "perfect"}):
        with pytest.raises(BadInput, match="no file of marks"):
            sample_marks.read(marks_of(page, wrong))
    for name in ("", "  ", "a" * 80, "a\u0000b"):
        with pytest.raises(BadInput, match="do not say who gave them"):
            sample_marks.read(marks_of(page, {0: "right"}, reviewer=name))
    assert sample_marks.read(marks_of(page, {}, reviewer=" Dr.  O'Neil ")).who == "reviewer:Dr. O'Neil"
    twice = json.loads(marks_of(page, {0: "right"}))["marks"] * 2
    with pytest.raises(BadInput, match="marks a clip twice"):
        sample_marks.read(marks_of(page, {}, marks=twice))
    other = sample_marks.read(marks_of(page, {0: "right"}, project="elsewhere"))
    with pytest.raises(BadInput, match="for the project “elsewhere”"):
        sample_marks.plan(lib, project, other)


def test_the_command_draws_writes_and_brings_home(
    sounding: Made, data_root: DataRoot, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lib, project = sounding
    data = ["--data", str(data_root.path)]

    def run(*words: str) -> tuple[int, str]:
        return app.main(["sample", "p", *words, *data]), capsys.readouterr().out

    code, out = run("--n", "2", "--seed", "3", "--out", str(tmp_path / "out"), "--json")
    made = json.loads(out)
    assert (code, made["n"], made["of"], made["checked"]) == (0, 2, 3, 0)
    marks = tmp_path / "marks.json"
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    marks.write_bytes(marks_of(page, {0: "right", 1: "wrong"}))
    code, out = run("--import", str(marks), "--dry-run")
    assert code == 0 and "2 marks of Tamara would be set" in out
    assert lib.clips.get(made["clips"][0]).mark == ""
    code, out = run("--import", str(marks))
    assert code == 0 and "2 marks of Tamara set" in out and "1 of 2 right" in out
    clip = lib.clips.get(made["clips"][0])
    review.edit(lib, project, clip.id, "changed", clip.transcript_id, ANNA)
    code, out = run("--import", str(marks))
    assert code == 1 and "has changed since" in out
    assert "a mark of 1 take" in run("--undo", "Tamara")[1], "what stood there already was said again"
    assert "of 2 takes" in run("--undo", "Tamara")[1]
    assert app.main(["sample", "p", "--import", str(tmp_path / "none.json"), *data]) == 1
