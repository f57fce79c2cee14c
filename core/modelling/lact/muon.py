"""The step of Muon: a matrix with its singular values near one (Jordan and others, 2024)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

# Coefficients of the five iterations, by You Jiacheng: each brings the singular values of a matrix of norm 1
# or less nearer to one, faster than one fixed polynomial does.
STEPS = (
    (4.0848, -6.8946, 2.9270),
    (3.9505, -6.3029, 2.6377),
    (3.7418, -5.5913, 2.3037),
    (2.8769, -3.1427, 1.2046),
    (2.8366, -3.0525, 1.2012),
)


def orthogonal(matrix: torch.Tensor) -> torch.Tensor:
    """The orthogonal factor of each `matrix` (..., rows, columns), nearly, by Newton and Schulz; zero stays
    zero."""
    is_tall = matrix.shape[-2] > matrix.shape[-1]
    x = matrix.transpose(-1, -2) if is_tall else matrix
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for a, b, c in STEPS:
        square = x @ x.transpose(-1, -2)
        x = a * x + (b * square + c * square @ square) @ x
    return x.transpose(-1, -2) if is_tall else x
