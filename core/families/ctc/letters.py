"""The alphabet of a language that is taught: made from the training clips, and what is odd about it."""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence

from core.families.base import Prepared
from core.families.ctc import labels, languages
from core.families.ctc.folder import Folder
from core.types import Finding, Row

RARE = 5  # fewer occurrences than this teach a letter little


def counts(rows: Sequence[Row], folder: Folder) -> dict[str, int]:
    """How often each letter stands in the texts of `rows`, the most frequent first.

    A letter is what Unicode calls one, with its marks, an apostrophe within a word, and what the language of
    `folder` writes already.
    """
    case, found = labels.case_of(folder.vocabulary), Counter[str]()
    texts = [labels.in_case(labels.plain(row.text, folder.vocabulary), case) for row in rows]
    has_apostrophe = any(re.search(r"\w'\w", text) for text in texts)
    for char in "".join(texts):
        if _is_letter(char) or char in folder.vocabulary or (char == "'" and has_apostrophe):
            found[char] += 1
    marked = {*folder.silent, folder.delimiter}
    ranked = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
    return {c: n for c, n in ranked if folder.vocabulary.get(c) not in marked}


def _is_letter(char: str) -> bool:
    return unicodedata.category(char)[0] in "LM"


def vocabulary(found: Mapping[str, int], folder: Folder, language: str) -> dict[str, int]:
    """Token -> id: the marked tokens of `folder` first, then the letters. A language that goes on learning
    keeps the letters that it had."""
    marked = {*folder.silent, folder.delimiter}
    tokens = sorted(folder.vocabulary, key=lambda token: folder.vocabulary[token])
    kept = [token for token in tokens if language == folder.language or folder.vocabulary[token] in marked]
    return {token: i for i, token in enumerate([*kept, *sorted(set(found) - set(kept))])}


def prepared_for(rows: Sequence[Row], folder: Folder, language: str) -> Prepared:
    """What a run learns about its data: the vocabulary of the training `rows`, with their counts."""
    found = counts(rows, folder)
    taught = dataclasses.replace(folder, vocabulary=vocabulary(found, folder, languages.taught(language)))
    made = labels.prepared_from(taught)
    more = {"language": language, "letters": found, "zero_infinity": True,
            "unknown": made.vocabulary.get(folder.unknown)}
    return Prepared(made.vocabulary, made.normaliser, {**made.extra, **more})


def findings(prepared: Prepared, folder: Folder, n_clips: int) -> list[Finding]:
    """The alphabet in words, and the letters that may be mistakes: rare ones, and those of another script."""
    found: dict[str, int] = prepared.extra["letters"]
    if not found:
        return []
    new = {c: n for c, n in found.items() if c not in folder.vocabulary}
    told = f"; new to the model: {_counted(new)}" if new else ""
    alphabet = f"The alphabet of {n_clips} training clips has {len(found)} letters{told}."
    scripts = Counter(filter(None, map(_script, found)))
    usual = {"", *scripts} if len(scripts) < 2 else {"", scripts.most_common(1)[0][0]}
    odd = {c: n for c, n in found.items() if n < RARE or _script(c) not in usual}
    made = [Finding("alphabet", "ok", alphabet, float(len(found)))]
    if odd:
        made.append(Finding(
            "odd_letters", "warn",
            f"{len(odd)} of the {len(found)} letters are rare or strange, and may be slips in the"
            f" transcripts: {_counted(odd)}; mend those, or leave them where they are right.",
            float(len(odd)),
        ))
    return made


def _script(char: str) -> str:
    """LATIN, CYRILLIC and so on; marks and modifiers (a glottal stop) belong to none."""
    is_of_one = unicodedata.category(char) in ("Lu", "Ll", "Lt", "Lo")
    return unicodedata.name(char, "?").split()[0] if is_of_one else ""


def _counted(letters: Mapping[str, int]) -> str:
    shown = [f"“{c}” ({n})" for c, n in list(letters.items())[:12]]
    return ", ".join(shown) + (f" and {len(letters) - 12} more" if len(letters) > 12 else "")
