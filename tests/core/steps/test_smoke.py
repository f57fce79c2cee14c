"""A smoke run: two steps of a tiny random model on a project's own takes."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from core.config import REPOSITORY, DataRoot
from core.errors import BadInput
from core.library import Library
from core.steps import smoke
from core.steps.train_request import Request
from tests.higgs_project import higgs_project


def test_the_request_is_for_two_steps_of_a_tiny_model(data_root: DataRoot) -> None:
    said = Request({"family": "higgs", "device": "cpu"}, {"rank": 2})
    made = smoke.request(Library(data_root), said)
    assert made.get("smoke") is True and made.get("device") == "cpu"
    assert made.options["steps"] == 2 and made.options["rank"] == 2, "what was said wins"
    base = Path(made.get("base"))
    assert base.is_relative_to(data_root.cache) and (base / "codec" / "model.safetensors").is_file()
    before = (base / "model.safetensors").stat().st_mtime_ns
    smoke.request(Library(data_root), said)
    assert (base / "model.safetensors").stat().st_mtime_ns == before, "made once"


def test_who_has_no_tiny_model_says_who_has(data_root: DataRoot) -> None:
    lib = Library(data_root)
    with pytest.raises(BadInput, match="these have: higgs"):
        smoke.request(lib, Request({"family": "ctc"}))
    with pytest.raises(BadInput, match="leave --base out"):
        smoke.request(lib, Request({"family": "higgs", "base": "starter"}))


@pytest.mark.slow
def test_the_command_ends_within_half_a_minute_of_two_cores(data_root: DataRoot, tmp_path: Path) -> None:
    project = higgs_project(Library(data_root), tmp_path)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, "app.py", "train", project.slug, "--family", "higgs", "--smoke",
                           "--json", "--data", str(data_root.path)], cwd=REPOSITORY, capture_output=True,
                          text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["state"] == "done" and told["verdict"]["speech"]["n"] == 1
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert seconds < 60, f"{seconds:.0f} s of one core, so more than 30 s of two"
