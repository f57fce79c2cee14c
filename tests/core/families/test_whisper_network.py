"""The network: features are Whisper's own, padding changes nothing, writing is that of transformers, and the
weights are the same by openai-whisper's names."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.errors import BadInput
from core.families import named
from core.families.base import Example, Prepared
from core.families.whisper import augmentation, generating, labels, network, openai_names
from core.families.whisper import folder as folders
from core.training import layers
from tests.tiny_whisper import make_whisper

WhisperMaker = Callable[..., Path]
WHISPER = named("whisper")
pytestmark = pytest.mark.usefixtures("one_thread")
TEXTS = ("one two", "three", "order four five")


def noise(seconds: float, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.1, round(seconds * 16000)).astype(np.float32)


def clips(base: Path, ready: Prepared) -> list[Example]:
    """Noise of several lengths with its texts; the last fills all that is heard at once."""
    folder = folders.read(base)
    made = [network.extract(noise(seconds, i), folder) for i, seconds in enumerate((0.5, 1.1, 2.0))]
    return [Example(f"c{i}", mel, labels.encode(text, ready), text)
            for i, (mel, text) in enumerate(zip(made, TEXTS, strict=True))]


def opened(base: Path, **options: Any) -> tuple[Any, Prepared]:
    """(model with an adapter that is far from nothing, what was prepared)."""
    torch.manual_seed(0)
    chosen = WHISPER.options(rank=2, **options)
    ready = WHISPER.prepare([], base, chosen)
    model = WHISPER.load(base, ready, chosen)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter) if parameter.requires_grad else 0.0)
    return model.eval(), ready


@pytest.mark.parametrize("seconds", [0.01, 0.5, 1.99, 2.0])
def test_features_are_whispers_own_bit_for_bit(whisper_base: WhisperMaker, seconds: float) -> None:
    import transformers

    base = whisper_base()
    ready = WHISPER.prepare([], base, WHISPER.options())
    sound = noise(seconds)
    theirs = transformers.WhisperFeatureExtractor.from_pretrained(base)(sound, sampling_rate=16000)
    mel = network.extract(sound, folders.read(base))
    ours = network.inputs_of([Example("", mel, (), "")], ready)
    assert np.array_equal(ours.numpy(), np.asarray(theirs["input_features"]))
    assert len(mel) <= 100 * seconds + 4, "the silence behind the clip is not kept"


def test_a_clip_that_is_too_long_is_refused_not_cut(whisper_base: WhisperMaker) -> None:
    with pytest.raises(BadInput, match=r"at most 2 s.*2\.5 s"):
        network.extract(noise(2.5), folders.read(whisper_base()))


def test_padding_changes_neither_logits_nor_loss(whisper_base: WhisperMaker) -> None:
    model, ready = opened(whisper_base())
    examples = clips(whisper_base(), ready)
    batch = WHISPER.collate(examples, ready)
    together, first = network.logits_of(model, batch), len(ready.extra["prompt"]) - 1
    for i, alone in enumerate(WHISPER.outputs(model, examples, ready)):
        assert alone.shape[0] == len(examples[i].labels)
        row = together[i, first : first + len(alone)].detach().numpy()
        np.testing.assert_allclose(row, alone, atol=2e-4)
    whole = float(WHISPER.loss(model, batch)["tokens"][0].detach())
    singles = [WHISPER.loss(model, WHISPER.collate([each], ready))["tokens"][0] for each in examples]
    assert whole == pytest.approx(float(sum(singles).detach()), rel=1e-5)  # type: ignore[union-attr]


def test_the_loss_is_that_of_transformers(whisper_base: WhisperMaker) -> None:
    """Their labels are the whole sequence, which they shift themselves; ours are shifted once, by us."""
    model, ready = opened(whisper_base())
    example = clips(whisper_base(), ready)[0]
    prompt = ready.extra["prompt"]
    given = torch.tensor([[*[-100] * (len(prompt) - 1), *example.labels]])
    fed = torch.tensor([[*prompt, *example.labels[:-1]]])
    theirs = model(input_features=network.inputs_of([example], ready), decoder_input_ids=fed, labels=given)
    ours = WHISPER.loss(model, WHISPER.collate([example], ready))["tokens"][0]
    assert float(ours.detach()) == pytest.approx(float(theirs.loss.detach()) * len(example.labels), rel=1e-5)


@pytest.mark.parametrize("kind", ["plain", "english"])
def test_what_is_written_is_what_transformers_writes(whisper_base: WhisperMaker, kind: str) -> None:
    from transformers import GenerationConfig

    base = whisper_base(kind)
    model, ready = network.load_plain(base), WHISPER.prepare([], base, WHISPER.options())
    model.generation_config = GenerationConfig(
        **network.generation_settings(folders.read(base), ready.extra["language"])
    )
    examples = clips(base, ready)
    inputs = network.inputs_of(examples, ready)
    theirs = model.generate(inputs).tolist()
    ours = generating.greedy(model, inputs, generating.Rules.of(ready))
    for written, said in zip(ours, theirs, strict=True):
        assert list(written.tokens) == said[: len(written.tokens)] and len(written.tokens) > 3
        assert not set(written.tokens) & set(ready.extra["suppressed"])
    assert [p.text for p in WHISPER.predict(model, examples, ready)] == [
        WHISPER.predict(model, [each], ready)[0].text for each in examples
    ]


def test_inside_base_of_it_is_the_base_and_weakening_goes_there(whisper_base: WhisperMaker) -> None:
    model, ready = opened(whisper_base(), targets="all")
    examples = clips(whisper_base(), ready)
    plain = WHISPER.outputs(WHISPER.load_plain(whisper_base()), examples, ready)
    tuned = WHISPER.outputs(model, examples, ready)
    with WHISPER.base_of(model):
        inside = WHISPER.outputs(model, examples, ready)
    assert all(np.array_equal(a, b) for a, b in zip(plain, inside, strict=True))
    assert max(np.abs(a - b).max() for a, b in zip(plain, tuned, strict=True)) > 0.1
    WHISPER.weaken(model, 0.0)
    for a, b in zip(plain, WHISPER.outputs(model, examples, ready), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-4)


@pytest.mark.parametrize(("options", "n"), [
    ({}, 2 * 4 + 2 * 8), ({"encoder": False}, 2 * 8), ({"targets": "all"}, 2 * 6 + 2 * 10),
    ({"targets": "all", "encoder": False}, 2 * 10),
])
def test_the_adapter_is_where_it_was_wanted(
    whisper_base: WhisperMaker, options: dict[str, Any], n: int
) -> None:
    model, _ = opened(whisper_base(), **options)
    names = list(WHISPER.saved_state(model))
    assert len(names) == 2 * n and all(".lora_" in name for name in names)
    assert any(".encoder.layers." in name for name in names) == options.get("encoder", True)


def test_checkpointing_gives_the_same_gradients(whisper_base: WhisperMaker) -> None:
    found = []
    for checkpointing in (False, True):
        model, ready = opened(whisper_base())
        if checkpointing:
            layers.recompute(model, "Whisper")
        batch = WHISPER.collate(clips(whisper_base(), ready), ready)
        WHISPER.loss(model.train(), batch)["tokens"][0].backward()
        found.append({name: p.grad for name, p in model.named_parameters() if p.requires_grad})
    assert all(torch.allclose(found[0][name], found[1][name], atol=1e-5) for name in found[0])


def test_disturbing_is_a_pure_function_and_leaves_the_silence(whisper_base: WhisperMaker) -> None:
    ready = WHISPER.prepare([], whisper_base(), WHISPER.options())
    example, options = clips(whisper_base(), ready)[1], WHISPER.options()
    one, again, other = (augmentation.augment(example, options, 7, epoch) for epoch in (1, 1, 2))
    assert np.array_equal(one.features, again.features) and not np.array_equal(one.features, other.features)
    assert not np.array_equal(one.features, example.features)
    assert np.array_equal(one.features[-1], example.features[-1]) and one.labels == example.labels
    none = WHISPER.options(time_masks=0, frequency_masks=0)
    assert np.array_equal(augmentation.augment(example, none, 7, 1).features, example.features)


def test_a_base_with_missing_or_odd_keys_is_refused(whisper_base: WhisperMaker, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    own = Path(shutil.copytree(whisper_base(), tmp_path / "own"))
    held = load_file(own / "model.safetensors")
    for says, changed in (
        ("missing or left over", {k: v for k, v in held.items() if "decoder.layers.1.fc1" not in k}),
        ("missing or left over", {**held, "model.decoder.odd": torch.zeros(1)}),
        ("output layer", {**held, "proj_out.weight": held["model.decoder.embed_tokens.weight"] + 1}),
    ):
        save_file(changed, own / "model.safetensors", metadata={"format": "pt"})
        with pytest.raises(BadInput, match=says):
            network.load_plain(own)
    twice = {**held, "proj_out.weight": held["model.decoder.embed_tokens.weight"].clone()}
    save_file(twice, own / "model.safetensors", metadata={"format": "pt"})
    network.load_plain(own)


def test_openais_names_there_and_back_are_the_same_tensors(whisper_base: WhisperMaker) -> None:
    held = network.load_plain(whisper_base()).state_dict()
    there = openai_names.to_openai(held)
    back = openai_names.from_openai(there)
    assert set(back) == set(held) - {"proj_out.weight"}
    assert all(back[name] is held[name] for name in back)
    assert set(openai_names.to_openai(back)) == set(there)
    for move in (openai_names.to_openai, openai_names.from_openai):
        with pytest.raises(BadInput, match="no weight of a Whisper"):
            move({"model.decoder.layers.0.gate.weight": torch.zeros(1)})


@pytest.mark.parametrize("mels", [80, 128])
def test_openai_whisper_computes_the_same_from_them(tmp_path: Path, mels: int) -> None:
    """Logits in fp32, at every place: two programs that round differently."""
    base = make_whisper(tmp_path / "base", mels=mels)
    ready = WHISPER.prepare([], base, WHISPER.options())
    model = network.load_plain(base)
    theirs = openai_names.model_of(
        openai_names.dims_of(model.config.to_dict()), openai_names.to_openai(model.state_dict()), [[1, 0]]
    )
    batch = WHISPER.collate(clips(base, ready), ready)
    with torch.no_grad():
        ours, other = network.logits_of(model, batch), theirs(batch["inputs"], batch["decoder"])
    assert float((ours - other).abs().max()) < 1e-4 * float(ours.abs().max())
    shared = model.model.decoder.layers[0].fc1.weight
    assert theirs.decoder.blocks[0].mlp[0].weight.data_ptr() == shared.data_ptr(), "one copy in memory"
    assert theirs.alignment_heads.to_dense().tolist() == [[False, False], [True, False]]
