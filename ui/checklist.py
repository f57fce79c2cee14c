"""What was checked in a model before it was called ready: a line a check with its figures, the clips that
were compared, and the files that were written."""
from __future__ import annotations

from core.errors import NotFound
from core.families.base import Check
from core.library import Library
from core.steps import checklist
from core.steps.checklist import Checklist
from ui import view as show
from ui.texts import named, say
from ui.texts.retold import retold

HEADS = ("check", "result", "apart", "allowed", "clips")
SHARES = ("logits", "merged", "written")
"""Checks whose figures are shares of the largest logit; those of `POINTS` are percent already."""
POINTS = ("texts",)
SHOWN = 3
"""Clips of a check that are named."""


def card(library: Library, found: Checklist, is_open: bool = True) -> str:
    """The checklist as HTML; nothing for a model that has none."""
    if not found.checks:
        return ""
    n_passed = sum(map(checklist.passed, found.checks))
    title = show.words("checklist.title", n=n_passed, of=len(found.checks))
    rows = [_row(library, check) for check in found.checks]
    heads = [say(f"checklist.head.{name}") for name in HEADS]
    listed = show.table(heads, rows, say("checklist.table"), "vw-checklist")
    opened = " open" if is_open else ""
    return f"<details{opened}><summary>{title}</summary>{listed}{_files(found)}</details>"


def _row(library: Library, check: Check) -> list[str]:
    sign = "✓" if checklist.passed(check) else "✗"
    figures = [_figure(check.name, figure) for figure in (check.value, check.allowed)]
    return [f"{sign} <b>{show.text_of(_title(check.name))}</b>", show.text_of(retold(check.sentence)),
            *figures, _clips(library, check.clips)]


def _title(name: str) -> str:
    return named(f"checklist.check.{name}", name)


def _figure(name: str, value: float) -> str:
    """A figure with its unit: a share of the largest logit, percent of the words, or how many differ."""
    if name in SHARES:
        return show.words("checklist.share", n=100 * value)
    if name in POINTS:
        return show.words("checklist.share", n=value)
    return show.words("checklist.count", n=round(value))


def _clips(library: Library, ids: tuple[str, ...]) -> str:
    """The clips by their names, which people know."""
    if not ids:
        return "–"
    names = ", ".join(_name(library, clip_id) for clip_id in ids[:SHOWN])
    return show.text_of(say("checklist.more", names=names, n=len(ids) - SHOWN) if len(ids) > SHOWN else names)


def _name(library: Library, clip_id: str) -> str:
    try:
        return library.clips.get(clip_id).name
    except NotFound:  # thrown away since
        return clip_id


def _files(found: Checklist) -> str:
    if not found.files:
        return ""
    files = [(show.text_of(name), _size(size)) for name, size in found.files]
    listed = "".join(f"<li><code>{name}</code> {size}</li>" for name, size in files)
    total = show.words("checklist.files", n=len(found.files)) + f" ({_size(found.n_bytes)})"
    return f'<p class="vw-quiet">{total}</p><ul class="vw-written">{listed}</ul>'


def _size(n_bytes: int) -> str:
    """A size in the unit that keeps it short."""
    for unit, size in (("gb", 1e9), ("mb", 1e6), ("kb", 1e3)):
        if n_bytes >= size:
            return show.words(f"checklist.{unit}", n=n_bytes / size)
    return show.words("checklist.bytes", n=n_bytes)
