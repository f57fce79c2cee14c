"""What the files at the top say stays true: requirements, README, CHANGELOG, and the rules of conftest.py."""
from __future__ import annotations

import os
import re
import subprocess
import tomllib
import warnings
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

pytest_plugins = ["pytester"]
ROOT = Path(__file__).resolve().parents[1]


def requirements(name: str) -> list[Requirement]:
    """The lines of a requirements file that ask for something."""
    lines = (line.split("#")[0].strip() for line in (ROOT / name).read_text().splitlines())
    return [Requirement(line) for line in lines if line]


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_capped_and_is_what_is_installed(name: str) -> None:
    wanted = requirements(name)
    assert wanted
    for one in wanted:
        operators = {part.operator for part in one.specifier}
        assert operators & {"==", "<"}, f"{one} is open at the top"
        if one.marker is None or one.marker.evaluate():
            here = version(one.name)
            assert one.specifier.contains(here, prereleases=True), f"{one} is wanted, {here} is here"


def test_torch_is_one_exact_version() -> None:
    torch = [one for one in requirements("requirements.txt") if one.name.startswith("torch")]
    assert sorted(one.name for one in torch) == ["torch", "torchaudio"]
    assert all([part.operator for part in one.specifier] == ["=="] for one in torch)


def test_the_changelog_begins_with_the_version_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest is not None
    assert newest.group(1) == project["version"]


def test_the_licence_is_the_whole_apache_2() -> None:
    text = (ROOT / "LICENSE").read_text()
    assert "Apache License" in text.splitlines()[1]
    assert text.count("\n") == 202


def in_the_tree(readme: str) -> set[str]:
    """The names at the start of the unindented lines of the first fenced block that tells of app.py."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)
    block = next((block for block in blocks if "app.py" in block and "core/" in block), "")
    names: set[str] = set()
    for line in block.splitlines():
        for word in re.sub(r"^[├└]── ", "", line).split(" "):
            if not re.fullmatch(r"\.?[\w-]+(\.[\w-]+)+|[\w.-]+/(\w+)?|LICENSE", word):
                if word or line.startswith(" "):
                    break
                continue
            names.add(word.split("/")[0])
    return names


def test_the_tree_of_the_readme_names_what_is_at_the_top() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("this copy is no git checkout, so nothing tells what ships")
    ships = {line.split("/")[0] for line in listed.stdout.splitlines()} - {".gitignore"}
    assert in_the_tree((ROOT / "README.md").read_text()) == ships


def test_the_tree_is_read_line_by_line() -> None:
    tree = "words\n```\napp.py      the door: x.py\nstart.sh  test.sh   two commands\ncore/   speech\n"
    tree += "  types.py   the ground\n.ci/run  LICENSE\n```\n"
    assert in_the_tree(tree) == {"app.py", "start.sh", "test.sh", "core", ".ci", "LICENSE"}


def test_only_warnings_of_our_own_modules_are_errors() -> None:
    for ours in ("core", "core.audio.read", "ui.record", "app"):
        with pytest.raises(UserWarning, match="ours"):
            warnings.warn_explicit("ours", UserWarning, "file.py", 1, module=ours)
    with pytest.warns(UserWarning, match="theirs"):
        warnings.warn_explicit("theirs", UserWarning, "file.py", 1, module="corelib.audio")


TRIAL = """
import time
import pytest

def test_quick(): assert True
def test_late(): time.sleep(0.7)
@pytest.mark.budget(5)
def test_story(): time.sleep(0.7)
@pytest.mark.budget(0.1)
def test_long_story(): time.sleep(0.3)
@pytest.mark.slow
def test_slow_1(): time.sleep(0.3)
@pytest.mark.slow
def test_slow_2(): pass
@pytest.mark.slow
def test_slow_3(): pass
"""


@pytest.fixture
def trial(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A folder with our conftest and settings, and seven tests of every kind, on an idle machine."""
    monkeypatch.setattr(os, "getloadavg", lambda: (0.0, 0.0, 0.0))
    (pytester.path / "tests").mkdir()
    (pytester.path / "tests/test_trial.py").write_text(TRIAL)
    for name in ("pyproject.toml", "tests/conftest.py"):
        (pytester.path / name).write_text((ROOT / name).read_text())
    return pytester


def run_pytest(trial: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """Pytest in this process on the trial, with a wall of 0.5 s and one line a test."""
    return trial.runpytest_inprocess("-v", "-o", "seconds_per_test=0.5", *arguments)


def test_an_unmarked_test_over_the_wall_fails_and_a_marked_one_has_its_budget(trial: pytest.Pytester) -> None:
    out = run_pytest(trial).stdout.str()
    verdicts = dict(re.findall(r"::(test_\w+) (PASSED|FAILED)", out))
    assert verdicts == {
        "test_quick": "PASSED", "test_late": "FAILED", "test_story": "PASSED", "test_long_story": "FAILED"
    }
    assert re.search(r"test_late took \d\.\d s and may take 0\.5 s", out)


def test_the_parts_of_the_slow_suite_are_the_whole_and_an_empty_one_ends_5(trial: pytest.Pytester) -> None:
    parts = [run_pytest(trial, "-m", "slow", "--shard", f"{part}/4") for part in (1, 2, 3, 4)]
    ran = [re.findall(r"::(test_\w+) PASSED", part.stdout.str()) for part in parts]
    assert ran == [["test_slow_1"], ["test_slow_2"], ["test_slow_3"], []]
    assert [int(part.ret) for part in parts] == [0, 0, 0, 5]


@pytest.mark.parametrize("shard", ["0/2", "3/2", "2", "a/b"])
def test_a_part_that_is_none_is_told(trial: pytest.Pytester, shard: str) -> None:
    done = run_pytest(trial, "--shard", shard)
    assert int(done.ret) == 4
    assert f"--shard is '{shard}': write it as I/N" in done.stderr.str()
