"""The languages of a CTC folder with adapters (MMS): which there are, which one is meant, and its file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.errors import BadInput, Refused, Unavailable
from core.files import read_json
from core.text.language_codes import three_letters

FILE = "adapter.{}.safetensors"
CODE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9_-]+)?")


def split(model: str) -> tuple[Path, str]:
    """(folder, language) of `FOLDER` or `FOLDER:LANGUAGE`; "" is the folder's own."""
    folder, _, language = model.rpartition(":")
    if folder and not Path(model).exists() and Path(folder).is_dir():
        return Path(folder), language
    return Path(model), ""


def vocabularies(folder: Path) -> dict[str, dict[str, int]]:
    """The vocabulary of each language; {} where the folder has one for all, or none."""
    file = folder / "vocab.json"
    found = read_json(file) if file.exists() else {}
    return {name: held for name, held in found.items() if isinstance(held, dict)}


def on_disk(folder: Path) -> list[str]:
    """The languages whose adapters lie in `folder`, in the order of their codes."""
    before, after = FILE.split("{}")
    files = folder.glob(FILE.format("*"))
    return sorted(file.name.removeprefix(before).removesuffix(after) for file in files)


def of_project(folder: Path, language: str) -> str:
    """The language of `folder` that a project's `language` (sm, smo, fr-CA) means; "" for the folder's own.

    English is what is asked for where nobody asks for anything, and so means the folder's own.
    """
    code = re.split("[-_]", language)[0].lower()
    if code in ("", "en", "eng"):
        return ""
    known = vocabularies(folder)
    wanted = language if language in known else three_letters(code)
    scripts = [name for name in known if name.startswith(f"{wanted}-script_")]
    if wanted in known:
        return wanted
    return scripts[0] if len(scripts) == 1 else ""


def chosen(folder: Path, tokenizer: Mapping[str, Any], asked: str) -> str:
    """The language meant by `asked` ("": the one that the folder's own weights are for); BadInput when the
    folder does not know it."""
    known, own = vocabularies(folder), str(tokenizer.get("target_lang") or "")
    if asked and asked not in known and asked != own and (folder / "vocab.json").exists():
        has = f"has vocabularies for {_listed(list(known))}" if known else "has one vocabulary for all"
        raise BadInput(
            f"{folder.name} knows no language “{asked}”: it {has}; name a language by the code in its"
            " vocab.json."
        )
    if known and (asked or own) not in known:
        raise BadInput(
            f"{folder.name} has vocabularies for {len(known)} languages and does not say which one its"
            " weights are for; set target_lang in tokenizer_config.json."
        )
    return asked or own


def adapter(folder: Path, config: Mapping[str, Any], language: str, own: str) -> Path | None:
    """The adapter of `language`; None where the folder's weights are that language's themselves.

    Raises Unavailable when its file is missing, Refused when there is only a pickle, which is not opened.
    """
    if config.get("adapter_attn_dim") is None or not language:
        return None
    file = folder / FILE.format(language)
    if file.exists():
        return file
    if language == own:
        return None
    pickle = file.with_suffix(".bin")
    if pickle.exists():
        raise Refused(
            f"{folder.name} holds its adapter for “{language}” only as {pickle.name}, a format that can run"
            f" code when it is opened, so it was not; put {file.name} into {folder}."
        )
    raise Unavailable(f"{folder.name} has no adapter for “{language}”: put {file.name} into {folder}.")


def taught(language: str) -> str:
    """The code under which an adapter will be saved; BadInput when it is missing or could be no file's
    name."""
    if not language:
        raise BadInput(
            "Say which language is taught: the option “language” takes its code, such as tvl, under which the"
            " adapter is saved."
        )
    if not CODE.fullmatch(language):
        raise BadInput(
            f"“{language}” is no code of a language: write two or three letters, such as tvl, and a script"
            " after them where there are several, such as uzb-script_latin."
        )
    return language


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - 12} more" if len(names) > 12 else ""
    return ", ".join(names[:12]) + more
