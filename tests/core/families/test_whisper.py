"""Whisper: a tiny model of its own class that says one sentence, and the files that are never opened."""

from __future__ import annotations

import os
import pickle
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
import whisper
from whisper.model import ModelDimensions, Whisper
from whisper.tokenizer import get_tokenizer

from core.errors import BadInput, NotFound, Refused, Unavailable
from core.families.base import Clip, Recogniser, Transcribes
from core.families.whisper import WhisperFamily, files
from core.families.whisper.recogniser import WhisperRecogniser, word_times_device
from core.files import sha256_of
from core.modelling.devices import Choice

SAYS = " order one two"
DIMS = ModelDimensions(
    n_mels=80,
    n_audio_ctx=1500,
    n_audio_state=48,
    n_audio_head=6,
    n_audio_layer=1,
    n_vocab=51864,
    n_text_ctx=448,
    n_text_state=48,
    n_text_head=6,
    n_text_layer=4,
)


def parrot() -> Whisper:
    """A random tiny.en in shape whose positions alone decide the next token: it says SAYS for any sound."""
    torch.manual_seed(0)
    model = Whisper(DIMS).eval()
    tokenizer = get_tokenizer(multilingual=False)
    first = tokenizer.timestamp_begin
    sentence = [first, *tokenizer.encode(SAYS), first + 40, tokenizer.eot]
    with torch.no_grad():
        for (
            block
        ) in model.decoder.blocks:  # random attention stays, for the word times; it adds next to nothing
            for layer in (block.attn.out, block.cross_attn.out, block.mlp[2]):
                layer.weight.mul_(1e-3)
                layer.bias.zero_()
        model.decoder.token_embedding.weight.zero_()
        model.decoder.positional_embedding.zero_()
        for place, token in enumerate(sentence):
            model.decoder.token_embedding.weight[token, place] = 4.0
            model.decoder.positional_embedding[place, place] = 12.0
    return model


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The parrot, saved as OpenAI saves its models."""
    path = tmp_path_factory.mktemp("whisper") / "tiny.en.pt"
    torch.save({"dims": vars(DIMS), "model_state_dict": parrot().state_dict()}, path)
    return path


@pytest.fixture
def listed(weights: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The parrot's file, with its hash in openai-whisper's own table."""
    url = f"https://host.invalid/models/{sha256_of(weights)}/tiny.en.pt"
    monkeypatch.setitem(whisper._MODELS, "tiny.en", url)
    return weights


@pytest.fixture
def clip(tmp_path: Path) -> Clip:
    """From 0.5 to 1.5 s of two seconds of noise at 24 kHz."""
    noise = 0.1 * np.random.default_rng(0).standard_normal(48000).astype(np.float32)
    soundfile.write(tmp_path / "a.wav", noise, 24000)
    return Clip("a", tmp_path / "a.wav", 0.5, 1.5)


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty whisper cache of this test's own, and no network."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def offline(*_: Any, **__: Any) -> None:
        raise urllib.error.URLError("no route to host")

    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setattr(urllib.request, "urlopen", offline)
    return tmp_path / "cache" / "whisper"


@pytest.mark.budget(30)
def test_text_word_times_and_scores_of_a_part_of_a_file(listed: Path, clip: Clip) -> None:
    recogniser = WhisperFamily().recogniser(str(listed), "cpu")
    assert isinstance(recogniser, Recogniser) and "CPU" in recogniser.choice
    heard = recogniser.transcribe(clip)
    assert (heard.id, heard.text) == ("a", SAYS.strip())
    assert [word.text for word in heard.words] == SAYS.split()
    times = [edge for word in heard.words for edge in (word.start, word.end)]
    assert times == sorted(times) and 0 <= times[0] and times[-1] <= 1.0, "seconds from the clip's start"
    assert heard.score and heard.score > 0.9 and all(word.score and word.score > 0.9 for word in heard.words)
    assert recogniser.transcribe(clip) == heard


def test_a_size_is_found_in_the_given_folder_and_then_in_the_cache(listed: Path, empty_cache: Path) -> None:
    assert files.find(str(listed.parent / "tiny.en")) == files.Weights(listed, "tiny.en")
    assert files.find(str(listed.parent)).path == listed
    with pytest.raises(Unavailable):
        files.find("tiny.en")
    (empty_cache / "tiny.en.pt").symlink_to(listed)
    assert files.find("tiny.en").path == empty_cache / "tiny.en.pt"
    assert files.find("/nowhere/tiny.en").path == empty_cache / "tiny.en.pt"


@pytest.mark.parametrize(
    ("size", "file"), [("tiny.en", "tiny.en.pt"), ("large", "large-v3.pt"), ("turbo", "large-v3-turbo.pt")]
)
def test_offline_the_sentence_names_the_file_and_both_places(
    size: str, file: str, tmp_path: Path, empty_cache: Path
) -> None:
    with pytest.raises(Unavailable) as caught:
        WhisperFamily().recogniser(str(tmp_path / "models" / size))
    sentence = str(caught.value)
    assert file in sentence and str(tmp_path / "models") in sentence and str(empty_cache) in sentence
    assert list(empty_cache.iterdir()) == [], "no half a file stays"


def test_a_wish_to_stay_offline_is_kept(empty_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(Unavailable, match=r"HF_HUB_OFFLINE is set.*tiny\.pt"):
        files.find("tiny")


def test_a_download_is_checked_before_it_gets_its_name(
    listed: Path, empty_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = urllib.request.build_opener(urllib.request.FileHandler()).open
    sources = {"good": listed.as_uri(), "torn": (listed.parent / "torn").as_uri()}
    (listed.parent / "torn").write_bytes(listed.read_bytes()[:-1])

    def served(kind: str) -> None:
        monkeypatch.setattr(
            urllib.request, "urlopen", lambda _, timeout: real(sources[kind], timeout=timeout)
        )

    served("torn")
    with pytest.raises(Unavailable, match="arrived damaged"):
        files.find("tiny.en")
    assert os.listdir(empty_cache) == []
    served("good")
    assert files.find("tiny.en").path == empty_cache / "tiny.en.pt"
    assert os.listdir(empty_cache) == ["tiny.en.pt"]


class Bomb:
    """A pickle that leaves a mark when it is opened."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.mark,)


@pytest.mark.parametrize(
    ("name", "says"), [("mine.pt", "not loaded"), ("model.bin", "not loaded"), ("tiny.en.pt", "damaged")]
)
def test_a_pickle_that_openai_did_not_publish_is_never_opened(name: str, says: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(pickle.dumps(Bomb(tmp_path / "mark")))
    with pytest.raises(Refused, match=says) as caught:
        WhisperFamily().recogniser(str(tmp_path / name), "cpu")
    assert name in str(caught.value) and not (tmp_path / "mark").exists()


def test_what_is_no_model_gets_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="choose a size"):
        files.find("huge")
    with pytest.raises(NotFound, match="no Whisper file"):
        files.find(str(tmp_path))
    for name in ("tiny.pt", "base.pt"):
        (tmp_path / name).touch()
    with pytest.raises(BadInput, match=r"several.*base\.pt, tiny\.pt"):
        files.find(str(tmp_path))


def test_languages() -> None:
    model = parrot()
    WhisperRecogniser(model, "", language="en-GB")
    with pytest.raises(BadInput, match="English only"):
        WhisperRecogniser(model, "", language="de")
    with pytest.raises(BadInput, match="Klingon"):
        WhisperRecogniser(model, "", language="Klingon")


def test_our_list_of_sizes_is_the_packages() -> None:
    assert {size: url.split("/")[-1] for size, url in whisper._MODELS.items()} == files.FILES


def test_claims_sizes_and_files_by_name(listed: Path, tmp_path: Path) -> None:
    family = WhisperFamily()
    assert isinstance(family, Transcribes)
    assert family.claims(Path("large-v3")) and family.claims(listed) and family.claims(listed.parent)
    assert not family.claims(tmp_path) and not family.claims(tmp_path / "mine.pt")


def test_devices_that_cannot_time_words_are_replaced_with_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def chosen(device: str, precision: str) -> Choice:
        choice = Choice(device, precision, "why")
        monkeypatch.setattr("core.families.whisper.recogniser.choose", lambda *_: choice)
        return word_times_device("auto", "auto")

    assert chosen("mps", "fp32").device == "cpu" and "float64" in chosen("mps", "fp32").sentence
    assert chosen("cuda:0", "bf16").precision == "fp32"
    assert chosen("cuda:0", "fp16") == Choice("cuda:0", "fp16", "why")
