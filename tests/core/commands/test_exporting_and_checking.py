"""The commands for exports, labels and checks: what they tell, and their exit codes."""
from __future__ import annotations

import json
from pathlib import Path

import pytest

import app
from core.commands import checking, exporting
from core.config import DataRoot
from core.errors import BadInput, NotFound
from core.library import Library, Project
from core.steps.importing import import_files
from tests.layouts import lines
from tests.made import library, wav

Made = tuple[Library, Project]


@pytest.fixture
def made(data_root: DataRoot, tmp_path: Path) -> Made:
    """Three segments of one recording."""
    lib, project = library(data_root)
    audio = wav(tmp_path / "in" / "talk.wav", 9.0)
    lines(audio.with_suffix(".txt"), [f"{3 * i}.1\t{3 * i}.9\ttext {i}" for i in range(3)])
    import_files(lib, project, [audio], speaker="anna")
    return lib, project


def test_an_export_tells_where_it_lies(made: Made, data_root: DataRoot, tmp_path: Path,
                                       monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "EVERY", 2)
    heard: list[str] = []
    told = exporting.export(heard.append, "p", "kaldi", "all", out=tmp_path / "out", data=data_root.path)
    assert told.text == f"3 clips exported to {tmp_path / 'out'}." and told.value["n_clips"] == 3
    assert heard == ["2 of 3 clips ..."] and (tmp_path / "out" / "wav.scp").is_file()
    with pytest.raises(NotFound):
        exporting.export(heard.append, "p", "kaldi", "dataset", data=data_root.path)


def test_labels_go_out_and_come_back(made: Made, data_root: DataRoot, tmp_path: Path) -> None:
    heard: list[str] = []
    home = {"data": data_root.path}
    sent = exporting.labels(heard.append, "export", "p", form="audacity", out=tmp_path / "out", **home)
    assert sent.value["n_clips"] == 3 and "annotations preview p" in str(sent.text)
    file = tmp_path / "out" / "talk.txt"
    file.write_text(file.read_text().replace("text 1", "text one"))
    shown = exporting.labels(heard.append, "preview", "p", [file], **home)
    assert str(shown.text).splitlines() == ["talk-00003.10.wav: text “text 1” -> “text one”",
                                            "1 changes would be done."]
    done = exporting.labels(heard.append, "apply", "p", [file], **home)
    assert done.text and done.text.endswith("1 changes done.")
    assert "text one" in {view.text for view in made[0].clips.views(made[1].id)}
    with pytest.raises(BadInput, match="write export, preview or apply"):
        exporting.labels(heard.append, "send", "p", **home)


def test_a_check_names_what_is_wrong_and_ends_with_one(data_root: DataRoot, tmp_path: Path,
                                                       capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = wav(tmp_path / "good.wav", 2.0), lines(tmp_path / "bad.wav", ["dear all"])
    home = ["--data", str(data_root.path)]
    assert app.main(["check", str(good), *home]) == 0
    shown = capsys.readouterr().out
    assert "good.wav: sounds, 1 rows" in shown and "  snr_db: " in shown
    assert app.main(["check", str(good), str(bad), str(tmp_path / "gone"), "--json", *home]) == 1
    told = json.loads(capsys.readouterr().out)
    assert [(one["kind"], one["refused"]) for one in told] == [
        ("sounds", False), ("sounds", True), ("nothing", True)]
    assert told[1]["findings"][0]["code"] == "bad_sound"


def test_many_findings_are_counted(data_root: DataRoot, tmp_path: Path) -> None:
    for i in range(30):
        lines(tmp_path / f"{i}.wav", ["dear all"])
    told = checking.check(lambda line: None, [tmp_path], data=data_root.path)
    assert "  refuse: 10 more of “bad_sound”" in str(told.text) and told.code == 1


def test_what_was_measured_stays_when_a_person_stops(data_root: DataRoot, tmp_path: Path,
                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    for i in range(4):
        wav(tmp_path / f"{i}.wav", 1.0, pitch=200 + 40 * i)
    monkeypatch.setattr(exporting, "EVERY", 1)

    def stop(line: str) -> None:
        if line.startswith("2 of"):
            raise KeyboardInterrupt

    with pytest.raises(Exception) as end:
        checking.check(lambda line: stop(line), [tmp_path], data=data_root.path)
    assert getattr(end.value, "exit_code", None) == 130
    assert len((data_root.cache / "qualities.jsonl").read_text().splitlines()) == 2
