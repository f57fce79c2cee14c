"""The Numbers template and prompt files from outside."""
from __future__ import annotations

from collections import Counter

import pytest

from core.errors import BadInput
from core.text.convert import leftovers
from core.text.scripts import numbers_script, read_script
from core.text.spoken import digit_strings
from tests.pace import within


def test_fifty_distinct_prompts_in_the_promised_groups() -> None:
    drafts = numbers_script()
    assert Counter(draft.group for draft in drafts) == {
        "order number": 15,
        "location code": 15,
        "phone number": 10,
        "mixed code": 10,
    }
    assert len({draft.text for draft in drafts}) == 50
    sizes = {"order number": 7, "location code": 6, "phone number": 10}
    for draft in drafts:
        strings = digit_strings(draft.text)
        assert leftovers(draft.text) == [] and draft.text[0].isupper() and draft.language == "en"
        if draft.group in sizes:
            assert [len(string) for string in strings] == [sizes[draft.group]], draft.text
    assert sum(len(digit_strings(draft.text)) == 2 for draft in drafts) == 3
    assert len({" ".join(draft.text.split()[:2]) for draft in drafts}) >= 10


def test_every_digit_stands_evenly_at_every_place() -> None:
    for seed in range(5):
        for group, low, high in (("order number", 1, 2), ("location code", 1, 2), ("phone number", 1, 1)):
            codes = [digit_strings(draft.text)[0] for draft in numbers_script(seed) if draft.group == group]
            for place in zip(*codes, strict=True):
                counts = Counter(place)
                assert (
                    set(counts) == set("0123456789")
                    and low <= min(counts.values()) <= max(counts.values()) <= high
                )


def test_the_seed_decides() -> None:
    assert numbers_script(4) == numbers_script(4)
    assert numbers_script(4) != numbers_script(5)


def test_other_languages_get_the_digits_alone_and_unknown_ones_a_sentence() -> None:
    drafts = numbers_script(language="de")
    assert len(drafts) == 50 and set(drafts[0].text.split()) <= set(
        "null eins zwei drei vier fünf sechs sieben acht neun".split()
    )
    with pytest.raises(BadInput, match="tvl"):
        numbers_script(language="tvl")


def test_plain_text_drops_and_counts_empty_lines_and_duplicates() -> None:
    script = read_script(b"  one two \r\n\r\nthree\n \none  two\n", "mine.txt", "sm")
    assert [draft.text for draft in script.drafts] == ["one two", "three"]
    assert (script.n_empty, script.n_duplicates) == (2, 1)
    assert script.notes == (
        "2 empty lines were left out.",
        "1 line stood there before and came in only once.",
    )
    assert script.drafts[0].language == "sm"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_every_script_in_every_unicode_encoding(encoding: str) -> None:
    lines = ["Tālofa koutou", "مرحبا بالعالم", "请检查订单", "e\u0301te\u0301", "नमस्ते दुनिया"]
    script = read_script("\n".join(lines).encode(encoding), "prompts.txt")
    assert [draft.text for draft in script.drafts] == [*lines[:3], "été", lines[4]]


def test_tables_by_column_name_or_first_column() -> None:
    table = 'id,Text,group\n1,"Hello, there",a\n2,Bye,b\n'
    script = read_script(table.encode(), "x.csv")
    assert [(draft.text, draft.group) for draft in script.drafts] == [("Hello, there", "a"), ("Bye", "b")]
    assert [d.text for d in read_script(b"prompt\tnote\na b\tx\n", "x.TSV").drafts] == ["a b"]
    assert [d.text for d in read_script(b"a;1\nb;2\n", "x.csv").drafts] == ["a", "b"]
    assert [d.text for d in read_script("id;prompt\n1;a, b\n".encode("utf-16"), "x.csv").drafts] == ["a, b"]


def test_sentences_with_commas_that_are_merely_named_csv_are_not_cut() -> None:
    script = read_script(b"Hello, there\nGood morning\n", "x.csv")
    assert [draft.text for draft in script.drafts] == ["Hello, there", "Good morning"]
    assert "each line is one prompt" in script.notes[0]


@pytest.mark.parametrize(
    ("data", "name", "sentence"),
    [
        (b"", "a.txt", "a.txt holds no prompts"),
        (b"\n \n", "a.txt", "holds no prompts"),
        (b"text\n", "a.csv", "holds no prompts"),
        (b"ok\n" + b"x" * 401, "a.txt", "Line 2 of a.txt has 401 characters"),
        (b"ok\ncaf\xe9\n", "a.txt", "line 2 cannot be read"),
        (b"PK\x03\x04\x00\x00\xff\xfe", "a.docx", "a.docx is not a text file"),
        (b"RIFF\x00\x00WAVE", "a.txt", "is not a text file"),
        (b"a\n" * 20001, "a.txt", "a.txt has 20,001 lines"),
        (b"text,id\na,b,1\n", "a.csv", "Line 2 of a.csv has 3 columns"),
    ],
)
def test_what_cannot_be_used_gets_a_sentence(data: bytes, name: str, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        read_script(data, name)


def test_ten_thousand_lines_in_under_a_second() -> None:
    data = "\n".join(f"Fakamolemole {number} ā" for number in range(10_000)).encode()
    assert len(read_script(data, "big.txt").drafts) == 10_000
    within(1, lambda: read_script(data, "big.txt"))
    assert len(read_script(b"\n".join(b"%d" % n for n in range(20_000)), "most.txt").drafts) == 20_000
