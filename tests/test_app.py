"""The commands, in this process: what they print, what they leave, and how they end (0, 1, 2)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import app
from core.config import DataRoot
from core.errors import StudioError
from core.library import Library, Project
from core.run_dir import RunDir
from core.runs import start as runs
from core.steps import story
from tests.made import ctc_folder, library, root_in_memory, take, wav

COMMANDS = (
    "serve demo projects new prompts speakers index download check import transcribe numbers convert accept "
    "annotations dataset export train find-rate runs stop resume evaluate merge recognise "
    "probe"
).split()


@pytest.fixture
def root() -> Iterator[DataRoot]:
    with root_in_memory() as made:
        yield made


@pytest.fixture
def made(root: DataRoot) -> tuple[Library, Project]:
    return library(root)


Said = tuple[int, str, str]


@pytest.fixture
def call(root: DataRoot, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """`call("runs", "p")`: exit code, standard output, standard error."""

    def run(*arguments: str, data: bool = True) -> Said:
        code = app.main([*arguments, *(["--data", str(root.path)] if data else [])])
        out, err = capsys.readouterr()
        return code, out, err

    return run


@pytest.fixture
def parsed(call: Callable[..., Said]) -> Callable[..., Any]:
    """The JSON that a command prints when it is asked for it."""

    def run(*arguments: str, data: bool = True) -> Any:
        code, out, err = call(*arguments, "--json", data=data)
        assert code == 0, err
        return json.loads(out)

    return run


@pytest.fixture
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs are queued and nobody comes for them."""
    monkeypatch.setattr(runs, "spawn", lambda run, python=None: None)


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[RunDir], None]]:
    """A worker of the test's own for each kind of run, that has ended when `spawn` is back."""
    jobs: dict[str, Callable[[RunDir], None]] = {}
    monkeypatch.setattr(runs, "spawn", lambda run, python=None: jobs[run.order()["kind"]](run))
    return jobs


def test_the_help_lists_every_command_and_its_purpose(call: Callable[..., Said]) -> None:
    code, out, _ = call("--help", data=False)
    assert code == 0
    listed = {words[0]: words[1:] for line in out.splitlines() if (words := line.strip("│ ").split())}
    assert all(len(listed[name]) >= 3 for name in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, call: Callable[..., Said]) -> None:
    code, out, _ = call(command, "--help", data=False)
    assert code == 0
    assert "Usage" in out


@pytest.mark.parametrize(
    "wrong",
    [
        ["nonsense"],
        ["runs", "--colour"],
        ["import"],
        ["train"],
        ["merge"],
        ["dataset", "p", "--seed", "x"],
        ["prompts", "p", "--n", "x"],
        ["prompts", "p", "--delete", "x"],
        ["serve", "--port", "many"],
        ["evaluate", "starter"],
    ],
)
def test_wrong_usage_ends_with_2(wrong: list[str], call: Callable[..., Said]) -> None:
    code, out, err = call(*wrong, data=False)
    assert (code, out) == (2, "")
    assert "Usage" in err


def test_the_data_folder_is_not_silently_ignored_before_a_command(
    root: DataRoot, call: Callable[..., Said]
) -> None:
    code, _, err = call("--data", str(root.path), "runs", data=False)
    assert code == 2
    assert "--data" in err
    assert "after" in err


@pytest.mark.parametrize(
    "wrong",
    [
        ["runs", "nobody"],
        ["import", "nobody", "x.wav"],
        ["convert", "nobody"],
        ["stop", "nobody"],
        ["resume", "nobody"],
        ["merge", "nobody"],
        ["evaluate", "nobody", "--dataset", "p"],
        ["recognise", "nobody", "x.wav"],
        ["new", "../../x"],
        ["new", "x", "--prompts", "nowhere.txt"],
        ["train", "p", "--set", "steps"],
        ["train", "p"],
        ["dataset", "p"],
        ["transcribe", "p"],
        ["dataset", "p", "--split-by", "moon"],
        ["prompts", "nobody"],
        ["prompts", "p", "--generate", "moons"],
        ["prompts", "p", "--generate", "orders", "--set", "digits=many"],
        ["prompts", "p", "--import", "nowhere.txt"],
        ["prompts", "p", "--export", "p.docx"],
        ["prompts", "p", "--suggest", "-1"],
        ["prompts", "p", "--set", "digits=4"],
        ["prompts", "p", "--edit", "7=new words"],
        ["prompts", "p", "--edit", "new words"],
        ["prompts", "p", "--move", "7=top"],
        ["prompts", "p", "--must", "7"],
        ["prompts", "p", "--no-must", "-7"],
        ["prompts", "p", "--skip", "7=too hard"],
        ["prompts", "p", "--unskip", "7"],
        ["prompts", "p", "--delete", "7"],
    ],
)
def test_what_a_person_can_cause_ends_with_1_and_one_sentence(
    wrong: list[str], made: tuple[Library, Project], call: Callable[..., Said]
) -> None:
    code, out, err = call(*wrong)
    assert (code, out) == (1, "")
    assert "Traceback" not in err
    assert err.strip().endswith((".", ")"))
    assert len(err.strip().splitlines()) == 1


def test_a_project_is_made_and_listed(call: Callable[..., Said], parsed: Callable[..., Any]) -> None:
    assert call("projects") == (0, "No projects yet.\n", "")
    assert call("new", "My Numbers", "--template", "numbers")[1] == "Project my-numbers with 50 prompts.\n"
    assert call("new", "My Numbers")[0] == 1
    rows = parsed("projects")
    assert [(row["project"], row["n_prompts"], row["next_tab"]) for row in rows] == [
        ("my-numbers", 50, "Record")
    ]
    assert "my-numbers: 0 takes" in call("projects")[1]


def test_a_project_from_a_file_says_what_was_left_out(call: Callable[..., Said], tmp_path: Path) -> None:
    (tmp_path / "p.txt").write_text("eins\n\nzwei\nzwei\n")
    _, out, _ = call("new", "x", "--template", "file", "--prompts", str(tmp_path / "p.txt"))
    assert out.startswith("Project x with 2 prompts. 1 empty line")


def test_prompts_are_made_listed_mixed_and_taken_back(
    made: tuple[Library, Project], call: Callable[..., Said], parsed: Callable[..., Any]
) -> None:
    assert call("prompts", "p") == (0, "No prompts yet.\n", "")
    orders = ("prompts", "p", "--generate", "orders", "--n", "12", "--seed", "3", "--set", "digits=4")
    assert call(*orders)[1] == "12 new prompts.\n"
    assert call(*orders)[1] == "0 new prompts. 12 prompts were in the project already.\n"
    listed = parsed("prompts", "p")["prompts"]
    assert [row["position"] for row in listed] == list(range(1, 13))
    assert [row["place"] for row in listed] == list(range(1, 13))
    assert [line.split(maxsplit=2) for line in call("prompts", "p")[1].splitlines()] == [
        ["place", "id", "prompt"], *([str(row["place"]), str(row["id"]), row["text"]] for row in listed)
    ]
    assert parsed("prompts", "p", "--shuffle")["done"] == ["12 prompts without takes mixed."]
    assert call("prompts", "p", "--undo")[1] == "Taken back for 11 prompts.\n"
    assert parsed("prompts", "p")["prompts"] == listed


def test_what_is_suggested_raises_the_coverage(
    made: tuple[Library, Project], call: Callable[..., Said], parsed: Callable[..., Any]
) -> None:
    assert call("prompts", "p", "--generate", "orders", "--n", "12")[0] == 0
    before = parsed("prompts", "p", "--coverage")["coverage"]
    assert before["sentence"].startswith("12 numbers in 12 prompts: ")
    better = parsed("prompts", "p", "--suggest", "3", "--add")
    assert (len(better["suggestions"]), better["done"]) == (3, ["3 new prompts."])
    after = parsed("prompts", "p", "--coverage")["coverage"]
    assert after["share_of_pairs"] > before["share_of_pairs"]


def test_prompts_go_into_a_file_and_come_back(
    made: tuple[Library, Project], tmp_path: Path, call: Callable[..., Said]
) -> None:
    lib, project = made
    (tmp_path / "in.json").write_text('[{"prompt": "eins", "must": true}, "Eins!", {"text": "zwei"}]')
    assert call("prompts", "p", "--import", str(tmp_path / "in.json"))[1] == "3 new prompts.\n"
    take(lib, project, prompt="zwei")
    out = call("prompts", "p", "--deduplicate", "--export", str(tmp_path / "out.tsv"))[1]
    assert out.splitlines() == ["1 duplicate deleted.", f"Written to {tmp_path / 'out.tsv'}."]
    assert call("prompts", "p")[1] == (
        "place  id  prompt\n    1   1  eins  [must]\n    2   3  zwei  [takes: 1]\n"
    )
    written = (tmp_path / "out.tsv").read_text(encoding="utf-8-sig").splitlines()
    assert written == ["text\tgroup\tlanguage\tmust", "eins\t\ten\tyes", "zwei\t\ten\t"]


def test_takes_are_imported_and_what_is_bad_is_named(
    made: tuple[Library, Project], tmp_path: Path, call: Callable[..., Said], parsed: Callable[..., Any]
) -> None:
    lib, project = made
    good = wav(tmp_path / "good.wav")
    (tmp_path / "good.txt").write_text("order one two")
    (tmp_path / "bad.wav").write_text("no sound")
    code, out, err = call("import", "p", str(good), str(tmp_path / "bad.wav"), "--speaker", "Anna")
    assert (code, out) == (0, "1 takes imported, 0 were there already, 1 refused.\n")
    assert err.startswith("bad.wav is a text file")
    again = parsed("import", "p", str(good))
    assert (again["imported"], again["duplicates"], again["refused"]) == (0, 1, [])
    assert [(v.speaker, v.prompt) for v in lib.clips.views(project.id)] == [("Anna", "order one two")]
    assert call("import", "p", str(tmp_path / "bad.wav"))[0] == 1, "nothing at all came in"


@pytest.mark.parametrize(
    "texts", ['{"a.wav": "order one"}', '[{"file": "a.wav", "text": "order one", "more": 1}]']
)
def test_texts_of_imports_can_be_accepted_at_once(
    made: tuple[Library, Project], tmp_path: Path, call: Callable[..., Said], texts: str
) -> None:
    lib, project = made
    (tmp_path / "texts.json").write_text(texts)
    wav(tmp_path / "a.wav")
    code, _, _ = call(
        "import", "p", str(tmp_path / "a.wav"), "--texts", str(tmp_path / "texts.json"), "--accept"
    )
    assert code == 0
    view = lib.clips.views(project.id)[0]
    assert (view.text, view.source, view.clip.decision) == ("order one", "prompt", "accepted")


@pytest.mark.parametrize("texts", ["{oh", "[1, 2]", '{"a.wav": 5}', '["a"]', "7"])
def test_texts_that_are_none_are_told(
    made: tuple[Library, Project], tmp_path: Path, call: Callable[..., Said], texts: str
) -> None:
    (tmp_path / "texts.json").write_text(texts)
    code, _, err = call("import", "p", str(wav(tmp_path / "a.wav")), "--texts", str(tmp_path / "texts.json"))
    assert code == 1
    assert "texts.json" in err
    assert made[0].clips.views(made[1].id) == []


def test_numbers_need_no_project(call: Callable[..., Said], parsed: Callable[..., Any]) -> None:
    assert call("numbers", "order 1296803", "room 5", data=False)[1] == (
        "order one two nine six eight zero three\nroom five\n"
    )
    found = parsed("numbers", "25", "--prompt", "twenty five", data=False)
    assert (found[0]["text"], found[0]["items"][0]["written"]) == ("twenty five", "25")
    assert call("numbers", "12", "--lang", "tlh", data=False)[0] == 1


def test_transcripts_are_converted_and_checked(
    made: tuple[Library, Project], call: Callable[..., Said], parsed: Callable[..., Any]
) -> None:
    lib, project = made
    clip = take(lib, project, "order 12", name="a.wav")
    _, out, _ = call("convert", "p", "--dry-run")
    assert out == "a.wav: order 12 -> order one two\n1 transcripts would be converted.\n"
    assert lib.clips.view(clip).text == "order 12"
    done = parsed("convert", "p")
    assert (done["converted"][0]["after"], done["unclean"]) == ("order one two", [])
    assert call("convert", "p") == (0, "0 transcripts converted.\n", "")


def test_digits_that_are_left_end_with_1(
    made: tuple[Library, Project], call: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.steps.convert.convert_all", lambda *_: [])
    take(*made, "order 7", name="b.wav", source="person")
    assert call("convert", "p") == (1, "b.wav: still holds 7\n0 transcripts converted.\n", "")


def heard(run: RunDir) -> None:
    """A worker that hears digits in every take."""
    items = run.order()["items"]
    run.add_results(
        [{"item": item["id"], "text": f"order {i}2", "model": "m"} for i, item in enumerate(items)]
    )
    run.finish("done", f"{len(items)} clips transcribed.")


def test_takes_are_transcribed_accepted_and_frozen(
    made: tuple[Library, Project],
    call: Callable[..., Said],
    parsed: Callable[..., Any],
    worker: dict[str, Callable[[RunDir], None]],
) -> None:
    lib, project = made
    worker["transcribe"] = heard
    for word in ("zero", "one", "two", "free"):
        take(lib, project, prompt=f"order {word} two")
    code, out, err = call("transcribe", "p")
    assert (code, out) == (0, "4 takes transcribed.\n")
    assert "4 clips transcribed." in err
    assert call("accept", "p")[1] == "3 takes accepted.\n"
    frozen = parsed("dataset", "p", "--name", "mine")
    assert (frozen["name"], frozen["export"], frozen["counts"]["test"]["clips"]) == ("mine", None, 1)
    code, out, _ = call("dataset", "p", "--hold-out", "*")
    assert code == 1
    assert out == ""
    assert [row["kind"] for row in parsed("runs", "p")] == ["transcribe"]
    assert "done" in call("runs")[1]


def test_a_dataset_is_exported(
    made: tuple[Library, Project], tmp_path: Path, call: Callable[..., Said], parsed: Callable[..., Any]
) -> None:
    files = [str(wav(tmp_path / f"{i}.wav", pitch=200 + 30 * i)) for i in range(3)]
    (tmp_path / "t.json").write_text(json.dumps({f"{i}.wav": f"text {'x' * i}" for i in range(3)}))
    call("import", "p", *files, "--texts", str(tmp_path / "t.json"), "--accept")
    folder = Path(parsed("dataset", "p", "--export", "24000")["export"])
    assert len(list(folder.rglob("*.wav"))) == 3
    assert call("dataset", "p", "--export", "44100")[0] == 1


def test_a_run_that_fails_ends_with_1_and_its_sentence(
    made: tuple[Library, Project], call: Callable[..., Said], worker: dict[str, Callable[[RunDir], None]]
) -> None:
    worker["transcribe"] = lambda run: run.finish("failed", "The model is not here: put it there.")
    take(*made)
    code, out, err = call("transcribe", "p")
    assert (code, out) == (1, "")
    assert err.strip().endswith("is failed: The model is not here: put it there.")


@pytest.fixture
def ready(made: tuple[Library, Project]) -> tuple[Library, Project]:
    """A base, and six accepted takes."""
    ctc_folder(made[0].root.models / "p" / "base")
    for word in "one two three four five six".split():
        take(*made, word, word, decision="accepted")
    return made


@pytest.mark.usefixtures("no_worker")
def test_training_is_started_listed_stopped_and_resumed(
    ready: tuple[Library, Project], call: Callable[..., Said], parsed: Callable[..., Any]
) -> None:
    begun = parsed("train", "p", "--base", "p/base", "--set", "steps=5", "--set", "seed=3", "--background")
    assert (begun["state"], begun["verdict"]) == ("queued", {})
    run = RunDir(ready[0].root.runs("p") / begun["run"])
    assert (run.order()["options"]["steps"], run.order()["options"]["seed"]) == (5, 3)
    assert call("merge", run.id)[0] == 1
    assert call("stop", run.id)[:2] == (
        0,
        f"{run.id} will stop at its next step; `app.py resume {run.id}` goes on from there.\n",
    )
    assert parsed("runs", "p")[0]["state"] == "stopped"
    assert parsed("resume", run.id, "--background")["state"] == "queued"


@pytest.mark.usefixtures("no_worker")
def test_the_report_of_a_run_is_one_file_and_events_go_only_where_they_can(
    ready: tuple[Library, Project], call: Callable[..., Said], parsed: Callable[..., Any], tmp_path: Path
) -> None:
    begun = parsed("train", "p", "--base", "p/base", "--background")
    code, out, _ = call("report", begun["run"], "--out", str(tmp_path / "report.html"))
    assert (code, out.strip()) == (0, f"The report of {begun['run']} is in {tmp_path / 'report.html'}.")
    assert begun["run"] in (tmp_path / "report.html").read_text(encoding="utf-8")
    code, _, said = call("train", "p", "--base", "p/base", "--also", "papers", "--background")
    assert code == 1 and "choose one of: tensorboard, wandb" in said


def test_training_ends_with_the_sentence_of_its_run(
    ready: tuple[Library, Project], call: Callable[..., Said], worker: dict[str, Callable[[RunDir], None]]
) -> None:
    worker["train"] = lambda run: run.finish("done", "Trained 5 steps. No verdict: none.")
    code, out, _ = call("train", "p", "--base", "p/base")
    assert code == 0
    assert out.strip().endswith("Trained 5 steps. No verdict: none.")


def test_figures_and_merges_are_told(
    ready: tuple[Library, Project],
    parsed: Callable[..., Any],
    call: Callable[..., Said],
    worker: dict[str, Callable[[RunDir], None]],
) -> None:
    def measured(run: RunDir) -> None:
        (run.path / "figures.json").write_text('{"wer": 0.25}')
        run.finish("done", "Measured.")

    def merged(run: RunDir) -> None:
        run.report("Merged.", figures={"merged_equal": True, "n": 3})
        run.finish("done", "Merged.")

    def trained(run: RunDir) -> None:
        (run.checkpoints / "manifest.json").write_text('{"best": "s", "last": "s"}')
        run.finish("done", "Trained.")

    worker.update(train=trained, evaluate=measured, merge=merged)
    run = parsed("train", "p", "--base", "p/base")["run"]
    assert parsed("evaluate", "p/base", "--dataset", "p") == {"wer": 0.25}
    done = parsed("merge", run, "--name", "tuned", "--dtype", "fp32")
    assert (done["merged_equal"], done["out"]) == (True, str((ready[0].root.models / "p/tuned").resolve()))
    assert call("merge", run, "--dtype", "int4")[0] == 1


def test_results_that_came_while_nobody_looked_come_home_with_any_command(
    made: tuple[Library, Project], call: Callable[..., Said]
) -> None:
    lib, project = made
    clip = take(lib, project)
    run = RunDir.create(lib.root.runs("p"), "transcribe", {})
    run.add_results([{"item": clip, "text": "good morning", "model": "m"}])
    assert call("projects")[0] == 0
    assert lib.clips.view(clip).text == "good morning"


def test_a_command_waits_as_long_as_the_run_takes(
    made: tuple[Library, Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = RunDir.create(made[0].root.runs("p"), "train", {})
    waited: list[float] = []
    monkeypatch.setattr(story, "wait", lambda run, timeout: waited.append(timeout) or "lost")
    with pytest.raises(StudioError, match=f"Run {run.id} is lost"):
        story.finished(run, lambda text: None)
    assert waited[0] > 30 * 24 * 3600, "training may take days"


def test_a_bug_is_no_sentence(made: tuple[Library, Project], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("core.steps.projects.overview", broken)
    with pytest.raises(ZeroDivisionError):
        app.main(["projects", "--data", str(made[0].root.path)])


def test_speakers_are_described_asked_and_get_a_link(
    made: tuple[Library, Project], call: Callable[..., Said], parsed: Callable[..., Any], tmp_path: Path
) -> None:
    text = tmp_path / "consent.txt"
    text.write_text("You may use my voice.")
    told = parsed("speakers", "p", "--describe", "Ann", "--accent", "Scottish", "--consent", str(text),
                  "--link", "Ann", "--json")
    assert [row["speaker"]["accent"] for row in told] == ["Scottish"] and len(told[0]["token"]) >= 32
    assert f"Ann: 0 takes, no consent recorded, link /b/{told[0]['token']}/" in call("speakers", "p")[1]
    lib, project = made
    asked = lib.consents.text_of(project.id)
    assert asked and asked.text == "You may use my voice."
    assert parsed("speakers", "p", "--close", "Ann", "--json")[0]["token"] == ""
    assert call("speakers", "p", "--close", "Ann")[0] == 1
