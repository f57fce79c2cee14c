"""Spanish."""

from __future__ import annotations

import re

from core.text.languages.table import Clock, Language, Noun, Roman


def _mended(words: str) -> str:
    """veintiún mil, treinta y un millones: the engine keeps veintiuno and uno there."""
    return re.sub(r"\buno(?= mil)", "un", re.sub(r"\bveintiuno(?= mil)", "veintiún", words))


TABLE = Language(
    code="es",
    digits=("cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"),
    mend=_mended,
    minus="menos",
    plus="más",
    point="coma",
    dot="punto",
    to="a",
    slash="barra",
    number="número",
    link="y",
    comma=True,
    ordinals=r"NUM\.?(?:er\b|[ºª])|(?<!\d)1°(?= [a-z])",
    times=r"HH[.:]MM ?h(?:oras)?\b|HH ?h\b",
    signs={
        "%": Noun("por ciento", "por ciento"),
        "‰": Noun("por mil", "por mil"),
        "°": Noun("grado", "grados"),
        "°C": Noun("grado Celsius", "grados Celsius"),
        "°F": Noun("grado Fahrenheit", "grados Fahrenheit"),
    },
    money={
        "€": (Noun("euro", "euros"), Noun("céntimo", "céntimos")),
        "$": (Noun("dólar", "dólares"), Noun("centavo", "centavos")),
        "£": (Noun("libra", "libras", True), Noun("penique", "peniques")),
        "¥": (Noun("yen", "yenes"), None),
        "¢": (Noun("centavo", "centavos"), None),
    },
    units={
        "kg": Noun("kilogramo", "kilogramos"),
        "g": Noun("gramo", "gramos"),
        "mg": Noun("miligramo", "miligramos"),
        "km": Noun("kilómetro", "kilómetros"),
        "m": Noun("metro", "metros"),
        "cm": Noun("centímetro", "centímetros"),
        "mm": Noun("milímetro", "milímetros"),
        "l": Noun("litro", "litros"),
        "ml": Noun("mililitro", "mililitros"),
        "km/h": Noun("kilómetro por hora", "kilómetros por hora"),
        "min": Noun("minuto", "minutos"),
    },
    magnitudes={"millón": "millón", "millones": "millones"},
    of_magnitude="de",
    bends={
        "m": ((r"veintiuno$", "veintiún"), (r"\buno$", "un")),
        "f": ((r"uno$", "una"), (r"(cient|quinient)os\b", r"\1as"), (r"\bun(?= mil\b)", "una")),
    },
    parts={
        2: Noun("medio", "medios"),
        3: Noun("tercio", "tercios"),
        **{
            n: Noun(f"{stem}o", f"{stem}os")
            for n, stem in {4: "cuart", 5: "quint", 6: "sext", 7: "séptim", 8: "octav", 9: "noven",
                            10: "décim", 100: "centésim"}.items()
        },
    },
    cents="{whole} con {small}",
    over="sobre",
    half="{n} y medio",
    decimals="cardinal",
    doubles=(("doble", 2), ("triple", 3)),
    months=tuple(
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split()
    ),
    date="{day} de {month} de {year}",
    first_day="uno",
    ordinal_forms={
        "feminine": ((r"o\b", "a"),),
        "short": ((r"(primer|tercer)o$", r"\1"),),
    },
    ordinal_endings={"ª": "feminine", "er": "short"},
    clock=Clock(
        Noun("hora", "horas", True),
        half="{h} y media",
        past="{h} y cuarto",
        to="{next} menos cuarto",
    ),
    before={
        "code": (
            "pedido pedidos código códigos pin clave contraseña cuenta ticket factura referencia seguimiento "
            "ubicación identificador serie caso reserva confirmación cliente socio póliza tarjeta postal artículo "
            "modelo paquete casillero placa matrícula pasaporte llave envío"
        ),
        "phone": "teléfono tel móvil celular fax llame llama llamar marque marcar extensión",
        "label": "habitación sala vuelo puerta autobús línea ruta carretera andén tren piso apartamento canal edificio",
        "year": "año desde enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "quantity": (
            "unos unas casi sobre solo sólo exactamente aproximadamente otros edad página páginas capítulo "
            "episodio volumen paso mesa pregunta lección nivel más menos total son"
        ),
        "time": "las",
    },
    after={
        "quantity": (
            "euros euro dólares dólar libras pesos céntimos centavos personas persona gente hombres mujeres niños "
            "invitados piezas cajas veces por grados segundos segundo minutos minuto horas hora días día semanas "
            "semana meses mes años año kilómetros metros centímetros kilos kilogramos gramos litros toneladas mil "
            "millones puntos votos páginas palabras más otros llamadas clientes pedidos paquetes pasos estrellas"
        )
    },
    feminine=(
        "libras libra personas persona mujeres piezas cajas veces horas hora semanas semana toneladas páginas palabras "
        "otras llamadas estrellas"
    ),
    year_before="en desde hasta hacia",
    roman=Roman(
        titles=dict.fromkeys(
            "capítulo tomo acto libro parte volumen artículo fase siglo siglos guerra".split(), "{cardinal}"
        ),
        rulers=frozenset(
            "felipe alfonso carlos fernando isabel juan pablo benedicto pío león luis enrique jorge eduardo "
            "guillermo napoleón".split()
        ),
        ruler="{cardinal}",
        small="{ordinal}",
    ),
    also={"un": "uno", "una": "uno", "veintiun": "veintiuno", "veintiuna": "veintiuno", "ciento": "cien"},
    powers={"mil": 1000, "millón": 10**6, "millones": 10**6},
    joins=("y",),
    beside=frozenset(("un", "una")),
)
