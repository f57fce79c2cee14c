"""Import: bytes kept, texts become prompts, a bad file costs only itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.config import DataRoot
from core.errors import BadInput
from core.library import Library, Project
from core.steps import record, review
from core.steps.importing import import_files
from tests.made import library, long_wav, wav

Made = tuple[Library, Project]


@pytest.fixture
def made(data_root: DataRoot) -> Made:
    return library(data_root)


def test_files_and_folders_come_in_under_their_names(made: Made, tmp_path: Path) -> None:
    lib, project = made
    alone = wav(tmp_path / "alone.wav")
    for i, name in enumerate(("b.flac", "a.WAV", "deep/c.ogg")):
        wav(tmp_path / "folder" / name, pitch=300 + i, subtype="VORBIS" if name.endswith("ogg") else "PCM_16")
    (tmp_path / "folder" / "notes.txt").write_text("no audio")
    seen: list[tuple[int, int]] = []
    paths = [alone, tmp_path / "folder"]
    done = import_files(lib, project, paths, "ben", progress=lambda i, n: seen.append((i, n)))
    assert {clip.name for clip in done.clips} == {"alone.wav", "b.flac", "a.WAV", "c.ogg"}
    assert (done.refused, done.n_duplicates) == ((), 0)
    assert seen == [(0, 4), (1, 4), (2, 4), (3, 4)]
    assert {view.speaker for view in lib.clips.views(project.id)} == {"ben"}
    kept = next(clip for clip in done.clips if clip.name == "b.flac")
    assert (lib.root.path / kept.audio).read_bytes() == (tmp_path / "folder" / "b.flac").read_bytes()


def test_the_same_audio_comes_in_once_under_whatever_name(made: Made, tmp_path: Path) -> None:
    lib, project = made
    first = wav(tmp_path / "a.wav")
    (tmp_path / "copy.wav").write_bytes(first.read_bytes())
    done = import_files(lib, project, [first, tmp_path / "copy.wav"])
    assert (len(done.clips), done.n_duplicates) == (1, 1)
    assert import_files(lib, project, [first]).n_duplicates == 1
    assert len(import_files(lib, project, [first], again=True).clips) == 1


def test_what_lies_in_the_trash_can_be_imported_anew(made: Made, tmp_path: Path) -> None:
    lib, project = made
    clip = import_files(lib, project, [wav(tmp_path / "a.wav")]).clips[0]
    review.trash(lib, project, [clip.id], "anna")
    assert len(import_files(lib, project, [tmp_path / "a.wav"]).clips) == 1


def test_what_was_said_comes_from_a_sidecar_or_from_the_texts(made: Made, tmp_path: Path) -> None:
    lib, project = made
    for i, name in enumerate(("side", "named", "bare")):
        wav(tmp_path / f"{name}.wav", pitch=200 + 50 * i)
    (tmp_path / "side.txt").write_text("  order one\n two  \n")
    (tmp_path / "named.txt").write_text("not this")
    texts = {"named.wav": " order \n three "}
    done = import_files(lib, project, [tmp_path / f"{n}.wav" for n in ("side", "named", "bare")], texts=texts)
    prompts = {clip.name: lib.clips.view(clip.id).prompt for clip in done.clips}
    assert prompts == {"side.wav": "order one two", "named.wav": "order three", "bare.wav": None}


def test_takes_of_the_same_text_all_stay(made: Made, tmp_path: Path) -> None:
    lib, project = made
    files = [wav(tmp_path / f"{i}.wav", pitch=200 + 30 * i) for i in range(4)]
    texts = {file.name: "yes" for file in files}
    import_files(lib, project, files[:2], "anna", texts=texts)
    import_files(lib, project, files[2:], "ben", texts=texts)
    assert len(lib.clips.views(project.id)) == 4
    assert [(prompt.text, prompt.n_takes) for prompt in lib.prompts.of(project.id)] == [("yes", 4)]


def test_a_bad_file_is_named_and_the_others_come_in(made: Made, tmp_path: Path) -> None:
    lib, project = made
    good = wav(tmp_path / "good.wav")
    (tmp_path / "text.wav").write_text("I am no sound\n")
    (tmp_path / "cut.wav").write_bytes(good.read_bytes()[:4000])
    long_wav(tmp_path / "long.wav", 3 * 3600)
    names = ["text.wav", "cut.wav", "long.wav", "missing.wav", "good.wav"]
    done = import_files(lib, project, [tmp_path / name for name in names])
    assert [clip.name for clip in done.clips] == ["good.wav"]
    told = dict(done.refused)
    assert list(told) == names[:-1]
    assert all(name in sentence for name, sentence in told.items())
    assert "180 minutes" in told["long.wav"]
    assert "does not exist" in told["missing.wav"]
    takes = lib.root.project(project.slug) / "takes"
    assert len(list(takes.iterdir())) == 1, "nothing of the others was kept"


def test_a_sidecar_that_is_no_text_refuses_its_take_only(made: Made, tmp_path: Path) -> None:
    lib, project = made
    wav(tmp_path / "a.wav")
    (tmp_path / "a.txt").write_bytes(b"\x00\x01\x02")
    done = import_files(lib, project, [tmp_path / "a.wav", wav(tmp_path / "b.wav", pitch=300)])
    assert [clip.name for clip in done.clips] == ["b.wav"]
    assert "a.txt is not a text file" in done.refused[0][1]
    assert lib.prompts.of(project.id) == []


def test_a_bad_speaker_name_keeps_nothing(made: Made, tmp_path: Path) -> None:
    lib, project = made
    done = import_files(lib, project, [wav(tmp_path / "a.wav")], "../../x")
    assert "cannot be a speaker's name" in done.refused[0][1]
    assert not list(lib.root.path.glob("p/takes/*"))


def test_a_folder_without_audio_is_told(made: Made, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match="no audio file to import"):
        import_files(*made, [tmp_path / "empty"])


def test_an_import_without_its_row_is_recovered_with_its_prompt(made: Made, tmp_path: Path) -> None:
    lib, project = made
    first = import_files(lib, project, [wav(tmp_path / "a.wav")], "ben", texts={"a.wav": "yes"}).clips[0]
    orphan = (lib.root.path / first.audio).with_name("0123456789ab.p1.s1.wav")
    orphan.write_bytes(wav(tmp_path / "b.wav", pitch=300).read_bytes())
    assert record.recover(lib) == 1
    assert [(view.prompt, view.speaker) for view in lib.clips.views(project.id)] == [("yes", "ben")] * 2


def test_the_same_files_give_the_same_ids_everywhere(data_root: DataRoot, tmp_path: Path) -> None:
    """The id seeds the disturbances of training: figures of the same takes can be had again."""
    files = [wav(tmp_path / f"{n}.wav", pitch=200.0 + n) for n in range(3)]
    ids = []
    for name in ("one", "two"):
        lib, project = library(DataRoot(tmp_path / name))
        ids.append([clip.id for clip in import_files(lib, project, files).clips])
    assert ids[0] == ids[1] and len(set(ids[0])) == 3
    other = lib.projects.add("other", "Other", "blank", "en")
    assert not {clip.id for clip in import_files(lib, other, files).clips} & set(ids[0])
