"""Imports in the background, from the folder to the library: the run, its ingest, what is told."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from core.config import DataRoot
from core.errors import BadInput
from core.library import Library, Project
from core.run_dir import RunDir
from core.runs import start as runs
from core.runs import worker
from core.runs.jobs import importing as job
from core.steps import arrivals, record, review
from core.steps.import_items import speaker_name
from core.steps.importing import Brought, brought, import_files, is_many, start_import
from core.steps.ingest import ingest
from tests.layouts import LAYOUTS, Told, json_lines, lines
from tests.made import library, wav

Made = tuple[Library, Project]


@pytest.fixture
def made(data_root: DataRoot, monkeypatch: pytest.MonkeyPatch) -> Made:
    """A project, and workers that have ended when `spawn` is back."""
    monkeypatch.setattr(runs, "spawn", lambda run, python=None: worker.work(run))
    return library(data_root, "p", "other")


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Nobody comes for runs that are started from now on."""
    return lambda: monkeypatch.setattr(runs, "spawn", lambda run, python=None: None)


def forget_what_was_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """As after a restart of the app."""
    monkeypatch.setattr(arrivals, "_seen", {})


def in_library(lib: Library, project: Project) -> list[Told]:
    """What stands in the library, as the layouts tell it; `name` is that of the sound file."""
    found = []
    for view in lib.clips.views(project.id):
        said = [word for version in lib.transcripts.versions(view.clip.id) for word in version.words]
        words = tuple((word.text, round(word.start, 3), round(word.end, 3)) for word in said)
        whole = view.clip.kind == "take"
        name = view.clip.name if whole else view.clip.name[: -len("-00000.00.wav")] + ".wav"
        start, end = (0.0, None) if whole else (view.clip.start, view.clip.end)
        language = view.details.get("language", "")
        found.append(Told(name, view.text or "", words, view.speaker or "", language, start, end))
    return sorted(found, key=lambda told: (told.name, told.start))


def test_sounds_that_stand_in_their_table_become_takes(made: Made, tmp_path: Path) -> None:
    lib, project = made
    sound = wav(tmp_path / "a.wav", 1.0).read_bytes()
    rows = (("all of it", sound, {}), ("its end", sound, {"offset": 0.5, "duration": 0.5}),
            ("no sound", b"RIFF and nothing", {}))
    table = json_lines(tmp_path / "in" / "talks.jsonl", [
        {"messages": [{"role": "user", "content": text}, {"role": "assistant", "content": {
            "type": "audio", "raw_audio": base64.b64encode(data).decode(), **part}}], "speaker": "ada"}
        for text, data, part in rows])
    run = start_import(lib, project, [table], "nobody")
    assert ingest(lib, project) == 2
    views = lib.clips.views(project.id)
    assert sorted((view.text, view.speaker, view.clip.end) for view in views) == [
        ("all of it", "ada", 1.0), ("its end", "ada", 1.0)]
    assert {(lib.root.path / view.clip.audio).read_bytes() for view in views} == {sound}
    ((name, told),) = brought(run).refused
    assert name.startswith("talks-") and told
    assert [path.name for path in lib.root.project("p").iterdir() if path.name.startswith(".inline")] == []


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_arrives_in_the_library(layout: str, made: Made, tmp_path: Path) -> None:
    lib, project = made
    expected = LAYOUTS[layout](tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.*") if path.is_file()}
    run = start_import(lib, project, [tmp_path], "ada")
    n_files = len({told.name for told in expected})
    assert run.state() == "done" and ingest(lib) == len(expected)
    there = [told._replace(speaker=told.speaker or "ada") for told in expected]
    assert in_library(lib, project) == sorted(there, key=lambda told: (told.name, told.start))
    assert {view.source for view in lib.clips.views(project.id) if view.text} == {"import"}
    kept = {view.clip.audio for view in lib.clips.views(project.id)}
    assert len(kept) == n_files == len(list((lib.root.path / "p" / "takes").iterdir()))
    originals = set(before.values())
    assert all((lib.root.path / audio).read_bytes() in originals for audio in kept)
    assert {path: path.read_bytes() for path in before} == before, "what was chosen is untouched"
    assert lib.prompts.of(project.id) == []


def test_ingest_twice_changes_nothing(made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lib, project = made
    LAYOUTS["whisper"](tmp_path)
    start_import(lib, project, [tmp_path])
    assert ingest(lib) == 2
    last, views = lib.changes.last_id(project.id), lib.clips.views(project.id)
    assert ingest(lib) == 0
    forget_what_was_seen(monkeypatch)
    assert ingest(lib, project) == 0
    assert record.recover(lib) == 0, "a copy is no take that lost its row"
    assert (lib.changes.last_id(project.id), lib.clips.views(project.id)) == (last, views)


def test_results_come_home_while_the_run_goes_on(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrivals, "_BATCH", 2)
    lib, project = made
    for i in range(7):
        wav(tmp_path / f"{i}.wav", pitch=200 + 10 * i)
    real = job.row_of

    def row_of(item: dict, *more: object) -> dict:  # type: ignore[type-arg]
        if item["id"] == "3":
            monkeypatch.setattr(arrivals, "_seen", dict(arrivals._seen))
            assert ingest(lib) == 3
        return real(item, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(job, "row_of", row_of)
    start_import(lib, project, [tmp_path])
    assert ingest(lib) == 4
    assert [view.clip.name for view in lib.clips.views(project.id)] == [f"{i}.wav" for i in range(7)]


def test_the_same_folder_again_brings_nothing(made: Made, tmp_path: Path) -> None:
    lib, project = made
    for layout in ("whisper", "plain"):
        LAYOUTS[layout](tmp_path / layout)
    start_import(lib, project, [tmp_path])
    n = ingest(lib)
    again = start_import(lib, project, [tmp_path])
    assert ingest(lib) == 0
    assert brought(again) == Brought(0, 5, ())
    assert len(lib.clips.views(project.id)) == n == 6
    other = start_import(lib, lib.projects.get("other"), [tmp_path])
    assert brought(other).n_clips == 6 and ingest(lib) == 6, "another project has its own"


def test_what_a_few_files_brought_is_known_to_a_folder(made: Made, tmp_path: Path) -> None:
    lib, project = made
    import_files(lib, project, [wav(tmp_path / "a.wav")])
    wav(tmp_path / "b.wav", pitch=300)
    assert brought(start_import(lib, project, [tmp_path])) == Brought(1, 1, ())
    ingest(lib)
    assert import_files(lib, project, [tmp_path / "b.wav"]).n_duplicates == 1


def test_two_imports_of_one_folder_at_once(made: Made, tmp_path: Path, waiting: Callable[[], None]) -> None:
    lib, project = made
    LAYOUTS["whisper"](tmp_path)
    waiting()
    both = [start_import(lib, project, [tmp_path]) for _ in range(2)]
    for run in both:
        worker.work(run)
    takes = lib.root.path / "p" / "takes"
    assert len(list(takes.iterdir())) == 2
    assert ingest(lib) == 2
    (kept,) = takes.iterdir()
    assert {view.clip.audio for view in lib.clips.views(project.id)} == {f"p/takes/{kept.name}"}


def test_what_was_trashed_can_be_imported_anew_and_survives_its_twin(made: Made, tmp_path: Path) -> None:
    lib, project = made
    wav(tmp_path / "in" / "a.wav")
    start_import(lib, project, [tmp_path / "in"])
    ingest(lib)
    review.trash(lib, project, [view.clip.id for view in lib.clips.views(project.id)], "anna")
    start_import(lib, project, [tmp_path / "in"])
    assert ingest(lib) == 1
    review.empty_trash(lib, project)
    (view,) = lib.clips.views(project.id)
    assert (lib.root.path / view.clip.audio).is_file()


def test_bad_files_are_listed_and_the_rest_comes_in(made: Made, tmp_path: Path) -> None:
    lib, project = made
    wav(tmp_path / "good.wav")
    wav(tmp_path.parent / "x.wav", pitch=700)
    (tmp_path / "text.wav").write_text("dear all")
    rows = [{"file_name": name, "text": "yes"} for name in ("good.wav", "../x.wav", "gone.wav", "text.wav")]
    json_lines(tmp_path / "metadata.jsonl", rows)
    told = brought(start_import(lib, project, [tmp_path]))
    assert ingest(lib) == 1
    assert [name for name, _ in told.refused] == ["metadata.jsonl", "gone.wav", "text.wav"]
    assert "“../x.wav” in metadata.jsonl leads out of the folder" in told.refused[0][1]


def test_a_take_that_vanishes_before_it_comes_home_is_no_clip(made: Made, tmp_path: Path) -> None:
    lib, project = made
    wav(tmp_path / "a.wav")
    run = start_import(lib, project, [tmp_path])
    shutil.rmtree(lib.root.path / "p" / "takes")
    assert ingest(lib) == 0 and brought(run).n_clips == 1
    assert lib.clips.views(project.id) == []


def test_what_the_person_says_counts_more_than_the_folder(made: Made, tmp_path: Path) -> None:
    lib, project = made
    LAYOUTS["whisper"](tmp_path)
    start_import(lib, project, [tmp_path], texts={"talk.wav": " order \n three "}, accept=True)
    ingest(lib)
    (view,) = lib.clips.views(project.id)
    assert (view.text, view.clip.kind, view.clip.decision) == ("order three", "take", "accepted")


def test_only_what_has_a_text_is_accepted(made: Made, tmp_path: Path) -> None:
    lib, project = made
    LAYOUTS["plain"](tmp_path)
    start_import(lib, project, [tmp_path], accept=True)
    ingest(lib)
    assert [view.clip.decision for view in lib.clips.views(project.id)] == ["accepted"] * 3 + ["todo"]


def test_stop_and_resume(made: Made, tmp_path: Path, waiting: Callable[[], None]) -> None:
    lib, project = made
    for i in range(5):
        wav(tmp_path / f"{i}.wav", pitch=200 + 10 * i)
    waiting()
    run = start_import(lib, project, [tmp_path])
    run.request_stop()
    worker.work(run)
    assert (run.state(), run.status().message) == ("stopped", "Stopped by you before it began.")
    runs.resume(run)
    worker.work(run)
    assert run.state() == "done" and ingest(lib) == 5


def test_nothing_to_import_starts_no_run(made: Made, tmp_path: Path) -> None:
    lib, project = made
    lines(tmp_path / "notes.txt", ["hello"])
    with pytest.raises(BadInput, match="no audio file to import"):
        start_import(lib, project, [tmp_path])
    with pytest.raises(BadInput, match="cannot be a speaker's name"):
        start_import(lib, project, [tmp_path], "../../x")
    assert list(lib.root.runs("p").glob("*")) == []


def test_a_named_file_that_is_nothing_is_listed(made: Made, tmp_path: Path) -> None:
    lib, project = made
    named = [tmp_path / "gone", lines(tmp_path / "notes.md", ["x"]), wav(tmp_path / "a.wav")]
    told = brought(start_import(lib, project, named))
    assert (told.n_clips, [name for name, _ in told.refused]) == (1, ["gone", "notes.md"])


def test_the_order_stays_small(made: Made, tmp_path: Path) -> None:
    lib, project = made
    files = [wav(tmp_path / f"{i:03d}.wav", 0.1, pitch=200 + i) for i in range(50)]
    run = start_import(lib, project, files)
    assert (run.path / "run.json").stat().st_size < 1500, "the page reads it at every look"
    assert ingest(lib) == 50


def test_what_counts_as_many(tmp_path: Path) -> None:
    sound, text = wav(tmp_path / "a.wav"), lines(tmp_path / "a.txt", ["x"])
    assert not is_many([sound, text, tmp_path / "gone.wav"])
    assert is_many([tmp_path])
    assert is_many([sound] * 201)
    assert is_many([json_lines(tmp_path / "t.jsonl", [{"path": "a.wav", "duration": 1.0}])])


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Ada", "Ada"),
        ("p225/F", "p225-F"),
        ("../../x", "x"),
        ("a" * 200, "a" * 60),
        ("Jürgen Ω", "Jürgen Ω"),
        ("???", ""),
        ("", ""),
    ],
)
def test_names_of_speakers_are_made_to_fit(written: str, name: str) -> None:
    assert speaker_name(written) == name


def test_a_few_files_with_times_become_clips_at_once(made: Made, tmp_path: Path) -> None:
    lib, project = made
    expected = LAYOUTS["whisper"](tmp_path)
    done = import_files(lib, project, [tmp_path / "talk.wav"], "ada")
    assert len(done.clips) == 2 and done.refused == ()
    assert in_library(lib, project) == [told._replace(speaker="ada") for told in expected]
    again = import_files(lib, project, [tmp_path / "talk.wav"], "ada")
    assert (again.clips, again.n_duplicates) == ((), 1)
    assert len(list((lib.root.path / "p" / "takes").iterdir())) == 1
    assert list(lib.root.runs("p").glob("*")) == []


def test_a_bad_subtitle_refuses_its_file_only(made: Made, tmp_path: Path) -> None:
    lib, project = made
    files = [wav(tmp_path / "a.wav"), wav(tmp_path / "b.wav", pitch=300)]
    lines(tmp_path / "a.srt", ["1", "00:01:00,000 --> 00:01:05,000", "far away"])
    done = import_files(lib, project, files)
    assert [clip.name for clip in done.clips] == ["b.wav"]
    assert "lies outside it" in done.refused[0][1]


def test_the_run_is_a_run_like_others(made: Made, tmp_path: Path) -> None:
    lib, project = made
    wav(tmp_path / "a.wav")
    run = start_import(lib, project, [tmp_path])
    assert isinstance(run, RunDir) and run.order()["kind"] == "import"
    assert "import" in run.id and run.status().progress == 1.0
