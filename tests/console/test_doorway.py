"""The way into the console: sessions, forms that are ours, addresses that are ours, and what every answer carries."""

from collections import Counter
from dataclasses import replace

import pytest

from orgward.cli.faces import declare_everything
from orgward.console.frame.declaration import ROUTES
from orgward.edge.router import Router
from tests.empty_store import open_world
from tests.visitor import Visitor, visitor_of

ELSEWHERE = ["https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)"]


def test_a_page_without_a_session_leads_to_sign_in_and_back(company):
    """Whoever has no session is asked to sign in, and may go on where they wanted to."""
    shown = Visitor(company.world).get(f"/o/{company.id}/members?q=an")
    assert (shown.status, shown.location) == (303, f"/signin?next=/o/{company.id}/members%3Fq%3Dan")


def test_a_part_of_a_page_without_a_session_leads_there_too(company):
    """A script's request for a part of a page is told where to go, for it can't follow a redirect."""
    shown = Visitor(company.world).get("/o", hx_request="true")
    assert (shown.status, shown.headers["hx-redirect"]) == (401, "/signin?next=/o")


def test_unknown_and_invisible_places_look_alike(company):
    """Somebody else's organization and one that does not exist get the same page."""
    visitor = company.visit(company.stranger)
    foreign, unknown = visitor.get(f"/o/{company.id}/roles"), visitor.get(f"/o/{'a' * 24}/roles")
    assert (foreign.status, unknown.status) == (404, 404)
    assert foreign.words == unknown.words


def test_a_form_needs_the_token_of_its_session(company):
    """A form without this session's token changes nothing."""
    visitor = company.visit(company.owner)
    other = company.visit(company.member)
    for token in ("", "x", other.form_token()):
        shown = visitor.post("/signout", {"_csrf": token})
        assert shown.status == 403
    assert visitor.get("/me/sessions").status == 200


@pytest.mark.parametrize("headers", [{"sec_fetch_site": "cross-site"}, {"origin": "https://evil.example"}])
def test_a_form_from_elsewhere_is_refused(company, headers):
    """A form that another site makes the browser send changes nothing, whatever it carries."""
    visitor = company.visit(company.owner)
    assert visitor.post("/signout", {}, **headers).status == 403
    assert visitor.get("/me/sessions").status == 200


def test_signing_out_ends_the_session_itself(company):
    """After signing out the old cookie opens nothing."""
    visitor = company.visit(company.owner)
    assert visitor.post("/signout").location == "/signin"
    assert Visitor(company.world, company.owner.token).get("/me/sessions").location == "/signin?next=/me/sessions"


@pytest.mark.parametrize("url", ELSEWHERE)
def test_nobody_is_sent_elsewhere(company, url):
    """Where to go on is a path of this server, or the first page."""
    visitor = company.visit(company.owner)
    shown = visitor.post("/preferences", {"theme": "dark", "next": url})
    assert shown.location == "/"


def test_every_page_carries_the_policy(company):
    """No script or style stands in a page, nobody frames it, and no cache keeps it."""
    for path in ("/signin", "/o", "/nowhere"):
        shown = company.visit(company.owner).get(path)
        policy = shown.headers["content-security-policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert shown.headers["cache-control"] == "no-store"
        assert "<style" not in shown.text
        assert ' style="' not in shown.text
        assert " onclick" not in shown.text


def test_a_strange_host_is_not_served(company):
    """A Host header that is no host gets no page that would repeat it."""
    shown = company.visit(company.owner).get("/o", host='evil"><script>')
    assert shown.status == 400
    assert "script" not in shown.text


def test_cookies_are_for_this_server_alone(company):
    """The visit's cookie is out of reach of scripts and of other sites' forms."""
    line = Visitor(company.world).get("/signin").headers["set-cookie"].lower()
    assert "httponly" in line
    assert "samesite=lax" in line


def test_a_form_calls_only_what_it_declares(tmp_path, monkeypatch):
    """A form whose plan calls an operation that it was not declared with does nothing at all."""
    declare_everything()
    routes = [replace(route, acts=()) if route.path == "/signout" else route for route in ROUTES]
    monkeypatch.setattr("orgward.console.frame.serving.ROUTES", routes)
    world = open_world(tmp_path)
    try:
        visitor = visitor_of(world.user("ann@example.org"))
        assert visitor.post("/signout").status == 500
        assert visitor.get("/me/sessions").status == 200
    finally:
        world.close()


@pytest.mark.parametrize(("path", "status"), [("/signin", 200), ("/static-nothing", 404)])
def test_the_way_of_a_program_is_looked_up_once(company, monkeypatch, path, status):
    """Whether the console serves a path is asked before it does: what was found then is what serves it."""
    asked = Counter()
    match = Router.match

    def counted(router, method, raw_path):
        asked[id(router)] += 1
        return match(router, method, raw_path)

    monkeypatch.setattr(Router, "match", counted)
    assert Visitor(company.world).get(path, accept="*/*").status == status
    assert {*asked.values()} == {1}
