"""A sample for a reviewer elsewhere: a folder with the clips as WAV and one page that works from it without a
network; her marks come home as a file (core/steps/sample_marks.py)."""
from __future__ import annotations

import hashlib
import html
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.audio.write import export_clip
from core.errors import BadInput
from core.files import inside, read_json, write_atomic, write_json
from core.library import Check, Library, Project
from core.steps.sample import Sample, within
from core.steps.spot_check import checks

PAGE, INDEX, SOUNDS = "index.html", "sample.json", "clips"
FORMAT = "voicewright-sample"
LABELS = Path(__file__).with_suffix(".json")
"""What the page says, in English; a page of another language hands over its own."""


def seen_of(clip: Check) -> str:
    """What a reviewer hears and reads, as a short hash: another one tells that the clip has changed since."""
    what = json.dumps([clip.sha256, round(clip.start, 4), round(clip.end, 4), clip.text or ""])
    return hashlib.sha256(what.encode()).hexdigest()[:16]


def export(lib: Library, project: Project, drawn: Sample, out: Path,
           labels: dict[str, str] | None = None, tell: Callable[[str], None] | None = None) -> Path:
    """Write the sample to the folder `out`; returns its page. What is there of the same sample is written
    anew.

    Raises BadInput for a folder that holds something else, Unavailable for a full disk.
    """
    _refuse_strange(out, project, drawn)
    found = within(checks(lib, project), drawn)
    times = lib.word_times.of_project(project.id)
    rows = []
    for number, clip in enumerate(found.clips, 1):
        if tell:
            tell(f"{number} of {len(found.clips)}: {clip.name}")
        export_clip(inside(lib.root.path, Path(clip.audio)), out / SOUNDS / f"{clip.id}.wav", clip.start,
                    clip.end)
        laid = times.get(clip.transcript_id or 0)
        rows.append({"id": clip.id, "text": clip.text or "", "seen": seen_of(clip),
                     "words": [[w.text, w.start, w.end] for w in laid.words] if laid else []})
    index = {"format": FORMAT, "version": 1, "project": project.slug, "sample": drawn.name,
             "at": drawn.at, "clips": rows}
    write_json(out / INDEX, index)
    write_atomic(out / PAGE, page(index, project, {**read_json(LABELS), **(labels or {})}))
    return out / PAGE


def _refuse_strange(out: Path, project: Project, drawn: Sample) -> None:
    """A folder may be new, empty, or the same sample."""
    if out.is_file():
        raise BadInput(f"{out} is a file; name a folder for the sample.")
    if not out.exists() or not any(out.iterdir()):
        return
    index = read_json(out / INDEX) if (out / INDEX).is_file() else {}
    known = (index.get("project"), index.get("sample")) if isinstance(index, dict) else ()
    if known != (project.slug, drawn.name):
        raise BadInput(f"The folder {out} holds something else already; name a new one for the sample.")


def zipped(folder: Path) -> Path:
    """The folder as one file to send, beside it."""
    made = shutil.make_archive(str(folder), "zip", folder.parent, folder.name)
    return Path(made)


def page(index: dict[str, Any], project: Project, labels: dict[str, str]) -> str:
    """The page as HTML: one file without links to elsewhere. Texts travel as data, never as markup."""
    template = Path(__file__).with_suffix(".html").read_text(encoding="utf-8")
    filled = re.sub(r"\[\[(\w+)\]\]", lambda found: html.escape(labels[found[1]]), template)
    given = {"DATA": index, "LABELS": labels, "NAME": project.name}
    return re.sub(r'"(DATA|LABELS|NAME)"', lambda found: _as_script(given[found[1]]), filled)


def _as_script(value: Any) -> str:
    """JSON that stands inside a script: nothing in it can end the script or begin a comment."""
    made = json.dumps(value, ensure_ascii=False)
    for sign in "<>&\u2028\u2029":
        made = made.replace(sign, f"\\u{ord(sign):04x}")
    return made
