"""Texts as labels and back, and what in a dataset a Whisper could not learn from. A label is the text and one
end; what stands before it is the prompt, which is given and never learned."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from core.errors import BadInput
from core.families.base import LEFT_OUT, Prepared
from core.families.whisper import tokens
from core.families.whisper.folder import END, Folder, code_of
from core.types import Finding, Row


def prepared_for(rows: Sequence[Row], folder: Folder, asked: str) -> Prepared:
    """Prompt, end and vocabulary of a run, as they go into every checkpoint, and with which it is used.

    The language is `asked`, else the one that most of `rows` are in, else the folder's own.
    """
    language = language_of(rows, folder, asked)
    never, not_first = folder.suppressed
    return Prepared(
        {},
        "spaces",
        {
            "language": language,
            "prompt": folder.prompt(language),
            "end": folder.special[END],
            "suppressed": never,
            "suppressed_first": not_first,
            "positions": folder.positions,
            "tokenizer": str(folder.path.resolve()),
            "tokenizer_id": tokens.identity(folder.path),
            "n_mels": folder.n_mels,
            "n_frames": folder.n_frames,
            "rate": folder.rate,
            "encoder_id": folder.encoder_id(),
        },
    )


def language_of(rows: Sequence[Row], folder: Folder, asked: str) -> str:
    """The code that the prompt names; "" for a model that knows English alone."""
    if not folder.is_multilingual:
        folder.prompt(code_of(asked))
        return ""
    most = Counter(row.language for row in rows).most_common(1)
    return code_of(asked) or (code_of(most[0][0]) if most else folder.language or "en")


def writing(prepared: Prepared) -> tokens.Writing:
    """The vocabulary of a run."""
    return tokens.writing(Path(prepared.extra["tokenizer"]), str(prepared.extra["tokenizer_id"]))


def normalise(text: str) -> str:
    """`text` with composed letters and single spaces; case and punctuation are what Whisper writes too."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def text_tokens(text: str, prepared: Prepared) -> list[int]:
    """The tokens of `text` as the model itself would write them: with a space before the first word, but for
    texts (Chinese, say) whose space would be a token with which it may not begin."""
    known, said = writing(prepared), normalise(text)
    spaced = known.encode(f" {said}") if said else []
    return known.encode(said) if spaced and spaced[0] in prepared.extra["suppressed_first"] else spaced


def encode(text: str, prepared: Prepared) -> tuple[int, ...]:
    """What is to be learned of one clip: the tokens of `text` and one end. Raises BadInput for a text that is
    longer than the decoder."""
    found = text_tokens(text, prepared)
    if len(found) > room(prepared):
        raise BadInput(
            f"“{text[:60]}” has {len(found)} tokens, and this Whisper writes at most {room(prepared)} at"
            " once; split the clip."
        )
    return (*found, int(prepared.extra["end"]))


def room(prepared: Prepared) -> int:
    """The most tokens of a text: what the decoder can write without its prompt and the end."""
    return int(prepared.extra["positions"]) - len(prepared.extra["prompt"]) - 1


def decode(labels: Sequence[int], prepared: Prepared) -> str:
    """The text that `labels` write."""
    return writing(prepared).decode(labels).strip()


def findings(rows: Sequence[Row], folder: Folder, prepared: Prepared, is_held_out: bool) -> list[Finding]:
    """Rows that would spoil a run: no text, more sound or text than is heard or written at once, signs that
    the model never writes, another language. Held-out clips that are too long are heard in parts."""
    never = frozenset(prepared.extra["suppressed"])
    named: dict[str, list[str]] = {code: [] for code in ("empty", "sound", "text", "signs", "language")}
    for row in rows:
        found = text_tokens(row.text, prepared)
        named["empty"] += [row.id] * (not found)
        named["sound"] += [row.id] * (row.seconds > folder.seconds and not is_held_out)
        named["text"] += [row.id] * (len(found) > room(prepared) and not is_held_out)
        named["signs"] += [row.id] * bool(never.intersection(found))
        named["language"] += [row.id] * (code_of(row.language) != (prepared.extra["language"] or "en"))
    return [_finding(code, ids, len(rows), folder, prepared) for code, ids in named.items() if ids]


def _finding(code: str, ids: list[str], n: int, folder: Folder, prepared: Prepared) -> Finding:
    fault = {
        "empty": "have no text to learn; write what is said, or leave them out",
        "sound": f"last longer than {folder.seconds:g} s, which Whisper does not hear at once, and are left"
        " out; split them",
        "text": f"have more text than the {room(prepared)} tokens that Whisper writes at once, and are left"
        " out; split them",
        "signs": "hold signs that this Whisper never writes, such as brackets or notes; spell them out",
        "language": f"are in another language than the one that the model is told"
        f" ({prepared.extra['language'] or 'en'}); set the option “language”, or make a dataset of each",
    }[code]
    stable, level = {"empty": ("text_empty", "refuse"), "sound": (LEFT_OUT, "warn"),
                     "text": (LEFT_OUT, "warn"), "signs": ("signs_unwritten", "warn"),
                     "language": ("other_language", "warn")}[code]
    more = f" and {len(ids) - 5} more" if len(ids) > 5 else ""
    some = ", ".join(ids[:5]) + more
    sentence = f"{len(ids)} of {n} clips {fault}: {some}."
    return Finding(stable, "refuse" if level == "refuse" else "warn", sentence, float(len(ids)), tuple(ids))
