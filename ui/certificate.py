"""The certificate of the page: one made here for the names it answers to, or a person's own pair."""
from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import BadInput
from core.files import make_folder, write_atomic

if TYPE_CHECKING:
    from cryptography import x509

# Browsers refuse what is valid for more than 825 days; a year and a month has proved itself.
VALID_DAYS, RENEW_DAYS = 397, 30
EVERYWHERE = ("0.0.0.0", "::")


@dataclass(frozen=True)
class Pair:
    """PEM files for TLS; `own`: made here, so that browsers ask before they trust it."""

    certificate: Path
    key: Path
    own: bool

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate as browsers show it: pairs of capital hex digits."""
        from cryptography.hazmat.primitives import hashes

        return _leaf(self.certificate).fingerprint(hashes.SHA256()).hex(":").upper()


# --- a person's own

def given_pair(certificate: Path | None, key: Path | None) -> Pair | None:
    """The pair of --ssl-certfile and --ssl-keyfile; None where neither was given.

    Raises BadInput for one without the other, and for files that are unreadable, too old or do not match.
    """
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        missing = "--ssl-certfile" if certificate is None else "--ssl-keyfile"
        raise BadInput(f"A certificate and its key belong together: give {missing} too, or neither of them "
                       "(--https makes a certificate by itself).")
    leaf = _leaf(certificate)
    if leaf.not_valid_after_utc < _now():
        raise BadInput(f"The certificate {certificate} ended on {leaf.not_valid_after_utc:%d %b %Y}: renew "
                       "it, or use --https alone.")
    if leaf.public_key() != _key(key).public_key():
        raise BadInput(f"{key} is not the key of the certificate {certificate}: give the two that were made "
                       "together.")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)
    except ssl.SSLError as error:  # a key that is too weak for this machine's rules, say
        why = f"{certificate} ({error.reason or 'no reason given'})"
        raise BadInput(f"This machine refuses the certificate {why}: make a new one.") from error
    return Pair(certificate, key, own=False)


def _read(path: Path, option: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror}): check the path after {option}, and that "
                       "you may read the file.") from error


def _leaf(path: Path) -> x509.Certificate:
    """The first certificate of a PEM file: the server's own; those behind it vouch for it."""
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificates(_read(path, "--ssl-certfile"))[0]
    except ValueError as error:
        raise BadInput(f"{path} holds no certificate in PEM form (-----BEGIN CERTIFICATE-----): give "
                       "--ssl-certfile another file.") from error


def _key(path: Path) -> Any:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        return load_pem_private_key(_read(path, "--ssl-keyfile"), None)
    except TypeError as error:
        raise BadInput(f"{path} is locked with a password, which Voicewright does not ask for: write it once "
                       "without (openssl pkey -in LOCKED -out OPEN) and give that file.") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BadInput(f"{path} holds no private key in PEM form (-----BEGIN PRIVATE KEY-----): give "
                       "--ssl-keyfile another file.") from error


# --- one made here

def own_pair(folder: Path, names: Iterable[str]) -> Pair:
    """The certificate in `folder` for `names` (host names and addresses); made anew when it lacks one of
    them, is near its end, or is broken. Only this user may read either file."""
    pair, wanted = Pair(folder / "certificate.pem", folder / "key.pem", own=True), list(dict.fromkeys(names))
    if not _serves(pair, wanted):
        make_folder(folder)
        folder.chmod(0o700)  # before the key is in it: at no moment may others read that
        key, certificate = _made(wanted)
        write_atomic(pair.key, key)
        write_atomic(pair.certificate, certificate)
    for path in (pair.key, pair.certificate):
        path.chmod(0o600)
    return pair


def _serves(pair: Pair, names: list[str]) -> bool:
    """Whether the pair on the disk is whole, lasts, and names all of `names`."""
    try:
        leaf, key = _leaf(pair.certificate), _key(pair.key)
    except BadInput:
        return False
    lasts = leaf.not_valid_before_utc <= _now() < leaf.not_valid_after_utc - dt.timedelta(days=RENEW_DAYS)
    return lasts and leaf.public_key() == key.public_key() and set(names) <= set(names_in(pair.certificate))


def names_in(certificate: Path) -> list[str]:
    """The host names and addresses that a certificate is for."""
    from cryptography import x509

    try:
        named = _leaf(certificate).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return [str(name.value) for name in named if isinstance(name, (x509.DNSName, x509.IPAddress))]


def _made(names: list[str]) -> tuple[bytes, bytes]:
    """A new key and a certificate that it signs itself, both PEM."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    common = x509.NameAttribute(x509.NameOID.COMMON_NAME, "Voicewright on this machine")
    who, start = x509.Name([common]), _now() - dt.timedelta(days=1)  # a phone's clock may be behind
    builder = x509.CertificateBuilder(
        who, who, key.public_key(), x509.random_serial_number(), start, start + dt.timedelta(days=VALID_DAYS)
    )
    signs = dict.fromkeys(("content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
                           "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"), False)
    for extension, is_critical in (
        (x509.SubjectAlternativeName([_general(name) for name in names]), False),
        (x509.BasicConstraints(ca=False, path_length=None), True),  # whoever trusts it trusts this page only
        (x509.KeyUsage(digital_signature=True, **signs), True),
        (x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
    ):
        builder = builder.add_extension(extension, is_critical)
    certificate = builder.sign(key, hashes.SHA256())
    form = serialization.Encoding.PEM
    return (key.private_bytes(form, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
            certificate.public_bytes(form))


def _general(name: str) -> x509.GeneralName:
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


# --- what this machine is called

def names_of(host: str) -> list[str]:
    """The names and addresses under which a page served on `host` is reached, all of which are certified."""
    own = socket.gethostname()
    own_names = [name for name in (own, f"{own.partition('.')[0]}.local") if _is_name(name)]
    near = ["localhost", "127.0.0.1", "::1"]
    if host in EVERYWHERE:
        return [*near, *own_names, *addresses()]
    return [*near, *own_names, host]


def addresses() -> list[str]:
    """The IPv4 addresses of this machine that others may reach, the usual one first."""
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        try:
            way.connect(("192.0.2.1", 9))  # sends nothing: it only asks which address would be used
            found.append(way.getsockname()[0])
        except OSError:
            pass  # no network at all
    try:
        found += socket.gethostbyname_ex(socket.gethostname())[2]
    except OSError:
        pass  # a host name that nobody resolves
    return [each for each in dict.fromkeys(found) if not each.startswith("127.")]


def _is_name(name: str) -> bool:
    """Whether a certificate may hold it; what machines are called in the wild is not always a host name."""
    return name.isascii() and bool(name) and len(name) < 64 and " " not in name

