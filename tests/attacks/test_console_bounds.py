"""Attacks with too much, too often or twice: on pages and forms, on drafts, on the threads that read, on sessions."""

import threading
from functools import partial

import pytest
from structlog.testing import capture_logs

from orgward.console.changing import calls
from orgward.console.changing.calls import Api
from orgward.console.frame.serving import Console
from orgward.console.pages import changes
from orgward.directory import drafts
from orgward.edge import rate_limits
from orgward.edge.endpoint import ENDPOINTS
from orgward.edge.rate_limits import EndpointSet, RateLimits
from orgward.edge.server import build_app
from orgward.kernel.errors import RefusedError
from orgward.store.log import Entry
from orgward.store.writer import Outcome, Submission
from tests.authenticator import code_at
from tests.console.conftest import Company
from tests.second_factors import OWN, PASSWORD, enrol_app, sign_in, with_password
from tests.visitor import Visitor, visitor_of
from tests.world import Caller


@pytest.fixture
def ours(world):
    """Give a company with people, projects and a team."""
    return Company(world)


@pytest.fixture
def owner(ours):
    """Give its owner in front of the console."""
    return ours.visit(ours.owner)


@pytest.fixture
def limit(world, monkeypatch):
    """Let rate limits be in force, on a clock that stands still, once it is called with the sets that are small."""

    def limited(**small):
        for name, (title, capacity) in small.items():
            monkeypatch.setattr(rate_limits, name, EndpointSet(title, capacity, ()))
        world.app = build_app(world.door, pages=partial(Console, world.door))
        pipeline = world.app.router.default.pipeline
        pipeline._rates = pipeline.runner.rates = RateLimits(ENDPOINTS, 1, clock=lambda: 0)  # noqa: SLF001

    return limited


def roles_form(ours):
    """Give the form with the roles of the member, and other roles than they have."""
    return f"/o/{ours.id}/members/{ours.member.id}/roles", {"roles": ["ORG_MEMBER", "ORG_READ_ONLY"]}


def drafts_of(ours):
    """Give where the owner's drafts are checked, the oldest first."""
    return [f"/changes/{key}" for (key,) in ours.world.store.view.keys("drafts", user_id=ours.owner.id)]


def organization_roles(ours):
    """Give the roles of the member."""
    return ours.key.get(f"/orgs/{ours.id}/users/{ours.member.id}").json["roles"]["orgRoles"]


# -- too often


@pytest.mark.parametrize("path", ["/me/profile", "/o/{org}/members.csv", "/o/{org}/members", "/nowhere"])
def test_pages_are_counted(ours, owner, limit, path):
    """Pages, files and wrong addresses come out of one bucket a person; an empty one says when to come back."""
    limit(_PAGES=("Pages", 3))
    url = path.format(org=ours.id)
    assert [owner.get(url).status == 429 for _ in range(4)] == [False] * 3 + [True]
    shown = owner._send("POST", "/signout", b"", {})  # noqa: SLF001 - without the page that has the form's token
    assert (shown.status, shown.headers.get("retry-after")) == (429, "2")
    assert shown.text.startswith("That was too often")
    assert ours.visit(ours.member).get("/me/profile").status == 200


def test_strangers_are_counted_by_network(world, limit):
    """Whoever has not signed in shares the bucket of their whole /64 (RFC 6177)."""
    limit(_PAGES=("Pages", 3))
    shown = [Visitor(world, address=f"2001:db8::{n}").get("/signin").status for n in range(1, 5)]
    assert shown == [200] * 3 + [429]
    assert Visitor(world, address="2001:db8:0:1::1").get("/signin").status == 200


def test_a_form_draws_from_the_bucket_of_the_call(world, limit, monkeypatch):
    """Guessing by the form of the console is guessing by the API: the page and the form take what the API has."""
    small = EndpointSet("Signing in", 4, (f"{OWN}/sessions",), is_public=True)
    monkeypatch.setattr(rate_limits, "SETS", (*rate_limits.SETS[:-2], small, rate_limits.SETS[-1]))
    with_password(world, "bob@example.org")
    limit()
    visitor = Visitor(world)
    token = visitor.form_token()  # the page asks what a passkey has to sign, each time that it is shown
    known = {"_csrf": token, "username": "bob@example.org", "password": "wrong one"}
    monkeypatch.setattr(Visitor, "form_token", lambda _: token)
    assert visitor.post("/signin", known).status == 401
    assert sign_in(world, "bob@example.org", password="wrong one").status == 401
    assert sign_in(world, "bob@example.org").status == 429
    shown = visitor.post("/signin", {**known, "password": PASSWORD})
    assert (shown.status, shown.headers.get("retry-after")) == (429, "2")
    assert visitor.get("/signin").status == 429


def test_checks_are_counted_by_their_calls(ours, owner, limit):
    """What a check tries costs as much as doing it: its calls are counted, in a bucket of their own."""
    url, fields = roles_form(ours)
    limit(_REHEARSALS=("Checks", 2))
    check = owner.post(url, fields).location
    assert owner.get(check).status == 200
    shown = owner.get(check)
    assert (shown.status, shown.headers.get("retry-after")) == (429, "3")


def test_a_form_of_many_calls_is_done_whole(ours, owner, limit, monkeypatch):
    """It is let in while there is anything left, and what it took too much is paid off before the next."""
    url, fields = f"/o/{ours.id}/members/bulk", {"do": "remove", "id": [ours.member.id, ours.reader.id]}
    check = owner.get(owner.post(url, fields).location)
    sets = (EndpointSet("Organizations", 1, ("/api/atlas/v2/orgs/{orgId}",)), *rate_limits.SETS[-5:])
    monkeypatch.setattr(rate_limits, "SETS", sets)
    limit()
    address = check.actions[-1]
    done = owner.post(address, {"digest": check.hidden("digest"), "read": "on"})
    assert done.status == 303, done.words
    refused = ours.owner.get(f"/orgs/{ours.id}/users")
    assert (refused.status, refused.headers["retry-after"]) == (429, "10")


# -- too large, too many


def test_a_draft_is_bounded(ours, owner, monkeypatch):
    """A change of more than a store should keep is refused with what to do about it."""
    url, fields = roles_form(ours)
    monkeypatch.setattr(drafts, "_LONGEST", 400)
    shown = owner.post(url, fields)
    assert shown.status == 413
    assert "Make it in several parts." in shown.words
    assert drafts_of(ours) == []


def test_a_session_keeps_so_many_drafts(ours, owner, monkeypatch):
    """The oldest one goes; those of other sessions stay."""
    url, fields = roles_form(ours)
    monkeypatch.setattr(drafts, "_MOST", 2)
    made = []
    for _ in range(3):
        made.append(owner.post(url, fields).location)
        ours.world.clock.advance(seconds=1)
    assert drafts_of(ours) == made[1:]


def test_documents_of_other_drafts_are_not_read(ours, owner):
    """Neither making a draft nor ending a session reads what the session's drafts hold."""
    url, fields = roles_form(ours)
    owner.post(url, fields)
    said = []
    ours.world.store._writing.set_trace_callback(said.append)  # noqa: SLF001 - what the writer asks is what matters
    owner.post(url, fields)
    owner.post("/signout")
    ours.world.store._writing.set_trace_callback(None)  # noqa: SLF001
    asked = [statement for statement in said if "FROM drafts" in statement]
    assert [statement for statement in asked if statement.startswith("SELECT id FROM")]
    assert not [statement for statement in asked if "sealed_document" in statement]


# -- twice


@pytest.fixture
def unaware(monkeypatch):
    """Let forms be looked at before one that was sent at the same time was done."""
    monkeypatch.setattr(changes, "is_spent", lambda *_: False)


def test_a_change_that_is_sent_twice_is_made_once(ours, owner, unaware):
    """Of two that are looked at before either is made, the second one is refused."""
    url, fields = roles_form(ours)
    check = owner.get(owner.post(url, fields).location)
    sent = {"digest": check.hidden("digest")}
    address = next(action for action in check.actions if action.startswith("/changes/"))
    assert owner.post(address, sent).status == 303
    ours.key.patch(f"/orgs/{ours.id}/users/{ours.member.id}", {"roles": {"orgRoles": ["ORG_MEMBER"]}})
    assert owner.post(address, sent).status == 409
    assert organization_roles(ours) == ["ORG_MEMBER"]


@pytest.mark.parametrize("kind", ["roles", "key"])
def test_a_change_that_was_refused_can_be_sent_again(ours, owner, kind, monkeypatch):
    """Nothing of it was done, so nothing of it is spent: neither where a secret would be shown once."""
    url, fields = roles_form(ours)
    if kind == "key":
        url, fields = f"/o/{ours.id}/keys/new", {"desc": "ci", "roles": "ORG_READ_ONLY"}
    check = owner.get(owner.post(url, fields).location)
    sent = {"digest": check.hidden("digest"), "read": "on"}
    address = next(action for action in check.actions if action.startswith("/changes/"))

    async def refused(api, call):
        raise RefusedError("MAX_API_KEYS_PER_ORG_EXCEEDED", "1")

    with monkeypatch.context() as patched:
        patched.setattr(Api, "perform", refused)
        assert owner.post(address, sent).status == 409
    assert owner.get(address).status == 200
    assert owner.post(address, sent).status == (200 if kind == "key" else 303)
    assert owner.post(address, sent).status == (409 if kind == "key" else 404)


# -- what holds everybody up


def test_a_page_does_not_wait_for_the_writer_without_end(ours, owner, monkeypatch):
    """While the writer is held up a check answers that it is, and when to come back; other pages go on."""
    monkeypatch.setattr(calls, "REHEARSAL_SECONDS", 0.05)
    url, fields = roles_form(ours)
    check = owner.post(url, fields).location
    held_up = threading.Event()

    def run(_):
        held_up.wait(5)
        return Outcome([])

    entry = Entry("hold", "store", None, "operator", "tester", "", "")
    try:
        ours.world.store.submit(Submission(entry, run, is_trial=True))
        shown = owner.get(check)
        assert owner.get("/me/profile").status == 200
    finally:
        held_up.set()
    assert (shown.status, shown.headers.get("retry-after")) == (503, "1")


# -- other methods


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_a_page_knows_its_methods(owner, method):
    """What a page does not know is answered with what it does; where there is no page, with that."""
    answers = {path: owner._send(method, path, None, {}) for path in ("/signin", "/signout", "/home", "/nowhere")}  # noqa: SLF001
    told = {path: (shown.status, shown.headers.get("allow")) for path, shown in answers.items()}
    assert told == {
        "/signin": (405, "GET, HEAD, POST"),
        "/signout": (405, "POST"),
        "/home": (405, "GET, HEAD"),
        "/nowhere": (404, None),
    }


# -- sessions


def is_alive(world, token):
    """Say whether the token opens anything, by the API and by the console."""
    by_api = Caller(world, token=token).get(f"{OWN}/me").status
    found = {by_api == 200, Visitor(world, token).get("/me/sessions").status == 200}
    assert len(found) == 1
    return found.pop()


@pytest.mark.parametrize("by", ["password", "code", "enrolment", "new password"])
def test_a_token_dies_when_its_person_proves_who_they_are(world, by):
    """Whoever had the token before reaches nothing any more, and the browser goes on under the new one (ASVS 7.2.4)."""
    bob = with_password(world, "bob@example.org")
    app = enrol_app(bob) if by == "code" else None
    visitor = visitor_of(bob)
    stolen = visitor.cookies["orgward"]
    if by == "enrolment":
        made = bob.post(f"{OWN}/me/factors/totp", {}).json
        url, fields = f"/me/security/totp/{made['id']}", {"code": code_of(world, made)}
    else:
        url, fields = {
            "password": ("/prove", {"password": PASSWORD}),
            "code": ("/prove", {"code": app.next_code() if app else ""}),
            "new password": ("/me/security/password", {"current": PASSWORD, "new": "another lake, number 8"}),
        }[by]
    shown = visitor.post(url, fields)
    assert shown.status in {200, 303}, shown.words
    assert visitor.cookies["orgward"] != stolen
    assert is_alive(world, visitor.cookies["orgward"])
    assert not is_alive(world, stolen)
    if shown.status == 200:
        assert visitor.post("/signout", {"_csrf": shown.hidden("_csrf")}).location == "/signin"


def code_of(world, made):
    """Give the code that an app with the seed shows now."""
    return code_at(made["secret"], world.clock.now)


def test_a_session_goes_on_as_it_was(world):
    """Under the new token it has its id, its begin and its end; of the old one nothing is left."""
    bob = with_password(world, "bob@example.org")
    view = world.store.view
    (before,) = [row for row in view.find("sessions", user_id=bob.id) if row["hash"] == proof_of(world, bob)]
    world.clock.advance(seconds=60)
    assert bob.post(f"{OWN}/me/sessions/current:prove", {"password": PASSWORD}).status == 200
    after = view.get("sessions", proof_of(world, bob))
    assert {**after, "hash": "", "salt": ""} == {**before, "hash": "", "salt": ""}
    assert view.get("session_facts", before["hash"]) is None


def proof_of(world, caller):
    """Give the hash under which the session of `caller` is stored."""
    return world.store.keyring.hash_token(caller.token)


# -- what is written down


def test_what_was_typed_as_a_name_is_not_written_down(world):
    """Where an address belongs people type passwords: the log tells whose password was wrong, if it is anybody's."""
    bob = with_password(world, "bob@example.org")
    with capture_logs() as logs:
        assert sign_in(world, PASSWORD, password="wrong one").status == 401
        assert sign_in(world, "bob@example.org", password="wrong one").status == 401
    assert [(line["event"], line["user"]) for line in logs] == [("password_refused", ""), ("password_refused", bob.id)]
    assert PASSWORD not in str(logs)
    assert "bob@" not in str(logs)
