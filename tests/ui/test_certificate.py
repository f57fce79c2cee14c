"""The certificate: made for the names that are served, private, renewed in time; a wrong pair is told."""
from __future__ import annotations

import datetime as dt
import socket
import ssl
import subprocess
from pathlib import Path

import pytest

import app as door
from core.errors import BadInput
from ui import certificate
from ui.certificate import given_pair, names_in, names_of, own_pair

NAMES = ["localhost", "127.0.0.1", "::1", "box.local", "192.168.7.8"]


def test_it_is_made_for_its_names_and_nobody_else_may_read_it(tmp_path: Path) -> None:
    folder = tmp_path / "https"
    pair = own_pair(folder, NAMES)
    assert names_in(pair.certificate) == ["localhost", "127.0.0.1", "::1", "box.local", "192.168.7.8"]
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o077 == 0
    der = ssl.PEM_cert_to_DER_cert(pair.certificate.read_text())
    shown = subprocess.run(["openssl", "x509", "-inform", "DER", "-noout", "-fingerprint", "-sha256"],
                           input=der, capture_output=True, check=True).stdout.decode()
    assert shown.strip().endswith("=" + pair.fingerprint)


def test_it_is_kept_from_start_to_start_and_made_anew_for_a_new_address(tmp_path: Path) -> None:
    first = own_pair(tmp_path, NAMES).fingerprint
    assert own_pair(tmp_path, NAMES).fingerprint == first
    assert own_pair(tmp_path, NAMES[:3]).fingerprint == first  # an address that went away does no harm
    moved = own_pair(tmp_path, [*NAMES, "10.0.0.9"])
    assert moved.fingerprint != first and "10.0.0.9" in names_in(moved.certificate)


@pytest.mark.parametrize(("days_on", "is_kept"), [(300, True), (380, False), (500, False), (-30, False)])
def test_it_is_renewed_before_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days_on: int, is_kept: bool
) -> None:
    first, now = own_pair(tmp_path, NAMES).fingerprint, dt.datetime.now(dt.UTC)
    monkeypatch.setattr(certificate, "_now", lambda: now + dt.timedelta(days=days_on))
    assert (own_pair(tmp_path, NAMES).fingerprint == first) is is_kept


def test_a_broken_or_mixed_pair_is_made_anew(tmp_path: Path) -> None:
    pair = own_pair(tmp_path / "one", NAMES)
    other = own_pair(tmp_path / "two", NAMES)
    pair.key.write_bytes(other.key.read_bytes())
    mended = own_pair(tmp_path / "one", NAMES)
    given_pair(mended.certificate, mended.key)  # raises where they do not match
    mended.certificate.write_text("half a cert")
    given_pair(*(getattr(own_pair(tmp_path / "one", NAMES), part) for part in ("certificate", "key")))


def test_everywhere_means_the_addresses_that_others_reach() -> None:
    names = names_of("0.0.0.0")
    assert {"localhost", "127.0.0.1", "::1", socket.gethostname()} <= set(names)
    assert not [name for name in names if name in certificate.EVERYWHERE]
    assert names_of("10.1.2.3")[-1] == "10.1.2.3"
    assert certificate.addresses() == [a for a in names if a in certificate.addresses()]


def wrong(tmp_path: Path, name: str) -> tuple[Path | None, Path | None]:
    """A pair with the fault `name`."""
    one, two = own_pair(tmp_path / "one", NAMES), own_pair(tmp_path / "two", NAMES)
    text = tmp_path / "text.pem"
    text.write_text("no PEM at all")
    locked = tmp_path / "locked.pem"
    lock = ["openssl", "pkey", "-in", one.key, "-aes256", "-passout", "pass:x", "-out", locked]
    subprocess.run(lock, check=True)
    return {
        "alone": (one.certificate, None), "key alone": (None, one.key), "mixed": (one.certificate, two.key),
        "missing": (tmp_path / "gone.pem", one.key), "text": (text, one.key),
        "text key": (one.certificate, text), "swapped": (one.key, one.certificate),
        "locked": (one.certificate, locked), "folder": (tmp_path, one.key),
    }[name]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("alone", "give --ssl-keyfile too"), ("key alone", "give --ssl-certfile too"),
        ("mixed", "is not the key of"), ("missing", r"cannot be read \(No such file"),
        ("text", "holds no certificate"), ("text key", "holds no private key"),
        ("swapped", "holds no certificate"), ("locked", "locked with a password"),
        ("folder", "cannot be read"),
    ],
)
def test_a_wrong_pair_is_told_in_a_sentence(tmp_path: Path, name: str, words: str) -> None:
    with pytest.raises(BadInput, match=words) as told:
        given_pair(*wrong(tmp_path, name))
    assert str(told.value).endswith(".")


def test_a_pair_that_ended_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pair, now = own_pair(tmp_path, NAMES), dt.datetime.now(dt.UTC)
    assert given_pair(None, None) is None
    given = given_pair(pair.certificate, pair.key)
    assert given is not None and not given.own
    monkeypatch.setattr(certificate, "_now", lambda: now + dt.timedelta(days=400))
    with pytest.raises(BadInput, match=r"ended on .*renew it"):
        given_pair(pair.certificate, pair.key)


def test_the_command_refuses_a_wrong_pair(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pair = own_pair(tmp_path / "https", NAMES)
    start = ["serve", "--data", str(tmp_path / "data"), "--no-browser", "--port", "0"]
    assert door.main([*start, "--ssl-certfile", str(pair.certificate)]) == 1
    assert "give --ssl-keyfile too" in capsys.readouterr().err
