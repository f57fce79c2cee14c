"""Dutch."""

from __future__ import annotations

from core.text.languages.table import Clock, Language, Noun, Roman

_CENT = Noun("cent", "cent")
TABLE = Language(
    code="nl",
    digits=("nul", "één", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen"),
    minus="min",
    plus="plus",
    point="komma",
    dot="punt",
    to="tot",
    ratio="op",
    slash="schuine streep",
    number="nummer",
    link="en",
    comma=True,
    ordinals=r"NUM(?:ste|de|e)\b",
    times=r"HH[.:]MM uur\b|HH uur(?: MM)?\b",
    signs={
        "%": Noun("procent", "procent"),
        "‰": Noun("promille", "promille"),
        "°": Noun("graad", "graden"),
        "°C": Noun("graad Celsius", "graden Celsius"),
        "°F": Noun("graad Fahrenheit", "graden Fahrenheit"),
    },
    money={
        "€": (Noun("euro", "euro"), _CENT),
        "$": (Noun("dollar", "dollar"), _CENT),
        "£": (Noun("pond", "pond"), Noun("penny", "pence")),
        "¥": (Noun("yen", "yen"), None),
        "¢": (_CENT, None),
    },
    units={
        "kg": Noun("kilogram", "kilogram"),
        "g": Noun("gram", "gram"),
        "mg": Noun("milligram", "milligram"),
        "km": Noun("kilometer", "kilometer"),
        "m": Noun("meter", "meter"),
        "cm": Noun("centimeter", "centimeter"),
        "mm": Noun("millimeter", "millimeter"),
        "l": Noun("liter", "liter"),
        "ml": Noun("milliliter", "milliliter"),
        "km/u": Noun("kilometer per uur", "kilometer per uur"),
        "min": Noun("minuut", "minuten"),
    },
    magnitudes={"miljoen": "miljoen", "miljard": "miljard"},
    parts={
        2: Noun("half", "halve"),
        4: Noun("kwart", "kwart"),
        **{
            n: Noun(name, name)
            for n, name in {3: "derde", 5: "vijfde", 6: "zesde", 7: "zevende", 8: "achtste", 9: "negende",
                            10: "tiende", 100: "honderdste"}.items()
        },
    },
    cents="{whole} {n}",
    over="gedeeld door",
    half="{n} en een half",
    hundreds="honderd",
    years="hundreds",
    joined=True,
    doubles=(("dubbel", 2), ("dubbele", 2), ("driedubbel", 3)),
    months=tuple("januari februari maart april mei juni juli augustus september oktober november december".split()),
    clock=Clock(
        Noun("uur", "uur"),
        full="{hours} {m}",
        half="half {next}",
        past="kwart over {h}",
        to="kwart voor {next}",
    ),
    before={
        "code": (
            "bestelling bestelnummer ordernummer order code codes pincode pin wachtwoord rekening rekeningnummer "
            "ticket factuur factuurnummer referentie locatie serienummer zaak boeking bevestiging klant "
            "klantnummer lid polis kaart postcode artikel artikelnummer model pakket kluisje kenteken paspoort "
            "sleutel nummer"
        ),
        "phone": "telefoon telefoonnummer mobiel fax bel bellen toestel tel",
        "label": "kamer zaal vlucht gate poort bus lijn route spoor trein appartement kanaal gebouw huisnummer",
        "year": (
            "jaar sinds januari februari maart april juni juli augustus september oktober november december"
        ),
        "quantity": (
            "ongeveer circa bijna ruim slechts precies minstens hoogstens leeftijd pagina hoofdstuk aflevering "
            "deel stap tafel vraag les niveau plus min maal totaal"
        ),
        "time": "om",
    },
    after={
        "quantity": (
            "euro dollar pond cent personen persoon mensen mannen vrouwen kinderen gasten stuks dozen keer maal "
            "procent graden seconden seconde minuten minuut uren uur dagen dag weken week maanden maand jaren jaar "
            "kilometer meter centimeter kilo kilogram gram liter ton duizend miljoen punten stemmen pagina's "
            "woorden andere nieuwe oproepen klanten bestellingen pakketten stappen sterren"
        )
    },
    year_before="in sinds tot vanaf mei",
    roman=Roman(
        titles=dict.fromkeys("hoofdstuk deel akte boek artikel fase wereldoorlog".split(), "{cardinal}"),
        rulers=frozenset(
            "willem lodewijk hendrik karel filips leopold albert napoleon benedictus paulus pius leo elizabeth "
            "george eduard".split()
        ),
        ruler="de {Ordinal}",
    ),
    also={"een": "één", "eén": "één"},
    powers={"duizend": 1000, "miljoen": 10**6, "miljard": 10**9},
    joins=("en",),
    beside=frozenset(("een",)),
)
