"""The import job in this process: copies, hashes, measures; stops, goes on, and knows each sound again."""

from __future__ import annotations

import errno
import json
import os
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.config import DataRoot
from core.errors import StudioError, Unavailable
from core.files import sha256_of
from core.run_dir import RunDir
from core.runs import worker
from core.runs.jobs import Stopped, copying, importing
from tests.made import long_wav, wav

MakeRun = Callable[..., RunDir]
Item = dict[str, Any]
Row = dict[str, Any]


def part(start: float = 0.0, end: float | None = None, text: str = "", **more: Any) -> Item:
    return {"start": start, "end": end, "text": text, "words": [], "speaker": "me", "language": "", **more}


def item(path: Path, *parts: Item) -> Item:
    return {"name": path.name, "audio": str(path), "parts": list(parts or [part()])}


@pytest.fixture
def make_import(make_run: MakeRun) -> Callable[..., RunDir]:
    """A queued import of these items; `known` are hashes of what the project has."""

    def make(*items: Item, known: str = "") -> RunDir:
        run = make_run("import", project="p", n_items=len(items))
        rows = [{"id": str(n), **one} for n, one in enumerate(items)]
        (run.path / importing.ITEMS).write_text("".join(json.dumps(row) + "\n" for row in rows))
        (run.path / importing.KNOWN).write_text(known)
        return run

    return make


Make = Callable[..., RunDir]


def work(run: RunDir) -> list[Row]:
    importing.run_job(run, run.order())
    return run.results()[0]


def takes(root: DataRoot) -> list[Path]:
    return sorted(root.path.glob("p/takes/*"))


def test_a_file_is_copied_byte_for_byte_hashed_and_measured(
    make_import: Make, data_root: DataRoot, tmp_path: Path
) -> None:
    source = wav(tmp_path / "studio.wav", rate=48000, channels=2, subtype="FLOAT")
    before = source.read_bytes()
    run = make_import(item(source, part(text="order one")))
    (row,) = work(run)
    kept = data_root.path / row["audio"]
    assert kept.read_bytes() == source.read_bytes() == before
    assert kept.parent == data_root.path / "p" / "takes"
    assert (row["item"], row["name"], row["sha256"]) == ("0", "studio.wav", sha256_of(source))
    assert (row["sample_rate"], row["n_samples"]) == (48000, 28800)
    (clip,) = row["clips"]
    assert (clip["kind"], clip["start"], clip["end"], clip["text"]) == ("take", 0.0, 0.6, "order one")
    assert clip["quality"]["words_per_second"] == pytest.approx(2 / 0.45, rel=0.2)
    status = run.status()
    assert status.message == "1 clips imported."
    assert status.figures == {"n": 1, "n_clips": 1, "n_duplicates": 0, "n_failed": 0}


def test_parts_share_one_copy(make_import: Make, data_root: DataRoot, tmp_path: Path) -> None:
    source = wav(tmp_path / "talk.wav", 3.0)
    parts = [part(0.5, 1.0, "one"), part(1.5, 3.3, "two")]
    (row,) = work(make_import(item(source, *parts)))
    assert [(c["kind"], c["name"], c["start"], c["end"]) for c in row["clips"]] == [
        ("segment", "talk-00000.50.wav", 0.5, 1.0),
        ("segment", "talk-00001.50.wav", 1.5, 3.0),
    ]
    assert [round(c["quality"]["seconds"], 2) for c in row["clips"]] == [0.5, 1.5]
    assert len(takes(data_root)) == 1


def test_the_same_sound_is_taken_once(make_import: Make, data_root: DataRoot, tmp_path: Path) -> None:
    source = wav(tmp_path / "a.wav")
    (tmp_path / "copy.wav").write_bytes(source.read_bytes())
    known = wav(tmp_path / "known.wav", pitch=500)
    run = make_import(*map(item, (source, tmp_path / "copy.wav", source, known)), known=sha256_of(known))
    rows = work(run)
    assert ["same" in row for row in rows] == [False, True, True, True]
    assert len(takes(data_root)) == 1
    assert run.status().message == "1 clips imported. 3 files were there already."


def test_parts_of_one_sound_may_come_apart(make_import: Make, data_root: DataRoot, tmp_path: Path) -> None:
    source = wav(tmp_path / "a.wav", 3.0)
    one, two = part(0.0, 1.0, "one"), part(1.0, 2.0, "two")
    rows = work(make_import(item(source, one), item(source, two), item(source, one, two)))
    assert [len(row.get("clips", ())) for row in rows] == [1, 1, 0]
    assert rows[0]["audio"] == rows[1]["audio"] and len(takes(data_root)) == 1


def test_a_twin_with_another_transcript_is_the_same_sound(
    make_import: Make, data_root: DataRoot, tmp_path: Path
) -> None:
    source = wav(tmp_path / "a.wav", 2.0)
    (tmp_path / "twin.wav").write_bytes(source.read_bytes())
    run = make_import(item(source, part(0.0, 1.0, "one")), item(tmp_path / "twin.wav"))
    assert ["same" in row for row in work(run)] == [False, True]


def bad_sounds(folder: Path) -> dict[str, str]:
    """Name -> what must be said of it."""
    whole = wav(folder / "cut.wav", 1.0).read_bytes()
    (folder / "cut.wav").write_bytes(whole[:5000])
    (folder / "text.wav").write_text("dear all")
    (folder / "empty.wav").touch()
    wav(folder / "zero.wav", 0.0)
    flac = wav(folder / "cut.flac", 4.0)
    os.truncate(flac, flac.stat().st_size * 2 // 3)
    long_wav(folder / "long.wav", 3 * 3600)
    (folder / "folder.wav").mkdir()
    os.mkfifo(folder / "pipe.wav")
    return {
        "cut.wav": "is cut off",
        "text.wav": "is a text file",
        "empty.wav": "0 bytes",
        "zero.wav": "no samples",
        "cut.flac": "cut off",
        "long.wav": "lasts 3 h 0 min: this is a long recording",
        "folder.wav": "is a folder",
        "pipe.wav": "is no file",
        "gone.wav": "is not in",
    }


def test_each_bad_file_has_its_reason_and_the_rest_goes_on(
    make_import: Make, data_root: DataRoot, tmp_path: Path
) -> None:
    reasons = bad_sounds(tmp_path)
    told = {"name": "table.csv", "error": "A row of table.csv is bad."}
    good = wav(tmp_path / "good.wav")
    run = make_import(told, *(item(tmp_path / name) for name in reasons), item(good))
    rows = {row["name"]: row for row in work(run)}
    assert rows.pop("good.wav")["clips"] and rows.pop("table.csv")["error"] == told["error"]
    for name, reason in reasons.items():
        assert reason in rows[name]["error"] and name in rows[name]["error"]
    assert len(takes(data_root)) == 1, "nothing of the others was kept"
    assert run.status().figures["n_failed"] == 10
    assert run.status().message.startswith("1 clips imported. 10 could not be imported; the first: A row of")


def test_a_long_recording_with_parts_is_welcome(make_import: Make, tmp_path: Path) -> None:
    source = long_wav(tmp_path / "long.wav", 1200)
    parts = [part(600.0, 601.0, "one"), part(0.0, 700.0, "all"), part(1300.0, 1301.0, "late")]
    parts.append(part(5.0, 5.0, "nothing"))
    (row,) = work(make_import(item(source, *parts)))
    assert [clip["text"] for clip in row["clips"]] == ["one"]
    assert "lasts 12 min; a clip lasts at most 10 min" in row["notes"][0]
    assert "the part from 1300.00 to 1301.00 s lies outside it" in row["notes"][1]
    assert len(row["notes"]) == 3


def test_parts_that_all_lie_outside_are_the_fault_of_the_file(make_import: Make, tmp_path: Path) -> None:
    (row,) = work(make_import(item(wav(tmp_path / "a.wav"), part(7.0, 8.0, "late"))))
    assert "lies outside it" in row["error"]


def test_stop_is_heard_between_files_and_the_rest_is_done_later(
    make_import: Make, data_root: DataRoot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [wav(tmp_path / f"{i}.wav", pitch=200 + 10 * i) for i in range(6)]
    run = make_import(*map(item, files), item(files[0]))
    real = importing.row_of

    def row_of(one: Item, *more: Any) -> Row:
        if one["id"] == "2":
            run.request_stop()
        return real(one, *more)

    monkeypatch.setattr(importing, "row_of", row_of)
    with pytest.raises(Stopped) as stopped:
        work(run)
    assert stopped.value.where == "after 3 of 7 files" and len(takes(data_root)) == 3
    run.clear_stop()
    monkeypatch.setattr(importing, "row_of", real)
    rows = work(run)
    assert [row["item"] for row in rows] == list("0123456")
    assert "same" in rows[6], "a sound of the first attempt is known in the second"
    assert len(takes(data_root)) == 6


def test_a_kill_between_copy_and_row_doubles_nothing(
    make_import: Make, data_root: DataRoot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [wav(tmp_path / f"{i}.wav", pitch=200 + 10 * i) for i in range(3)]
    run = make_import(*map(item, files))

    def killed(self: RunDir, rows: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(RunDir, "add_results", killed)
        work(run)
    with open(run.path / "results.jsonl", "ab") as file:
        file.write(b'{"item": "0", "na')
    assert len(takes(data_root)) == 1
    rows = work(run)
    assert [len(row["clips"]) for row in rows] == [1, 1, 1] and len(takes(data_root)) == 3


def test_a_full_disk_fails_the_run_and_it_goes_on_with_room(
    make_import: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_import(item(wav(tmp_path / "a.wav")), item(wav(tmp_path / "b.wav", pitch=300)))

    def full(*_: object) -> None:
        raise Unavailable("The disk is full: x could not be written.")

    with monkeypatch.context() as patch:
        patch.setattr(copying, "keep_original", full)
        assert worker.work(run) == 0
    assert (run.status().state, run.results()[0]) == ("failed", [])
    assert run.status().message.startswith("The disk is full")
    run.write_status("queued")
    assert worker.work(run) == 0
    assert run.status().message == "2 clips imported."


def test_a_disk_that_breaks_costs_the_file_on_it(
    make_import: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(path: Path) -> str:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(copying, "sha256_of", broken)
    (row,) = work(make_import(item(wav(tmp_path / "a.wav"))))
    assert "a.wav could not be imported (OSError" in row["error"]


def test_names_that_are_no_text_come_in(make_import: Make, tmp_path: Path) -> None:
    good, bad = os.fsencode(tmp_path / "caf") + b"\xe9.wav", os.fsencode(tmp_path / "x") + b"\xff.wav"
    os.rename(wav(tmp_path / "a.wav"), good)
    Path(os.fsdecode(bad)).write_text("dear all")
    items = [{**item(Path(os.fsdecode(name))), "name": "caf?.wav"} for name in (good, bad)]
    rows = work(make_import(*items))
    assert rows[0]["clips"][0]["name"] == "caf?.wav"
    assert "x?.wav is a text file" in rows[1]["error"]


def test_the_list_of_files_must_be_there(make_run: MakeRun) -> None:
    run = make_run("import", project="p", n_items=3)
    with pytest.raises(StudioError, match="start the import again"):
        importing.run_job(run, run.order())


def test_the_status_tells_how_far_it_is(
    make_import: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "_REPORT_SECONDS", -1.0)
    said: list[tuple[str, float]] = []
    monkeypatch.setattr(
        RunDir, "report", lambda self, message, progress=0.0, *_, **__: said.append((message, progress))
    )
    files = [wav(tmp_path / f"{i}.wav", pitch=200 + 10 * i) for i in range(2)]
    work(make_import(*map(item, files)))
    assert said == [("File 1 of 2: 0.wav", 0.0), ("File 2 of 2: 1.wav", 0.5), ("2 clips imported.", 1.0)]


@pytest.mark.parametrize("codec", ["aac", "libopus"])
def test_video_and_browser_recordings(
    codec: str, make_import: Make, data_root: DataRoot, tmp_path: Path
) -> None:
    name = "clip.mp4" if codec == "aac" else "clip.webm"
    source = through_ffmpeg(tmp_path / name, codec)
    (row,) = work(make_import(item(source, part(0.25, 0.75, "two"))))
    assert (data_root.path / row["audio"]).read_bytes() == source.read_bytes()
    assert row["audio"].endswith(Path(name).suffix) and row["clips"][0]["quality"]["seconds"] == 0.5


def through_ffmpeg(path: Path, codec: str) -> Path:
    """A second of a tone in a container, with a picture beside it where it is a video."""
    import av
    import numpy as np

    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=48_000, layout="mono")
        picture = container.add_stream("mpeg4", rate=5) if path.suffix == ".mp4" else None
        if picture is not None:
            picture.width, picture.height, picture.pix_fmt = 16, 16, "yuv420p"
            for n in range(5):
                frame = av.VideoFrame.from_ndarray(np.full((16, 16, 3), 40 * n, np.uint8), format="rgb24")
                container.mux(picture.encode(frame))
            container.mux(picture.encode(None))
        size = stream.codec_context.frame_size or 960
        tone = 0.3 * np.sin(np.arange(48_000) / 20).astype(np.float32)
        resampler = av.AudioResampler(format=stream.format.name, rate=48_000, layout="mono", frame_size=size)
        for n in range(0, 48_000, size):
            frame = av.AudioFrame.from_ndarray(tone[None, n : n + size], format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 48_000, n
            for piece in resampler.resample(frame):
                container.mux(stream.encode(piece))
        container.mux(stream.encode(None))
    return path


def test_a_flac_from_a_pipe_comes_in(make_import: Make, tmp_path: Path) -> None:
    source = wav(tmp_path / "a.flac")
    data = bytearray(source.read_bytes())
    data[21] &= 0xF0
    data[22:26] = bytes(4)  # how many samples there are is not known when the header goes down the pipe
    source.write_bytes(data)
    (row,) = work(make_import(item(source)))
    assert row["clips"][0]["end"] == pytest.approx(0.6, abs=0.01)


def test_wave_files_of_python_are_fine(make_import: Make, tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"\x01\x00" * 8000)
    (row,) = work(make_import(item(tmp_path / "a.wav")))
    assert row["clips"][0]["end"] == 1.0
