"""Background work: start, stop, resume and list runs; the worker and its jobs; the warm helper process."""

from __future__ import annotations

from core.runs.listing import RunCard, find, runs

__all__ = ["RunCard", "find", "runs"]
