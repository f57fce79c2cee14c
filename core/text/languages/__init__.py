"""The languages that have a table of their own, by their two letters."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from core.text.languages import ar, de, en, es, fr, it, nl, pt, sm
from core.text.languages.table import Language

TABLES: dict[str, Language] = {module.TABLE.code: module.TABLE for module in (ar, de, en, es, fr, it, nl, pt, sm)}


@lru_cache(maxsize=256)
def table(code: str) -> Language | None:
    """The table for an engine's code ("pt_BR" has that of "pt", and its own number names); None without one."""
    found = TABLES.get(code.split("_")[0])
    return replace(found, code=code) if found and code != found.code else found
