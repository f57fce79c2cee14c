"""Auto-start and auto-stop: the page's own script on made speech in noise, run faster than real time."""
from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pytest

from core.audio.endpoint import BLOCK_SECONDS, BandPower, Endpoint, room_of
from tests.noisy import RATE, SENTENCES, case, noise, speech, wrong
from tests.ui.driving import App, visiting

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

HEAR = """async ([sound, quiet, spoken]) => {
  const samples = (text) => { const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    return Float32Array.from(new Int16Array(bytes.buffer), (x) => x / 32768); };
  const powers = async (text) => {
    const pcm = samples(text), context = new OfflineAudioContext(1, pcm.length, 48000), told = [];
    const code = URL.createObjectURL(new Blob([voicewright.worklet], { type: "text/javascript" }));
    await context.audioWorklet.addModule(code);
    const buffer = context.createBuffer(1, pcm.length, 48000);
    buffer.copyToChannel(pcm, 0);
    const source = new AudioBufferSourceNode(context, { buffer });
    const tap = voicewright.tapOn(context, source);
    tap.port.onmessage = (event) => told.push(event.data.power);
    source.start();
    await context.startRendering();
    while (told.length < Math.floor(pcm.length / 1024)) await new Promise((done) => setTimeout(done, 5));
    return told;
  };
  const room = voicewright.roomOf(await powers(quiet), await powers(spoken));
  const block = 1024 / 48000, endpoint = new voicewright.Endpoint(room, block), found = [];
  (await powers(sound)).forEach((power, i) => {
    const what = endpoint.hear(power);
    if (what) found.push([what, (i + 1) * block]);
  });
  return found;
}"""


@pytest.fixture(scope="module")
def page(browser: Browser, app: App) -> Iterator[Page]:
    """One page for all: they only let its script compute."""
    with visiting(browser, app) as visit:
        yield visit.page


def packed(sound: npt.NDArray[np.float32]) -> str:
    return base64.b64encode((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes()).decode()


def heard(page: Page, number: int, snr_db: float) -> tuple[list[Any], float]:
    sounds, end = case(number, snr_db)
    return page.evaluate(HEAR, [packed(sound) for sound in sounds]), end


@pytest.mark.parametrize("snr_db", [5, 15, 30])
def test_a_take_begins_with_speech_and_ends_within_a_second_after_it(page: Page, snr_db: float) -> None:
    for number in (0, 2):
        assert wrong(*heard(page, number, snr_db)) == ""


def test_the_desktop_recorder_hears_what_the_page_hears(page: Page) -> None:
    for number, snr_db in ((0, 5), (3, 30)):
        events, _ = heard(page, number, snr_db)
        (take, quiet, spoken), _ = case(number, snr_db)
        ear = Endpoint(room_of(BandPower(RATE).feed(quiet), BandPower(RATE).feed(spoken)))
        told = [ear.hear(float(power)) for power in BandPower(RATE).feed(take)]
        twin = [(what, (i + 2) * BLOCK_SECONDS) for i, what in enumerate(told) if what]
        assert [what for what, _ in twin] == [what for what, _ in events]
        assert [at for _, at in twin] == pytest.approx([at for _, at in events], abs=0.1)


def test_noise_alone_is_no_speech(page: Page) -> None:
    rng = np.random.default_rng(3)
    other = 0.3 * speech(SENTENCES[0], "en-us", 140)
    for kind in ("white", "fan"):
        sounds = [0.02 * noise(n * RATE, kind, rng) for n in (6, 2)]
        assert page.evaluate(HEAR, [*map(packed, sounds), packed(other)]) == []


def test_a_fan_that_is_switched_on_does_not_keep_a_take_open(page: Page) -> None:
    sounds, end = case(0, 30)
    take = np.concatenate([sounds[0], np.zeros(4 * RATE, np.float32)])
    fan = 0.02 * noise(len(take), "fan", np.random.default_rng(4))
    take[round(end * RATE) :] += fan[round(end * RATE) :]
    events = page.evaluate(HEAR, [packed(sound) for sound in (take, *sounds[1:])])
    assert [what for what, _ in events][:2] == ["begin", "end"]
    assert events[1][1] < end + 3.5


@pytest.mark.slow
def test_sixty_takes_at_three_noise_levels(page: Page, figure: Callable[[str], None]) -> None:
    faults, delays = list[tuple[float, int, str]](), list[float]()
    for snr_db in (5, 15, 30):
        for number in range(20):
            events, end = heard(page, number, snr_db)
            faults += [(snr_db, number, fault)] if (fault := wrong(events, end)) else []
            delays += [at - end for what, at in events if what == "end"]
    figure(f"auto-stop: {60 - len(faults)} of 60 takes at 5, 15 and 30 dB end within 1 s after speech "
           f"(median {np.median(delays):.2f} s, longest {max(delays):.2f} s); faults: {faults or 'none'}")
    assert len(faults) <= 3, faults
    assert not [f for f in faults if "cut" in f[2] or "lost" in f[2]], faults
