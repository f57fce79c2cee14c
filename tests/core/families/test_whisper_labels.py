"""Labels of a Whisper: the prompt is given and never learned, there is one end, and what cannot be learned is
named."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import BadInput, Refused, Unavailable
from core.families import FAMILIES, family_of, named
from core.families.base import LEFT_OUT, Example, Exports, Prepared, ReadsLabels, Trains
from core.families.whisper import folder as folders
from core.families.whisper import labels, tokens
from core.types import Row
from tests.tiny_whisper import vocabulary

WhisperMaker = Callable[..., Path]
WHISPER = named("whisper")


def prepared(base: Path, **options: str) -> Prepared:
    made: Prepared = WHISPER.prepare([], base, WHISPER.options(**options))
    return made


def row(name: str, text: str, seconds: float = 1.0, language: str = "en", split: str = "train") -> Row:
    return Row(name, f"{name}.wav", 0.0, seconds, 16000, text, split, language=language)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", [
    "order one two nine", "Größe: 5 €, bitte!", "你好", "  two   spaces ", "<|endoftext|> is text",
    "o'clock <|en|>",
])
def test_labels_decode_back_to_the_text(whisper_base: WhisperMaker, text: str) -> None:
    ready = prepared(whisper_base())
    found = labels.encode(text, ready)
    assert labels.decode(found, ready) == " ".join(text.split())
    family = named("whisper")
    assert isinstance(family, ReadsLabels)
    assert family.labels_as_text(row("a", text), ready) == " ".join(text.split())
    assert found.count(ready.extra["end"]) == 1 and found[-1] == ready.extra["end"]
    assert not set(found[:-1]) & set(folders.read(whisper_base()).special.values())


def test_the_vocabulary_is_that_of_transformers(whisper_base: WhisperMaker, tmp_path: Path) -> None:
    """The same from tokenizer.json and from the two older files."""
    import transformers

    theirs = transformers.WhisperTokenizer.from_pretrained(whisper_base())
    old = Path(shutil.copytree(whisper_base(), tmp_path / "old"))
    (old / "tokenizer.json").unlink()
    known, merges = vocabulary()
    special = folders.read(whisper_base()).special
    (old / "vocab.json").write_text(json.dumps(known))
    (old / "merges.txt").write_text("#version: 0.2\n" + "\n".join(" ".join(pair) for pair in merges) + "\n")
    (old / "added_tokens.json").write_text(json.dumps(special))
    for base in (whisper_base(), old):
        ours = tokens.writing(base, tokens.identity(base))
        for text in (" order one two", "Größe 12,5", " 你好\n"):
            assert ours.encode(text) == theirs.encode(text, add_special_tokens=False)
            assert ours.decode(ours.encode(text)) == text
        assert ours.special == special


def test_the_prompt_is_given_and_only_the_text_and_one_end_are_learned(whisper_base: WhisperMaker) -> None:
    ready = prepared(whisper_base(), language="de")
    special = folders.read(whisper_base()).special
    prompt = [special[f"<|{name}|>"] for name in ("startoftranscript", "de", "transcribe", "notimestamps")]
    assert ready.extra["prompt"] == prompt
    import numpy as np

    clips = [Example(text, np.zeros((3, 80), np.float32), labels.encode(text, ready), text)
             for text in ("one", "four five")]
    batch = WHISPER.collate(clips, ready)
    for clip, fed, target in zip(clips, batch["decoder"].tolist(), batch["targets"].tolist(), strict=True):
        learned = [i for i in target if i >= 0]
        assert learned == list(clip.labels) and learned.count(ready.extra["end"]) == 1
        assert not set(learned) & set(prompt), "nothing of the prompt is supervised"
        assert fed[:4] == prompt, "shifted once: what is fed ends where the last target begins"
        first = target.index(learned[0])
        assert fed[first] == prompt[-1] and fed[first + 1 : first + len(learned)] == learned[:-1]
    assert WHISPER.count(batch) == {"tokens": sum(len(clip.labels) for clip in clips)}


def test_an_english_model_is_told_no_language(whisper_base: WhisperMaker) -> None:
    special = folders.read(whisper_base("english")).special
    bare = [special["<|startoftranscript|>"], special["<|notimestamps|>"]]
    for language in ("", "en", "en-GB"):
        assert prepared(whisper_base("english"), language=language).extra["prompt"] == bare
    with pytest.raises(BadInput, match="English only"):
        prepared(whisper_base("english"), language="de")
    assert WHISPER.languages(whisper_base("english")) == []


def test_the_prompt_is_the_one_that_transformers_uses(whisper_base: WhisperMaker) -> None:
    """Multilingual: by the settings that a merged folder names; English: by its own, as published."""
    from transformers import GenerationConfig

    from core.families.whisper import network

    for kind, language in (("plain", "de"), ("english", "")):
        base = whisper_base(kind)
        model = network.load_plain(base)
        settings = GenerationConfig(**network.generation_settings(folders.read(base), language))
        fed = model._retrieve_init_tokens(None, 1, settings, model.config, 200, {})
        assert fed.tolist() == [prepared(base, language=language).extra["prompt"]]


def test_the_language_is_the_asked_one_then_that_of_the_rows(whisper_base: WhisperMaker) -> None:
    base, rows = whisper_base(), [row("a", "eins", language="de"), row("b", "zwei", language="de-CH")]
    assert WHISPER.prepare(rows, base, WHISPER.options()).extra["language"] == "de"
    assert WHISPER.prepare(rows, base, WHISPER.options(language="en")).extra["language"] == "en"
    assert WHISPER.prepare([], base, WHISPER.options()).extra["language"] == "en"
    with pytest.raises(BadInput, match=r"no language “sm”.*de, en"):
        WHISPER.prepare([row("a", "tasi", language="sm")], base, WHISPER.options())


def test_what_would_spoil_a_run_is_named_and_nothing_is_cut_off(whisper_base: WhisperMaker) -> None:
    base, long = whisper_base(), "abcdefghij " * 5
    rows = [row("ok", "one"), row("empty", "  "), row("sound", "one", 2.5), row("text", long),
            row("sign", "one # two"), row("german", "eins", language="de")]
    found = {(f.code, f.ids): f for f in WHISPER.preflight(rows, base, WHISPER.options())}
    assert found["text_empty", ("empty",)].level == "refuse"
    assert "2 s" in found[LEFT_OUT, ("sound",)].sentence
    assert "43 tokens" in found[LEFT_OUT, ("text",)].sentence
    assert {code for code, _ in found} == {"text_empty", LEFT_OUT, "signs_unwritten", "other_language"}
    held_out = WHISPER.preflight(rows[2:4], base, WHISPER.options(), learned=rows[:1])
    assert held_out == [], "held-out clips are heard in parts"
    with pytest.raises(BadInput, match="43 at once"):
        labels.encode(long, prepared(base))


def test_a_text_as_long_as_the_decoder_is_learned_whole(whisper_base: WhisperMaker) -> None:
    ready = prepared(whisper_base())
    full = "a" * labels.room(ready)
    found = labels.encode(full, ready)
    assert len(ready.extra["prompt"]) + len(found) == ready.extra["positions"]
    with pytest.raises(BadInput):
        labels.encode(full + "a", ready)


def test_one_family_claims_each_folder(whisper_base: WhisperMaker, tmp_path: Path) -> None:
    base = whisper_base()
    assert [family.name for family in FAMILIES.values() if family.claims(base)] == ["whisper"]
    assert family_of(base) is WHISPER and WHISPER.claims(Path(f"{base}:de"))
    (tmp_path / "run.json").write_text(json.dumps({"family": "whisper"}))
    assert family_of(tmp_path) is WHISPER and WHISPER.claims(tmp_path)
    assert isinstance(WHISPER, Trains) and isinstance(WHISPER, Exports)
    assert WHISPER.languages(base) == ["de", "en"]


def _json(path: Path, **changes: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


@pytest.mark.parametrize(("name", "changes", "says"), [
    ("preprocessor_config.json", {"feature_size": 128}, "feature settings"),
    ("preprocessor_config.json", {"chunk_length": 30}, "feature settings"),
    ("config.json", {"vocab_size": 300}, "vocabulary of own"),
    ("config.json", {"decoder_start_token_id": 5}, "startoftranscript"),
    ("config.json", {"tie_word_embeddings": False}, "unlike every Whisper"),
    ("config.json", {"architectures": ["MoonshineForConditionalGeneration"]}, "Moonshine"),
    ("generation_config.json", {"no_timestamps_token_id": 5}, "notimestamps"),
])
def test_what_does_not_belong_together_is_refused(
    whisper_base: WhisperMaker, tmp_path: Path, name: str, changes: dict[str, object], says: str
) -> None:
    own = Path(shutil.copytree(whisper_base(), tmp_path / "own"))
    _json(own / name, **changes)
    with pytest.raises(BadInput, match=says):
        WHISPER.check_base(own)


@pytest.mark.parametrize("name", ["preprocessor_config.json", "tokenizer.json", "config.json"])
def test_what_is_missing_is_named(whisper_base: WhisperMaker, tmp_path: Path, name: str) -> None:
    own = Path(shutil.copytree(whisper_base(), tmp_path / "own"))
    (own / name).unlink()
    with pytest.raises(Unavailable, match=name):
        WHISPER.check_base(own)


def test_a_pickle_is_no_base(whisper_base: WhisperMaker, tmp_path: Path) -> None:
    own = Path(shutil.copytree(whisper_base(), tmp_path / "own"))
    (own / "model.safetensors").rename(own / "pytorch_model.bin")
    with pytest.raises(Refused, match=r"pytorch_model\.bin"):
        WHISPER.check_base(own)


def test_another_vocabulary_than_the_runs_is_told(whisper_base: WhisperMaker, tmp_path: Path) -> None:
    own = Path(shutil.copytree(whisper_base(), tmp_path / "own"))
    ready = prepared(own)
    _json(own / "tokenizer.json", version="1.1")
    with pytest.raises(BadInput, match="not the one that this run began with"):
        labels.encode("one", ready)
