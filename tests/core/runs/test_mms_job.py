"""A language taught by a worker: trained, judged against what it began as, merged, with its licence in the
card."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from core.files import read_json
from core.run_dir import RunDir
from core.runs import worker
from core.runs.jobs import predicting

pytestmark = pytest.mark.usefixtures("one_thread")
RunMaker = Callable[..., RunDir]
OPTIONS = {"tune": "language", "from_language": "smo", "language": "tvl", "head_epochs": 1,
           "adapter_epochs": 1}


@pytest.mark.budget(20)
def test_a_language_is_taught_judged_and_merged(
    new_run: RunMaker, make_run: RunMaker, mms_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = Path(shutil.copytree(mms_base, tmp_path / "mms-1b-tiny"))
    opened, real = [], predicting.open_recogniser

    def open_recogniser(order: dict[str, object], models: Path | None = None) -> object:
        opened.append(order["model"])
        return real(order, models)

    monkeypatch.setattr(predicting, "open_recogniser", open_recogniser)
    run = new_run(OPTIONS, base=str(base), preset="Language", fingerprint=None)
    assert worker.work(run) == 0
    status = run.status()
    assert status.state == "done" and status.message.startswith("Trained 2 steps. "), status.message
    assert opened == [f"{base}:smo", str(run.path)], "the base is judged in the language that was begun with"
    assert (run.path / "verdict.json").exists()

    out = tmp_path / "models" / "p" / "tvl"
    merging = make_run("merge", train_run=str(run.path), out=str(out), dtype="fp32", name="tvl")
    assert worker.work(merging) == 0 and merging.state() == "done", merging.status().message
    assert merging.status().figures["merged_equal"] is True
    assert {"adapter.tvl.safetensors", "adapter.smo.safetensors"} <= {path.name for path in out.iterdir()}
    assert read_json(out / "tokenizer_config.json")["target_lang"] == "tvl"
    card = (out / "README.md").read_text()
    assert "\nlicense: cc-by-nc-4.0\n---\n" in card
    assert "## Licence\n\nThe base model mms-1b-tiny is under the licence CC-BY-NC-4.0: " in card
    assert "| from_language | smo |" in card
