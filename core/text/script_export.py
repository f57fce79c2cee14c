"""A script as a file that `read_script` takes back: plain text, CSV, TSV or JSON."""
from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict

from core.errors import BadInput
from core.text.script_file import Draft


def write_script(drafts: Sequence[Draft], name: str) -> bytes:
    """The bytes of the file `name`: .csv, .tsv and .json keep text, group, language and must, .txt the texts
    alone. BadInput for any other ending.
    """
    ending = name.lower().rpartition(".")[2]
    if ending == "txt":
        return "".join(f"{draft.text}\n" for draft in drafts).encode()
    if ending == "json":
        return (json.dumps([asdict(draft) for draft in drafts], ensure_ascii=False, indent=1) + "\n").encode()
    if ending in ("csv", "tsv"):
        return _table(drafts, "\t" if ending == "tsv" else ",")
    raise BadInput(f"{name} is no prompt file: choose a name that ends with .txt, .csv, .tsv or .json.")


def _table(drafts: Sequence[Draft], delimiter: str) -> bytes:
    made = io.StringIO(newline="")
    writer = csv.writer(made, delimiter=delimiter)
    writer.writerow(("text", "group", "language", "must"))
    writer.writerows((d.text, d.group, d.language, "yes" if d.must else "") for d in drafts)
    return made.getvalue().encode("utf-8-sig")  # spreadsheets read UTF-8 only by this mark
