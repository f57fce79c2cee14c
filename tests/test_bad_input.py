"""Bad input gets a sentence, and nothing is lost: odd files and names, a full disk, two pages, kill -9."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import DataRoot
from core.errors import BadInput, NotFound, Refused, Stale, StudioError, Unavailable
from core.library import Library, Project
from core.runs import start as runs
from core.steps import convert, dataset, projects, recognise, record, review, spot_check, train, transcribe
from core.steps import prompts as script
from core.steps.desk import Choice, desk
from core.steps.importing import import_files
from tests.made import ctc_folder, library, long_wav, root_in_memory, take, wav

ANNA, BEN = "page:anna", "page:ben"
Made = tuple[Library, Project]


@pytest.fixture
def made() -> Iterator[Made]:
    with root_in_memory() as root:
        yield library(root)


def files_below(folder: Path) -> set[str]:
    """Every file of a data root but the library itself."""
    return {
        str(f.relative_to(folder)) for f in folder.rglob("*") if f.is_file() and "library.db" not in f.name
    }


# --- projects with next to nothing in them


def test_an_empty_project_answers_everything(made: Made) -> None:
    lib, project = made
    assert record.queue(lib, project, "anna").next_index is None
    assert projects.overview(lib, project).next_tab == "Project"
    assert desk(lib, project, Choice("mismatch")).rows == []
    assert review.undo(lib, project, ANNA) == "Nothing left to undo."
    assert review.empty_trash(lib, project) == 0
    assert spot_check.checks(lib, project).clips == ()
    assert "Nothing was checked" in spot_check.proof(lib, project)
    assert convert.convert_all(lib, project, ANNA) == []
    assert convert.accept_matching(lib, project, ANNA) == 0
    assert train.cards(lib, project) == []
    assert train.preflight(lib, project) == []


@pytest.mark.parametrize("n", [0, 1, 2])
def test_zero_one_or_two_takes_are_enough_for_a_sentence(made: Made, n: int) -> None:
    lib, project = made
    for i in range(n):
        take(lib, project, f"text {'x' * i}", decision="accepted")
    with pytest.raises(Refused, match=f"at least 3 accepted takes .* this project has {n}"):
        dataset.make(lib, project)
    with pytest.raises(NotFound, match="make one on the Data tab"):
        dataset.export(lib, project)
    with pytest.raises(Refused, match="no takes yet" if n == 0 else "transcribed already"):
        transcribe.start(lib, project)
    assert files_below(lib.root.path) == set()


# --- sounds that are none, or odd ones


def zero_samples(path: Path) -> Path:
    return wav(path, seconds=0.0)


def truncated(path: Path) -> Path:
    whole = wav(path, seconds=1.0).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    return path


def header_only(path: Path) -> Path:
    path.write_bytes(wav(path).read_bytes()[:44])
    return path


def text(path: Path) -> Path:
    path.write_text("This is the text of the recording, under the wrong name.\n")
    return path


def noise(path: Path) -> Path:
    path.write_bytes(bytes(range(256)) * 20)
    return path


def empty(path: Path) -> Path:
    path.touch()
    return path


def folder(path: Path) -> Path:
    path.mkdir()
    return path


def three_hours(path: Path) -> Path:
    return long_wav(path, 3 * 3600)


BAD_SOUNDS = [
    (zero_samples, "no samples"),
    (truncated, "cut off"),
    (header_only, "cut off"),
    (text, "text file"),
    (noise, "cannot be read as audio"),
    (empty, "0 bytes"),
    (three_hours, "180 minutes|3 h"),
]


@pytest.mark.parametrize(("make", "sentence"), BAD_SOUNDS)
def test_a_sound_that_cannot_be_used_is_told_and_nothing_of_it_is_kept(
    made: Made,
    tmp_path: Path,
    make,
    sentence: str,  # type: ignore[no-untyped-def]
) -> None:
    lib, project = made
    bad = make(tmp_path / "bad.wav")
    with pytest.raises(BadInput, match=rf"bad\.wav .*({sentence})"):
        record.save_take(lib, project, None, "anna", bad, ANNA)
    done = import_files(lib, project, [bad, wav(tmp_path / "good.wav")])
    assert [clip.name for clip in done.clips] == ["good.wav"]
    assert done.refused[0][0] == "bad.wav"
    with pytest.raises(BadInput, match=r"bad\.wav"):
        recognise.recognise(lib, "starter", [bad])
    assert len(files_below(lib.root.path)) == 1, "only the good one"


def test_a_folder_is_no_take(made: Made, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"bad\.wav is a folder"):
        record.save_take(*made, None, "anna", folder(tmp_path / "bad.wav"), ANNA)


def test_96_khz_stereo_float_is_as_good_as_any_other(made: Made, tmp_path: Path) -> None:
    lib, project = made
    source = wav(tmp_path / "studio.wav", rate=96000, channels=2, subtype="FLOAT")
    saved = record.save_take(lib, project, None, "anna", source, ANNA)
    assert saved.usable
    assert (saved.clip.sample_rate, saved.clip.n_samples) == (96000, 57600)
    assert (lib.root.path / saved.clip.audio).read_bytes() == source.read_bytes()


# --- prompt files


def lines(*some: str) -> bytes:
    return "\n".join(some).encode()


@pytest.mark.budget(20)
def test_ten_thousand_prompts_come_in_and_the_project_stays_quick(made: Made) -> None:
    lib, project = made
    done = script.import_file(
        lib, project, lines(*(f"prompt number {i}" for i in range(10_000))), "many.txt", ANNA
    )
    assert (done.n_new, done.notes) == (10_000, ())
    assert record.queue(lib, project, "anna").n_total == 10_000
    assert "10000 prompts" in projects.overview(lib, project).next_step
    with pytest.raises(BadInput, match=r"more\.txt has 20,001 lines"):
        script.import_file(lib, project, lines(*(f"other {i}" for i in range(20_001))), "more.txt", ANNA)
    assert len(lib.prompts.of(project.id)) == 10_000


def test_empty_lines_and_duplicates_are_left_out_and_told(made: Made) -> None:
    lib, project = made
    done = script.import_file(lib, project, lines("one", "", "two", "one", "  ", " two "), "p.txt", ANNA)
    assert done.n_new == 2
    assert [note.split()[0] for note in done.notes] == ["2", "2"]
    again = script.import_file(lib, project, lines("two", "three"), "p.txt", ANNA)
    assert again.n_new == 1
    assert "in the project already" in again.notes[0]
    with pytest.raises(BadInput, match=r"empty\.txt holds no prompts"):
        script.import_file(lib, project, b"\n\n  \n", "empty.txt", ANNA)
    assert [prompt.text for prompt in lib.prompts.of(project.id)] == ["one", "two", "three"]


SCRIPTS = [
    "ek do tīn",
    "एक दो तीन",
    "واحد اثنان",
    "一二三",
    "หนึ่ง สอง",
    "ένα δύο",
    "один два",
    "하나 둘",
    "אחת שתיים",
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_prompts_in_other_scripts_come_in_as_they_are(made: Made, tmp_path: Path, encoding: str) -> None:
    lib, project = made
    script.import_file(lib, project, "\n".join(SCRIPTS).encode(encoding), "p.txt", ANNA)
    prompts = lib.prompts.of(project.id)
    assert [prompt.text for prompt in prompts] == SCRIPTS
    saved = record.save_take(lib, project, prompts[2].id, "سارة", wav(tmp_path / "a.wav"), ANNA)
    review.use_prompt(lib, project, saved.clip.id, None, ANNA)
    review.decide(lib, project, saved.clip.id, "accepted", "todo", ANNA)
    row = desk(lib, project, Choice("accepted", "اثنان")).rows[0]
    assert (row.text, row.speaker) == ("واحد اثنان", "سارة")


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", "größe".encode("latin-1"), b"%PDF-1.7\x00\x01"])
def test_a_prompt_file_that_is_no_text_is_told(made: Made, data: bytes) -> None:
    with pytest.raises(BadInput, match=r"p\.txt"):
        script.import_file(*made, data, "p.txt", ANNA)


# --- names that would leave their folder

BAD_NAMES = [
    "../../x",
    "..",
    "/etc/x",
    "a/b",
    "a\\b",
    ".hidden",
    "",
    " ",
    "x\0y",
    "a\nb",
    "y" * 61,
    "~",
    "*",
    "-rf",
]


@pytest.mark.parametrize("name", BAD_NAMES)
def test_no_name_leads_out_of_the_data_folder(made: Made, tmp_path: Path, name: str) -> None:
    lib, project = made
    outside = set(lib.root.path.parent.iterdir())
    source = wav(tmp_path / "a.wav")
    with pytest.raises(BadInput, match="project name"):
        projects.create(lib, name)
    if name:  # an empty speaker is "me"
        with pytest.raises(BadInput, match="speaker's name"):
            record.save_take(lib, project, None, name, source, ANNA)
        with pytest.raises(BadInput):
            dataset.make(lib, project, dataset.options(name=name))
    with pytest.raises(NotFound):
        lib.projects.get(name)
    assert files_below(lib.root.path) == set()
    assert set(lib.root.path.parent.iterdir()) == outside


# --- two pages on one project


def test_of_two_pages_the_second_is_told_and_overwrites_nothing(made: Made) -> None:
    lib, project = made
    second = Library(DataRoot(lib.root.path))
    clip = take(lib, project, "won", prompt="one")
    here, there = lib.clips.view(clip).clip, second.clips.view(clip).clip
    review.edit(lib, project, clip, "one", here.transcript_id, ANNA)
    review.decide(lib, project, clip, "accepted", here.decision, ANNA)
    late = [
        lambda: review.edit(second, project, clip, "wan", there.transcript_id, BEN),
        lambda: review.use_prompt(second, project, clip, there.transcript_id, BEN),
        lambda: review.decide(second, project, clip, "rejected", there.decision, BEN),
        lambda: convert.choose_reading(second, project, clip, 0, "cardinal", there.transcript_id, BEN),
    ]
    for write in late:
        with pytest.raises(Stale, match="nothing was overwritten"):
            write()
    view = second.clips.view(clip)
    assert (view.text, view.clip.decision) == ("one", "accepted")
    assert review.undo(second, project, BEN) == "Nothing left to undo."


def test_two_pages_that_both_empty_the_trash_are_both_served(made: Made) -> None:
    lib, project = made
    review.trash(lib, project, [take(lib, project)], ANNA)
    assert [review.empty_trash(Library(lib.root), project) for _ in range(2)] == [1, 0]


# --- models that are none


def test_a_base_without_its_vocabulary_is_told(made: Made, tmp_path: Path) -> None:
    base = ctc_folder(tmp_path / "base")
    (base / "vocab.json").unlink()
    with pytest.raises(Unavailable, match=r"base has no vocabulary: vocab\.json is missing"):
        train.start(*made, base=str(base))
    assert files_below(made[0].root.path) == set()


class Trap:
    """Unpickling this makes a file: so a test sees whether anything was unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):  # type: ignore[no-untyped-def]
        return (open, (str(self.path), "w"))


@pytest.mark.parametrize("name", ["model.pt", "model.pth", "model.bin", "model.pkl", "model.ckpt"])
def test_a_pickle_that_is_given_as_a_model_is_never_opened(
    made: Made, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pickle

    lib, project = made
    sprung = tmp_path / "sprung"
    file = tmp_path / name
    file.write_bytes(pickle.dumps(Trap(sprung)))
    monkeypatch.setattr(runs, "spawn", lambda run, python=None: None)
    with pytest.raises(StudioError):
        train.start(lib, project, base=str(file))
    take(lib, project)
    order = transcribe.start(lib, project, str(file)).order()
    assert order["family"] == "whisper", "which opens a file by its SHA-256 only"
    in_folder = ctc_folder(tmp_path / "folder")
    (in_folder / "model.safetensors").unlink()
    shutil.copy(file, in_folder / "pytorch_model.bin")
    with pytest.raises(Refused, match=r"only as pytorch_model\.bin, a format that can run code"):
        train.start(lib, project, base=str(in_folder))
    assert not sprung.exists()
    pickle.loads(file.read_bytes()).close()
    assert sprung.exists(), "the trap works"
