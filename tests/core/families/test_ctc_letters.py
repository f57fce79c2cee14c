"""The alphabet of a language is that of its training clips; rare letters, strange ones and clips without room
are named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import BadInput
from core.families import named
from core.families.base import LEFT_OUT
from core.families.ctc import folder as folders
from core.families.ctc import labels, letters
from core.types import Finding, Row

CTC = named("ctc")


def rows(*texts: str, split: Any = "train", seconds: float = 3.0) -> list[Row]:
    """A clip a text."""
    return [Row(f"{split}{i}", f"{i}.wav", 0.0, seconds, 16000, text, split) for i, text in enumerate(texts)]


def options(**changed: Any) -> Any:
    """Teach tvl from smo."""
    return CTC.options(**{"tune": "language", "from_language": "smo", "language": "tvl", **changed})


def found(base: Path, clips: list[Row], **more: Any) -> dict[str, Finding]:
    """Findings by their code."""
    return {finding.code: finding for finding in CTC.preflight(clips, base, options(), **more)}


def test_letters_are_counted_as_they_will_be_written(mms_base: Path) -> None:
    smo = folders.read(mms_base, "smo")
    counted = letters.counts(rows("Tala, TALA!", "ma\u0304tou \u2014 tala"), smo)
    assert counted == {"a": 6, "t": 4, "l": 3, "m": 1, "o": 1, "u": 1, "\u0101": 1}
    assert list(counted) == ["a", "t", "l", "m", "o", "u", "\u0101"]


@pytest.mark.parametrize(("text", "is_letter"), [
    ("fa\u2019a ta", True), ("fa'a", True), ("'tala'", True), ("ta 5", False), ("ta %", False),
    ("ta|la", False),
])
def test_an_apostrophe_is_a_letter_and_digits_and_signs_are_none(
    mms_base: Path, text: str, is_letter: bool
) -> None:
    """The apostrophe of smo's own vocabulary; what is none stays outside, and refuses the clip."""
    counted = letters.counts(rows(text), folders.read(mms_base, "smo"))
    assert ("'" in counted) is is_letter
    assert not {"5", "%", "|", " "} & set(counted)
    assert ("letters_outside_vocabulary" in found(mms_base, rows(text))) is bool({"5", "%"} & set(text))


def test_an_apostrophe_within_words_is_a_letter_in_a_language_without_one(mms_base: Path) -> None:
    fij = folders.read(mms_base, "fij")
    assert "'" in letters.counts(rows("va\u2019a"), fij) and "'" not in letters.counts(rows("'vata'"), fij)


def test_the_vocabulary_begins_with_the_marked_tokens_and_spells_every_text(mms_base: Path) -> None:
    clips = rows("tautala", "\u014ba\u014ba", "\u02bbata")
    prepared = CTC.prepare(clips, mms_base, options())
    assert list(prepared.vocabulary)[:5] == ["<pad>", "<s>", "</s>", "<unk>", "|"]
    assert sorted(prepared.vocabulary.values()) == list(range(len(prepared.vocabulary)))
    assert set(prepared.vocabulary) - {"<pad>", "<s>", "</s>", "<unk>", "|"} == set("taul\u014b\u02bb")
    assert prepared.extra["blank"] == 0 and prepared.extra["letters"]["\u014b"] == 2
    assert [labels.decode(labels.encode(row.text, prepared), prepared) for row in clips] == [
        row.text for row in clips]


def test_new_rare_and_strange_letters_are_named_with_their_counts(mms_base: Path) -> None:
    clips = rows(*["tala atu lata \u02bbutu"] * 5, "\u0431 \u0431 \u0431 \u0431 \u0431 x")
    said = found(mms_base, clips)
    assert said["alphabet"].level == "ok"
    assert said["alphabet"].sentence == (
        "The alphabet of 6 training clips has 7 letters; new to the model: “\u02bb” (5), “\u0431” (5),"
        " “x” (1).")
    assert said["odd_letters"].level == "warn"
    assert "2 of the 7 letters are rare or strange" in said["odd_letters"].sentence
    assert ": “\u0431” (5), “x” (1); mend" in said["odd_letters"].sentence
    assert "odd_letters" not in found(mms_base, rows(*["tala"] * 5))


def test_a_letter_that_no_training_clip_has_is_told_and_counts_as_unknown(mms_base: Path) -> None:
    train, muta = rows("tala tala"), rows("muta", split="val")
    held = found(mms_base, [*train, *muta])["letters_unheard"]
    assert (held.level, held.ids) == ("warn", ("val0",))
    assert "no training clip has (“m”, “u”)" in held.sentence
    assert set(found(mms_base, rows("muta", split="test"), learned=train)) == {"letters_unheard"}
    prepared = CTC.prepare(train, mms_base, options())
    example = CTC.example(muta[0], np.zeros((9, 1), np.float32), prepared)
    token = prepared.vocabulary
    assert example.labels == (token["<unk>"], token["<unk>"], token["t"], token["a"])
    assert example.text == "muta", "the text by which it is judged is whole"
    with pytest.raises(BadInput, match="cannot write “m”, “u”"):
        labels.encode("muta", prepared)


def test_clips_without_room_for_their_letters_are_named_and_left_out(mms_base: Path) -> None:
    short = rows("talata " * 20, split="val", seconds=0.5)
    said = found(mms_base, [*rows("talata " * 9), *short])[LEFT_OUT]
    assert (said.level, said.ids) == ("warn", ("val0",))
    assert "1 of 2 clips have more letters than their audio has room for, and are left out" in said.sentence
    held_out = found(mms_base, short, learned=rows("talata"))
    assert held_out["label_longer_than_audio"].level == "refuse"


def test_letters_of_one_case_are_counted_in_it(own_mms: Path) -> None:
    import json

    known = json.loads((own_mms / "vocab.json").read_text())
    known["smo"] = {token.upper() if len(token) == 1 else token: i for token, i in known["smo"].items()}
    (own_mms / "vocab.json").write_text(json.dumps(known))
    assert set(letters.counts(rows("Tala"), folders.read(own_mms, "smo"))) == set("TAL")
    assert CTC.prepare(rows("tala"), own_mms, options()).normaliser == "upper"


def test_an_apostrophe_of_another_kind_that_is_a_letter_stays(own_mms: Path) -> None:
    import json

    known = json.loads((own_mms / "vocab.json").read_text())
    known["smo"] = {"\u2019" if token == "'" else token: i for token, i in known["smo"].items()}
    (own_mms / "vocab.json").write_text(json.dumps(known))
    prepared = CTC.prepare([], own_mms, CTC.options(from_language="smo"))
    assert labels.normalise("fa\u2019a", prepared) == "fa\u2019a"
    assert labels.outside("fa\u2019a", prepared) == set()
