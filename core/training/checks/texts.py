"""The texts of a dataset as a model would learn them: its labels read back, and digits that were left. Rows 1
and 18 of the table."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import BadInput
from core.families.base import Prepared, ReadsLabels
from core.training.checks import Check, passed, refused, some, warned
from core.training.corpus import handful
from core.types import Row


@dataclass(frozen=True)
class Decoded:
    """One clip's text, and what its labels say when they are read back."""

    id: str
    text: str
    written: str

    @property
    def is_same(self) -> bool:
        """Whether both have the same letters, marks and digits."""
        return _bare(self.text) == _bare(self.written)


def _bare(text: str) -> str:
    """Letters, marks and digits alone, without case: what no normaliser of labels may lose."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in folded if unicodedata.category(char)[0] in "LMN")


def decoded(
    family: object, rows: Sequence[Row], prepared: Prepared, most: int | None = None
) -> list[Decoded]:
    """The labels of `rows`, or of a fixed handful, read back; [] for a family that cannot. Those that cannot
    be written at all are left to other checks."""
    if not isinstance(family, ReadsLabels):
        return []
    made = []
    for i in range(len(rows)) if most is None else handful(rows, most):
        try:
            made.append(Decoded(rows[i].id, rows[i].text, family.labels_as_text(rows[i], prepared)))
        except BadInput:
            continue
    return made


def read_back(found: Sequence[Decoded]) -> Check:
    """Whether labels say what the texts say: labels that do not are learned all the same."""
    bad = [each for each in found if not each.is_same]
    if bad:
        first = bad[0]
        return refused("labels", f"The labels of {len(bad)} of {len(found)} clips do not say their text:"
                       f" those of {first.id} say “{first.written[:60]}” for “{first.text[:60]}”.",
                       [each.id for each in bad], n=len(bad))
    if not found:
        return warned("labels", "No labels could be read back, so nobody can see what the model is taught.")
    return passed("labels", f"The labels of {len(found)} clips say their texts when they are read back.",
                  n=len(found))


def digits(rows: Sequence[Row]) -> Check:
    """Digits that a training text still holds: a model learns to write them."""
    left = [row.id for row in rows if any(char.isdigit() for char in row.text)]
    if left:
        return warned("digits", f"{len(left)} of {len(rows)} texts hold digits, and the model learns to write"
                      f" them so: {some(left)}. Convert them on the Review tab if it should write words.",
                      left, n=len(left))
    return passed("digits", "No text holds digits: the model learns to write words.")
