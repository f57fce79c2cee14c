"""The commands `import` (of folders) and `index`, in this process: what they print and how they end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import app
from core.config import DataRoot
from core.library import Library, Project
from core.run_dir import RunDir
from core.runs import start as runs
from core.runs import worker
from core.steps import index
from core.steps.importing import brought, start_import
from core.steps.ingest import ingest
from tests.layouts import LAYOUTS, json_lines
from tests.made import library, root_in_memory, wav

Said = tuple[int, str, str]
Call = Callable[..., Said]


@pytest.fixture
def root() -> Iterator[DataRoot]:
    with root_in_memory() as made:
        yield made


@pytest.fixture
def made(root: DataRoot, monkeypatch: pytest.MonkeyPatch) -> tuple[Library, Project]:
    """A project, and workers that have ended when `spawn` is back."""
    monkeypatch.setattr(runs, "spawn", lambda run, python=None: worker.work(run))
    return library(root)


@pytest.fixture
def call(root: DataRoot, capsys: pytest.CaptureFixture[str]) -> Call:
    """`call("index", "x")`: exit code, standard output, standard error."""

    def run(*arguments: object) -> Said:
        code = app.main([*map(str, arguments), "--data", str(root.path)])
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_a_folder_is_imported_by_a_run(made: tuple[Library, Project], call: Call, tmp_path: Path) -> None:
    lib, project = made
    LAYOUTS["whisper"](tmp_path)
    (tmp_path / "bad.wav").write_text("no sound")
    code, out, err = call("import", "p", tmp_path, "--speaker", "Anna", "--accept")
    assert (code, out) == (0, "2 takes imported, 0 were there already, 1 refused.\n")
    assert "bad.wav is a text file" in err and "2 clips imported." in err
    views = lib.clips.views(project.id)
    assert [(v.speaker, v.source, v.clip.decision) for v in views] == [("Anna", "import", "accepted")] * 2
    code, out, _ = call("import", "p", tmp_path, "--json")
    told = json.loads(out)
    assert code == 1, "nothing came in, and something was refused"
    assert (told["imported"], told["duplicates"]) == (0, 1)
    assert told["refused"][0][0] == "bad.wav" and told["run"].split("-")[1] == "import"


def test_a_table_is_imported_by_a_run(made: tuple[Library, Project], call: Call, tmp_path: Path) -> None:
    lib, project = made
    wav(tmp_path / "a.wav")
    table = json_lines(tmp_path / "t.jsonl", [{"audio_filepath": "a.wav", "text": "yes", "duration": 0.6}])
    told = json.loads(call("import", "p", table, "--json")[1])
    assert (told["imported"], told["duplicates"], told["refused"]) == (1, 0, [])
    assert lib.clips.views(project.id)[0].text == "yes"


def test_texts_and_background(made: tuple[Library, Project], call: Call, tmp_path: Path) -> None:
    lib, project = made
    wav(tmp_path / "in" / "a.wav")
    (tmp_path / "texts.json").write_text('{"a.wav": "order one"}')
    code, out, _ = call(
        "import", "p", tmp_path / "in", "--texts", tmp_path / "texts.json", "--background", "--json"
    )
    assert code == 0
    assert RunDir(lib.root.runs("p") / json.loads(out)["run"]).state() == "done"
    assert "1 takes" in call("projects")[1], "every command takes results in"
    assert lib.clips.views(project.id)[0].text == "order one"


def test_a_stopped_import_is_told_and_can_be_resumed(
    made: tuple[Library, Project], call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wav(tmp_path / "a.wav")

    def stopped(run: RunDir, python: str | None = None) -> None:
        run.request_stop()
        worker.work(run)

    monkeypatch.setattr(runs, "spawn", stopped)
    code, out, err = call("import", "p", tmp_path)
    assert (code, out) == (1, "")
    assert "is stopped: Stopped by you before it began." in err
    monkeypatch.setattr(runs, "spawn", lambda run, python=None: worker.work(run))
    (run,) = json.loads(call("runs", "p", "--json")[1])
    code, out, _ = call("resume", run["id"])
    assert code == 0 and "1 clips imported." in out
    assert len(made[0].clips.views(made[1].id)) == 0
    assert "1 takes" in call("projects")[1]


@pytest.mark.parametrize("wrong", [["import", "p", "{}"], ["import", "p", "{}", "--speaker", "../x"]])
def test_nothing_to_import_ends_with_1(
    wrong: list[str], made: tuple[Library, Project], call: Call, tmp_path: Path
) -> None:
    code, out, err = call(*(word.format(tmp_path) for word in wrong))
    assert (code, out) == (1, "") and len(err.strip().splitlines()) == 1


def test_an_index_tells_files_hours_seconds_and_errors(call: Call, tmp_path: Path) -> None:
    wav(tmp_path / "in" / "a.flac", 3.6)
    (tmp_path / "in" / "bad.wav").write_text("no sound")
    code, out, err = call("index", tmp_path / "in", "--out", tmp_path / "all.jsonl")
    assert code == 0 and "1 files, 0.00 hours; 1 are bad. It took 0." in out
    assert out.startswith(".flac: 0.00 hours\n16,000 Hz")
    assert err.startswith("bad.wav is a text file")
    assert json.loads((tmp_path / "all.jsonl").read_text())["path"] == "in/a.flac"
    told = json.loads(call("index", tmp_path / "in", "--json")[1])
    assert {"files", "hours", "seconds", "errors", "formats", "rates", "corpora", "lengths"} == set(told)
    assert (told["files"], told["hours"], told["errors"][0][0]) == (1, 0.001, "bad.wav")


def test_an_index_of_nothing_good_ends_with_1(call: Call, tmp_path: Path) -> None:
    assert call("index", tmp_path / "gone")[0] == 1
    (tmp_path / "bad.wav").write_text("no sound")
    assert call("index", tmp_path)[0] == 1
    code, out, _ = call("index", "--help")
    assert code == 0 and "--out" in out


def test_an_index_that_is_interrupted_says_so(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wav(tmp_path / "a.wav")

    def interrupted(self: index.Ticker, n_looked: int) -> None:
        self.n_looked = n_looked
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(index.Ticker, "__call__", interrupted)
        code, out, err = call("index", tmp_path)
    assert (code, out) == (130, "")
    assert err == "Stopped by you after 1 files; the same command goes on from there.\n"
    assert call("index", tmp_path)[0] == 0


@pytest.mark.slow
def test_ctrl_c_on_a_real_index_loses_nothing_that_was_read(root: DataRoot, tmp_path: Path) -> None:
    # Vorbis goes through libsndfile, so that there is time to press Ctrl+C
    first = wav(tmp_path / "in" / "first.ogg", 0.5, subtype="VORBIS")
    for i in range(30_000):
        os.link(first, tmp_path / "in" / f"{i:05d}.ogg")
    command = [sys.executable, "app.py", "index", str(tmp_path / "in"), "--data", str(root.path)]
    here = Path(app.__file__).parent
    run = subprocess.Popen(command, cwd=here, stderr=subprocess.PIPE, text=True)
    assert run.stderr is not None
    assert "files ..." in run.stderr.readline()
    run.send_signal(signal.SIGINT)
    said = run.stderr.read()
    assert run.wait() == 130 and "Stopped by you after" in said
    kept = (root.cache / "index.tsv").read_bytes().count(b".ogg")
    assert kept >= 256
    subprocess.run(command, cwd=here, check=True)
    assert (root.cache / "index.tsv").read_bytes().count(b".ogg") >= 30_001


SLOW_WORKER = """
import sys, time
from core.runs import worker
from core.runs.jobs import importing
real = importing.row_of
importing.row_of = lambda *given: time.sleep(0.02) or real(*given)
sys.exit(worker.main(sys.argv[1:]))
"""


@pytest.mark.slow
def test_a_killed_import_goes_on_without_doubling(
    root: DataRoot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spawn_slow(run: RunDir) -> None:
        """As the real one, at 20 ms a file, so that there is time to kill it on any machine."""
        with open(run.log, "ab") as log:
            command = [sys.executable, "-c", SLOW_WORKER, str(run.path)]
            subprocess.Popen(command, cwd=Path(app.__file__).parent, stdout=log, stderr=log)

    lib, project = library(root)
    for i in range(300):
        wav(tmp_path / f"{i}.wav", 0.5, pitch=100 + 5 * i)
    with monkeypatch.context() as patch:
        patch.setattr(runs, "spawn", spawn_slow)
        run = start_import(lib, project, [tmp_path])
    while len(run.results()[0]) < 20:
        time.sleep(0.02)
    log = run.log.read_text()
    os.kill(int(log.split("worker ")[1].split(",")[0]), signal.SIGKILL)
    while run.is_held():
        time.sleep(0.02)
    assert run.state() == "lost"
    n_first = ingest(lib)
    assert 20 <= n_first < 300
    runs.resume(run)
    assert runs.wait(run, 120) == "done"
    assert n_first + ingest(lib) == 300 == brought(run).n_clips
    hashes = {view.clip.sha256 for view in lib.clips.views(project.id)}
    assert len(hashes) == len(list((root.path / "p" / "takes").iterdir())) == 300
