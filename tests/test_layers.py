"""The arrows of the house only go down, and the page and the families open without torch."""
from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# From the top down; what stands in one line is one floor. The modules right in core/ are the ground.
FLOORS = (
    ("app",),
    ("ui", "core.commands"),
    ("core.steps",),
    ("core.library", "core.datasets", "core.runs"),
    ("core.training",),
    ("core.families",),
    ("core.modelling",),
    ("core.evaluation", "core.alignment", "core.quality"),
    ("core.audio", "core.text"),
    ("core",),
)
HEIGHT = {room: -index for index, floor in enumerate(FLOORS) for room in floor}


def modules(root: Path) -> dict[str, Path]:
    """Every module of core, ui and app under `root`, by its dotted name."""
    files = [*sorted((root / "core").rglob("*.py")), *sorted((root / "ui").rglob("*.py"))]
    if (root / "app.py").exists():
        files.append(root / "app.py")
    named = {}
    for file in files:
        parts = file.relative_to(root).with_suffix("").parts
        named[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return named


def imports(name: str, file: Path, known: dict[str, Path]) -> Iterator[tuple[int, str]]:
    """(line, module) of every import in `file`: at its top, inside functions, for type checking, relative."""
    package = name.split(".") if file.name == "__init__.py" else name.split(".")[:-1]
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                full = f"{base}.{alias.name}"
                a_module = full in known or any(other.startswith(f"{full}.") for other in known)
                yield node.lineno, full if a_module else base


def room_of(module: str, known: dict[str, Path]) -> str:
    """The room a module stands in; a module right in core/ stands on the ground, `core`."""
    parts = module.split(".")
    if parts[0] != "core":
        return parts[0]
    a_file = len(parts) == 2 and known.get(module, Path()).name == f"{parts[1]}.py"
    return "core" if a_file or len(parts) == 1 else ".".join(parts[:2])


def family_of(module: str) -> str:
    """The family a module belongs to: core.families.whisper.load -> whisper; the registry itself is ''."""
    return ".".join(module.split(".")[2:3])


def refusal(name: str, target: str, known: dict[str, Path]) -> str | None:
    """Why module `name` may not import `target`; None when it may."""
    here, top = room_of(name, known), target.split(".")[0]
    if here.startswith("core") and top in ("gradio", "ui", "app"):
        return "core knows no page"
    if here == "ui" and top in ("sqlite3", "torch"):
        return "the page has no SQL and no torch"
    if top == "sqlite3" and name != "core.db" and here != "core.library":
        return "SQL lives in core/db.py and core/library"
    if top not in ("core", "ui", "app"):
        return None
    there = room_of(target, known)
    if here == there == "core.families":
        return _family_refusal(name, target)
    if there not in HEIGHT:
        return f"{there} stands on no floor"
    if here != there and HEIGHT[there] >= HEIGHT[here]:
        return "arrows only go down"
    return None


def _family_refusal(name: str, target: str) -> str | None:
    """The registry may import every family; a family only itself and base."""
    mine, other = family_of(name), family_of(target)
    return None if mine in ("", other) or other == "base" else "a family knows no other family"


def offences(root: Path) -> list[str]:
    """One line for each import that breaks a rule, and for each room that stands on no floor."""
    known = modules(root)
    found = []
    for name, file in known.items():
        if (room := room_of(name, known)) not in HEIGHT:
            found.append(f"{name}: {room} stands on no floor")
            continue
        for line, target in imports(name, file, known):
            if why := refusal(name, target, known):
                found.append(f"{name}:{line} imports {target}: {why}")
    return found


def test_every_import_goes_down() -> None:
    assert len(modules(ROOT)) > 5, "the walk found no house to look at"
    assert offences(ROOT) == []


ROOMS = ("commands", "library", "runs", "steps", "training", "families", "quality", "audio", "text")
NO_SQL = "SQL lives in core/db.py and core/library"
NO_OTHER = "a family knows no other family"


@pytest.fixture
def small_house(tmp_path: Path) -> Path:
    """A house with every kind of room, all of them empty, so that each rule can be seen to bite."""
    for room in ROOMS:
        _write(tmp_path / "core" / room / "__init__.py", "")
    for file in ("core/__init__.py", "core/errors.py", "core/db.py", "ui/__init__.py", "app.py"):
        _write(tmp_path / file, "")
    for file in ("base.py", "ctc.py", "whisper.py"):
        _write(tmp_path / "core" / "families" / file, "")
    return tmp_path


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


@pytest.mark.parametrize(
    ("file", "text", "why"),
    [
        ("core/audio/read.py", "from core.text import words", "arrows only go down"),
        ("core/audio/read.py", "import core.quality.clip", "arrows only go down"),
        ("core/audio/read.py", "from core import steps", "arrows only go down"),
        ("core/audio/read.py", "from ..training import loop", "arrows only go down"),
        ("core/audio/read.py", "def late():\n    from core.families import FAMILIES", "arrows only go down"),
        ("core/errors.py", "from core.audio import read", "arrows only go down"),
        ("core/runs/worker.py", "from core.library import clips", "arrows only go down"),
        ("core/runs/worker.py", "def late():\n    import ui.train", "core knows no page"),
        ("core/steps/train.py", "import gradio as gr", "core knows no page"),
        ("core/steps/train.py", "from app import main", "core knows no page"),
        ("core/families/ctc.py", "from core.families.whisper import load", NO_OTHER),
        ("core/families/ctc.py", "from . import whisper", NO_OTHER),
        ("core/families/ctc.py", "from core.families import FAMILIES", NO_OTHER),
        ("core/steps/train.py", "import sqlite3", NO_SQL),
        ("core/files.py", "def late():\n    from sqlite3 import connect", NO_SQL),
        ("ui/record.py", "import sqlite3", "no SQL and no torch"),
        ("ui/record.py", "def late():\n    import torch.nn", "no SQL and no torch"),
        ("ui/record.py", "from app import main", "arrows only go down"),
        ("ui/record.py", "from core.commands import COMMANDS", "arrows only go down"),
        ("core/steps/train.py", "from core.commands.told import Told", "arrows only go down"),
        ("core/commands/train.py", "from app import main", "core knows no page"),
        ("core/commands/train.py", "def late():\n    from ui import TABS", "core knows no page"),
        ("core/helpers/misc.py", "import json", "core.helpers stands on no floor"),
    ],
)
def test_an_arrow_that_goes_up_is_found(small_house: Path, file: str, text: str, why: str) -> None:
    _write(small_house / file, text + "\n")
    found = offences(small_house)
    assert len(found) == 1
    assert why in found[0]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("core/steps/train.py", "from core.library import clips\nfrom core import errors"),
        ("core/families/ctc.py", "import torch\nfrom core.families.base import Trains\nfrom . import base"),
        ("core/families/__init__.py", "from core.families import ctc, whisper"),
        ("core/library/clips.py", "import sqlite3\nfrom core import db"),
        ("core/db.py", "import sqlite3\nfrom core.errors import Stale"),
        ("core/text/words.py", "from .numbers import say\nfrom core.text import readings"),
        ("ui/record.py", "import gradio as gr\nfrom core.steps import record\nimport ui.view"),
        ("core/commands/train.py", "from core.steps import train\nfrom core.library import clips"),
        ("app.py", "import ui\nfrom core.commands import COMMANDS\nfrom core.steps import train"),
    ],
)
def test_an_arrow_that_goes_down_is_left_alone(small_house: Path, file: str, text: str) -> None:
    _write(small_house / file, text + "\n")
    assert offences(small_house) == []


@pytest.mark.budget(60)
def test_the_page_and_the_families_open_without_torch() -> None:
    for folder in ("ui", "core/families"):
        if not (ROOT / folder / "__init__.py").exists():
            pytest.skip(f"{folder} is not written yet")
    heavy = "{'torch', 'transformers', 'peft', 'whisper'}"
    code = f"import sys, ui, core.families; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr
