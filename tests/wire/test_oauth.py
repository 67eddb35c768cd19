"""What clients with a service account send: the Go SDK, the MCP server, and the Atlas CLI for its person.

Go escapes both halves of Basic and says nothing of what it accepts; the MCP server does neither, and revokes without
a hint (wire.md 4 and 5.2). The CLI asks for a device's codes and polls (go-client-mongodb-atlas, auth/device_flow.go).
"""

import base64
import json
from urllib.parse import quote_plus, urlencode

import pytest
import requests

FORM = "application/x-www-form-urlencoded"
DEVICE = "/api/private/unauth/account/device"
CLI = "0oabtxactgS3gHIR0297"


@pytest.fixture(scope="module")
def account(live, scene):
    """Make a service account, and give its client id and secret."""
    body = {"name": scene.name("sdk"), "description": "x", "roles": ["ORG_READ_ONLY"], "secretExpiresAfterHours": 8}
    made = scene.owner.done("POST", f"/orgs/{scene.org}/serviceAccounts", body)
    return made["clientId"], made["secrets"][0]["secret"]


def basic(account, *, escaped):
    """Give the header as Go writes it, or as the MCP server does."""
    halves = [quote_plus(half) if escaped else half for half in account]
    return f"Basic {base64.b64encode(':'.join(halves).encode()).decode()}"


def post(live, path, fields, **headers):
    """Send a form, and nothing that a client does not send."""
    sent = {"Content-Type": FORM, "Accept": None, **headers}
    return requests.post(f"{live.url}{path}", data=urlencode(fields), headers=sent, timeout=30)


def go(live, account):
    """Give the answer to the Go SDK."""
    shown = basic(account, escaped=True)
    return post(live, "/api/oauth/token", {"grant_type": "client_credentials"}, Authorization=shown)


def mcp(live, account):
    """Give the answer to the MCP server."""
    shown = {"Authorization": basic(account, escaped=False), "Accept": "application/json"}
    return post(live, "/api/oauth/token", {"grant_type": "client_credentials"}, **shown)


@pytest.mark.parametrize("ask", [go, mcp])
def test_a_token_is_got_and_used(live, scene, account, ask):
    """The members that both parsers insist on are there, and the token opens what its account may see."""
    reply = ask(live, account)
    assert reply.status_code == 200, reply.text
    found = reply.json()
    assert found["token_type"] == "Bearer"
    assert found["expires_in"] > 0
    used = requests.get(
        f"{live.url}/api/atlas/v2/orgs/{scene.org}",
        headers={"Authorization": f"Bearer {found['access_token']}", "Accept": "application/vnd.atlas.2025-03-12+json"},
        timeout=30,
    )
    assert (used.status_code, used.json()["id"]) == (200, scene.org)


@pytest.mark.parametrize("fields", [{}, {"token_type_hint": "access_token"}])
def test_a_token_is_revoked(live, scene, account, fields):
    """With exactly 200, and from the next request on."""
    token = go(live, account).json()["access_token"]
    reply = post(
        live, "/api/oauth/revoke", {"token": token, **fields}, Authorization=basic(account, escaped=bool(fields))
    )
    assert reply.status_code == 200
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/vnd.atlas.2025-03-12+json"}
    assert requests.get(f"{live.url}/api/atlas/v2/orgs/{scene.org}", headers=headers, timeout=30).status_code == 401


def test_a_wrong_secret_says_invalid_client(live, account):
    """The CLI looks for these words."""
    reply = go(live, (account[0], "mdb_sa_sk_" + "x" * 40))
    assert reply.status_code == 401
    assert "invalid_client" in reply.text
    assert reply.headers["www-authenticate"].startswith("Basic ")


def begun(live):
    """Ask for a device's codes, and give what the CLI then asks with."""
    code = post(live, f"{DEVICE}/authorize", {"client_id": CLI, "scope": "openid profile offline_access"}).json()
    assert code["verification_uri"] == f"{live.url}/device"
    by_code = "urn:ietf:params:oauth:grant-type:device_code"
    return code, {"client_id": CLI, "device_code": code["device_code"], "grant_type": by_code}


def test_the_cli_waits_for_its_person(live):
    """By the code that it goes on at; the Go client reads a number as `error`, and fails on a text."""
    _, form = begun(live)
    pending = post(live, f"{DEVICE}/token", form)
    assert (pending.status_code, pending.json()["errorCode"]) == (400, "DEVICE_AUTHORIZATION_PENDING")
    assert pending.json()["error"] == 400


def test_a_person_signs_in_with_the_cli(live, scene):
    """It gets tokens, reads their subject, uses, refreshes and revokes them."""
    code, form = begun(live)
    scene.founder.done("POST", f"/api/orgward/v1/device/{code['user_code']}:approve")
    tokens = post(live, f"{DEVICE}/token", form).json()
    assert "@" in json.loads(base64.urlsafe_b64decode(tokens["access_token"].split(".")[1] + "=="))["sub"]
    again = {"client_id": CLI, "refresh_token": tokens["refresh_token"], "grant_type": "refresh_token"}
    tokens = post(live, f"{DEVICE}/token", again).json()
    mine = {"Authorization": f"Bearer {tokens['access_token']}", "Accept": "application/vnd.atlas.2025-03-12+json"}
    orgs = requests.get(f"{live.url}/api/atlas/v2/orgs", headers=mine, timeout=30)
    assert scene.org in {org["id"] for org in orgs.json()["results"]}
    form = {"client_id": CLI, "token": tokens["refresh_token"], "token_type_hint": "refresh_token"}
    assert post(live, f"{DEVICE}/revoke", form).status_code == 200
    assert requests.get(f"{live.url}/api/atlas/v2/orgs", headers=mine, timeout=30).status_code == 401


@pytest.mark.parametrize("path", ["/api/oauth/token", "/api/oauth/revoke"])
@pytest.mark.parametrize("wrong", ["?pretty=null", "?envelope=perhaps"])
def test_whatever_is_wrong_is_told_as_oauth_has_it(live, path, wrong):
    """A client that knows RFC 6749 alone understands every refusal, of the query, too (section 5.2)."""
    reply = post(live, f"{path}{wrong}", {"grant_type": "client_credentials", "token": "x"})
    found = reply.json()
    assert (reply.status_code, found["error"]) == (400, "invalid_request")
    assert found["error_description"]


def test_a_wrong_method_is_told_as_oauth_has_it(live):
    """At the path of tokens, whatever the method."""
    reply = requests.get(f"{live.url}/api/oauth/token", timeout=30)
    assert (reply.status_code, reply.headers["Allow"], reply.json()["error"]) == (405, "POST", "invalid_request")


def test_a_body_of_another_type_is_told_what_to_be(live):
    """A form, with the status that OAuth has for every malformed request."""
    reply = requests.post(f"{live.url}/api/oauth/token", json={"grant_type": "client_credentials"}, timeout=30)
    assert (reply.status_code, reply.json()["error"]) == (400, "invalid_request")
    assert "application/x-www-form-urlencoded" in reply.json()["error_description"]
