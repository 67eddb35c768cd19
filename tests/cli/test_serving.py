"""`serve` and `demo` as processes of their own."""

import base64
import json
import re
import shlex
import signal
import socket
import ssl
import subprocess
import threading
import warnings
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID
from requests.auth import HTTPDigestAuth

from tests.cli.conftest import COMMAND, started

ROOT = "/api/atlas/v2"


def url_in(line):
    """Give the URL of the start-up line."""
    return re.match(r"serving (\S+) · store (\S+) · mail (.*)", line)[1]


def test_the_start_line_says_where_everything_is(orgward, tmp_path):
    """One line: the URL, the store's path, where mail goes."""
    with started("serve", "--port", "0", "--store", orgward.url) as (_, line):
        found = re.fullmatch(r"serving http://127\.0\.0\.1:\d+ · store (\S+) · mail to (\S+)\n", line)
        assert found
        assert found[1] == str((tmp_path / "orgward.db").resolve())
        assert found[2] == str((tmp_path / "mail").resolve())


def test_sigterm_ends_it_with_0_and_leaves_kept_connections(orgward):
    """SIGTERM drains, closes connections that idle, and exits with 0; nothing is on the standard error."""
    with started("serve", "--port", "0", "--store", orgward.url) as (process, line), requests.Session() as session:
        assert session.get(url_in(line) + "/api/orgward/v1/roles").status_code == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        assert process.stderr.read() == ""


def test_a_request_under_way_is_answered_before_the_end(orgward):
    """A request whose body is still coming when SIGTERM arrives is answered."""
    made = orgward.bootstrap()
    with started("serve", "--port", "0", "--store", orgward.url) as (process, line):
        host, _, port = url_in(line).removeprefix("http://").partition(":")
        body = json.dumps({"token": "x", "password": made["userId"], "firstName": "A", "lastName": "B"}).encode()
        with socket.create_connection((host, int(port)), timeout=20) as connection:
            head = f"POST /api/orgward/v1/accounts:setup HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
            connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:5])
            threading.Timer(0.3, process.send_signal, [signal.SIGTERM]).start()
            threading.Timer(0.6, connection.sendall, [body[5:]]).start()
            assert connection.recv(65536).startswith(b"HTTP/1.1 404")
        assert process.wait(20) == 0


def test_no_server_header_and_no_faith_in_forwarded_addresses(orgward):
    """The server does not name its software; X-Forwarded-For of no trusted proxy is passed over (attack row 12)."""
    made = orgward.bootstrap()
    with started("serve", "--port", "0", "--store", orgward.url) as (_, line):
        auth = HTTPDigestAuth(made["publicKey"], made["privateKey"])
        entries = f"{url_in(line)}{ROOT}/orgs/{made['organizationId']}/apiKeys"
        key = requests.get(entries, auth=auth, timeout=20).json()["results"][0]["id"]
        only = [{"ipAddress": "127.0.0.1"}]
        assert requests.post(f"{entries}/{key}/accessList", json=only, auth=auth, timeout=20).status_code == 200
        reply = requests.get(url_in(line) + ROOT, auth=auth, headers={"X-Forwarded-For": "1.2.3.4"}, timeout=20)
        assert reply.status_code == 200
        assert "server" not in reply.headers


def test_commands_beside_a_served_store_are_seen_by_the_next_request(orgward):
    """Every command works on a served store, and the server sees what it did at once."""
    made = orgward.bootstrap()
    with started("serve", "--port", "0", "--store", orgward.url) as (_, line):
        auth = HTTPDigestAuth(made["publicKey"], made["privateKey"])
        for number in range(3):
            pair = ["--organization", made["organizationId"], "--role", "ORG_READ_ONLY"]
            orgward.json("users", "create", "--username", f"p{number}@example.org", *pair)
            users = requests.get(
                f"{url_in(line)}{ROOT}/orgs/{made['organizationId']}/users", auth=auth, timeout=20,
                headers={"Accept": "application/vnd.atlas.2025-02-19+json"},
            ).json()  # fmt: skip
            assert users["totalCount"] == number + 2
        assert orgward("audit", "verify").exit_code == 0


@pytest.fixture
def wrong_key(monkeypatch):
    """Set a key that the store was not made with."""
    monkeypatch.setenv("ORGWARD_KEY", base64.urlsafe_b64encode(b"x" * 32).decode())


def test_a_wrong_key_refuses_to_start(orgward, wrong_key):
    """Neither the server nor a command opens a store with another key."""
    for arguments in (["serve", "--port", "0"], ["audit", "verify"]):
        result = subprocess.run(
            [COMMAND, *arguments, "--store", orgward.url], capture_output=True, check=False, text=True, timeout=30
        )
        assert result.returncode == 2
        assert "key" in result.stderr
        assert result.stdout == ""


def test_a_missing_key_refuses_to_start(orgward, tmp_path):
    """A store with secrets and without its key does not start, and no new key is made."""
    (tmp_path / "orgward.key").unlink()
    assert orgward("serve", "--port", "0").exit_code == 2
    assert not (tmp_path / "orgward.key").exists()


@pytest.fixture
def authority(tmp_path):
    """Give an authority of our own, made for this test."""
    return Authority(tmp_path)


class Authority:
    """Signs certificates for loopback; `bundle` is what its clients trust."""

    def __init__(self, folder):
        """Make the authority's own certificate."""
        self.folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"authority of {folder.name}")])
        self._certificate = self._signed(
            self._name, self._key.public_key(), x509.BasicConstraints(ca=True, path_length=None)
        )
        self.bundle = folder / "authority.pem"
        self.bundle.write_bytes(self._certificate.public_bytes(Encoding.PEM))

    def issue(self, *, password=None, name="server"):
        """Give the files of a certificate for 127.0.0.1 and of its key."""
        private = ec.generate_private_key(ec.SECP256R1())
        alternative = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
        certificate = self._signed(x509.Name([]), private.public_key(), alternative)
        cert, key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        cert.write_bytes(certificate.public_bytes(Encoding.PEM))
        lock = BestAvailableEncryption(password) if password else NoEncryption()
        key.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock))
        return cert, key

    def _signed(self, subject, public, extension):
        now = datetime.now(UTC)
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        return (
            x509.CertificateBuilder().subject_name(subject).issuer_name(self._name).public_key(public)
            .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(hours=1))
            .add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(identifier, critical=False).sign(self._key, SHA256())
        )  # fmt: skip


@contextmanager
def served_over_tls(orgward, authority):
    """Serve with a certificate of the authority; give the URL."""
    cert, key = authority.issue()
    options = ["--port", "0", "--tls-cert", str(cert), "--tls-key", str(key)]
    with started("serve", *options, "--store", orgward.url) as (_, line):
        yield url_in(line)


def test_it_serves_over_tls(orgward, authority):
    """With certificate and key it serves HTTPS to clients that check the chain, and its links say so."""
    made = orgward.bootstrap()
    auth = HTTPDigestAuth(made["publicKey"], made["privateKey"])
    with served_over_tls(orgward, authority) as url:
        assert url.startswith("https://127.0.0.1:")
        reply = requests.get(f"{url}{ROOT}/orgs", auth=auth, verify=authority.bundle, timeout=20)
        assert reply.status_code == 200
        links = [link["href"] for item in reply.json()["results"] for link in item["links"]]
        assert [link for link in links if not link.startswith(f"{url}{ROOT}/orgs/")] == []
        assert reply.headers["Strict-Transport-Security"] == "max-age=31536000"
        for path in ("/x", f"{ROOT}/orgs", "/openapi.json"):
            found = requests.get(url + path, verify=authority.bundle, timeout=20)
            assert found.headers["Strict-Transport-Security"] == "max-age=31536000", path


def test_a_browser_is_told_of_tls_only_over_tls(orgward):
    """Over plain HTTP the header would be without effect, and behind a proxy it is the proxy's to say."""
    with started("serve", "--port", "0", "--store", orgward.url) as (_, line):
        reply = requests.get(f"{url_in(line)}/api/orgward/v1/roles", headers={"X-Forwarded-Proto": "https"}, timeout=20)
        assert "strict-transport-security" not in reply.headers


def test_a_client_that_trusts_others_does_not_come_in(orgward, authority, tmp_path):
    """A chain that a client does not trust, another name, and plain HTTP to the port of TLS all fail."""
    (tmp_path / "other").mkdir()
    stranger = Authority(tmp_path / "other")
    with served_over_tls(orgward, authority) as url:
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(f"{url}/openapi.json", verify=stranger.bundle, timeout=20)
        named = url.replace("127.0.0.1", "localhost")
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(f"{named}/openapi.json", verify=authority.bundle, timeout=20)
        with pytest.raises(requests.exceptions.ConnectionError):
            requests.get(f"{url.replace('https', 'http')}/openapi.json", timeout=20)
        assert requests.get(f"{url}/openapi.json", verify=authority.bundle, timeout=20).status_code == 200


def test_sigterm_ends_it_over_tls_too(orgward, authority):
    """A client that keeps its connection and says nothing does not hold the end up."""
    cert, key = authority.issue()
    options = ["--port", "0", "--tls-cert", str(cert), "--tls-key", str(key)]
    with started("serve", *options, "--store", orgward.url) as (process, line), requests.Session() as session:
        assert session.get(url_in(line) + "/openapi.json", verify=authority.bundle, timeout=20).status_code == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0


def test_old_versions_of_tls_are_refused(orgward, authority):
    """A client that speaks nothing newer than TLS 1.1 is turned away."""
    with served_over_tls(orgward, authority) as url:
        port = int(url.rsplit(":", 1)[1])
        context = ssl.create_default_context(cafile=authority.bundle)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection, pytest.raises(ssl.SSLError):
            context.wrap_socket(connection, server_hostname="127.0.0.1")


def test_a_key_of_another_certificate_is_said(orgward, authority):
    """Certificate and key that do not belong together end the start with a sentence and 2."""
    cert, _ = authority.issue(name="one")
    _, key = authority.issue(name="other")
    result = orgward("serve", "--port", "0", "--tls-cert", str(cert), "--tls-key", str(key))
    assert result.exit_code == 2
    assert result.stderr == "can't serve on 127.0.0.1:0: the key is not that of the certificate\n"


def test_what_is_no_certificate_or_key_is_said(orgward, authority, tmp_path):
    """A file of another kind, files in the wrong places, and a key under a password end the start, and ask nothing."""
    cert, key = authority.issue()
    _, locked = authority.issue(password=b"secret", name="locked")
    (tmp_path / "text").write_text("no certificate")
    for wrong in ((tmp_path / "text", key), (cert, tmp_path / "text"), (key, cert), (cert, locked)):
        command = [COMMAND, "serve", "--port", "0", "--store", orgward.url]
        options = ["--tls-cert", str(wrong[0]), "--tls-key", str(wrong[1])]
        result = subprocess.run([*command, *options], capture_output=True, check=False, text=True, timeout=30)
        assert (result.returncode, result.stdout) == (2, "")
        assert "can't be read; both are PEM, without a password" in result.stderr
        assert "Traceback" not in result.stderr


def test_rate_limits_have_a_factor(orgward):
    """`--rate-limits` narrows and lifts them; the answers of the real server say what is left."""
    made = orgward.bootstrap()
    auth = HTTPDigestAuth(made["publicKey"], made["privateKey"])
    for factor, expected in (("0.01", {200, 429}), ("0", {200})):
        with started("serve", "--port", "0", "--store", orgward.url, "--rate-limits", factor) as (_, line):
            replies = [requests.get(f"{url_in(line)}{ROOT}/orgs", auth=auth, timeout=20) for _ in range(8)]
        assert {reply.status_code for reply in replies} == expected
        assert [reply.headers.get("Ratelimit-Limit") for reply in replies] == ["3" if factor != "0" else None] * 8
    assert all(orgward("serve", "--rate-limits", wrong).exit_code == 2 for wrong in ("-1", "nan", "inf", "1001", "x"))


def test_a_port_in_use_is_said(orgward):
    """A port that somebody listens on ends the start with a sentence."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = orgward("serve", "--port", str(taken.getsockname()[1]))
    assert result.exit_code == 2
    assert "can't serve" in result.stderr


@pytest.mark.parametrize("arguments", [["--tls-cert", __file__], ["--trusted-proxy", "everybody"], ["--port", "70000"]])
def test_wrong_usage_exits_with_2(orgward, arguments):
    """A certificate without a key, a proxy that is no network, a port that is none."""
    assert orgward("serve", *arguments).exit_code == 2


def test_the_demo_fills_an_empty_store_and_what_it_prints_works(tmp_path):
    """A realistic company is served; the printed sign-in, key and commands give what is printed."""
    store = f"sqlite:///{tmp_path}/orgward.db"
    with started("demo", "--port", "0", "--store", store) as (process, line):
        printed = []
        while "$ orgward holders" not in "".join(printed):
            printed.append(process.stdout.readline())
        sign_in, call = (next(p for p in printed if part in p).strip() for part in ("/sessions", "--digest"))
        session = json.loads(_run(sign_in))
        assert session["token"]
        assert len(json.loads(_run(call))["results"]) == 5
        client = next(p for p in printed if "/api/oauth/token" in p)
        assert json.loads(_run(client))["access_token"]
        command = next(p for p in printed if "$ orgward check" in p).strip().removeprefix("$ orgward ")
        result = subprocess.run(
            [COMMAND, *shlex.split(command)], capture_output=True, check=False, text=True, timeout=30
        )
        assert (result.returncode, result.stdout) == (0, "allowed\n")
        assert url_in(line) in sign_in


def _run(command):
    """Run a printed curl command without curl."""
    parts = shlex.split(command)
    url = next(part for part in parts if part.startswith("http"))
    if "client_credentials" in parts[-1]:
        client = tuple(parts[parts.index("-u") + 1].split(":"))
        return requests.post(url, data=dict([parts[-1].split("=")]), auth=client, timeout=20).text
    if "-d" in parts:
        body = parts[parts.index("-d") + 1]
        return requests.post(url, data=body, headers={"Content-Type": "application/json"}, timeout=20).text
    return requests.get(url, auth=HTTPDigestAuth(*parts[parts.index("-u") + 1].split(":")), timeout=20).text


def test_the_demo_leaves_a_filled_store_as_it_is(orgward):
    """A filled store is served unchanged, with a line how to get a key."""
    orgward.bootstrap()
    before = orgward("audit", "export").stdout
    with started("demo", "--port", "0", "--store", orgward.url) as (process, _):
        assert "orgward bootstrap --organization NAME --owner EMAIL" in process.stdout.readline()
    assert orgward("audit", "export").stdout == before
