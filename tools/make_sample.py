"""Make the sample project with espeak-ng: takes by a voice new to the starter, and ordinary sentences.

python tools/make_sample.py            writes recordings/sample/*.flac and sample.json
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import soundfile as sf
import soxr
from starter_audio import RATE as ESPEAK_RATE
from starter_audio import espeak

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from core.text.scripts import numbers_script

RATE = 8000  # as on a telephone; the whole sample stays below 4 MB
TAKER, OTHER = "en-us+Andrea", "en-gb+benjamin"  # both held out from the starter
ORDINARY = [
    "we will meet the teacher at the station tomorrow",
    "there are nine boxes on the table in the kitchen",
    "please open the window before dinner",
    "my mother must visit the doctor next week",
    "the old bridge is closed and the road is cold",
    "i would like three cups of tea and some bread",
    "the children want to read a new book every day",
    "can you find the key to the garden door",
    "it is twenty past seven in the morning",
    "they should wait for the bus near the church",
    "our neighbor has two dogs and five cats",
    "you could write a letter to a friend tonight",
    "the weather is beautiful today but it will rain later",
    "she will bring the picture to the office on monday",
    "i think the blue car is too small for all of us",
    "the driver may need forty minutes to get there",
    "we have known the story for many years",
    "please repeat the question more slowly",
    "the cat will wait by the door every evening",
    "could you send the box to our office next week",
    "we found three keys and a black bag in the car",
    "my father can clean the kitchen after lunch",
    "there are seventeen chairs in the big room",
    "the train was late again and we had to wait",
    "i need a new coat because the winter is cold",
    "they want to visit the market before dinner",
    "the bread is warm and the coffee is ready",
    "can we open the shop early on friday",
    "she will call the doctor in the morning",
    "how many letters did you write this year",
    "please close the door when you go home",
    "he must not forget the ticket for the bus",
    "the phone is on the table by the lamp",
    "it should be quiet here after nine",
    "thank you for the beautiful flowers",
    "my mother will bring a warm coat for the children",
    "we need more bread and milk for breakfast",
    "the door of the old church was open in the morning",
    "please send a message to the teacher today",
    "he can read the letter to us after dinner",
    "the black dog and the white cat sleep in the house",
    "i think the answer to the question is wrong",
    "they must clean the big table before lunch",
    "our friends have a small boat on the river",
    "you should close the window because it is cold",
    "the driver would like some water and an apple",
    "can she help us find the road to the village",
    "there were twelve people in the room last night",
    "the computer in the office is slow again",
    "my father wants to paint the kitchen next week",
    "we walk home from the station every evening",
    "what is the name of your new school",
    "the summer was short but very beautiful",
    "i would like to speak to the doctor now",
    "she has the key of the red box in her bag",
    "the horse stood under a tree near the field",
    "do you know when the meeting will begin",
    "we asked for two cups of coffee and one tea",
    "the children carry the books to the library",
    "it was dark and quiet behind the bridge",
    "please tell me the story of the long journey",
    "he found a picture of the city in the paper",
    "the flowers in the garden are blue and white",
    "they could not see the ship from the land",
    "thank you for the help with my work today",
]


def take(said: str, voice: str, rng: np.random.Generator) -> np.ndarray:
    """A close, quiet recording: some silence around it, a little room noise, changing pace and level."""
    speech = espeak(
        said, voice, int(rng.integers(155, 185)), int(rng.integers(44, 56)), int(rng.choice([0, 0, 1]))
    )
    speech = soxr.resample(speech, ESPEAK_RATE, RATE)
    lead, trail = (np.zeros(int(RATE * rng.uniform(0.2, 0.4)), np.float32) for _ in range(2))
    x = np.concatenate([lead, speech / np.max(np.abs(speech)) * 10 ** (-rng.uniform(6, 12) / 20), trail])
    return x + rng.normal(0, 10 ** (-76 / 20), len(x))


def main() -> None:
    """Write the takes and their list; the same seed gives the same files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", default="recordings/sample")
    parser.add_argument("--seed", type=int, default=3)
    args = parser.parse_args()
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    drafts = numbers_script(seed=11) + numbers_script(seed=12)[::4]
    wanted = [(d.text, d.group, "target", "Andrea", TAKER) for d in drafts]
    wanted += [
        (text, "ordinary", "regression", *(("Andrea", TAKER) if i % 2 else ("Benjamin", OTHER)))
        for i, text in enumerate(ORDINARY)
    ]
    items = []
    for number, (text, group, role, speaker, voice) in enumerate(wanted):
        name = f"{role}-{number + 1:02d}.flac"
        sf.write(
            out / name,
            take(text.lower(), voice, np.random.default_rng([args.seed, number])),
            RATE,
            subtype="PCM_16",
        )
        items.append({"file": name, "prompt": text, "group": group, "role": role, "speaker": speaker})
    (out / "sample.json").write_text(json.dumps(items, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    size = sum(f.stat().st_size for f in out.glob("*.flac"))
    print(f"{len(items)} takes, {size / 1e6:.2f} MB, {sum(len(t.split()) for t in ORDINARY)} ordinary words")


if __name__ == "__main__":
    main()
