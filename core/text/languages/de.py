"""German."""

from __future__ import annotations

from core.text.languages.table import Clock, Language, Noun, Roman

_CENT = Noun("Cent", "Cent")
TABLE = Language(
    code="de",
    digits=("null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun"),
    minus="minus",
    plus="plus",
    point="Komma",
    dot="Punkt",
    to="bis",
    ratio="zu",
    slash="Schrägstrich",
    number="Nummer",
    link="und",
    comma=True,
    # A dot makes an ordinal before a month, and behind an article before another word.
    ordinals=r"NUM\.(?= (?:MONTH)\b)|ARTICLE_NUM\.(?= \w)",
    times=r"HH[.:]MM Uhr\b|HH Uhr(?: MM)?\b",
    signs={
        "%": Noun("Prozent", "Prozent"),
        "‰": Noun("Promille", "Promille"),
        "°": Noun("Grad", "Grad"),
        "°C": Noun("Grad Celsius", "Grad Celsius"),
        "°F": Noun("Grad Fahrenheit", "Grad Fahrenheit"),
    },
    money={
        "€": (Noun("Euro", "Euro"), _CENT),
        "$": (Noun("Dollar", "Dollar"), _CENT),
        "£": (Noun("Pfund", "Pfund"), Noun("Penny", "Pence")),
        "¥": (Noun("Yen", "Yen"), None),
        "¢": (_CENT, None),
    },
    units={
        "kg": Noun("Kilogramm", "Kilogramm"),
        "g": Noun("Gramm", "Gramm"),
        "mg": Noun("Milligramm", "Milligramm"),
        "km": Noun("Kilometer", "Kilometer"),
        "m": Noun("Meter", "Meter"),
        "cm": Noun("Zentimeter", "Zentimeter"),
        "mm": Noun("Millimeter", "Millimeter"),
        "l": Noun("Liter", "Liter"),
        "ml": Noun("Milliliter", "Milliliter"),
        "km/h": Noun("Stundenkilometer", "Stundenkilometer"),
        "min": Noun("Minute", "Minuten", True),
    },
    magnitudes={"Million": "Million", "Millionen": "Millionen", "Milliarde": "Milliarde", "Milliarden": "Milliarden"},
    bends={"m": ((r"eins$", "ein"),), "f": ((r"eins$", "eine"),)},
    parts={
        2: Noun("halb", "halbe"),
        **{
            n: Noun(f"{stem}tel", f"{stem}tel")
            for n, stem in {3: "Drit", 4: "Vier", 5: "Fünf", 6: "Sechs", 7: "Sieb", 8: "Ach", 9: "Neun",
                            10: "Zehn", 100: "Hunderts"}.items()
        },
    },
    cents="{whole} {n}",
    over="durch",
    half="{n}einhalb",
    hundreds="hundert",
    years="hundreds",
    joined=True,
    doubles=(("doppel", 2), ("doppelt", 2), ("dreifach", 3)),
    months=tuple("Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split()),
    day="ordinal",
    ordinal_forms={"in -en": ((r"$", "n"),), "in -er": ((r"$", "r"),)},
    ordinal_after={
        **dict.fromkeys("am dem den vom zum im beim des ab seit bis".split(), "in -en"),
        **dict.fromkeys("der die das".split(), ""),
        "": "in -er",
    },
    clock=Clock(
        Noun("Uhr", "Uhr"),
        full="{hours} {m}",
        half="halb {next}",
        past="Viertel nach {h}",
        to="Viertel vor {next}",
    ),
    before={
        "code": (
            "bestellung bestellnummer bestellungen code codes pin passwort konto kontonummer ticket rechnung "
            "rechnungsnummer referenz sendungsnummer standort kennung seriennummer fall buchung "
            "buchungsnummer bestätigung kunde kundennummer mitglied mitgliedsnummer police karte plz postleitzahl "
            "artikel artikelnummer modell paket schließfach ausweis kennzeichen pass schlüssel nummer"
        ),
        "phone": "telefon telefonnummer handy handynummer mobil fax anrufen wählen durchwahl tel unter",
        "label": "zimmer raum flug tor gleis bus linie zug wohnung kanal gebäude saal halle hausnummer autobahn",
        "year": (
            "jahr jahre januar februar märz april juni juli august september oktober november dezember sommer "
            "winter frühling herbst"
        ),
        "quantity": (
            "etwa ungefähr circa ca fast über rund nur genau mindestens höchstens alter seite seiten kapitel "
            "folge band schritt tisch frage lektion stufe plus minus mal insgesamt"
        ),
        "time": "um gegen",
    },
    after={
        "quantity": (
            "euro dollar pfund cent yen personen person leute menschen männer frauen kinder gäste stück kisten "
            "mal prozent grad sekunden sekunde minuten minute stunden stunde tage tag tagen wochen woche monate "
            "monat monaten jahre jahr jahren kilometer meter metern zentimeter kilo kilogramm gramm liter tonnen "
            "tausend millionen punkte stimmen seiten wörter weitere andere neue anrufe kunden bestellungen "
            "pakete schritte sterne"
        )
    },
    feminine="person frau kiste sekunde minute stunde woche tonne seite stimme million",
    year_before="in seit bis vor nach ab um",
    decade="er",
    roman=Roman(
        titles=dict.fromkeys("kapitel band akt teil buch artikel phase weltkrieg".split(), "{cardinal}"),
        rulers=frozenset(
            "ludwig heinrich karl friedrich wilhelm papst benedikt paul pius leo elisabeth georg otto philipp "
            "franz napoleon richard eduard".split()
        ),
        ruler="der {Ordinal}",
        suffix=r"\.(?= [a-zäöüß])",
    ),
    also={"zwo": "zwei", "fuenf": "fünf", "zwölfe": "zwölf", "ein": "eins", "eine": "eins",
          "dreissig": "dreißig"},
    powers={"tausend": 1000, "million": 10**6, "millionen": 10**6, "milliarde": 10**9, "milliarden": 10**9},
    joins=("und",),
    beside=frozenset(("ein", "eine")),
)
