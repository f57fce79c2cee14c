"""Portuguese: of Portugal, and of Brazil where the project's language says so (pt-BR)."""

from __future__ import annotations

from core.text.languages.table import Clock, Language, Noun, Roman

TABLE = Language(
    code="pt",
    digits=("zero", "um", "dois", "três", "quatro", "cinco", "seis", "sete", "oito", "nove"),
    minus="menos",
    plus="mais",
    point="vírgula",
    dot="ponto",
    to="a",
    slash="barra",
    number="número",
    link="e",
    comma=True,
    ordinals=r"NUM\.?[ºª]|(?<!\d)1°(?= [a-z])",
    times=r"HH ?h(?: ?MM)?(?:min)?(?!\w)|HH[.:]MM ?h\b",
    signs={
        "%": Noun("por cento", "por cento"),
        "‰": Noun("por mil", "por mil"),
        "°": Noun("grau", "graus"),
        "°C": Noun("grau Celsius", "graus Celsius"),
        "°F": Noun("grau Fahrenheit", "graus Fahrenheit"),
    },
    money={
        "€": (Noun("euro", "euros"), Noun("cêntimo", "cêntimos")),
        "R$": (Noun("real", "reais"), Noun("centavo", "centavos")),
        "$": (Noun("dólar", "dólares"), Noun("cêntimo", "cêntimos")),
        "£": (Noun("libra", "libras", True), Noun("pêni", "pence")),
        "¥": (Noun("iene", "ienes"), None),
        "¢": (Noun("centavo", "centavos"), None),
    },
    units={
        "kg": Noun("quilograma", "quilogramas"),
        "g": Noun("grama", "gramas"),
        "mg": Noun("miligrama", "miligramas"),
        "km": Noun("quilómetro", "quilómetros"),
        "m": Noun("metro", "metros"),
        "cm": Noun("centímetro", "centímetros"),
        "mm": Noun("milímetro", "milímetros"),
        "l": Noun("litro", "litros"),
        "ml": Noun("mililitro", "mililitros"),
        "km/h": Noun("quilómetro por hora", "quilómetros por hora"),
        "min": Noun("minuto", "minutos"),
    },
    magnitudes={"milhão": "milhão", "milhões": "milhões", "mil milhões": "mil milhões", "bilhões": "bilhões"},
    of_magnitude="de",
    bends={"f": ((r"\bum$", "uma"), (r"\bdois\b(?! milh)", "duas"), (r"entos\b", "entas"))},
    parts={
        2: Noun("meio", "meios"),
        3: Noun("terço", "terços"),
        **{
            n: Noun(f"{stem}o", f"{stem}os")
            for n, stem in {4: "quart", 5: "quint", 6: "sext", 7: "sétim", 8: "oitav", 9: "non", 10: "décim",
                            100: "centésim"}.items()
        },
    },
    cents="{whole} e {small}",
    over="sobre",
    half="{n} e meio",
    decimals="cardinal",
    doubles=(("duplo", 2), ("dupla", 2), ("triplo", 3)),
    months=tuple(
        "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro".split()
    ),
    date="{day} de {month} de {year}",
    first_day="primeiro",
    ordinal_forms={"feminine": ((r"o\b", "a"),)},
    ordinal_endings={"ª": "feminine"},
    clock=Clock(
        Noun("hora", "horas", True),
        full="{h} e {m}",
        half="{h} e meia",
        past="{h} e um quarto",
        to="um quarto para as {next}",
        named={0: "meia noite", 12: "meio dia"},
    ),
    before={
        "code": (
            "pedido pedidos encomenda código códigos pin senha conta bilhete fatura referência rastreamento "
            "localização identificador série caso reserva confirmação cliente sócio apólice cartão postal cep "
            "artigo modelo pacote armário placa matrícula passaporte chave"
        ),
        "phone": "telefone tel telemóvel celular fax ligue ligar ramal extensão",
        "label": "quarto sala voo portão porta autocarro ônibus linha rota estrada comboio trem apartamento canal",
        "year": (
            "ano desde janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro"
        ),
        "quantity": (
            "cerca quase sobre só apenas exatamente aproximadamente outros idade página páginas capítulo episódio "
            "volume passo mesa pergunta lição nível mais menos total são"
        ),
        "time": "às",
    },
    after={
        "quantity": (
            "euros euro dólares dólar libras reais cêntimos centavos pessoas pessoa gente homens mulheres crianças "
            "convidados peças caixas vezes por graus segundos segundo minutos minuto horas hora dias dia semanas "
            "semana meses mês anos ano quilómetros quilômetros metros centímetros quilos gramas litros toneladas "
            "mil milhões pontos votos páginas palavras mais outros chamadas clientes pedidos pacotes passos estrelas"
        )
    },
    feminine=(
        "libras libra pessoas pessoa mulheres crianças peças caixas vezes horas hora semanas semana toneladas páginas "
        "palavras outras chamadas estrelas encomendas"
    ),
    year_before="em desde até",
    roman=Roman(
        titles={
            **dict.fromkeys("capítulo tomo ato livro parte volume artigo fase".split(), "{cardinal}"),
            "século": "{cardinal}",
            "séculos": "{cardinal}",
        },
        rulers=frozenset(
            "joão pedro luís carlos afonso manuel sebastião henrique filipe bento pio leão paulo isabel maria "
            "jorge eduardo guilherme napoleão dinis".split()
        ),
        ruler="{cardinal}",
        small="{ordinal}",
    ),
    also={
        "meia": "seis",
        "uma": "um",
        "duas": "dois",
        "dezesseis": "dezasseis",
        "dezessete": "dezassete",
        "dezenove": "dezanove",
        "quatorze": "catorze",
        "cento": "cem",
    },
    powers={"mil": 1000, "milhão": 10**6, "milhões": 10**6, "bilhão": 10**9, "bilhões": 10**9},
    joins=("e",),
    beside=frozenset(("meia", "uma")),
)
