"""The page over https: a certificate of its own, the token, the guard, and a take from a real browser."""
from __future__ import annotations

import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from hashlib import sha256
from http.cookiejar import CookieJar
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.ui.driving import App, end_app, microphone_on, new_project, record_take, start_app
from ui.certificate import addresses, own_pair

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture
def served(tmp_path: Path) -> Iterator[App]:
    """The app over https, open to others: everybody needs the token."""
    running = start_app(tmp_path / "data", "--host", "0.0.0.0", "--https", "--port", "0")
    yield running
    end_app(running)


def trusting(certificate: Path) -> urllib.request.OpenerDirector:
    """A client with cookies that trusts this certificate and no other."""
    context = ssl.create_default_context(cafile=str(certificate))
    https = urllib.request.HTTPSHandler(context=context)
    return urllib.request.build_opener(https, urllib.request.HTTPCookieProcessor(CookieJar()))


def status(client: urllib.request.OpenerDirector, url: str, **headers: str) -> int:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        return client.open(urllib.request.Request(url, headers=named), timeout=10).status
    except urllib.error.HTTPError as error:
        return error.code


def rest_of(served: App) -> Iterator[str]:
    """What the terminal shows below the link."""
    while served.process.stdout and (line := served.process.stdout.readline()):
        yield line
        if "Ctrl+C" in line:
            return


@pytest.mark.budget(40)
def test_others_come_in_over_https_with_the_whole_link_only(served: App) -> None:
    link = served.printed[0].split()[-1]
    parts = urlsplit(link)
    home = f"https://127.0.0.1:{parts.port}"
    assert parts.scheme == "https" and parts.hostname == socket.gethostname().lower()
    client = trusting(served.data / ".cache" / "https" / "certificate.pem")
    assert status(client, home) == 401
    assert status(client, f"{home}/?token=guess") == 401
    welcome = f"{home}/?{parts.query}"
    with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
        urllib.request.urlopen(welcome, timeout=10)
    assert status(client, welcome) == 200
    cookie = next(iter(next(h for h in client.handlers if hasattr(h, "cookiejar")).cookiejar))
    assert cookie.secure and cookie.has_nonstandard_attr("HttpOnly")
    assert status(client, f"{home}/alive") == 200
    assert status(client, f"{home}/alive", Origin="https://elsewhere.example") == 403
    assert status(client, f"{home}/alive", Origin=home) == 200
    for host in ("localhost", *addresses()):
        assert status(client, f"https://{host}:{parts.port}/") == 401  # no name mismatch: the guard answers


@pytest.mark.slow
def test_the_terminal_says_what_the_browser_will_ask(served: App) -> None:
    said = "".join(rest_of(served))
    der = ssl.PEM_cert_to_DER_cert((served.data / ".cache/https/certificate.pem").read_text())
    fingerprint = said.partition("fingerprint must be")[2].split()[0]
    assert sha256(der).hexdigest().upper() == fingerprint.replace(":", "")
    assert "“Your connection is not private”" in said and "Advanced, then Proceed" in said
    assert "ssh -L" not in said  # https needs no tunnel


@pytest.mark.slow
def test_a_persons_own_pair_is_what_the_browser_gets(tmp_path: Path) -> None:
    pair = own_pair(tmp_path / "mine", ["localhost", "127.0.0.1"])
    files = ("--ssl-certfile", str(pair.certificate), "--ssl-keyfile", str(pair.key))
    served = start_app(tmp_path / "data", *files, "--port", "0")
    try:
        assert status(trusting(pair.certificate), served.url) == 200  # loopback: no token
        assert not (served.data / ".cache" / "https").exists()
        assert "not private" not in "".join(rest_of(served))
    finally:
        end_app(served)


@pytest.mark.slow
@pytest.mark.browser
def test_over_https_a_browser_elsewhere_gets_the_microphone(browser: Browser, served: App) -> None:
    context = browser.new_context(ignore_https_errors=True, permissions=["microphone"])  # “Proceed”
    page = context.new_page()
    page.set_default_timeout(40_000)
    page.add_init_script("localStorage['voicewright:listen'] ??= 'no'")
    page.goto(served.printed[0].split()[-1])
    new_project(page, "Over https")
    assert page.evaluate("window.isSecureContext") and page.url.startswith("https://")
    microphone_on(page)
    record_take(page, 4.0)
    page.wait_for_selector(".vw-said >> text=is saved")
    context.close()
