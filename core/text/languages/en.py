"""English: the words around numbers. Its readings are grammar of their own, in `core.text.readings_en`."""

from __future__ import annotations

from core.text.languages.table import Language, Noun, Roman

TABLE = Language(
    code="en",
    digits=("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    minus="minus",
    plus="plus",
    point="point",
    to="to",
    ordinals=r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:st|nd|rd|th)\b",
    times=r"HH\.MM(?= ?[ap]\.?m\b)",
    units={
        "kg": Noun("kilogram", "kilograms"),
        "g": Noun("gram", "grams"),
        "mg": Noun("milligram", "milligrams"),
        "km": Noun("kilometer", "kilometers"),
        "cm": Noun("centimeter", "centimeters"),
        "mm": Noun("millimeter", "millimeters"),
        "m": Noun("meter", "meters"),
        "ml": Noun("milliliter", "milliliters"),
        "l": Noun("liter", "liters"),
        "mph": Noun("mile an hour", "miles an hour"),
        "lb": Noun("pound", "pounds"),
        "lbs": Noun("pound", "pounds"),
        "oz": Noun("ounce", "ounces"),
        "ft": Noun("foot", "feet"),
        "gb": Noun("gigabyte", "gigabytes"),
        "mb": Noun("megabyte", "megabytes"),
        "hz": Noun("hertz", "hertz"),
        "khz": Noun("kilohertz", "kilohertz"),
        "min": Noun("minute", "minutes"),
        "sec": Noun("second", "seconds"),
        "hr": Noun("hour", "hours"),
        "hrs": Noun("hour", "hours"),
        "ms": Noun("millisecond", "milliseconds"),
    },
    months=tuple("January February March April May June July August September October November December".split()),
    before={
        "code": (
            "order orders code codes pin passcode password account acct ticket invoice reference ref "
            "tracking location id identifier serial case booking confirmation customer member membership "
            "policy card zip postcode part model item sku shipment parcel package locker badge license "
            "licence plate passport registration digits key otp token"
        ),
        "phone": "phone telephone mobile cell fax tel dial call ring text extension ext landline hotline",
        "label": (
            "room flight gate bus route highway interstate train apartment suite building channel area "
            "unit line hwy"
        ),
        "year": (
            "year since born anno summer winter spring autumn christmas january february april june july "
            "august september october november december"
        ),
        "quantity": (
            "about around nearly almost over under roughly exactly approximately only another aged age "
            "page pages covid top chapter episode volume step platform table question lesson level plus "
            "minus times equals between least most"
        ),
        "time": "at until till o'clock",
    },
    after={
        "time": "o'clock",
        "half day": "am pm a.m p.m",
        "hours": "hours",
        "quantity": (
            "dollars dollar pounds pound euros euro cents cent pence bucks yen people persons men women "
            "children guests items pieces boxes copies times percent per degrees seconds second minutes "
            "minute hour days day weeks week months month years year miles mile kilometers kilometres "
            "kilometer km meters metres meter feet foot inches inch kg kilos kilograms grams lbs liters "
            "litres tons tonnes thousand million billion hundred points votes pages words more other "
            "different new calls tickets customers orders packages steps stars cm mm gb mb"
        ),
    },
    year_before="in since until by before after from during of circa to",
    roman=Roman(
        titles=dict.fromkeys(
            "chapter part act book volume section phase type article appendix level war bowl title class "
            "tier scene round mark stage grade".split(),
            "{cardinal}",
        ),
        rulers=frozenset(
            "henry george edward richard william james charles louis elizabeth mary john paul benedict pius "
            "leo gregory innocent clement philip francis frederick napoleon peter catherine alexander ivan "
            "nicholas robert david alfonso ferdinand otto ramesses rameses ptolemy darius xerxes".split()
        ),
        ruler="the {ordinal}",
    ),
)
