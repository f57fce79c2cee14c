"""A model in another layout, without a run: it answers the same, and what cannot be is told before."""
from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

import app
from core.config import DataRoot
from core.errors import BadInput, Refused, StudioError
from core.families import named
from core.families.kyutai import exporting_checks, layouts
from core.library import Library
from core.run_dir import RunDir
from core.steps import checklist
from core.steps import convert_model as step
from tests.kyutai_project import kyutai_model

pytestmark = pytest.mark.usefixtures("one_thread")
KYUTAI = named("kyutai")


@pytest.fixture
def lib(data_root: DataRoot) -> Library:
    """A library with the tiny model in two layouts."""
    made = Library(data_root)
    kyutai_model(made)
    kyutai_model(made, "native", "tiny/native")
    return made


@pytest.mark.parametrize(("start", "form", "dtype"), [
    ("candle", "transformers", "fp32"), ("candle", "mlx", "bf16"), ("native", "transformers", "bf16"),
    ("candle", "native", "fp32")])
def test_each_layout_is_made_of_each(lib: Library, tmp_path: Path, start: str, form: str, dtype: str) -> None:
    folder = lib.root.models / "tiny" / ("kyutai" if start == "candle" else "native")
    checks = {check.name: check for check in KYUTAI.convert(folder, form, dtype, tmp_path / "out")}
    assert all(map(checklist.passed, checks.values()))
    assert checks["logits"].value < (1e-5 if dtype == "fp32" else 0.05)
    if form in ("native", "transformers"):
        assert layouts.layout_of(tmp_path / "out") == form
        again = KYUTAI.convert(tmp_path / "out", "native", "fp32", tmp_path / "again")
        assert all(map(checklist.passed, again)), "and back"


def test_what_differs_is_not_kept(lib: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right = exporting_checks.reopened_logits
    monkeypatch.setattr(exporting_checks, "reopened_logits", lambda *given: 1.2 * right(*given))
    with pytest.raises(StudioError, match="was not kept: Read back, its logits differ"):
        KYUTAI.convert(lib.root.models / "tiny" / "kyutai", "native", "bf16", tmp_path / "out")
    assert not list(tmp_path.glob("*out*"))


def test_the_command_lists_what_was_checked(lib: Library) -> None:
    given = ["layout", "tiny/kyutai", "--for", "native", "--data", str(lib.root.path)]
    done = CliRunner().invoke(app.app, given)
    assert done.exit_code == 0, done.output
    assert "kyutai-native is ready for native" in done.output and "drawn by chance" in done.output
    assert "✓ tensors" in done.output and "✓ logits" in done.output and "✓ copies" in done.output
    assert "model.safetensors" in done.output
    assert layouts.layout_of(lib.root.models / "converted" / "kyutai-native") == "native"
    again = CliRunner().invoke(app.app, given)
    assert isinstance(again.exception, Refused) and "exists already" in str(again.exception)


def test_what_cannot_be_converted_is_told(
    lib: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for model, form, told in (("starter", "candle", "one layout only; these have several: Kyutai STT"),
                              ("tiny/kyutai", "onnx", "is no form that a Kyutai model")):
        monkeypatch.setattr(step, "apart", lambda request, *_: KYUTAI.convert(
            Path(request["model"]), request["form"], request["dtype"], Path(request["out"])))
        with pytest.raises(BadInput, match=told):
            step.convert(lib, model, form, out=tmp_path / "x")
    run = RunDir.create(lib.root.runs("p"), "train", {"family": "kyutai"})
    (run.checkpoints / "manifest.json").write_text("{}")
    with pytest.raises(BadInput, match=f"app.py merge {run.id} --for candle"):
        step.convert(lib, run.id, "candle")
    monkeypatch.setattr("core.files.free_gb", lambda _: 0.0)
    with pytest.raises(StudioError, match=r"0\.0 GB are free"):
        step.convert(lib, "tiny/kyutai", "native", out=tmp_path / "y")
    assert not list(tmp_path.iterdir())
