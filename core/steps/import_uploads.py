"""What a browser sends to be imported in the background: kept until then, laid out as tables say."""
from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from pathlib import Path

from core.datasets.formats.search import search
from core.files import make_folder
from core.library import Library, Project
from core.runs.jobs.importing import UPLOADS


def new_uploads(lib: Library, project: Project) -> Path:
    """A new folder for uploads: it must outlive the page, a stop and a restart."""
    made = lib.root.project(project.slug) / UPLOADS / uuid.uuid4().hex
    make_folder(made)
    return made


def lay_out(folder: Path) -> None:
    """Move uploads to where the tables among them name them: a browser sends files without their folders.

    Only where one file and one row have that name: a sound with the text of another would be worse than one
    that is missing. What lies beside a sound by its name goes with it.
    """
    files = [path for path in folder.rglob("*") if path.is_file()]
    names, alike = Counter(path.name for path in files), defaultdict(list)
    for path in files:
        alike[path.stem].append(path)
    missing = {found.audio.resolve() for found in search(folder) if not found.audio.exists()}
    wanted = Counter(path.name for path in missing)
    for path in missing:
        if names[path.name] == wanted[path.name] == 1 and path.is_relative_to(folder.resolve()):
            make_folder(path.parent)
            for upload in alike[path.stem]:
                upload.rename(path.with_name(upload.name))
