"""The streams of a conversation on their places: delays, what is read, what is learned."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from core.modelling.moshi import forward, streams
from core.modelling.moshi.streams import NOT_LEARNED
from tests.tiny_moshi import AUDIO, BOOKS, TEXT, make_moshi


def codes(n: int, sounds: int = 1) -> streams.Numbers:
    return np.random.default_rng(4).integers(0, AUDIO, (n, sounds * BOOKS))


def test_each_codebook_but_the_first_comes_a_frame_later_and_back() -> None:
    given = codes(6)
    made = streams.delayed(given, AUDIO)
    assert (made[:, 0] == given[:, 0]).all() and (made[1:, 1:] == given[:-1, 1:]).all()
    assert (made[0, 1:] == AUDIO).all()
    assert (streams.undelayed(made) == given[:-1]).all()
    learned = streams.learned(made)
    assert (learned[0, 1:] == NOT_LEARNED).all() and (learned[1:] == made[1:]).all()
    both = codes(6, 2)
    beside = streams.sounds(both, BOOKS, AUDIO)
    assert (beside[:, :BOOKS] == streams.delayed(both[:, :BOOKS], AUDIO)).all()
    assert (beside[:, BOOKS:] == streams.delayed(both[:, BOOKS:], AUDIO)).all()


def test_a_place_reads_the_frame_before() -> None:
    text, heard = np.arange(4, 10), streams.sounds(codes(6, 2), BOOKS, AUDIO)
    read = streams.read(text, heard, (TEXT, AUDIO))
    assert read[0].tolist() == [TEXT, *text[:-1]] and (read[1][0] == AUDIO).all()
    assert (read[1][1:] == heard[:-1]).all()


def test_the_delay_is_that_of_transformers_and_the_parts_are_its_forward(tmp_path: Path) -> None:
    from transformers import MoshiForConditionalGeneration

    model = MoshiForConditionalGeneration.from_pretrained(make_moshi(tmp_path / "m")).eval()
    both = codes(6, 2)
    given = torch.from_numpy(both[:, :BOOKS].T.copy())[None]
    theirs = model.build_delay_pattern_mask(given, bos_token_id=AUDIO, pad_token_id=AUDIO, max_length=7)[0]
    ours = streams.delayed(both[:, :BOOKS], AUDIO)
    assert (theirs[0].T.numpy() == ours).all()
    text, heard = streams.read(np.arange(4, 10), streams.sounds(both, BOOKS, AUDIO), (TEXT, AUDIO))
    words, sounds = torch.from_numpy(text)[None], torch.from_numpy(heard)[None]
    with torch.no_grad():
        made = model(input_ids=words, moshi_audio_codes=sounds[..., :BOOKS].transpose(1, 2),
                     user_audio_codes=sounds[..., BOOKS:].transpose(1, 2))
        hidden = forward.hidden_of(model, words, sounds)
        torch.testing.assert_close(hidden, made.last_hidden_state)
        torch.testing.assert_close(forward.text_logits(model, hidden), made.logits)
        chosen = torch.randint(0, AUDIO, (6, BOOKS), generator=torch.Generator().manual_seed(1))
        scores = forward.code_logits(model, hidden[0], words[0], chosen)
        moved = chosen.clone()
        moved[:, 2] = (moved[:, 2] + 1) % AUDIO
        after = forward.code_logits(model, hidden[0], words[0], moved)
        written = model.depth_decoder.generate(
            last_hidden_state=hidden[0][:, None], input_ids=words[0][:, None], do_sample=False,
            min_length=BOOKS + 1, max_length=BOOKS + 1)[:, 1:]
        talker = forward.Talker(model, words[:, 0], sounds[:, 0])
        ours_too = talker.codes(hidden[0], words[0])
    assert torch.equal(scores[:, :3], after[:, :3]) and not torch.allclose(scores[:, 3], after[:, 3])
    assert torch.equal(written, ours_too), "code by code as transformers generates them"
