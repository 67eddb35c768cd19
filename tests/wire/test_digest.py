"""HTTP Digest as clients that others wrote speak it, and what no client should get away with (wire facts, 3)."""

import hashlib
import http.client
import json
import re
import shutil
import subprocess
from dataclasses import dataclass

import httpx
import pytest
import requests
from requests.auth import HTTPDigestAuth

from tests.requirements_of_tests import require
from tests.wire.live import Client
from tests.world import VERSION

CHALLENGE = re.compile(
    r'Digest realm="MMS Public API", domain="", nonce="([A-Za-z0-9+/=_-]{24,})", algorithm=MD5, qop="auth", '
    r"stale=(false|true)"
)
BODY = b"""{
  "error" : 401,
  "reason" : "Unauthorized",
  "detail" : "You are not authorized for this resource.",
  "errorCode" : "UNEXPECTED_ERROR"
}"""


def md5(text):
    """Return the hash that Digest is made of."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


@dataclass
class Digest:
    """A client of our own that can be made to lie."""

    url: str
    public: str
    private: str
    nonce: str = ""

    def challenge(self, reply):
        """Take the nonce of a challenge and return whether it says stale."""
        found = CHALLENGE.fullmatch(reply.headers["WWW-Authenticate"])
        assert found is not None, reply.headers["WWW-Authenticate"]
        self.nonce = found[1]
        return found[2] == "true"

    def refreshed(self):
        """Ask without credentials, so that a fresh nonce is there, and return this client."""
        assert not self.challenge(requests.get(f"{self.url}/api/atlas/v2", timeout=30))
        return self

    def header(self, path, *, method="GET", nc="00000001", said=None, qop="qop=auth", algorithm='algorithm="MD5"'):
        """Return the Authorization header for a request; `said` replaces what is told apart from what is hashed."""
        told = {"username": self.public, "realm": "MMS Public API", "nonce": self.nonce, "uri": path, **(said or {})}
        first = md5(f"{self.public}:MMS Public API:{self.private}")
        second = md5(f"{method}:{told['uri']}")
        middle = f"{told['nonce']}:{nc}:0123456789abcdef:auth" if qop else told["nonce"]
        told.setdefault("response", md5(f"{first}:{middle}:{second}"))
        parts = [f'{name}="{value}"' for name, value in told.items()]
        parts += [algorithm] if algorithm else []
        parts += [qop, f"nc={nc}", 'cnonce="0123456789abcdef"'] if qop else []
        return f"Digest {', '.join(parts)}"

    def get(self, path="/api/atlas/v2", **options):
        """Send a GET with the header that `options` describe."""
        headers = {"Authorization": self.header(path, **options), "Accept": VERSION}
        return requests.get(f"{self.url}{path}", headers=headers, timeout=30)


@pytest.fixture
def digest(scene):
    """Give a client with the owner key and a fresh nonce."""
    key = scene.owner_key
    return Digest(scene.live.url, key.public_key, key.private_key).refreshed()


def refused(reply, *, stale=False):
    """Say whether a reply is the challenge and nothing else."""
    found = CHALLENGE.fullmatch(reply.headers.get("WWW-Authenticate", ""))
    return (reply.status_code, reply.content.replace(b'":', b'" :')) == (401, BODY) and found[2] == str(stale).lower()


def test_the_challenge_is_to_the_letter(live):
    """Clients break on one directive more, on a missing space, and on a second challenge."""
    reply = requests.get(f"{live.url}/api/atlas/v2/groups", timeout=30)
    assert reply.status_code == 401
    assert CHALLENGE.fullmatch(reply.headers["WWW-Authenticate"])
    assert reply.headers["Content-Type"] == "application/json"
    assert "X-Error-Code" not in reply.headers
    assert json.loads(reply.content) == json.loads(BODY)
    assert list(json.loads(reply.content)) == ["error", "reason", "detail", "errorCode"]


def test_requests_uses_a_nonce_again(scene):
    """The first call takes two requests, each further one on the same connection one."""
    session = requests.Session()
    session.auth = HTTPDigestAuth(scene.owner_key.public_key, scene.owner_key.private_key)
    for i in range(4):
        reply = session.get(f"{scene.live.url}/api/atlas/v2/orgs?name=%2F&pageNum=1", timeout=30)
        assert reply.status_code == 200
        assert len(reply.history) == (1 if i == 0 else 0)


def test_httpx_uses_a_nonce_again(scene):
    """The same with another client."""
    auth = httpx.DigestAuth(scene.owner_key.public_key, scene.owner_key.private_key)
    with httpx.Client(auth=auth, base_url=scene.live.url) as client:
        for i in range(4):
            reply = client.get(f"/api/atlas/v2/orgs/{scene.org}/users", params={"username": "a b/ü"})
            assert reply.status_code == 200, reply.text
            assert len(reply.history) == (1 if i == 0 else 0)


@pytest.mark.client
def test_curl_signs_in_and_posts(scene):
    """`curl --digest` gets through with a query, and with a body that it sends on the second request."""
    require(shutil.which("curl"), "curl is not there", installable=True)
    config = f'user = "{scene.owner_key.public_key}:{scene.owner_key.private_key}"\n'
    base = ["curl", "-sS", "--digest", "--config", "-", "-o", "/dev/null", "-w", "%{http_code}"]
    calls = [
        [f"{scene.live.url}/api/atlas/v2/orgs?name=a%2Fb&itemsPerPage=3"],
        ["-X", "PATCH", "--json", '{"name":"Wire"}', f"{scene.live.url}/api/atlas/v2/orgs/{scene.org}"],
    ]
    for call in calls:
        done = subprocess.run([*base, *call], input=config, capture_output=True, text=True, check=False, timeout=60)
        assert done.stdout == "200", done.stderr


def test_rising_counts_are_good(digest):
    """A nonce serves many requests, each with a count of its own."""
    for count in ("00000001", "00000002", "0000000a"):
        assert digest.get(nc=count).status_code == 200


def test_a_count_is_good_once(digest):
    """A request that was overheard is worth nothing; the true client is told to take a new nonce."""
    assert digest.get(nc="00000001").status_code == 200
    again = digest.get(nc="00000001")
    assert refused(again, stale=True)
    digest.challenge(again)
    assert digest.get(nc="00000001").status_code == 200


def test_a_nonce_of_somebody_else_is_stale(digest):
    """The proof is right, the nonce was never given out: take another."""
    digest.nonce = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    assert refused(digest.get(), stale=True)


def test_forms_of_the_header_that_clients_write(digest):
    """The algorithm stands quoted, bare or not at all; quotes around qop and capitals are tolerated."""
    forms = ["algorithm=MD5", 'algorithm="MD5"', "", 'algorithm="md5"']
    for i, algorithm in enumerate(forms):
        assert digest.get(algorithm=algorithm, nc=f"0000001{i}").status_code == 200, algorithm
    assert digest.get(qop='qop="auth"', nc="00000020").status_code == 200


@pytest.mark.parametrize(
    "lie",
    [
        {"said": {"uri": "/api/atlas/v2/orgs"}},
        {"said": {"uri": "/api/atlas/v2?x=1"}},
        {"said": {"realm": "another"}},
        {"said": {"response": "0" * 32}},
        {"said": {"response": ""}},
        {"said": {"response": "\u00e9" * 32}},
        {"said": {"username": "nobodyxx"}},
        {"said": {"username": ""}},
        {"said": {"username": "\u00e9"}},
        {"method": "DELETE"},
        {"algorithm": "algorithm=SHA-256"},
        {"qop": "qop=auth-int"},
    ],
    ids=str,
)
def test_a_lie_gets_the_challenge_again(digest, lie):
    """Whatever is wrong, the answer is the same and says nothing about why."""
    headers = {"Authorization": digest.header("/api/atlas/v2", **lie).encode("latin-1")}
    assert refused(requests.get(f"{digest.url}/api/atlas/v2", headers=headers, timeout=30))


def test_a_wrong_password_gets_the_challenge_again(scene):
    """A client that asks twice gives up; nothing tells it whether the key exists."""
    for public in (scene.owner_key.public_key, "abcdefgh"):
        reply = requests.get(f"{scene.live.url}/api/atlas/v2/orgs", auth=HTTPDigestAuth(public, "wrong"), timeout=30)
        assert refused(reply)


@pytest.mark.parametrize(
    "header",
    [
        "Digest", "Digest ", "Digest x", "Digest username", 'Digest username="', "Basic YTpi", "Bearer", "Bearer x",
        "x", "Digest " + "a=b, " * 2000, 'Digest username="a", nc=\u00ff',
    ],
    ids=lambda header: header[:24],
)  # fmt: skip
def test_what_is_no_credential_gets_the_challenge(live, header):
    """Headers that are cut, of another scheme, or senseless are like none."""
    headers = {"Authorization": header.encode("latin-1")}
    assert refused(requests.get(f"{live.url}/api/atlas/v2/orgs", headers=headers, timeout=30))


@pytest.mark.parametrize(
    "path",
    [
        "/api/atlas/v2/orgs?name=a%2Fb&x=%20+%25",
        "/api/atlas/v2/orgs?",
        "/api/atlas/v2/orgs/?name=%C3%A9",
        "/api/atlas/v2/orgs?name=a=b&&name",
    ],
)
def test_the_target_is_signed_as_it_was_sent(digest, path):
    """Queries, escapes and trailing slashes are compared as they stand in the request line."""
    connection = http.client.HTTPConnection(digest.url.removeprefix("http://"), timeout=30)
    try:
        connection.request("GET", path, headers={"Authorization": digest.header(path)})
        assert connection.getresponse().status == 200
    finally:
        connection.close()


def test_an_escaped_slash_is_signed_and_routed(scene):
    """`%2F` in one segment, as clients write blocks of addresses."""
    key = scene.new_key()["id"]
    path = f"/orgs/{scene.org}/apiKeys/{key}/accessList"
    scene.owner.done("POST", path, [{"cidrBlock": "10.0.0.0/8"}])
    assert scene.owner.done("GET", f"{path}/10.0.0.0%2F8")["cidrBlock"] == "10.0.0.0/8"
    scene.owner.done("DELETE", f"{path}/10.0.0.0%2F8")
    assert scene.owner.done("GET", path)["totalCount"] == 0


def test_a_head_is_signed_as_a_head(digest):
    """The method is part of the proof, also where HEAD is answered as GET would be."""
    headers = {"Authorization": digest.header("/api/atlas/v2", method="HEAD")}
    assert requests.head(f"{digest.url}/api/atlas/v2", headers=headers, timeout=30).status_code == 200


@pytest.mark.parametrize("size", [10, 200_000])
def test_a_body_is_sent_twice_on_one_connection(scene, digest, size):
    """The refused body is read to its end, so the connection serves the second request."""
    connection = http.client.HTTPConnection(digest.url.removeprefix("http://"), timeout=30)
    body = json.dumps({"name": scene.name("twice"), "orgId": scene.org}).encode() + b" " * size
    try:
        headers = {"Content-Type": "application/json"}
        connection.request("POST", "/api/atlas/v2/groups", body, headers)
        first, socket = connection.getresponse(), connection.sock
        assert first.status == 401
        first.read()
        headers["Authorization"] = digest.header("/api/atlas/v2/groups", method="POST")
        connection.request("POST", "/api/atlas/v2/groups", body, headers)
        assert connection.getresponse().status == 201
        assert connection.sock is socket is not None
    finally:
        connection.close()


def test_who_is_known_and_may_not_is_not_challenged(scene):
    """A missing role is 401 too, but without a challenge: Digest clients would try for ever."""
    made = scene.new_key(("ORG_MEMBER",))
    client = Client(scene.live.url, HTTPDigestAuth(made["publicKey"], made["privateKey"]))
    reply = client("PATCH", f"/orgs/{scene.org}", {"name": "Mine"})
    assert (reply.status_code, reply.json()["errorCode"]) == (401, "USER_UNAUTHORIZED")
    assert "WWW-Authenticate" not in reply.headers
    assert reply.json()["requiredRoles"] == ["ORG_OWNER"]
    assert reply.json()["parameters"] == ["org.rename"]


def test_a_deleted_key_is_nobody(scene):
    """The next request with it is challenged, whatever was remembered of it."""
    made = scene.new_key()
    client = Client(scene.live.url, HTTPDigestAuth(made["publicKey"], made["privateKey"]))
    assert client.get(f"/orgs/{scene.org}").status_code == 200
    scene.owner.done("DELETE", f"/orgs/{scene.org}/apiKeys/{made['id']}")
    assert refused(client.get(f"/orgs/{scene.org}"))
