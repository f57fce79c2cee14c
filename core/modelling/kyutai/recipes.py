"""Tensors under other names as recipes: of which source each is made, and how. One by one, so that a
model larger than the memory can be turned, or all at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from core.errors import BadInput

if TYPE_CHECKING:
    import torch


class Recipe(NamedTuple):
    """`make` is given the tensors called `sources` in their order."""

    sources: tuple[str, ...]
    make: Callable[..., torch.Tensor]


Recipes = Mapping[str, Recipe]


class Made(Mapping[str, "torch.Tensor"]):
    """The tensors of `recipes`, each made anew when it is asked for, so that none is held."""

    def __init__(self, recipes: Recipes, tensors: Mapping[str, torch.Tensor]) -> None:
        self._recipes, self._tensors = recipes, tensors

    def __getitem__(self, name: str) -> torch.Tensor:
        recipe = self._recipes[name]
        return recipe.make(*(self._tensors[source] for source in recipe.sources))

    def __iter__(self) -> Iterator[str]:
        return iter(self._recipes)

    def __contains__(self, name: object) -> bool:
        return name in self._recipes  # not by making it

    def __len__(self) -> int:
        return len(self._recipes)


class Joined(Mapping[str, "torch.Tensor"]):
    """Several mappings as one, the first that has a name being asked; nothing is read by joining them."""

    def __init__(self, *parts: Mapping[str, torch.Tensor]) -> None:
        self._parts = parts

    def __getitem__(self, name: str) -> torch.Tensor:
        for part in self._parts:
            if name in part:
                return part[name]
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter({name: None for part in self._parts for name in part})

    def __len__(self) -> int:
        return sum(1 for _ in self)


def same(tensor: torch.Tensor) -> torch.Tensor:
    """The tensor as it is."""
    return tensor


def check(found: Mapping[str, tuple[int, ...]], wanted: Mapping[str, tuple[int, ...]], what: str) -> None:
    """BadInput, naming the first, when shapes by name are not exactly those that are `wanted`."""
    odd = sorted(name for name in {*found, *wanted} if found.get(name) != wanted.get(name))
    if odd:
        shapes = [str(each.get(odd[0]) or "missing") for each in (found, wanted)]
        if odd[0] not in wanted:
            shapes[1] = "no such weight"
        raise BadInput(
            f"The weights of {what} do not fit its config: {len(odd)} of them are missing, left over or of"
            f" another shape, such as {odd[0]} ({shapes[0]}; wanted: {shapes[1]}); copy the model again from"
            " where it came from."
        )
