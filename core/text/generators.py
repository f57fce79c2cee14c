"""Generators of prompts: codes, dates and amounts in carrier phrases, all in words, the same for a seed."""
from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from core.errors import BadInput
from core.text import amounts_en, dates, names
from core.text.generator_options import MARK, Options
from core.text.letters import LETTERS, spelled_letters
from core.text.say_digits import digits_of
from core.text.script_file import Draft
from core.text.spread import DIGITS, codes

_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£"}


Generator = Callable[[Options, int], list[Draft]]


def order_numbers(options: Options, seed: int = 1) -> list[Draft]:
    """Order numbers, digit by digit; 7 digits unless asked otherwise."""
    carriers = ("order {}", "order number {}", "my order number is {}", "please check order {}")
    return _digit_codes("order number", carriers, 7, options, seed)


def location_codes(options: Options, seed: int = 1) -> list[Draft]:
    """Location codes, digit by digit; 6 digits unless asked otherwise."""
    carriers = ("location {}", "location code {}", "we are at location {}")
    return _digit_codes("location code", carriers, 6, options, seed)


def phone_numbers(options: Options, seed: int = 1) -> list[Draft]:
    """Phone numbers, digit by digit; 10 digits unless asked otherwise."""
    carriers = ("phone number {}", "my phone number is {}", "call my phone on {}", "please call back on {}")
    return _digit_codes("phone number", carriers, 10, options, seed)


def letter_codes(options: Options, seed: int = 1) -> list[Draft]:
    """Codes that begin with letters ("booking A K four nine"); 4 digits unless asked otherwise."""
    carriers = ("code {}", "the code is {}", "booking {}", "serial number {}", "my reference is {}")
    alphabets = [LETTERS] * options.letters + [DIGITS] * (options.digits or 4)
    made = codes(_random("code", seed), options.n, alphabets)
    radio, said = options.spelling == "radio", names.digit_names(names.must_know(options.language))
    at = options.letters
    spoken = [f"{spelled_letters(code[:at], radio)} {digits_of(code[at:], said)}" for code in made]
    return _drafts(spoken, "code of letters and digits", carriers, options)


def calendar_dates(options: Options, seed: int = 1) -> list[Draft]:
    """Dates from 1950 to 2049 in even turns; outside English as eight digits, day, month, year."""
    if options.n > dates.MOST:
        raise BadInput(f"At most {dates.MOST:,} dates can be made at once, and {options.n:,} were asked for.")
    carriers = ("on {}", "the delivery is on {}", "the appointment is on {}", "please book it for {}")
    found = dates.spread_dates(_random("date", seed), options.n)
    if options.english:  # both ways to say a date, in each carrier
        spoken = [dates.say_date(day, at // len(carriers) % 2 == 1) for at, day in enumerate(found)]
    else:
        said = names.digit_names(names.must_know(options.language))
        spoken = [digits_of(f"{day:%d%m%Y}", said) for day in found]
    return _drafts(spoken, "date", carriers, options)


def money_amounts(options: Options, seed: int = 1) -> list[Draft]:
    """Amounts with cents; up to 9 digits before the point, 3 unless asked otherwise."""
    n_digits = options.digits or 3
    if n_digits > 9:
        raise BadInput(f"An amount has at most 9 digits before the point, and {n_digits} were asked for.")
    carriers = ("the total is {}", "I paid {}", "it costs {}", "please transfer {}", "a refund of {}")
    made = codes(_random("amount", seed), options.n, [DIGITS[1:], *[DIGITS] * (n_digits + 1)])
    spoken = [_amount(f"{code[:-2]}.{code[-2:]}", options) for code in made]
    return _drafts(spoken, "amount of money", carriers, options)


def _amount(amount: str, options: Options) -> str:
    if options.english:
        return amounts_en.money(_SIGNS[options.currency] + amount)[0][1]
    words = names.money(amount, options.currency, names.must_know(options.language))
    if words is None:
        raise BadInput(
            f"Amounts of money cannot be put into words in the language “{options.language}”: its names of "
            "currencies are not known here. Choose another generator, or write the prompts in a file."
        )
    return words


def _digit_codes(
    group: str, carriers: Sequence[str], usual: int, options: Options, seed: int
) -> list[Draft]:
    said = names.digit_names(names.must_know(options.language))
    made = codes(_random(group, seed), options.n, [DIGITS] * (options.digits or usual))
    return _drafts([digits_of(code, said) for code in made], group, carriers, options)


def _random(group: str, seed: int) -> random.Random:
    return random.Random(f"{group} {seed}")


def _drafts(spoken: Sequence[str], group: str, carriers: Sequence[str], options: Options) -> list[Draft]:
    """Each of `spoken` in a carrier, the carriers in turns; English prompts begin with a capital."""
    chosen = options.carriers or (carriers if options.english else (MARK,))
    texts = [chosen[at % len(chosen)].replace(MARK, words) for at, words in enumerate(spoken)]
    if options.english:
        texts = [text[0].upper() + text[1:] for text in texts]
    return [Draft(text, group, options.language) for text in texts]


GENERATORS: dict[str, Generator] = {
    "orders": order_numbers,
    "locations": location_codes,
    "phones": phone_numbers,
    "codes": letter_codes,
    "dates": calendar_dates,
    "amounts": money_amounts,
}
