"""A YAML or JSON file as a mapping: read as plain data, bounded, with a sentence for whatever is wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.errors import BadInput

MOST_BYTES = 1_000_000


def mapping_in(path: Path) -> dict[str, Any]:
    """What a file holds. Raises BadInput for one that is missing, too large, or no mapping."""
    if not path.is_file():
        raise BadInput(f"{path} does not exist; check the path.")
    if path.stat().st_size > MOST_BYTES:
        raise BadInput(f"{path.name} is larger than a file of settings can be; choose another file.")
    return mapping_of(path.read_bytes(), path.name)


def mapping_of(content: bytes, name: str) -> dict[str, Any]:
    """The mapping in `content`; `name` is what the file is called, and its ending says what it holds."""
    import yaml

    try:
        text = content.decode("utf-8-sig")
        # safe_load makes plain values only; JSON goes its own way, because YAML reads 1e-3 as a word
        held = json.loads(text) if name.lower().endswith(".json") else yaml.load(text, Loader=_loader())
    except UnicodeDecodeError as error:
        raise BadInput(f"{name} is no text in UTF-8; save it as YAML or JSON.") from error
    except RecursionError as error:
        raise BadInput(f"{name} is nested too deeply to be a file of settings.") from error
    except (json.JSONDecodeError, yaml.YAMLError) as error:
        line = _line(error)
        raise BadInput(f"{name} cannot be read: line {line} is neither a setting nor a remark.") from error
    if not isinstance(held, dict) or not all(isinstance(key, str) for key in held):
        raise BadInput(f"{name} holds no settings: write one “name: value” a line.")
    return held


def _line(error: Exception) -> int:
    mark = getattr(error, "problem_mark", None)
    return int(mark.line + 1 if mark else getattr(error, "lineno", 1))


def text_of(settings: Mapping[str, Any], remark: str) -> str:
    """The settings as YAML in their order, below a remark."""
    import yaml

    return f"# {remark}\n" + yaml.safe_dump(dict(settings), sort_keys=False, allow_unicode=True)


def _loader() -> Any:
    """The safe loader, which takes 1e-3 for a number as JSON and people do, and no aliases: a few lines of
    them can stand for billions of values."""
    import re

    import yaml

    class Plain(yaml.SafeLoader):
        def compose_node(self, parent: Any, index: Any) -> Any:
            if self.check_event(yaml.AliasEvent):
                raise yaml.MarkedYAMLError(problem="alias", problem_mark=self.peek_event().start_mark)
            return super().compose_node(parent, index)

    number = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)[eE][-+]?\d+$")
    Plain.add_implicit_resolver("tag:yaml.org,2002:float", number, list("-+0123456789."))
    return Plain
