"""Italian."""

from __future__ import annotations

from core.text.languages.table import Clock, Language, Noun, Roman

TABLE = Language(
    code="it",
    digits=("zero", "uno", "due", "tre", "quattro", "cinque", "sei", "sette", "otto", "nove"),
    minus="meno",
    plus="più",
    point="virgola",
    dot="punto",
    to="a",
    slash="barra",
    number="numero",
    link="e",
    comma=True,
    ordinals=r"NUM\.?[ºª]|(?<!\d)1°(?= [a-z])",
    times=r"(?:(?<=\bore )|(?<=\balle )|(?<=\bdalle ))HH[.:]MM\b",
    signs={
        "%": Noun("per cento", "per cento"),
        "‰": Noun("per mille", "per mille"),
        "°": Noun("grado", "gradi"),
        "°C": Noun("grado Celsius", "gradi Celsius"),
        "°F": Noun("grado Fahrenheit", "gradi Fahrenheit"),
    },
    money={
        "€": (Noun("euro", "euro"), Noun("centesimo", "centesimi")),
        "$": (Noun("dollaro", "dollari"), Noun("centesimo", "centesimi")),
        "£": (Noun("sterlina", "sterline", True), Noun("penny", "pence")),
        "¥": (Noun("yen", "yen"), None),
        "¢": (Noun("centesimo", "centesimi"), None),
    },
    units={
        "kg": Noun("chilogrammo", "chilogrammi"),
        "g": Noun("grammo", "grammi"),
        "mg": Noun("milligrammo", "milligrammi"),
        "km": Noun("chilometro", "chilometri"),
        "m": Noun("metro", "metri"),
        "cm": Noun("centimetro", "centimetri"),
        "mm": Noun("millimetro", "millimetri"),
        "l": Noun("litro", "litri"),
        "ml": Noun("millilitro", "millilitri"),
        "km/h": Noun("chilometro orario", "chilometri orari"),
        "min": Noun("minuto", "minuti"),
    },
    magnitudes={"milione": "milione", "milioni": "milioni", "miliardo": "miliardo", "miliardi": "miliardi"},
    of_magnitude="di",
    bends={"m": ((r"^uno$", "un"),), "f": ((r"^uno$", "una"),)},
    parts={
        2: Noun("mezzo", "mezzi"),
        **{
            n: Noun(f"{stem}o", f"{stem}i")
            for n, stem in {3: "terz", 4: "quart", 5: "quint", 6: "sest", 7: "settim", 8: "ottav", 9: "non",
                            10: "decim", 100: "centesim"}.items()
        },
    },
    cents="{whole} e {small}",
    over="su",
    half="{n} e mezzo",
    decimals="cardinal",
    joined=True,
    doubles=(("doppio", 2), ("doppia", 2), ("triplo", 3)),
    months=tuple(
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre".split()
    ),
    first_day="primo",
    ordinal_forms={"feminine": ((r"o$", "a"),)},
    ordinal_endings={"ª": "feminine"},
    clock=Clock(
        Noun("ora", "ore", True),
        full="{h} e {m}",
        whole="{h}",
        half="{h} e mezza",
        past="{h} e un quarto",
        to="{next} meno un quarto",
        named={0: "mezzanotte", 12: "mezzogiorno"},
    ),
    before={
        "code": (
            "ordine ordini codice codici pin password conto biglietto fattura riferimento tracciamento posizione "
            "identificativo serie pratica prenotazione conferma cliente socio tessera polizza carta cap postale "
            "articolo modello pacco armadietto targa passaporto chiave spedizione"
        ),
        "phone": "telefono tel cellulare fax chiami chiama chiamare componi interno",
        "label": "camera stanza sala volo uscita autobus linea strada binario treno appartamento canale edificio",
        "year": (
            "anno dal gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre"
        ),
        "quantity": (
            "circa quasi oltre solo esattamente altri età pagina pagine capitolo episodio volume passo tavolo "
            "domanda lezione livello più meno totale sono"
        ),
        "time": "alle ore",
    },
    after={
        "quantity": (
            "euro dollari dollaro sterline centesimi persone persona gente uomini donne bambini ospiti pezzi "
            "scatole volte per gradi secondi secondo minuti minuto ore ora giorni giorno settimane settimana mesi "
            "mese anni anno chilometri metri centimetri chili chilogrammi grammi litri tonnellate mila milioni "
            "punti voti pagine parole altri chiamate clienti ordini pacchi passi stelle"
        )
    },
    feminine="sterlina sterline persona donna scatola volta ora settimana tonnellata pagina parola chiamata stella",
    year_before="nel dal del fino verso",
    roman=Roman(
        titles={
            **dict.fromkeys("capitolo tomo atto libro parte volume articolo fase".split(), "{cardinal}"),
            "secolo": "{ordinal}",
        },
        rulers=frozenset(
            "luigi enrico carlo francesco napoleone filippo giovanni paolo benedetto pio leone elisabetta "
            "vittorio emanuele umberto guglielmo giorgio riccardo edoardo".split()
        ),
        after={"secolo": "{ordinal}"},
    ),
    also={"un": "uno", "una": "uno", "tré": "tre", "ventitre": "ventitré"},
    powers={"mille": 1000, "mila": 1000, "milione": 10**6, "milioni": 10**6, "miliardo": 10**9, "miliardi": 10**9},
    joins=("e",),
    beside=frozenset(("un", "una")),
)
