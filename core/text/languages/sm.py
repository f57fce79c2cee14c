"""Samoan, by hand: num2words has none.

After Galumalemana Hunkin, Gagana Sāmoa (2009): tens are one word (luasefulu), hundreds and thousands two (lua
selau), and "ma le" stands before the last digit.
"""

from __future__ import annotations

from core.text.languages.table import Clock, Language, Noun, Roman

_DIGITS = ("selo", "tasi", "lua", "tolu", "fā", "lima", "ono", "fitu", "valu", "iva")
_POWERS = ((10**9, "piliona"), (10**6, "miliona"), (1000, "afe"))


def _below_thousand(number: int, and_the: str) -> list[str]:
    """The words of 0 < `number` < 1000, with `and_the` before a last digit that stands behind tens."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    words = [f"{_DIGITS[hundreds]} selau" if hundreds > 1 else "selau"] if hundreds else []
    words += [f"{_DIGITS[tens] if tens > 1 else ''}sefulu"] if tens else []
    return words + ([and_the] if and_the and words and ones else []) + ([_DIGITS[ones]] if ones else [])


def cardinal(number: int) -> str:
    """21 as luasefulu ma le tasi, 1984 as afe iva selau valusefulu ma le fā, -5 with toʻese before it."""
    if number < 0:
        return f"toʻese {cardinal(-number)}"
    words: list[str] = []
    for value, name in _POWERS:
        count, number = divmod(number, value)
        if count:
            words += [*(_below_thousand(count, "") if count > 1 else []), name]
    last = _below_thousand(number, "ma le")
    if words and 0 < number < 10:
        last = ["ma le", *last]
    return " ".join(words + last) or _DIGITS[0]


def ordinal(number: int) -> str:
    """Muamua for the first; the others are said as their cardinals behind "lona"."""
    return "muamua" if number == 1 else cardinal(number)


_SENE = Noun("sene", "sene")
TABLE = Language(
    code="sm",
    digits=_DIGITS,
    cardinal=cardinal,
    ordinal=ordinal,
    minus="toʻese",
    point="poini",
    dot="poini",
    to="i le",
    number="numera",
    link="ma le",
    signs={
        "%": Noun("pasene", "pasene"),
        "°": Noun("tikeri", "tikeri"),
        "°C": Noun("tikeri Selesiasi", "tikeri Selesiasi"),
    },
    money={
        "$": (Noun("tālā", "tālā"), _SENE),
        "€": (Noun("euro", "euro"), _SENE),
        "£": (Noun("pauni", "pauni"), None),
        "¢": (_SENE, None),
    },
    units={
        "kg": Noun("kilo", "kilo"),
        "km": Noun("kilomita", "kilomita"),
        "m": Noun("mita", "mita"),
        "cm": Noun("senitimita", "senitimita"),
        "l": Noun("lita", "lita"),
    },
    bends={
        "without and": ((r" ma le ", " "),),
        "with ma": ((r" ma le ", " ma "), (r"selau (?!ma )", "selau ma ")),
        "tens apart": ((r"(?<=[a-zā])sefulu", " sefulu"),),
        "as one word": ((r"sefulu(?: ma le)? (?=\w)", "sefulu"), (r" selau", "selau")),
    },
    parts={2: Noun("afa", "afa"), 4: Noun("kuata", "kuata")},
    cents="{whole} ma le {small}",
    half="{n} ma le afa",
    months=tuple("Ianuari Fepuari Mati ʻAperila Mē Iuni Iulai ʻAokuso Setema ʻOketopa Novema Tesema".split()),
    date="{day} o {month} {year}",
    clock=Clock(
        Noun("itūlā", "itūlā"),
        whole="{h}",
        half="afa le {h}",
        past="kuata e teʻa ai le {h}",
        to="toe kuata i le {next}",
    ),
    before={
        "code": "numera oka fakasili pini kode koti tiketi faila",
        "phone": "telefoni vili telefoniina selula",
        "label": "potu vaʻalele pasi faitotoʻa fale",
        "year": "tausaga ianuari fepuari mati iuni iulai setema novema tesema",
        "quantity": "tagata tālā sene aso vaiaso masina itūlā minute itulau mataupu fuaiupu tusa silia toeitiiti",
    },
    after={"quantity": "tagata tālā sene pasene tikeri kilo kilomita mita lita minute itūlā aso masina tausaga afe"},
    year_before="",
    roman=Roman(titles=dict.fromkeys(("mataupu", "vaega", "tusi"), "{cardinal}")),
    also={"zero": "selo", "sero": "selo"},
    powers={"afe": 1000, "miliona": 10**6, "piliona": 10**9},
    joins=("ma", "le"),
)
