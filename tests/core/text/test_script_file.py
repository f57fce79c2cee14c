"""Prompt files with columns and lists: read whole with every field, or refused with the line; and back."""
from __future__ import annotations

import json
import re

import pytest

from core.errors import BadInput
from core.text.script_export import write_script
from core.text.script_file import Draft, clean_prompt, read_script
from tests.pace import within

DRAFTS = (
    Draft("Hello, there; \"you\"", "a group", "en", must=True),
    Draft("مرحبا بالعالم", "تحية", "ar"),
    Draft("请检查订单", "", "zh-CN", must=True),
    Draft("= ein-zwei 'drei'", "zahlen", "de"),
    Draft("می\u200cخواهم", "", "fa"),
)


@pytest.mark.parametrize("name", ["x.csv", "x.tsv", "x.json"])
def test_what_is_written_is_read_back_with_every_field(name: str) -> None:
    script = read_script(write_script(DRAFTS, name), name, "en")
    assert (script.drafts, script.notes) == (DRAFTS, ())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
@pytest.mark.parametrize("name", ["x.csv", "x.tsv", "x.json", "x.txt"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_format_in_every_encoding_and_with_every_line_end(
    name: str, encoding: str, newline: str
) -> None:
    text = write_script(DRAFTS, name).decode("utf-8-sig").replace("\r\n", "\n").replace("\n", newline)
    mark = "\ufeff" if encoding == "utf-16-le" else ""
    script = read_script((mark + text).encode(encoding), name, "en")
    assert [draft.text for draft in script.drafts] == [draft.text for draft in DRAFTS]
    if name != "x.txt":
        assert script.drafts == DRAFTS


def test_plain_text_keeps_the_texts() -> None:
    script = read_script(write_script(DRAFTS, "X.TXT"), "X.TXT", "de")
    assert script.drafts == tuple(Draft(draft.text, "", "de") for draft in DRAFTS)


def test_columns_in_any_order_and_case_with_some_empty() -> None:
    table = "Must;Id;GROUP;Prompt;Language\nyes;1;g;eins;de\n;2;;two;\nX;3;h;trois;fr-CA\nno;4;h;four\n"
    assert read_script(table.encode(), "x.csv", "en").drafts == (
        Draft("eins", "g", "de", must=True),
        Draft("two", "", "en"),
        Draft("trois", "h", "fr-CA", must=True),
        Draft("four", "h", "en"),
    )


def test_a_list_of_texts_or_of_objects() -> None:
    assert [d.text for d in read_script(b'["one", "two"]', "x.json").drafts] == ["one", "two"]
    mixed = [{"prompt": "one", "must": True}, "two", {"text": " three ", "group": "g", "language": None},
             {"sentence": "four", "must": 0, "more": [1]}]
    assert read_script(json.dumps(mixed).encode(), "x.json", "sm").drafts == (
        Draft("one", "", "sm", must=True), Draft("two", "", "sm"), Draft("three", "g", "sm"),
        Draft("four", "", "sm"),
    )


def test_empty_ones_and_duplicates_are_counted_and_a_must_is_kept() -> None:
    table = b"text,must\none,\n\n,\none,yes\ntwo,\n"
    script = read_script(table, "x.csv")
    assert script.drafts == (Draft("one", "", "en", must=True), Draft("two", "", "en"))
    assert (script.n_empty, script.n_duplicates, len(script.notes)) == (2, 1, 2)
    listed = read_script(b'["a", "", "a", "  "]', "x.json")
    assert (len(listed.drafts), listed.n_empty, listed.n_duplicates) == (1, 2, 1)


@pytest.mark.parametrize(
    ("data", "name", "sentence"),
    [
        ("text,must\nok,\nodd,maybe\n", "a.csv", "Line 3 of a.csv has “maybe” under “must”"),
        ("text\tlanguage\nok\tEnglish\n", "a.tsv", "Line 2 of a.tsv has the language “English”"),
        ("text,group\nok," + "g" * 81 + "\n", "a.csv", "Line 2 of a.csv has a group of 81 characters"),
        ("group,must\na,yes\n", "a.csv", "Line 1 of a.csv names the column “group” but none called text"),
        ('text,group\n"two\nlines",g\na,b,c\n', "a.csv", "Line 4 of a.csv has 3 columns"),
        ('["ok",\n "also",\n 5]', "a.json", "Line 3 of a.json holds no prompt"),
        ('[\n{"text": "a, b [1\\n]"},\n\n{"group": "g"}\n]', "a.json", "Line 4 of a.json holds no prompt"),
        ('[{"text": "a",\n"group": "g"},\n{"text": "b", "must": "so"}]', "a.json", "Line 3 of a.json has"),
        ('[{"text": "a", "group": ["g"]}]', "a.json", "Line 1 of a.json has a “group” that is no text"),
        ('["one",\n"two"\n"three"]', "a.json", "Line 3 of a.json cannot be read as JSON: Expecting ','"),
        ('{"text": "a"}', "a.json", "a.json is no list"),
        ('"one"', "a.json", "a.json is no list"),
        ("[" * 100_000, "a.json", "Line 1 of a.json cannot be read as JSON"),
        ("[" + "9" * 5000 + "]", "a.json", "Line 1 of a.json cannot be read as JSON"),
        ('["a\\u0000b"]', "a.json", "Line 1 of a.json holds a control character"),
        ('["a\\ud800b"]', "a.json", "Line 1 of a.json holds a control character"),
        ("[]", "a.json", "a.json holds no prompts"),
        ("", "a.json", "Line 1 of a.json cannot be read as JSON"),
        ('["' + "x" * 401 + '"]', "a.json", "Line 1 of a.json has 401 characters"),
    ],
)
def test_a_bad_row_gets_a_sentence_with_its_line(data: str, name: str, sentence: str) -> None:
    with pytest.raises(BadInput, match=re.escape(sentence)) as told:
        read_script(data.encode(), name)
    assert str(told.value).endswith(".")


@pytest.mark.parametrize("name", ["x.csv", "x.json"])
def test_ten_thousand_rows_in_under_a_second(name: str) -> None:
    many = [Draft(f"Fakamolemole {n} ā", f"g{n % 7}", "sm", n % 2 == 0) for n in range(10_000)]
    data = write_script(many, name)
    assert list(read_script(data, name).drafts) == many
    within(1, lambda: read_script(data, name))


def test_other_endings_are_not_written() -> None:
    with pytest.raises(BadInput, match=r"x\.xlsx is no prompt file"):
        write_script(DRAFTS, "x.xlsx")


def test_a_prompt_typed_by_hand_is_cleaned_the_same_way() -> None:
    assert clean_prompt("  e\u0301te\u0301 \t deux ") == "été deux"
    with pytest.raises(BadInput, match="The prompt has 401 characters"):
        clean_prompt("x" * 401)
