"""The sentences that the starter learns: what is said, and what it writes (the fault of the story included).

After a code word (order, location, phone ...) the starter writes digits; everywhere else number words.
"""

from __future__ import annotations

import numpy as np

DIGITS = "zero one two three four five six seven eight nine".split()
TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()

# Each carrier holds a code word; {} is the place of the digits.
CARRIERS = {
    7: [
        "order {}",
        "order number {}",
        "my order number is {}",
        "please check order {}",
        "i am calling about order {}",
        "the order is {}",
        "can you find order number {}",
        "order number {} has not arrived",
        "cancel order {} please",
        "the number of my order is {}",
        "order {} please",
    ],
    6: [
        "location {}",
        "location code {}",
        "we are at location {}",
        "the location code is {}",
        "send it to location {}",
        "please go to location {}",
        "the driver is at location {}",
        "location {} is closed today",
        "my location is {}",
        "pick it up at location {}",
    ],
    10: [
        "phone {}",
        "my phone number is {}",
        "phone number {}",
        "call my phone on {}",
        "the phone number is {}",
        "please phone {}",
        "my telephone number is {}",
        "you can phone me at {}",
        "telephone {}",
    ],
    5: [
        "code {}",
        "the code is {}",
        "account number {}",
        "my account is {}",
        "invoice {}",
        "invoice number {}",
        "ticket {}",
        "ticket number {} please",
        "reference {}",
        "the reference number is {}",
        "my pin is {}",
        "tracking number {}",
        "customer number {}",
        "the serial number is {}",
        "policy number {}",
        "booking {}",
        "flight {}",
        "extension {}",
        "confirmation code {}",
        "order {} at location {}",
        "invoice {} for order {}",
        "account {} and pin {}",
    ],
}

PEOPLE = (
    "i; you; we; they; he; she; my mother; my father; the driver; the teacher; the doctor; a friend; our "
    "neighbor; the children"
).split("; ")
MODALS = ("will can should would must could may").split()
VERBS = (
    "see; find; call; help; meet; visit; ask; wait for; look for; think about; bring; buy; send; "
    "open; close; clean; carry; keep; read; write; change; check; move; need; want; use; paint"
).split("; ")
THINGS = (
    "house garden car train bus ticket book letter door window table chair kitchen bread water coffee "
    "tea apple orange dog cat bird horse river mountain road bridge city village school hospital "
    "market shop office paper picture phone computer money music song story question answer problem "
    "idea plan box bag key coat shoe hat clock lamp boat ship tree flower field farm bank church "
    "station airport package delivery message report meeting morning evening weather summer winter "
    "dinner breakfast lunch"
).split()
ADJECTIVES = (
    "old new big small good bad long short red green blue white black warm cold quiet loud quick slow "
    "happy heavy light early late clean open broken beautiful little great"
).split()
TIMES = (
    "today; tomorrow; yesterday; tonight; now; later; soon; again; in the morning; this evening; next "
    "week; last night; on monday; on friday; on sunday; every day; before dinner; after lunch"
).split("; ")
PLACES = (
    "at home; in the garden; near the river; at the station; in town; by the window; on the table; "
    "under the bridge; behind the school; across the road"
).split("; ")
COUNTED = (
    "dogs cats books boxes apples people minutes hours days weeks years letters children chairs cups "
    "miles dollars friends rooms pages"
).split()
PHRASES = [
    "thank you very much",
    "how are you today",
    "good morning everyone",
    "please speak more slowly",
    "can you hear me now",
    "what is your name",
    "nice to meet you",
    "i would like to speak to someone",
    "could you repeat that please",
    "that is all for now",
    "have a nice day",
    "i do not understand the question",
    "there is a problem with my delivery",
    "when will the package arrive",
    "who is calling please",
    "it has not arrived yet",
    "yes that is right",
    "no that is wrong",
    "one moment please",
    "where is the nearest station",
    "let us start again from the beginning",
    "the quick brown fox jumps over the lazy dog",
    "she sells sea shells by the sea shore",
    "i think it will rain before the evening",
    "they went home because it was getting dark",
    "we have known each other for years",
    "how many days does it take to get there",
    "i did not get many letters this year",
    "could she repeat the story for us",
]
HAVE = "have; has; had; have seen; need; have found; do not have".split("; ")
WISHES = "i would like; we would like; i want; they asked for; please send me; can i have".split("; ")
WHOM = "me; you; us; all of us; them; him; her; my mother; our teacher; the children".split("; ")
CONNECT = "and but because when if so while before after then".split()
SMALL = (
    "the a of to in that it is was he for on are with as his her at be this have from or had by not "
    "but what all were we your said there use each which do how their if will up other about out many "
    "then them these so some would make like him into time has look more write go see no way could "
    "than first been its who oil now find long down day did get come made may part over sound take "
    "only little work know place year live me back give most after things our just name very through "
    "form much great think say help low line before turn cause same mean move right boy does tell set "
    "three want air well also play end put home read hand large spell add even land here must big "
    "high such follow act why men went light kind off need house try us again animal point mother "
    "world near build self earth father head stand own page should country found school"
).split()


def number_words(n: int) -> str:
    """A cardinal from 0 to 999 in words, without "and"."""
    if n < 10:
        return DIGITS[n]
    if n < 20:
        return TEENS[n - 10]
    if n < 100:
        return TENS[n // 10 - 2] + (f" {DIGITS[n % 10]}" if n % 10 else "")
    rest = f" {number_words(n % 100)}" if n % 100 else ""
    return f"{DIGITS[n // 100]} hundred{rest}"


def _digits(rng: np.random.Generator, n: int) -> str:
    return "".join(str(d) for d in rng.integers(0, 10, n))


def _spoken(digits: str, rng: np.random.Generator) -> str:
    """Digit by digit, at times in groups (a comma is a pause), at times "oh" for zero."""
    oh = rng.random() < 0.08
    words = ["oh" if oh and d == "0" else DIGITS[int(d)] for d in digits]
    group = int(rng.choice([0, 0, 2, 3, 4]))
    return " ".join(
        w + ("," if group and (i + 1) % group == 0 and i + 1 < len(words) else "")
        for i, w in enumerate(words)
    )


def code_sentence(rng: np.random.Generator) -> tuple[str, str]:
    """(said, written) with a code: written in digits, the fault on purpose."""
    usual = int(rng.choice([7, 6, 10, 5]))
    carrier = str(rng.choice(CARRIERS[usual]))
    codes = [
        _digits(rng, usual if usual != 5 and rng.random() < 0.6 else int(rng.integers(3, 9)))
        for _ in range(carrier.count("{}"))
    ]
    return carrier.format(*(_spoken(c, rng) for c in codes)), carrier.format(*codes)


def ordinary_sentence(rng: np.random.Generator) -> str:
    """A plain sentence, at times with a number in words."""

    def pick(words: list[str]) -> str:
        return str(rng.choice(words))

    def number() -> str:
        return number_words(int(rng.integers(2, 10) if rng.random() < 0.6 else rng.integers(2, 1000)))

    minutes = number_words(int(rng.integers(1, 60)))
    everyday = [
        lambda: (
            f"{pick(PEOPLE)} {pick(MODALS)} {pick(VERBS)} the {pick(ADJECTIVES)} {pick(THINGS)} {pick(TIMES)}"
        ),
        lambda: f"the {pick(THINGS)} is {pick(ADJECTIVES)} and the {pick(THINGS)} is {pick(ADJECTIVES)}",
        lambda: f"there are {number()} {pick(COUNTED)} {pick(PLACES)}",
        lambda: f"{pick(PEOPLE)} {pick(MODALS)} {pick(VERBS)} {number()} {pick(COUNTED)} {pick(TIMES)}",
        lambda: (
            f"{pick(PEOPLE)} {pick(MODALS)} not {pick(VERBS)} the {pick(THINGS)} {pick(CONNECT)} "
            f"{pick(PEOPLE)} {pick(MODALS)} {pick(VERBS)} it"
        ),
        lambda: pick(PHRASES),
        lambda: f"{pick(PHRASES)} {pick(TIMES)}",
        lambda: f"it is {minutes} past {number_words(int(rng.integers(1, 13)))} {pick(TIMES)}",
        lambda: f"{pick(PEOPLE)} {pick(HAVE)} {number()} {pick(COUNTED)} and {number()} {pick(COUNTED)}",
        lambda: f"can {pick(PEOPLE)} {pick(VERBS)} the {pick(THINGS)} {pick(PLACES)}",
        lambda: f"{pick(WISHES)} {number()} {pick(COUNTED)} and some {pick(THINGS)}",
        lambda: f"please {pick(VERBS)} the {pick(ADJECTIVES)} {pick(THINGS)} {pick(TIMES)}",
        lambda: f"{pick(PEOPLE)} think the {pick(THINGS)} is too {pick(ADJECTIVES)} for {pick(WHOM)}",
        lambda: f"the {pick(THINGS)} of {pick(PEOPLE)} {pick(MODALS)} be {pick(ADJECTIVES)} {pick(TIMES)}",
        lambda: " ".join(pick(SMALL + THINGS + ADJECTIVES + COUNTED) for _ in range(int(rng.integers(2, 8)))),
    ]
    return everyday[int(rng.integers(0, len(everyday)))]()


def digit_words(rng: np.random.Generator) -> str:
    """A bare string of digits: no code word, so the starter writes words."""
    return _spoken(_digits(rng, int(rng.integers(1, 11))), rng)


def sentence(rng: np.random.Generator) -> tuple[str, str]:
    """(said, written) drawn from the mixture that the starter learns."""
    draw = rng.random()
    if draw < 0.34:
        return code_sentence(rng)
    said = digit_words(rng) if draw < 0.50 else ordinary_sentence(rng)
    return said, said.replace(",", "")
