"""Attacks on what every page and form of the console goes through, each against one guard that stops it."""

from functools import partial

import pytest

from orgward.console.frame.serving import Console
from orgward.edge.server import build_app
from tests.console.conftest import Company
from tests.second_factors import OWN, PASSWORD, enrol_app, sign_in, with_password
from tests.visitor import ORIGIN, Visitor, visitor_of

NOWHERE = "f" * 24


@pytest.fixture
def visitor(world):
    """Give somebody who has not signed in."""
    return Visitor(world)


@pytest.fixture
def ours(world):
    """Give a company with people, projects and a team."""
    return Company(world)


@pytest.fixture
def theirs(world):
    """Give another organization, and its key."""
    return world.organization("Neighbour", owner="nora@neighbour.example")


def made(reply):
    """Give the id of what was made."""
    assert reply.status == 201, reply.json
    return reply.json["id"]


# -- what no browser would send


def test_a_query_without_end_is_refused(visitor):
    """More parameters than any page has are a bad request, and no fault of ours."""
    assert visitor.get("/signin?" + "&".join(["a=1"] * 2_000)).status == 400
    assert visitor.get("/signin?" + "&".join(["a=1"] * 900)).status == 200


@pytest.mark.parametrize("place", ['name="_csrf"', 'name="\\ud800"'])
def test_a_field_that_is_no_text_is_refused(visitor, place):
    """A form may not name an encoding that makes half characters of its fields."""
    body = f"--x\r\nContent-Disposition: form-data; {place}\r\n\r\n\\ud800\r\n--x--\r\n".encode()
    kind = "multipart/form-data; boundary=x; charset=unicode_escape"
    assert visitor._send("POST", "/signin", body, {"content-type": kind, "origin": ORIGIN}).status == 400  # noqa: SLF001


@pytest.mark.parametrize("url", ["/signin/passkey", "/signin/second"])
def test_an_endless_answer_of_a_passkey_is_refused(visitor, url):
    """JSON that is nested deeper than anybody reads is no JSON."""
    assert visitor.post(url, {"state": "x", "credential": "[" * 200_000}).status == 400


@pytest.mark.parametrize("fields", [{"lang": "€"}, {"lang": "fr"}, {"theme": "x" * 5_000}])
def test_nobody_keeps_a_look_that_there_is_not(visitor, fields):
    """What a browser is to remember for a year is a language or a theme, and nothing else."""
    shown = visitor.post("/preferences", fields)
    assert shown.status == 400
    assert not [name for name in visitor.cookies if name.startswith(("orgward-language", "orgward-theme"))]


def test_a_form_never_leads_to_the_host_that_a_path_names(world, visitor):
    """A path that begins with two slashes is another host to a browser: the password would be sent there."""
    made = world.organization("Acme", owner="ann@example.org")
    shown = visitor.get(f"//setup/{made.setup_token}")
    assert f"/setup/{made.setup_token}" in shown.actions
    assert not [url for url in (*shown.actions, *shown.links) if url.startswith("//")]
    assert visitor.get("//me/profile").location == "/signin?next=/me/profile"


# -- over TLS that ends before us


def test_a_proxy_that_ends_tls_is_no_reason_for_less(world, visitor):
    """Where people come by https, cookies are bound to the host and to TLS, and browsers are told to stay with it."""
    world.app = build_app(
        world.door, rate_limits=0, pages=partial(Console, world.door, public_url="https://orgward.test")
    )
    shown = visitor.get("/signin")
    assert "max-age=" in shown.headers["strict-transport-security"]
    assert [name for name in visitor.cookies if not name.startswith("__Host-")] == []
    assert "; Secure" in shown.headers["set-cookie"]


# -- signing in


def test_signing_in_anew_ends_the_session_before(world, visitor):
    """Whoever signs in while signed in leaves no session behind that no cookie knows (ASVS 7.2.4)."""
    bob = with_password(world, "bob@example.org")
    known = {"username": "bob@example.org", "password": PASSWORD}
    assert visitor.post("/signin", known).status == 303
    first = visitor.cookies["orgward"]
    assert visitor.post("/signin", {**known, "password": "another one"}).status == 401
    assert visitor.get("/me/sessions").status == 200
    assert visitor.post("/signin", known).status == 303
    assert Visitor(world, first).get("/me/sessions").status == 303
    app = enrol_app(bob)
    second = visitor.cookies["orgward"]
    assert visitor.post("/signin", known).location.startswith("/signin/second")
    assert visitor.post("/signin/second", {"code": app.next_code()}).location == "/"
    assert visitor.get("/me/sessions").status == 200
    assert Visitor(world, second).get("/me/sessions").status == 303


def test_another_address_of_one_customer_is_no_way_around(world):
    """Somebody with a whole /64 of addresses guesses no more often than somebody with one (RFC 6177)."""
    with_password(world, "bob@example.org")
    replies = [sign_in(world, "bob@example.org", password="wrong one", address=f"2001:db8::{n}") for n in range(1, 14)]
    assert [reply.status for reply in replies] == [401] * 10 + [429] * 3
    assert sign_in(world, "bob@example.org", address="2001:db8:0:1::1").status == 201


def test_whoever_guesses_is_told_to_wait(world, visitor):
    """Too many failures are no fault of the form: the page says that it is about the time."""
    with_password(world, "bob@example.org")
    shown = [visitor.post("/signin", {"username": "bob@example.org", "password": "wrong one"}) for _ in range(11)]
    assert [each.status for each in shown] == [401] * 10 + [429]


# -- what forms tell before anything was authorized


@pytest.mark.parametrize(
    ("tab", "fields"),
    [
        ("general", {"name": "Neighbour"}),
        ("general", {"name": "Somebody"}),
        ("security", {"shown_multiFactorAuthRequired": "1"}),
        ("security", {"shown_apiAccessListRequired": "1", "apiAccessListRequired": "1"}),
        ("addresses", {"entries": "192.0.2.1"}),
    ],
)
def test_a_form_tells_a_stranger_nothing(ours, theirs, tab, fields):
    """Names and settings of an organization can't be guessed by posting its forms: it looks like one that is not."""
    theirs.key.patch(f"/orgs/{theirs.id}/settings", {"apiAccessListRequired": True})
    stranger = ours.visit(ours.owner)
    answers = [stranger.post(f"/o/{org}/settings/{tab}", fields) for org in (theirs.id, NOWHERE)]
    assert [(shown.status, shown.location) for shown in answers] == [(404, "")] * 2


def test_a_form_tells_nothing_behind_a_closed_gate(world, theirs):
    """Whoever lacks the factor that an organization requires finds out nothing by its forms either (rule 86)."""
    bob = with_password(world, "bob@neighbour.example", orgs={theirs.id: ["ORG_OWNER"]})
    enrol_app(bob)
    assert bob.patch(f"/orgs/{theirs.id}/settings", {"multiFactorAuthRequired": True}).status == 200
    nora = visitor_of(world.session(theirs.owner))
    shown = nora.post(f"/o/{theirs.id}/settings/security", {"shown_multiFactorAuthRequired": "1"})
    assert (shown.status, shown.location) == (403, "")


def test_the_frame_counts_nothing_behind_a_closed_gate(world, theirs):
    """A page that is not there shows no sidebar of an organization whose gate is closed (rules 86, 89)."""
    nora = visitor_of(world.session(theirs.owner))
    url = f"/o/{theirs.id}/members/{NOWHERE}"
    assert f"/o/{theirs.id}/members" in nora.get(url).links
    entries = {"enabled": True, "entries": [{"cidr": "192.0.2.1"}]}
    assert theirs.key.put(f"{OWN}/orgs/{theirs.id}/uiAccessList", entries).status == 200
    shown = nora.get(url)
    assert shown.status == 404
    assert f"/o/{theirs.id}/members" not in shown.links


def test_a_check_names_nothing_of_another_organization(ours, theirs):
    """Among teams of one's own, one of somebody else is an id: neither its name nor its project's is told."""
    team = made(theirs.key.post(f"/orgs/{theirs.id}/teams", {"name": "Their team", "usernames": [theirs.username]}))
    project = made(theirs.key.post("/groups", {"name": "Their project", "orgId": theirs.id}))
    given = theirs.key.post(f"/groups/{project}/teams", [{"teamId": team, "roleNames": ["GROUP_OWNER"]}])
    assert given.status == 200
    visitor, url = ours.visit(ours.owner), f"/o/{ours.id}/members/bulk"
    fields = {"id": [ours.reader.id, ours.owner.id], "do": "check", "was": "team", "teams": [ours.team, team]}
    checked = visitor.check(url, fields)
    assert checked.status == 200
    assert team in checked.text
    told = checked.text + visitor.apply(url, fields).text
    assert "Their " not in told


# -- times


def test_a_wish_until_the_end_of_time_breaks_no_page(ours):
    """Anybody may ask for access until the last second of the year 9999, wherever the reader's clock stands."""
    for caller in (ours.owner, ours.stranger):
        assert caller.put(f"{OWN}/me/preferences", {"timeZone": "Asia/Tokyo"}).status == 200
    wish = {"roles": ["GROUP_READ_ONLY"], "endsAt": "9999-12-31T23:59:59Z"}
    assert ours.stranger.post(f"{OWN}/groups/{ours.prod}/joinRequests", wish).status == 202
    owner = ours.visit(ours.owner)
    shown = owner.get(f"/p/{ours.prod}/requests")
    assert shown.status == 200
    (request,) = {link for link in shown.links if link.startswith(f"/p/{ours.prod}/requests/")}
    assert owner.get(request).status == 200
    assert ours.visit(ours.stranger).get("/me/invitations?tab=requests").status == 200


def test_an_end_in_the_first_century_is_no_end(ours):
    """A day of the year 1, which date fields can send, is a fault of the form, and none of ours."""
    fields = {"roles": "ORG_MEMBER", "end-ORG_MEMBER": "0001-02-03", "was-ORG_MEMBER": ""}
    assert ours.visit(ours.owner).post(f"/o/{ours.id}/members/{ours.member.id}/roles", fields).status == 400
