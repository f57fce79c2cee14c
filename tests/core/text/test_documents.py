"""Texts of long recordings: encodings, Word documents, start marks, and what is refused."""

from __future__ import annotations

import time
import zipfile
from pathlib import Path

import docx
import pytest
from docx.oxml import OxmlElement

from core.errors import BadInput, NotFound
from core.text.documents import MOST_BYTES, Section, read, read_all, start_of

SAMOAN = "ʻO le fale o loʻo i ai ātigi"
GERMAN = "Grüße aus Köln – “ja”"


@pytest.mark.parametrize(("text", "encoding"), [
    (SAMOAN, "utf-8"), (SAMOAN, "utf-8-sig"), (SAMOAN, "utf-16"), (SAMOAN, "utf-16-le"),
    (SAMOAN, "utf-16-be"), (SAMOAN, "utf-32"), ("مرحبا بالعالم", "utf-16"),
    (GERMAN, "utf-8"), (GERMAN, "cp1252"),
    ("Grüße aus Köln", "latin-1"),
])
def test_every_usual_encoding_is_read(text: str, encoding: str, tmp_path: Path) -> None:
    file = tmp_path / "talk.txt"
    file.write_bytes(f"{text}\r\nnext line\r\n".encode(encoding))
    assert read(file) == [Section("talk", f"{text}\nnext line")]


def test_letters_are_composed(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a\u0304tigi", "utf-8")
    assert read(tmp_path / "a.txt")[0].text == "ātigi"


@pytest.mark.parametrize(("line", "start", "rest"), [
    ("[00:12:30] hello", 750.0, "hello"), ("  (12:30.5) hello", 750.5, "hello"),
    ("[75:00]", 4500.0, ""), ("01:02:03 - hello", 3723.0, "hello"), ("[0:00:00,25]: hello", 0.25, "hello"),
    ("12:30 we met", None, "12:30 we met"), ("at [00:12:30]", None, "at [00:12:30]"),
    ("[12:75] odd", None, "[12:75] odd"), ("[1:75:00] odd", None, "[1:75:00] odd"),
    ("[laughs] hello", None, "[laughs] hello"), ("01:02:03hello", None, "01:02:03hello"),
])
def test_a_start_mark_stands_at_the_head_of_a_line(line: str, start: float | None, rest: str) -> None:
    assert start_of(line) == (start, rest)


def test_marks_divide_a_document(tmp_path: Path) -> None:
    text = "Minutes\n\n[00:00:05] one\ntwo\n[1:00:00] three\n[1:30:00]\n"
    (tmp_path / "talk.txt").write_text(text, "utf-8")
    assert read(tmp_path / "talk.txt") == [
        Section("talk", "Minutes"), Section("talk 0:00:05", "one\ntwo", 5.0),
        Section("talk 1:00:00", "three", 3600.0)]


def test_one_file_a_section_comes_in_the_order_of_its_number(tmp_path: Path) -> None:
    for n in (10, 2, 1):
        (tmp_path / f"part {n}.txt").write_text(f"text {n}")
    assert [section.name for section in read_all(list(tmp_path.iterdir()))] == ["part 1", "part 2", "part 10"]


def word(path: Path) -> Path:
    """Paragraphs, a table, an insertion and a deletion under "track changes"."""
    document = docx.Document()
    document.add_paragraph(f"[00:00:10] {SAMOAN}")
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "in a", "table"
    last = document.add_paragraph("one ")
    for kind, tag, text in (("w:ins", "w:t", "two "), ("w:del", "w:delText", "three ")):
        change, run, said = OxmlElement(kind), OxmlElement("w:r"), OxmlElement(tag)
        said.text = text
        run.append(said)
        change.append(run)
        last._p.append(change)
    last.add_run("four").add_break()
    last.add_run("five\tsix")
    document.save(str(path))
    return path


def test_word_documents_are_read_with_tables_and_tracked_changes(tmp_path: Path) -> None:
    (found,) = read(word(tmp_path / "talk.docx"))
    assert found.text == f"{SAMOAN}\nin a\ntable\none two four\nfive\tsix"
    assert found.start == 10.0
    assert read(word(tmp_path / "talk.txt")) == [found], "by its content, whatever its name says"


def spoiled(path: Path, document: str) -> Path:
    """A .docx with another XML inside."""
    word(path)
    with zipfile.ZipFile(path) as old:
        parts = {part.filename: old.read(part) for part in old.infolist()}
    parts["word/document.xml"] = document.encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in parts.items():
            new.writestr(name, data)
    return path


def test_entities_are_never_expanded(tmp_path: Path) -> None:
    w = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    (tmp_path / "secret").write_text("secret")
    laughs = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10 if i else "ha"}">' for i in range(12))
    for entity in (laughs, f'<!ENTITY l11 SYSTEM "file://{tmp_path}/secret">'):
        xml = (f'<?xml version="1.0"?><!DOCTYPE d [{entity}]><w:document xmlns:w="{w}"><w:body><w:p><w:r>'
               "<w:t>hello&l11;</w:t></w:r></w:p></w:body></w:document>")
        began = time.thread_time()
        try:
            said = read(spoiled(tmp_path / "bad.docx", xml))[0].text
        except BadInput as error:  # the parser has seen what it would become
            said = str(error)
        assert said == "hello" or said.startswith("bad.docx is not a whole Word document")
        assert time.thread_time() - began < 2


@pytest.mark.parametrize(("name", "data", "told"), [
    ("a.txt", b"", "holds no text"), ("a.txt", b" \n\t\n", "holds no text"),
    ("a.txt", bytes(range(256)) * 4, "is not a text file"),
    ("a.txt", b"hello\x00\x01\x02", "is not a text file"),
    ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "has a password, or is in the old format"),
    ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "has a password, or is in the old format"),
    ("a.docx", b"PK\x03\x04 half", "is not a whole Word document"),
    ("a.docx", b"hello", "is not a whole Word document"), ("a.docx", b"", "is not a whole Word document"),
])
def test_what_is_no_document_is_told(name: str, data: bytes, told: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(BadInput, match=f"{name} {told}"):
        read(tmp_path / name)


def test_what_is_damaged_inside_is_told(tmp_path: Path) -> None:
    for xml in ("<w:document", "<other/>"):
        with pytest.raises(BadInput, match=r"bad\.docx (is not a whole|holds no text)"):
            read(spoiled(tmp_path / "bad.docx", xml))
    with zipfile.ZipFile(tmp_path / "zip.docx", "w") as file:
        file.writestr("a.txt", "hello")
    with pytest.raises(BadInput, match="is not a whole Word document"):
        read(tmp_path / "zip.docx")


def test_what_is_too_large_is_not_even_read(tmp_path: Path) -> None:
    with open(tmp_path / "a.txt", "wb") as file:
        file.truncate(50_000_000)
    with pytest.raises(BadInput, match=r"a\.txt has 50 MB, and a text has at most 20 MB"):
        read(tmp_path / "a.txt")
    bomb = spoiled(tmp_path / "b.docx", "<w>" + " " * 210_000_000)
    assert bomb.stat().st_size < MOST_BYTES
    with pytest.raises(BadInput, match=r"b\.docx would take 211 MB"):
        read(bomb)
    with pytest.raises(NotFound, match="does not exist"):
        read(tmp_path / "gone.txt")
    with pytest.raises(BadInput, match="is a folder"):
        read(tmp_path)
