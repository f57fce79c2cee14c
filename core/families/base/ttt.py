"""The options of a family whose decoder may get TTT layers, and what they mean. Experimental: the published
comparison found next to no gain over LoRA alone, so no preset has them. Without torch."""

from __future__ import annotations

from typing import Any, Literal, Protocol

from pydantic import Field

from core.modelling.ttt.config import TttConfig, Which, why_not
from core.types import Finding

Layers = Literal["none", "middle", "all"]
BOUNDS: dict[str, dict[str, float]] = {"base_lr": {"le": 100}, "gate": {"ge": 0, "le": 3},
                                       "heads": {"le": 256}, "mini_batch": {"le": 1024}}
"""Narrower than what a checkpoint may hold: what a person should choose from."""
TITLES = {"depth": "Depth of the TTT networks", "heads": "TTT heads", "mini_batch": "TTT mini-batch",
          "base_lr": "TTT learning rate", "gate": "TTT gate"}


class HasTtt(Protocol):
    """Options with the fields of this module."""

    @property
    def ttt_layers(self) -> Layers: ...
    @property
    def ttt_depth(self) -> int: ...
    @property
    def ttt_heads(self) -> int: ...
    @property
    def ttt_mini_batch(self) -> int: ...
    @property
    def ttt_base_lr(self) -> float: ...
    @property
    def ttt_gate(self) -> float: ...


def layers() -> Any:
    """The option `ttt_layers`."""
    return Field(
        title="TTT layers (experimental)",
        default="none",
        description="Layers that go on learning from what they hear (test-time training, arXiv 2407.04620):"
        " none, in the middle half of the decoder, or in all of it.",
    )


def of(name: str) -> Any:
    """The option `ttt_NAME`, as `TttConfig` has it."""
    known = TttConfig.model_fields[name]
    bounds = {kind: getattr(each, kind) for each in known.metadata for kind in ("ge", "gt", "le")
              if hasattr(each, kind)}
    return Field(title=TITLES[name], default=known.default, description=known.description,
                 **{**bounds, **BOUNDS.get(name, {})})


def findings(options: HasTtt, width: int) -> list[Finding]:
    """What keeps layers of this width from having them."""
    wanted = chosen(options)
    why = why_not(width, wanted[0]) if wanted else ""
    return [Finding("ttt_heads", "refuse", why)] if why else []


def chosen(options: HasTtt) -> tuple[TttConfig, Which] | None:
    """The measures of the layers and where they stand; None where none are wanted."""
    if options.ttt_layers == "none":
        return None
    return TttConfig(heads=options.ttt_heads, depth=options.ttt_depth, mini_batch=options.ttt_mini_batch,
                     base_lr=options.ttt_base_lr, gate=options.ttt_gate), options.ttt_layers
