"""Less memory or less time, the same gradients, and weights that keep their names."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core import manifest
from core.errors import Refused
from core.families import named
from core.modelling import checkpoint_folder as folders
from core.run_dir import RunDir
from core.training import layers
from core.training.loop import train

BaseMaker = Callable[..., Path]
RunMaker = Callable[..., RunDir]
CTC = named("ctc")
OPTIONS = {"steps": 2, "adapter_dropout": 0.1, "lr": 0.01}
pytestmark = pytest.mark.usefixtures("one_thread")


def trained(run: RunDir) -> dict[str, Any]:
    """The adapter of a whole run."""
    train(run, run.order())
    return folders.read_tensors(folders.chosen(run.path, "last"), folders.ADAPTER)


@pytest.mark.parametrize("kind", ["bert", "layer"])
def test_layers_computed_twice_give_the_same_weights(
    new_run: RunMaker, tiny_base: BaseMaker, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bit for bit, dropout too; and less is kept for the way back."""
    import torch

    kept = []
    real = CTC.loss

    def loss(model: Any, batch: Any) -> Any:
        sizes: list[int] = []

        def keep(t: torch.Tensor) -> torch.Tensor:
            sizes.append(t.numel())
            return t

        with torch.autograd.graph.saved_tensors_hooks(keep, lambda t: t):
            found = real(model, batch)
        if torch.is_grad_enabled():
            kept.append(sum(sizes))
        return found

    monkeypatch.setattr(CTC, "loss", loss)
    one, other = (trained(new_run({**OPTIONS, "gradient_checkpointing": twice}, base=str(tiny_base(kind))))
                  for twice in (False, True))
    assert set(one) == set(other) and all(one[name].equal(other[name]) for name in one)
    assert kept[2] < 0.9 * kept[0]


def test_a_model_that_cannot_is_told(new_run: RunMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    import transformers

    monkeypatch.setattr(transformers.Wav2Vec2BertForCTC, "supports_gradient_checkpointing", False)
    run = new_run({**OPTIONS, "gradient_checkpointing": True})
    with pytest.raises(Refused, match="cannot compute its layers twice"):
        train(run, run.order())


def test_compile_is_left_out_where_it_is_no_gain(
    new_run: RunMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run({**OPTIONS, "steps": 1, "compile": True})
    assert train(run, run.order()).ended == "done"
    said = [row["sentence"] for row in run.history() if row["kind"] == "warning"]
    assert len(said) == 1 and "for NVIDIA graphics processors" in said[0]
    monkeypatch.setattr(layers.importlib.util, "find_spec", lambda name: None)
    assert "needs Triton" in layers.why_not_compiled("cuda")
    monkeypatch.setattr(layers.importlib.util, "find_spec", lambda name: "here")
    assert layers.why_not_compiled("cuda") == ""


@pytest.mark.slow
def test_a_compiled_model_learns_the_same_under_the_same_names(
    new_run: RunMaker, tiny_base: BaseMaker, monkeypatch: pytest.MonkeyPatch, tiny_data: Path, tmp_path: Path
) -> None:
    """Two lengths of batch, and a checkpoint that a plain model opens."""
    import torch

    data = Path(shutil.copytree(tiny_data, tmp_path / "copy"))
    manifest.write(data, [row for row in manifest.read(data) if row.split == "train"])
    options = {**OPTIONS, "adapter_dropout": 0.0, "batch_size": 3}
    base = str(tiny_base("layer"))
    monkeypatch.setattr("torch.nn.functional.dropout", lambda x, *_, **__: x)
    whole = trained(new_run(options, base=base, dataset=str(data)))
    monkeypatch.setattr(layers, "why_not_compiled", lambda device: "")
    compiled = layers.compiled
    monkeypatch.setattr(layers, "compiled", lambda model: compiled(model, "aot_eager"))
    torch._dynamo.reset()
    run = new_run({**options, "compile": True}, base=base, dataset=str(data))
    found = trained(run)
    assert torch._dynamo.utils.counters["frames"]["ok"] > 0, "something was compiled"
    assert set(found) == set(whole)
    assert all(torch.allclose(found[name], whole[name], atol=1e-5) for name in whole)
    from core.training.loading import load_tuned

    family, model, _, _ = load_tuned(run.path, "last")
    assert set(family.saved_state(model)) == set(whole)
    torch._dynamo.reset()
