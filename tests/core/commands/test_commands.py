"""The room of the commands: nothing heavy comes with it, nothing is printed, and what is told comes back."""
from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import app
from core.commands import importing, projects
from core.commands.told import Told
from core.config import DataRoot
from core.errors import BadInput
from tests.made import library, wav


def test_the_door_and_its_commands_open_without_anything_heavy() -> None:
    heavy = {"gradio", "torch", "transformers", "numpy", "soundfile", "sqlite3", "core.steps", "core.library"}
    code = f"import sys, app; print(sorted({heavy} & set(sys.modules)))"
    root = Path(app.__file__).parent
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


def test_a_command_tells_and_prints_nothing(
    data_root: DataRoot, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    library(data_root)
    (tmp_path / "bad.wav").write_text("no sound")
    heard: list[str] = []
    came = importing.import_(heard.append, "p", [wav(tmp_path / "a.wav"), tmp_path / "bad.wav"],
                             data=data_root.path)
    assert (came.code, came.value["imported"], len(came.value["refused"])) == (0, 1, 1)
    assert [line.startswith("bad.wav is a text file") for line in heard] == [True]
    assert importing.import_(heard.append, "p", [tmp_path / "bad.wav"], data=data_root.path).code == 1
    rows = projects.projects(data_root.path)
    assert rows.value[0]["n_clips"] == 1 and rows.text is not None and rows.text.startswith("p: 1 takes")
    with pytest.raises(BadInput, match=r"nowhere\.txt does not exist"):
        projects.new("x", prompts=Path("nowhere.txt"), data=data_root.path)
    assert capfd.readouterr() == ("", "")


def test_only_what_has_something_for_a_program_takes_json(capsys: pytest.CaptureFixture[str]) -> None:
    def counted(n: int) -> Told:
        return Told({"n": n}, f"{n} things.", code=n % 2)

    def sentence() -> str:
        return "Done."

    trial = app.typer.Typer()
    for command in (counted, sentence):
        trial.command()(app.printed(command))
    ends = [app.main(words.split(), trial) for words in ("counted 2", "counted 3 --json", "sentence")]
    assert capsys.readouterr().out == '2 things.\n{\n "n": 3\n}\nDone.\n'
    assert ends == [0, 1, 0]
    assert app.main(["sentence", "--json"], trial) == 2
