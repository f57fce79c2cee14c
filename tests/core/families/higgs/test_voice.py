"""A loaded voice: seeds, limits, what it tells, and when it is ended."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from core import manifest
from core.errors import BadInput, Unavailable
from core.families import family_of
from core.families.base import Clip
from core.families.base.speaking import LearnsToSpeak, Reference, SpeakOptions, Speaks, Voice
from core.families.higgs import HiggsFamily
from core.modelling.higgs import codec, generating, resampling

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def voice(family: HiggsFamily, base: Path) -> Voice:
    return family.voice(str(base), "cpu")


@pytest.fixture(scope="module")
def reference(takes: Path) -> Reference:
    row = manifest.read(takes)[0]
    return Reference(Clip(row.id, takes / row.audio), row.text)


def test_the_family_speaks_and_learns_to(family: HiggsFamily, base: Path) -> None:
    assert isinstance(family, Speaks) and isinstance(family, LearnsToSpeak)
    assert family_of(base) is family


def test_a_seed_says_the_same_and_moves_no_generator(voice: Voice, reference: Reference) -> None:
    before = torch.get_rng_state()
    one, again, other = (voice.speak("Hello", reference, SpeakOptions(seed=seed), 0.4) for seed in (1, 1, 2))
    assert np.array_equal(one.codes, again.codes) and not np.array_equal(one.codes, other.codes)
    assert torch.equal(torch.get_rng_state(), before)
    assert one.codebook_size == 1024 and one.codes.max() < 1024
    assert len(one.samples) == 960 * len(one.codes) and one.sample_rate == 24_000


def test_the_limit_is_kept_and_time_is_told(voice: Voice) -> None:
    told: list[float] = []
    made = voice.speak("Hello", None, SpeakOptions(), 0.4, told.append)
    assert not made.stopped and len(made.codes) == 10
    assert told == sorted(told) and told[0] == 0.0 and told[-1] == pytest.approx(0.4)


def test_whoever_listens_may_end_it(voice: Voice) -> None:
    class Enough(Exception):
        pass

    def tell(seconds: float) -> None:
        if seconds > 0.1:
            raise Enough

    with pytest.raises(Enough):
        voice.speak("Hello", None, SpeakOptions(), 5.0, tell)


def test_the_voice_follows_its_reference(voice: Voice, takes: Path, reference: Reference) -> None:
    other = manifest.read(takes)[3]
    quiet = SpeakOptions(temperature=0)
    one = voice.speak("Hello", reference, quiet, 0.4)
    two = voice.speak("Hello", Reference(Clip(other.id, takes / other.audio), other.text), quiet, 0.4)
    assert not np.array_equal(one.codes, two.codes)


def test_where_the_first_codebook_ends_the_sound_ends() -> None:
    from types import SimpleNamespace

    config = SimpleNamespace(audio_stream_bos_id=1024, audio_stream_eos_id=1025)
    frames = np.array([[1, 2], [3, 4], [1025, 1025]])
    from core.modelling.delay import delayed

    columns = np.concatenate([[[1024, 1024]], delayed(frames, 1024, 1025)])
    right = generating.said(columns, config, 10)
    assert right.stopped and right.codes.tolist() == [[1, 2], [3, 4]]
    cut = generating.said(columns[:-1], config, 1)
    assert not cut.stopped and cut.codes.tolist() == [[1, 2]]


def test_a_folder_that_lacks_something_says_what(family: HiggsFamily, base: Path, tmp_path: Path) -> None:
    made = Path(shutil.copytree(base, tmp_path / "made"))
    shutil.move(made / "codec", tmp_path / "elsewhere")
    with pytest.raises(Unavailable, match="has no codec"):
        family.check_base(made)
    shutil.move(tmp_path / "elsewhere", tmp_path / "higgs-audio-v2-tokenizer")
    family.check_base(made)
    config = json.loads((made / "config.json").read_text())
    (made / "config.json").write_text(json.dumps({**config, "codebook_size": 1024}))
    with pytest.raises(BadInput, match="codebook_size has to be 1026"):
        family.check_base(made)
    (made / "config.json").write_text(json.dumps({**config, "audio_token_id": 5}))
    with pytest.raises(BadInput, match="audio_token_id"):
        family.check_base(made)
    (made / "tokenizer.json").unlink()
    with pytest.raises(Unavailable, match=r"tokenizer\.json"):
        family.check_base(made)


@pytest.mark.parametrize("hertz", [100.0, 1000.0, 5000.0])
def test_our_resampling_keeps_what_fits_and_drops_what_does_not(hertz: float) -> None:
    at, wanted = np.arange(24_000) / 24_000, np.arange(16_000) / 16_000
    made = resampling.resample(torch.from_numpy(np.sin(2 * np.pi * hertz * at)).float(), 24_000, 16_000)
    apart = np.abs(made.numpy() - np.sin(2 * np.pi * hertz * wanted))[100:-100]
    assert made.shape == (16_000,) and apart.max() < 6e-3
    high = resampling.resample(torch.from_numpy(np.sin(2 * np.pi * 11_000 * at)).float(), 24_000, 16_000)
    assert float(high[100:-100].abs().max()) < 0.02


def test_sounds_differ_in_codes_and_keep_their_length(base: Path) -> None:
    opened = codec.open_codec(base / "codec")
    one, two = (np.sin(np.arange(n) * step).astype(np.float32) for n, step in ((9600, 0.05), (9601, 0.3)))
    first, second = codec.encode(opened, one), codec.encode(opened, two)
    assert first.shape == (10, 8) and second.shape == (11, 8), "a frame that was begun is a frame"
    assert not np.array_equal(first, second[:10])
    assert np.array_equal(codec.encode(opened, one), first)
    assert codec.decode(opened, first).shape == (9600,) and codec.decode(opened, first[:0]).shape == (0,)
