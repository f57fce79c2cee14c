"""What a pair reads and learns, against transformers' own processor and loss."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.audio.read import read
from core.errors import BadInput
from core.families.base import Example, Prepared
from core.families.higgs import HiggsFamily, encoding, labels, network
from core.families.higgs.labels import NOT_LEARNED, Take
from core.modelling.higgs import codec, tokens

pytestmark = pytest.mark.usefixtures("one_thread")


def as_take(example: Example) -> Take:
    return network.as_take(example)


def test_the_target_alone_is_learned_and_each_codebook_ends_once(
    pairs: list[Example], prepared: Prepared
) -> None:
    one = as_take(pairs[0])
    assert one.reference is not None and one.reference.id != one.id
    made, before = labels.sample(one, prepared), len(labels.in_stream(one.reference.features, prepared))
    assert (made.labels[:before] == NOT_LEARNED).all(), "nothing of the reference"
    target = made.labels[before:]
    assert len(target) == len(one.features) + 2 + 7
    assert (target == 1025).sum(axis=0).tolist() == [1] * 8 and not (target == 1024).any()
    assert ((target != NOT_LEARNED).sum(axis=0) == len(one.features) + 1).all()
    assert np.array_equal(labels.codes_in(made.labels, prepared), one.features)


def test_labels_that_teach_no_end_are_no_sound(pairs: list[Example], prepared: Prepared) -> None:
    taught = labels.sample(as_take(pairs[0]), prepared).labels
    with pytest.raises(BadInput, match="do not teach the model to stop"):
        labels.codes_in(np.where(taught == 1025, NOT_LEARNED, taught), prepared)
    with pytest.raises(BadInput, match="teach nothing"):
        labels.codes_in(np.full_like(taught, NOT_LEARNED), prepared)


def test_the_conversation_is_what_the_processor_of_transformers_makes(
    base: Path, takes: Path, pairs: list[Example], prepared: Prepared, monkeypatch: pytest.MonkeyPatch
) -> None:
    import transformers

    one = as_take(pairs[0])
    assert one.reference is not None
    # without torchaudio it knows the codec's class as a dummy alone
    monkeypatch.setattr(transformers.HiggsAudioV2Processor, "check_argument_for_proper_class",
                        lambda *_given: None)
    tokenizer = transformers.PreTrainedTokenizerFast.from_pretrained(base)
    features = transformers.DacFeatureExtractor(hop_length=1, sampling_rate=24_000)
    opened = codec.open_codec(base / "codec")
    processor = transformers.HiggsAudioV2Processor(features, tokenizer, opened,
                                                   chat_template=tokenizer.chat_template)
    sounds = [read(takes / f"{each.id}.wav", rate=24_000).samples for each in (one.reference, one)]
    turns: list[dict[str, Any]] = [{"role": "system", "content": [{"type": "text", "text": tokens.SYSTEM}]}]
    for each in (one.reference, one):
        turns += [{"role": "user", "content": [{"type": "text", "text": each.text}]},
                  {"role": "assistant", "content": [{"type": "audio"}]}]
    text = tokenizer.apply_chat_template(turns, tokenize=False)
    theirs = processor([text], sounds, return_tensors="pt", sampling_rate=24_000)
    ours = network.collate([one], prepared)
    for name in ("input_ids", "attention_mask", "audio_input_ids", "audio_input_ids_mask"):
        assert torch.equal(ours[name].long(), theirs[name].long()), name


def test_the_loss_is_that_of_the_class_by_codebook(
    family: HiggsFamily, base: Path, pairs: list[Example], prepared: Prepared
) -> None:
    model = network.load_plain(base)
    batch = network.collate([pairs[0]], prepared)
    counts = network.count(batch)
    with torch.no_grad():
        terms = network.loss(model, batch)
        theirs = model(**{name: batch[name] for name in batch if name != "targets"}).loss
    ours = sum(float(value) / counts[name] for name, (value, _) in terms.items())
    assert list(terms) == [f"codebook_{i}" for i in range(1, 9)]
    assert ours == pytest.approx(float(theirs), rel=1e-5)
    assert ours == pytest.approx(8 * np.log(1026), rel=0.01), "a model that knows nothing"
    assert counts == {name: len(pairs[0].features) + 1 for name in terms}


def test_a_text_with_marks_of_turns_is_refused(prepared: Prepared) -> None:
    with pytest.raises(BadInput, match="reads as turns"):
        labels.of_text("yes <|eot_id|>", prepared)
    assert labels.decode(labels.of_text("  ça va,\n السلام ", prepared), prepared) == "ça va, السلام"


def test_the_labels_of_a_pair_can_be_heard(
    family: HiggsFamily, base: Path, pairs: list[Example], prepared: Prepared
) -> None:
    heard = family.sound_of(pairs[0], prepared)
    assert heard.stopped and heard.sample_rate == 24_000
    assert np.array_equal(heard.samples, encoding.decode(pairs[0].features, base))
    assert len(heard.samples) == 960 * len(pairs[0].features)
