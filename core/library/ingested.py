"""Which results of which run have come home."""
from __future__ import annotations

from pathlib import Path

from core.db import reading


class Ingested:
    """Table `ingested`, unique on (run, item); rows are written in the transaction that takes the result
    in."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def items(self, run_id: str) -> set[str]:
        """The items of a run that were taken in already."""
        with reading(self._path) as db:
            return {row[0] for row in db.execute("SELECT item FROM ingested WHERE run_id = ?", (run_id,))}
