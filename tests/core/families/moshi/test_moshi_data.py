"""Clips as streams, batches and losses of a tiny Moshi."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core import manifest
from core.errors import BadInput, Unavailable
from core.families import named
from core.families.moshi import continuing, estimating, folder, labels, network
from core.files import read_json, write_json
from core.training import preflight
from core.training.checks import batching
from core.training.examining import examine
from tests.tiny_moshi import AUDIO, BOOKS, TEXT

MOSHI: Any = named("moshi")
PAD = 3
pytestmark = pytest.mark.usefixtures("one_thread")


def loaded(base: Path, data: Path, **options: Any) -> tuple[Any, Any, list[Any]]:
    """(model, prepared, examples)."""
    chosen = MOSHI.options(**{"rank": 4, "alpha": 8, **options})
    rows = manifest.read(data)
    prepared = MOSHI.prepare(rows, base, chosen)
    torch.manual_seed(1)
    model = MOSHI.load(base, prepared, chosen).eval()
    return model, prepared, [MOSHI.example(row, MOSHI.encode(row, data, base), prepared) for row in rows]


def test_both_channels_and_the_words_of_the_left_one_stand_on_their_frames(moshi: Path, talks: Path) -> None:
    _, prepared, examples = loaded(moshi, talks)
    row, one = manifest.read(talks)[1], examples[1]
    assert MOSHI.labels_as_text(row, prepared) == row.text == one.text == "one two"
    assert labels.decode(one.labels, prepared) == "one two"
    for word in row.words:
        assert one.labels[int(word.start * 12.5 + 1e-6)] > PAD, "at the frame in which it begins"
    assert not np.array_equal(one.features[:, :BOOKS], one.features[:, BOOKS:])
    batch = network.collate([one], prepared)
    assert batch["text"][0].tolist() == [TEXT, *one.labels[:-1]]
    assert batch["pieces"][0].tolist() == list(one.labels)
    assert batch["heard"][0, 1:, 0].tolist() == one.features[:-1, 0].tolist()
    assert batch["heard"][0, 2:, BOOKS + 1].tolist() == one.features[:-2, BOOKS + 1].tolist()
    assert batch["codes"][0, :, 0].tolist() == one.features[:, 0].tolist()
    assert batch["heard"][0, 0].tolist() == [AUDIO] * 2 * BOOKS


def test_sound_alone_has_a_text_of_padding_that_counts_nothing(moshi: Path, alone: Path) -> None:
    model, prepared, examples = loaded(moshi, alone, hears_user=False)
    assert prepared.extra["pad"] == PAD and set(examples[0].labels) == {PAD}, "read from the vocabulary"
    batch = network.collate(examples, prepared)
    assert batch["heard"].shape[-1] == BOOKS, "nobody else is there"
    assert network.count(batch)["text"] == 0.0
    assert float(network.loss(model, batch)["text"][0].detach()) == 0.0
    _, without, _ = loaded(moshi, alone, hears_user=False, text_weight=0.0)
    assert "text" not in network.count(network.collate(examples, without))
    assert {found.text for found in MOSHI.predict(model, examples, prepared)} == {""}


def test_the_terms_of_the_loss_are_the_mean_by_hand(moshi: Path, talks: Path) -> None:
    model, prepared, examples = loaded(moshi, talks, first_codebook_weight=100.0, padding_weight=0.25)
    batch = network.collate(examples, prepared)
    with torch.no_grad():
        terms = network.loss(model, batch)
    by_hand = dict.fromkeys(terms, 0.0)
    counted = dict.fromkeys(terms, 0.0)
    for one, scores in zip(examples, MOSHI.outputs(model, examples, prepared), strict=True):
        text = torch.from_numpy(scores[:, :TEXT]).double().log_softmax(-1)
        codes = torch.from_numpy(scores[:, TEXT:]).double().view(len(scores), BOOKS, AUDIO).log_softmax(-1)
        for place, piece in enumerate(one.labels):
            weight = 1.0 if piece > PAD else 0.25
            by_hand["text"] -= weight * float(text[place, piece])
            counted["text"] += weight
            for book in range(BOOKS):
                if book and not place:
                    continue
                code = int(one.features[place - bool(book), book])
                by_hand[f"codebook_{book + 1}"] -= float(codes[place, book, code])
                counted[f"codebook_{book + 1}"] += 1
    assert {name: float(value) for name, (value, _) in terms.items()} == pytest.approx(by_hand, rel=1e-4)
    assert network.count(batch) == pytest.approx(counted)
    assert [terms[f"codebook_{i}"][1] for i in (1, 2)] == pytest.approx([100 / 103, 1 / 103])


def test_neither_padding_nor_batches_change_the_result(moshi: Path, talks: Path) -> None:
    model, prepared, examples = loaded(moshi, talks)
    assert batching.padding(MOSHI, model, examples, prepared).outcome == "passed"
    assert batching.accumulation(MOSHI, model, examples[0], prepared).outcome == "passed"


@pytest.mark.parametrize("options", [
    {"ttt_layers": "all"}, pytest.param({"train_depth": True}, marks=pytest.mark.slow),
    pytest.param({"learns": "all"}, marks=pytest.mark.slow),
    pytest.param({"learns": "all", "text_weight": 0.0, "hears_user": False}, marks=pytest.mark.slow)])
def test_what_should_learn_learns_and_nothing_else(moshi: Path, talks: Path, options: dict[str, Any]) -> None:
    chosen = MOSHI.options(rank=4, alpha=8, lr=0.01, **options)
    made = examine(MOSHI, manifest.read(talks), talks, moshi, chosen, "cpu")
    checks = {check.name: check for check in made}
    assert {name: check.sentence for name, check in checks.items() if check.outcome != "passed"} == {}
    if not (chosen.learns == "all" and not chosen.hears_user):
        expected = estimating.trained(folder.read(moshi), chosen)
        assert checks["adapter"].figures["n_trained"] == expected, "as the estimate counts it"


def test_a_long_clip_gives_another_part_in_each_epoch(moshi: Path, talks: Path) -> None:
    options = MOSHI.options(window_seconds=1.0)
    prepared = MOSHI.prepare([], moshi, options)
    row = manifest.read(talks)[1]
    whole = MOSHI.example(row, MOSHI.encode(row, talks, moshi), prepared)
    parts = [MOSHI.augment(whole, prepared, options, 7, epoch) for epoch in range(8)]
    assert all(len(part.features) == 12 for part in parts) and len({p.features.tobytes() for p in parts}) > 2
    again = MOSHI.augment(whole, prepared, options, 7, 3)
    assert np.array_equal(again.features, parts[3].features) and again.labels == parts[3].labels
    for part in parts:
        assert labels.decode(part.labels, prepared) in ("", "one", "two", "one two") and part.teaches_text
    assert network.collate([whole], prepared)["heard"].shape[1] == 12, "a loss is of its beginning"
    model = MOSHI.load(moshi, prepared, MOSHI.options(rank=4, alpha=8))
    written = continuing.write(model, [whole], prepared)[0]
    assert len(written) == len(whole.features), "and its text is written to the end"


def test_findings_say_what_is_learned_otherwise(moshi: Path, alone: Path, talks: Path) -> None:
    def levels(data: Path, **options: Any) -> dict[str, str]:
        found = MOSHI.preflight(manifest.read(data), moshi, MOSHI.options(**options))
        return {finding.code: finding.level for finding in found}

    assert levels(talks) == {}
    options = MOSHI.options(text_weight=0.0)
    checks = preflight.checks(MOSHI, manifest.read(alone), alone, moshi, options)
    told = {check.name: check for check in checks if check.outcome != "warned"}
    assert "refused" not in {check.outcome for check in checks}
    assert "teach sound alone" in told["texts"].sentence, "and not that every clip has a text"
    assert levels(alone) == {"sound_alone": "warn"}
    assert levels(alone, text_weight=0.0) == {"sound_alone": "ok"}
    assert levels(talks, window_seconds=70.0)["window"] == "refuse"
    assert levels(talks, ttt_layers="all", ttt_heads=5)["ttt_heads"] == "refuse"


def test_a_folder_that_lacks_something_says_what(moshi: Path, tmp_path: Path) -> None:
    own = Path(shutil.copytree(moshi, tmp_path / "own"))
    config = read_json(own / "config.json")
    write_json(own / "config.json", {**config, "pad_token_id": 7})
    assert folder.read(own).pad == 7, "what the config says goes first"
    write_json(own / "config.json", {**config, "architectures": ["MoshiForCausalLM"]})
    with pytest.raises(BadInput, match="speaks no sound"):
        MOSHI.check_base(own)
    write_json(own / "config.json", config)
    (own / "tokenizer.json").unlink()
    with pytest.raises(Unavailable, match="lacks its vocabulary"):
        MOSHI.check_base(own)
