"""What a preflight says with the model loaded: a good base passes everything, a broken one is refused by
name."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core import manifest
from core.errors import StudioError
from core.families import named
from core.training.checks import Check
from core.training.examining import examine

BaseMaker = Callable[..., Path]
CTC = named("ctc")
pytestmark = pytest.mark.usefixtures("one_thread")


def found(base: Path, data: Path, **more: Any) -> dict[str, Check]:
    """The checks by name."""
    checks = examine(CTC, manifest.read(data), data, base, CTC.options(), "cpu", **more)
    return {check.name: check for check in checks}


def with_weights(base: Path, change: Callable[[dict[str, Any]], Any]) -> Path:
    """`base` with other weights."""
    from safetensors.torch import load_file, save_file

    held = load_file(base / "model.safetensors")
    change(held)
    save_file(held, base / "model.safetensors", metadata={"format": "pt"})
    return base


@pytest.mark.parametrize("kind", ["bert", "layer", "group"])
def test_a_good_base_passes_every_check(tiny_base: BaseMaker, tiny_data: Path, kind: str) -> None:
    checks = found(tiny_base(kind), tiny_data)
    assert set(checks) == {"device", "keys", "weights", "adapter", "loss", "accumulation", "padding", "delta"}
    assert {check.outcome for check in checks.values()} == {"passed"}, checks


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda held: held.pop(next(name for name in held if "layers.0" in name)), "missing or left over"),
        (lambda held: held.update(strange=next(iter(held.values())).clone()), "such as strange"),
        (lambda held: held.update({"lm_head.bias": held["lm_head.bias"][:-1].clone()}), "do not fit"),
    ],
)
def test_keys_that_do_not_fit_are_refused_before_anything_is_learned(
    own_base: BaseMaker, tiny_data: Path, change: Callable[[dict[str, Any]], Any], sentence: str
) -> None:
    checks = found(with_weights(own_base(), change), tiny_data)
    assert set(checks) == {"device", "keys"}
    assert checks["keys"].outcome == "refused" and sentence in checks["keys"].sentence


def test_weights_that_are_no_numbers_are_refused_by_name(own_base: BaseMaker, tiny_data: Path) -> None:
    base = with_weights(own_base(), lambda held: held["lm_head.weight"][3].fill_(float("nan")))
    checks = found(base, tiny_data)
    assert checks["weights"].outcome == "refused" and "lm_head" in checks["weights"].sentence
    assert "loss" not in checks


def test_a_vocabulary_of_another_model_is_refused(own_base: BaseMaker, tiny_data: Path) -> None:
    base = own_base()
    (base / "vocab.json").write_text(json.dumps({"<pad>": 0, "|": 1, "a": 2}))
    with pytest.raises(StudioError, match="they do not belong together"):
        found(base, tiny_data)


def test_half_precision_is_told_and_a_device_that_is_not_here_refused(
    tiny_base: BaseMaker, tiny_data: Path
) -> None:
    assert found(tiny_base(), tiny_data, precision="fp16")["device"].outcome == "warned"
    checks = examine(CTC, manifest.read(tiny_data), tiny_data, tiny_base(), CTC.options(), "cuda:7")
    assert [(check.name, check.outcome) for check in checks] == [("device", "refused")]
