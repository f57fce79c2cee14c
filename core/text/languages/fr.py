"""French: numbers of France and, on the way back, of Belgium and Switzerland too."""

from __future__ import annotations

import re

from core.text.languages.table import Clock, Language, Noun, Roman


def _mended(words: str) -> str:
    """Without the plural s before mille: deux cent mille, quatre vingt mille (the engine keeps it)."""
    return re.sub(r"\b(cent|vingt)s(?= mille\b)", r"\1", words)


_CENT = Noun("centime", "centimes")
TABLE = Language(
    code="fr",
    digits=("zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf"),
    mend=_mended,
    minus="moins",
    plus="plus",
    point="virgule",
    dot="point",
    to="à",
    ratio="sur",
    slash="barre oblique",
    number="numéro",
    link="et",
    comma=True,
    ordinals=r"NUM(?:ers?|[èe]res?|res?|nde?s?|ds?|(?:i?[èe]me|e)s?)\b",
    times=r"HH ?h(?: ?MM)?(?!\w)",
    signs={
        "%": Noun("pour cent", "pour cent"),
        "‰": Noun("pour mille", "pour mille"),
        "°": Noun("degré", "degrés"),
        "°C": Noun("degré Celsius", "degrés Celsius"),
        "°F": Noun("degré Fahrenheit", "degrés Fahrenheit"),
    },
    money={
        "€": (Noun("euro", "euros"), _CENT),
        "$": (Noun("dollar", "dollars"), Noun("cent", "cents")),
        "£": (Noun("livre", "livres", True), Noun("penny", "pence")),
        "¥": (Noun("yen", "yens"), None),
        "¢": (Noun("cent", "cents"), None),
    },
    units={
        "kg": Noun("kilogramme", "kilogrammes"),
        "g": Noun("gramme", "grammes"),
        "mg": Noun("milligramme", "milligrammes"),
        "km": Noun("kilomètre", "kilomètres"),
        "m": Noun("mètre", "mètres"),
        "cm": Noun("centimètre", "centimètres"),
        "mm": Noun("millimètre", "millimètres"),
        "l": Noun("litre", "litres"),
        "ml": Noun("millilitre", "millilitres"),
        "km/h": Noun("kilomètre heure", "kilomètres heure"),
        "min": Noun("minute", "minutes", True),
    },
    magnitudes={"million": "million", "millions": "millions", "milliard": "milliard", "milliards": "milliards"},
    of_magnitude="de|d'",
    bends={"f": ((r"\bun$", "une"),)},
    parts={
        2: Noun("demi", "demis"),
        3: Noun("tiers", "tiers"),
        4: Noun("quart", "quarts"),
        **{
            n: Noun(f"{stem}ième", f"{stem}ièmes")
            for n, stem in {5: "cinqu", 6: "six", 7: "sept", 8: "huit", 9: "neuv", 10: "dix", 100: "cent"}.items()
        },
    },
    over="sur",
    half="{n} et demi",
    cents="{whole} {n}",
    decimals="cardinal",
    phone="pairs",
    hundreds="cent",
    doubles=(("double", 2), ("triple", 3)),
    months=tuple("janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()),
    first_day="premier",
    ordinal_forms={
        "feminine": ((r"premier$", "première"), (r"second$", "seconde")),
        "plural": ((r"$", "s"),),
    },
    ordinal_endings={"re": "feminine", "ère": "feminine", "ere": "feminine", "es": "plural", "èmes": "plural"},
    clock=Clock(
        Noun("heure", "heures", True),
        full="{hours} {m}",
        half="{hours} et demie",
        past="{hours} et quart",
        to="{next_hours} moins le quart",
        named={0: "minuit", 12: "midi"},
    ),
    before={
        "code": (
            "commande commandes code codes pin passe compte ticket billet facture référence réf suivi "
            "emplacement identifiant série dossier réservation confirmation client cliente membre police carte "
            "postal article modèle colis casier badge permis plaque passeport clé"
        ),
        "phone": "téléphone tél portable mobile fax appelez appeler appelle composez ligne poste",
        "label": "chambre salle vol porte bus ligne route quai voie train appartement bureau canal bâtiment",
        "year": "année an depuis janvier février avril juin juillet août septembre octobre novembre décembre",
        "quantity": (
            "environ presque près plus moins âgé âgée page pages chapitre épisode volume étape table question "
            "leçon niveau heures total sont"
        ),
    },
    after={
        "quantity": (
            "euros euro dollars dollar livres centimes personnes personne gens hommes femmes enfants invités "
            "pièces boîtes fois pour degrés secondes seconde minutes minute heures heure jours jour semaines "
            "semaine mois ans années kilomètres mètres centimètres kilos kilogrammes grammes litres tonnes "
            "millions milliers points votes pages mots autres appels clients commandes paquets étapes étoiles mille"
        )
    },
    feminine=(
        "livres livre personnes personne femmes pièces boîtes fois secondes seconde minutes minute heures heure semaines "
        "semaine années tonnes pages voix commandes étapes étoiles"
    ),
    year_before="en depuis vers mars mai",
    roman=Roman(
        titles={
            **dict.fromkeys("chapitre tome acte livre partie volume article guerre phase".split(), "{cardinal}"),
        },
        rulers=frozenset(
            "louis henri charles françois napoléon philippe jean paul benoît pie léon élisabeth guillaume "
            "albert léopold édouard georges richard".split()
        ),
        ruler="{cardinal}",
        after={"siècle": "{ordinal}", "siècles": "{ordinal}", "république": "{ordinal}"},
        suffix=r"(?:er|re|e|ème)",
        first="premier",
    ),
    also={
        "septante": "soixante dix",
        "huitante": "quatre vingts",
        "octante": "quatre vingts",
        "nonante": "quatre vingt dix",
        "une": "un",
    },
    powers={"mille": 1000, "million": 10**6, "millions": 10**6, "milliard": 10**9, "milliards": 10**9},
    beside=frozenset(("une",)),
)
