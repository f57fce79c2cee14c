"""The SQLite file: migrations, transactions, two processes at once, and sentences for what a person can
mend."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from core import db
from core.config import REPOSITORY
from core.errors import StudioError, Unavailable

TABLES = {"projects", "speakers", "prompts", "clips", "transcripts", "changes", "datasets", "ingested"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "library.db"


def tables(path: Path) -> set[str]:
    with db.reading(path) as connection:
        return {
            row["name"] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        }


def add_project(connection: sqlite3.Connection, slug: str) -> None:
    connection.execute(
        "INSERT INTO projects (slug, name, template, created_at) VALUES (?, ?, 'blank', 0)", (slug, slug)
    )


def slugs(path: Path) -> list[str]:
    with db.reading(path) as connection:
        return [row["slug"] for row in connection.execute("SELECT slug FROM projects ORDER BY id")]


def test_an_empty_folder_becomes_a_library(path: Path) -> None:
    assert tables(path) >= TABLES
    with db.connect(path) as connection:
        assert connection.execute("PRAGMA user_version").fetchone()[0] == len(db.MIGRATIONS)
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


def test_an_older_library_gets_what_is_new_and_keeps_what_it_has(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.connect(path) as connection:
        add_project(connection, "old")
    more = "CREATE TABLE later (id INTEGER); ALTER TABLE projects ADD COLUMN colour TEXT DEFAULT 'red'"
    monkeypatch.setattr(db, "MIGRATIONS", [*db.MIGRATIONS, more])
    assert "later" in tables(path)
    with db.reading(path) as connection:
        assert [row["colour"] for row in connection.execute("SELECT colour FROM projects")] == ["red"]


def test_a_migration_that_breaks_leaves_the_old_library(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with db.connect(path) as connection:
        add_project(connection, "old")
    with monkeypatch.context() as patch:
        patch.setattr(db, "MIGRATIONS", [*db.MIGRATIONS, "CREATE TABLE half (id INTEGER); CREATE TABEL oops"])
        with pytest.raises(sqlite3.OperationalError):
            slugs(path)
    assert slugs(path) == ["old"]
    assert "half" not in tables(path)


def test_a_library_from_the_future_is_left_alone(path: Path) -> None:
    with db.connect(path) as connection:
        add_project(connection, "mine")
    raw = sqlite3.connect(path)
    raw.execute(f"PRAGMA user_version = {len(db.MIGRATIONS) + 3}")
    raw.close()
    for opened in (db.connect, db.reading):
        with pytest.raises(StudioError, match=r"newer Voicewright .*update the app"), opened(path):
            pytest.fail("it was opened")


def test_an_error_rolls_everything_back(path: Path) -> None:
    with pytest.raises(KeyError), db.connect(path) as connection:
        add_project(connection, "half")
        raise KeyError("oops")
    assert slugs(path) == []


def test_rows_refer_to_what_is_there(path: Path) -> None:
    with pytest.raises(sqlite3.IntegrityError), db.connect(path) as connection:
        connection.execute("INSERT INTO speakers (project_id, name, created_at) VALUES (99, 'x', 0)")


def test_a_reader_neither_waits_for_a_writer_nor_sees_half_of_it(path: Path) -> None:
    with db.connect(path) as connection:
        add_project(connection, "before")
        assert slugs(path) == []
    assert slugs(path) == ["before"]


def test_writers_wait_for_each_other(path: Path) -> None:
    slugs(path)

    def write(number: int) -> None:
        with db.connect(path) as connection:
            add_project(connection, f"p{number}")

    threads = [threading.Thread(target=write, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(slugs(path)) == [f"p{i}" for i in range(8)]


RACE = """
import sys, time
from pathlib import Path
from core import db
path, start, kind = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
print("ready", flush=True)
while not start.exists():
    time.sleep(0.001)
with (db.connect if kind == "write" else db.reading)(path) as connection:
    print(connection.execute("PRAGMA user_version").fetchone()[0])
"""


def test_processes_that_migrate_at_once_make_one_library(path: Path, tmp_path: Path) -> None:
    start = tmp_path / "start"
    command = [sys.executable, "-c", RACE, str(path), str(start)]
    racers = [
        subprocess.Popen(
            [*command, kind], cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for kind in ("write", "read", "write", "read")
    ]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    start.touch()
    said = [racer.communicate(timeout=60) for racer in racers]
    assert [out for out, _ in said] == [f"{len(db.MIGRATIONS)}\n"] * 4, said
    assert tables(path) >= TABLES


def test_something_else_in_the_library_s_place_is_told(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"this is no database, but a long enough text " * 40)
    with pytest.raises(Unavailable, match=r"library\.db is damaged.*recordings beside it are untouched"):
        slugs(path)


def test_a_data_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for where in (tmp_path / "file" / "library.db", tmp_path / "file" / "deeper" / "library.db"):
        with pytest.raises(Unavailable, match="there is a file in its place"):
            slugs(where)


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        ("database or disk is full", "The disk is full: library.db"),
        ("attempt to write a readonly database", "no permission"),
        ("unable to open database file", "no permission"),
        ("database disk image is malformed", "damaged"),
    ],
)
def test_what_a_person_can_mend_has_a_sentence(path: Path, message: str, sentence: str) -> None:
    for opened in (db.connect, db.reading):
        with pytest.raises(Unavailable, match=sentence), opened(path):
            raise sqlite3.OperationalError(message)


def test_a_bug_stays_a_bug(path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table"), db.reading(path) as connection:
        connection.execute("SELECT * FROM nowhere")


def test_a_library_that_another_program_keeps_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slugs(path)
    monkeypatch.setattr(db, "TIMEOUT", 0.2)
    with db.connect(path) as connection:
        add_project(connection, "mine")
        with pytest.raises(Unavailable, match="in use by another program"), db.connect(path):
            pytest.fail("two wrote at once")
    assert slugs(path) == ["mine"]


class Busy(sqlite3.Connection):
    """A connection whose first switch to WAL comes at a bad moment."""

    n_refused = 0

    def execute(self, sql: str, *values: object) -> sqlite3.Cursor:  # type: ignore[override]
        if "WAL" in sql and Busy.n_refused < 2:
            Busy.n_refused += 1
            raise sqlite3.OperationalError("database is locked")
        return super().execute(sql, *values)  # type: ignore[arg-type]


def test_a_bad_moment_for_the_switch_to_wal_is_waited_out(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *given, **more: connect(*given, factory=Busy, **more))
    assert slugs(path) == []
    assert Busy.n_refused == 2
