"""Making the server ask what only it can reach: every way around the guard of calls out, tried."""

import gzip

import httpcore
import pytest

from orgward.app.connecting import OutboundError
from orgward.app.outbound import Outbound
from tests.loopback import answering, certified, reply

ANY = "0.0.0.0"  # noqa: S104 - asked, not bound
INSIDE = [
    ANY, "10.1.2.3", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.1.2.3", "168.63.129.16",
    "169.254.169.254", "172.16.0.1", "192.0.0.192", "192.168.1.1", "198.18.0.1", "224.0.0.1", "240.0.0.1",
    "255.255.255.255", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1",
    "64:ff9b:1::1", "2001::1", "2002:7f00:1::", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1",
    "ff02::1", "not an address",
]  # fmt: skip
OUTSIDE = "93.184.215.14"


@pytest.fixture
def connected(monkeypatch):
    """Give the list of addresses to which somebody tried to connect; nobody gets through."""
    tried = []

    def refuse(self, host, port, timeout=None, **_):
        tried.append(host)
        raise httpcore.ConnectError

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", refuse)
    return tried


def refused(outbound, url):
    """Give what an outsider is told about a call that came to nothing."""
    with pytest.raises(OutboundError) as caught:
        outbound.get(url)
    assert str(caught.value) == caught.value.reason  # and no more
    return caught.value.reason


@pytest.mark.parametrize("address", INSIDE)
def test_no_address_within_is_asked(address, connected):
    """A name that resolves to an address of ours is not asked, alone or beside one of the internet."""
    for found in ([address], [OUTSIDE, address], [address, OUTSIDE]):
        assert refused(Outbound(resolve=lambda *_, found=found: found), "https://idp.example.org/") == "no_answer"
    assert connected == []


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1", "127.1", "[::ffff:127.0.0.1]"]
)
def test_this_machine_is_not_asked(host):
    """However this machine is written, nothing listening here hears of it."""
    with answering(reply()) as server:
        assert refused(Outbound(), f"https://{host}:{server.port}/") == "no_answer"
    assert server.connections == 0


def test_inside_and_nobody_there_look_alike(connected):
    """What is told of an address within is what is told of one that nobody answers at."""
    answers = {
        refused(Outbound(resolve=lambda *_, a=a: [a]), "https://idp.example.org/") for a in ("10.0.0.1", OUTSIDE)
    }
    assert (answers, connected) == ({"no_answer"}, [OUTSIDE])


def test_a_name_is_resolved_once(connected):
    """A name that means another address the second time is connected to where it was checked (DNS rebinding)."""
    answers = iter([[OUTSIDE], ["127.0.0.1"], ["169.254.169.254"]])
    assert refused(Outbound(resolve=lambda *_: next(answers)), "https://idp.example.org/") == "no_answer"
    assert connected == [OUTSIDE]
    assert next(answers) == ["127.0.0.1"]


@pytest.mark.parametrize(
    "url",
    [
        "http://idp.example.org/", "file:///etc/passwd", "ftp://idp.example.org/", "gopher://idp.example.org/",
        "unix:///run/socket", "//idp.example.org/", "idp.example.org", "", "https://", "https:///path",
        "https://user@idp.example.org/", "https://user:word@idp.example.org/", "https://idp.example.org@127.0.0.1/",
        "https://idp.example.org\\@127.0.0.1/", "https://idp.example.org/a b", "https://idp.example.org/\r\nX: y",
        "https://idp.example.org:99999/", "https://idp.exämple.org/", "https://[::1/",
        f"https://idp.example.org/{'a' * 2048}",
    ],
)  # fmt: skip
def test_other_addresses_are_not_addresses(url, connected):
    """Other schemes, names with passwords, and what two parsers read in two ways are refused as they stand."""
    assert refused(Outbound(resolve=lambda *_: [OUTSIDE]), url) == "not_allowed"
    assert connected == []


def test_in_the_clear_only_this_machine_is_asked(connected):
    """Where loopback is allowed, http stays on this machine, and the rest within stays closed."""
    outbound = Outbound(allow_loopback=True, resolve=lambda *_: [OUTSIDE])
    assert refused(outbound, "http://idp.example.org/") == "no_answer"
    for address in ("10.0.0.1", "169.254.169.254", ANY, "::ffff:127.0.0.1"):
        for scheme in ("http", "https"):
            outbound = Outbound(allow_loopback=True, resolve=lambda *_, address=address: [address])
            assert refused(outbound, f"{scheme}://idp.example.org/") == "no_answer"
    assert connected == []


@pytest.mark.parametrize(
    "status", ["301 Moved", "302 Found", "303 See Other", "307 Again", "308 For Good", "300 Choose"]
)
def test_no_redirect_is_followed(status):
    """Whoever sends elsewhere has not answered."""
    with answering(reply()) as secret:
        with answering(reply(status=status, headers=f"Location: {secret.url}")) as server:
            assert refused(Outbound(allow_loopback=True), server.url) == "wrong_answer"
        assert secret.connections == 0


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "x-gzip", "gzip, gzip"])
def test_nothing_is_unpacked(encoding):
    """A small answer that would be a large one unpacked is refused as it comes."""
    bomb = gzip.compress(b"0" * 10_000_000)
    with answering(reply(bomb, headers=f"Content-Type: application/json\r\nContent-Encoding: {encoding}")) as server:
        assert refused(Outbound(allow_loopback=True), server.url) == "wrong_answer"
    assert b"accept-encoding: identity" in server.requests[0].lower()


def test_a_certificate_of_somebody_else_is_refused(tmp_path):
    """Nobody is spoken to whose certificate is for another name, or signed by nobody we know."""
    shown, unknown = certified(tmp_path, "other.example.org"), certified(tmp_path, "localhost")
    for server_shows, we_trust in ((shown.server, shown.client), (unknown.server, shown.client)):
        with answering(reply(), tls=server_shows) as server:
            outbound = Outbound(allow_loopback=True, trusted=we_trust, resolve=lambda *_: ["127.0.0.1"])
            assert refused(outbound, f"https://localhost:{server.port}/") == "no_answer"
        assert server.requests in ([], [b""])


def test_no_proxy_of_the_environment_is_used(monkeypatch):
    """What the environment says of proxies is for other programs: one would resolve names for us."""
    with answering(reply()) as proxy, answering(reply()) as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert Outbound(allow_loopback=True).get(server.url).status == 200
    assert (proxy.connections, server.connections) == (0, 1)
