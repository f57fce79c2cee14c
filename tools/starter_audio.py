"""Made speech: espeak-ng voices, and what rooms, microphones and telephones do to them."""

from __future__ import annotations

import subprocess

import numpy as np
import soxr

RATE = 16000
ACCENTS = [
    "en-gb",
    "en-us",
    "en-us",
    "en-gb-scotland",
    "en-gb-x-rp",
    "en-gb-x-gbclan",
    "en-gb-x-gbcwmd",
    "en-029",
    "en-us-nyc",
]
# Variants of the held-out voices: no clip that the starter trains on uses them.
HELD_OUT = ["Andrea", "benjamin", "steph3", "m8", "f5", "Mario", "Alicia", "paul"]
VARIANTS = (
    "Alex Andy Annie Denis Diogo Gene Gene2 Henrique Hugo Jacky Lee Marco Michael Mike Nguyen "
    "RicishayMax RicishayMax2 RicishayMax3 Storm"
    "adam anika announcer antonio aunty belinda boris caleb david ed edward edward2 f1 f2 f3 f4 "
    "gustave iven iven2 iven3 iven4"
    "john kaukovalta klatt klatt2 klatt3 klatt4 linda m1 m2 m3 m4 m5 m6 m7 marcelo max michel "
    "miguel norbert pablo pedro quincy rob"
    "robert sandro shelby steph steph2 travis victor zac grandma grandpa"
).split()


def espeak(text: str, voice: str, speed: int, pitch: int, gap: int = 0) -> np.ndarray:
    """Mono float32 at 16 kHz of what espeak-ng says.

    `speed` in words a minute, `pitch` 0-99, `gap` between words in units of 10 ms.
    """
    command = ["espeak-ng", "-v", voice, "-s", str(speed), "-p", str(pitch), "-g", str(gap), "--stdout", text]
    wav = subprocess.run(command, capture_output=True, check=True).stdout
    # The header of a stream has no true length: take the PCM behind its 44 bytes.
    rate = int.from_bytes(wav[24:28], "little")
    samples = np.frombuffer(wav[44 : len(wav) - len(wav) % 2], dtype="<i2").astype(np.float32) / 32768
    return soxr.resample(_trimmed(samples, rate), rate, RATE).astype(np.float32)


def _trimmed(samples: np.ndarray, rate: int) -> np.ndarray:
    loud = np.flatnonzero(np.abs(samples) > 0.003)
    return samples[max(0, loud[0] - rate // 100) : loud[-1] + rate // 50] if loud.size else samples


def joined_words(said: str, voice: str, speed: int, pitch: int, rng: np.random.Generator) -> np.ndarray:
    """Each word said alone and joined with gaps, as somebody reads out a code slowly."""
    parts = []
    for word in said.replace(",", "").split():
        parts += [
            espeak(
                word,
                voice,
                int(speed * rng.uniform(0.85, 1.15)),
                int(np.clip(pitch + rng.integers(-6, 7), 0, 99)),
            ),
            np.zeros(int(RATE * rng.uniform(0.02, 0.22)), np.float32),
        ]
    return np.concatenate(parts)


def speak(said: str, rng: np.random.Generator, variants: list[str]) -> np.ndarray:
    """One sentence by one drawn voice, between 0.3 s and 12 s."""
    voice = f"{rng.choice(ACCENTS)}+{rng.choice(variants)}"
    speed, pitch = int(rng.integers(105, 225)), int(rng.integers(15, 90))
    if rng.random() < 0.25 and len(said.split()) <= 14:
        clean = joined_words(said, voice, speed, pitch, rng)
    else:
        clean = espeak(said, voice, speed, pitch, int(rng.choice([0, 0, 0, 2, 5, 9])))
    # Playing faster or slower moves the formants too: other throats than espeak-ng has.
    clean = soxr.resample(clean, RATE, RATE / rng.uniform(0.86, 1.16))
    return clean[: 12 * RATE].astype(np.float32)


def _coloured(n: int, slope: float, rng: np.random.Generator) -> np.ndarray:
    spectrum = np.fft.rfft(rng.standard_normal(n))
    spectrum /= np.maximum(np.arange(len(spectrum)), 1.0) ** slope
    noise = np.fft.irfft(spectrum, n)
    return noise / (np.sqrt(np.mean(noise**2)) + 1e-9)


def _filtered(x: np.ndarray, rng: np.random.Generator, harsh: float) -> np.ndarray:
    """A random smooth frequency response: microphones, distance; at times a telephone's 300-3400 Hz."""
    spectrum = np.fft.rfft(x)
    hertz = np.fft.rfftfreq(len(x), 1 / RATE)
    knots = np.array([0, 120, 300, 700, 1500, 3000, 5000, 8000.0])
    gain_db = np.interp(
        hertz,
        knots,
        rng.normal(0, 2 + 2 * harsh, len(knots)) + np.linspace(0, rng.normal(0, 3 + 5 * harsh), len(knots)),
    )
    if rng.random() < 0.4:
        gain_db = (
            gain_db
            - np.where(hertz > rng.uniform(3300, 4000), 60, 0)
            - np.where(hertz < rng.uniform(60, 300), 25, 0)
        )
    return np.fft.irfft(spectrum * 10 ** (gain_db / 20), len(x))


def _echo(x: np.ndarray, rng: np.random.Generator, harsh: float) -> np.ndarray:
    n = int(10 * rng.uniform(0.1, 0.5)) * 1600 + 1600
    response = rng.standard_normal(n) * np.exp(-6.9 * np.arange(n) / n) * rng.uniform(0.02, 0.12) * harsh
    response[0] = 1.0
    size = len(x) + n
    return np.fft.irfft(np.fft.rfft(x, size) * np.fft.rfft(response, size), size)[: len(x)]


def disturb(clean: np.ndarray, rng: np.random.Generator, harsh: float = 1.0) -> np.ndarray:
    """Silence around it, room, microphone, noise and gain: what a recording is."""
    x = np.concatenate(
        [np.zeros(int(RATE * rng.uniform(0.05, 0.8))), clean, np.zeros(int(RATE * rng.uniform(0.05, 0.8)))]
    )
    x = np.pad(x, (0, -len(x) % 1600))  # lengths of small primes: the transforms below are ten times faster
    level = np.sqrt(np.mean(clean**2)) + 1e-9
    if rng.random() < 0.4:
        x = _echo(x, rng, harsh)
    if rng.random() < 0.75:
        noise = _coloured(len(x), float(rng.choice([0.0, 0.5, 1.0])), rng)
        x = x + noise * level * 10 ** (-rng.uniform(8 + 12 * (1 - harsh), 45) / 20)
    if rng.random() < 0.85:
        x = _filtered(x, rng, harsh)
    x = x / (np.max(np.abs(x)) + 1e-9) * 10 ** (-rng.uniform(0, 26) / 20)
    if rng.random() < 0.1:
        x = np.sign(x) * np.round(np.log1p(255 * np.abs(x)) / np.log(256) * 127) / 127
        x = np.sign(x) * (256 ** np.abs(x) - 1) / 255
    return x.astype(np.float32)


def clip(said: str, rng: np.random.Generator, variants: list[str], harsh: float) -> np.ndarray:
    """A finished training clip: mono float32 at 16 kHz, 0.5 to about 13 s."""
    return disturb(speak(said, rng, variants), rng, harsh)
