"""Attacks on the console and on signing in, each against one guard: without the guard the test fails."""

import re
from urllib.parse import urlsplit

import pytest

from orgward.console.frame.declaration import ROUTES, FormRoute
from tests.console.crawl import crawl, route_of
from tests.matrix.scene import ROOMY, Scene
from tests.visitor import Visitor, visitor_of
from tests.world import opened

PASSWORD = "a long enough phrase"
MARKUP = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def neighbours(tmp_path_factory):
    """Give two organizations with one of everything, and an owner of each who is not in the other."""
    with opened(tmp_path_factory.mktemp("neighbours"), limits=ROOMY) as world:
        yield Scene.make(world, "atlas"), Scene.make(world, "atlas")


@pytest.fixture(scope="module")
def found(neighbours):
    """Give everything that the owner of the first organization finds in it."""
    ours, _ = neighbours
    return crawl(visitor_of(ours.owner), "/", f"/o/{ours.org}", f"/p/{ours.project}")


def in_organization(urls):
    """Give those of the addresses that lie in an organization or project."""
    return sorted(url for url in urls if re.match(r"^/[op]/[0-9a-f]{24}", url))


# -- insecure direct object references


def test_nobody_opens_a_page_of_somebody_elses_organization(neighbours, found):
    """Every page of the first organization is unknown to the owner of the second."""
    _, theirs = neighbours
    stranger = visitor_of(theirs.owner)
    urls = in_organization(url for urls in found.pages.values() for url in urls)
    assert len(urls) > 20
    opened_anyway = [url for url in urls if stranger.get(url).status != 404]
    assert opened_anyway == []


def test_nobody_posts_a_form_of_somebody_elses_organization(neighbours, found):
    """Every form of the first organization answers the owner of the second that there is nothing, and does nothing."""
    ours, theirs = neighbours
    stranger = visitor_of(theirs.owner)
    revision = ours.world.store.snapshot.revision
    urls = in_organization(url for urls in found.forms.values() for url in urls)
    assert len(urls) > 10
    got_in = {url: shown.status for url in urls if (shown := stranger.post(url)).status not in {400, 404}}
    assert {url: status for url, status in got_in.items() if not leads_to_a_refusal(stranger, url)} == {}
    assert is_unchanged(ours, revision)


def leads_to_a_refusal(stranger, url):
    """Say whether the form made a draft at most, whose check refuses every call."""
    shown = stranger.post(url)
    if not shown.location.startswith("/changes/"):
        return False
    checked = stranger.get(shown.location)
    return checked.status == 200 and 'name="digest"' not in checked.text


def is_unchanged(scene, revision):
    """Say whether nothing was done in the organization since: what was refused leaves rows of that alone."""
    sql = "SELECT outcome FROM log WHERE revision > :since AND org_id = :org"
    rows = scene.world.store.view.rows(sql, {"since": revision, "org": scene.org})
    return all(outcome == "refused" for (outcome,) in rows)


def test_things_of_one_organization_are_not_in_another(neighbours, found):
    """A page of one's own organization with the id of a thing of another is unknown."""
    ours, theirs = neighbours
    stranger = visitor_of(theirs.owner)
    urls = [
        url.replace(ours.org, theirs.org).replace(ours.project, theirs.project)
        for url in in_organization(url for urls in found.pages.values() for url in urls)
        if len(re.findall(r"[0-9a-f]{24}", urlsplit(url).path)) > 1
    ]
    assert urls
    assert [url for url in urls if stranger.get(url).status != 404] == []


# -- cross-site request forgery


def test_no_form_is_taken_without_its_token(neighbours):
    """Every form of the console is refused without the token of the session that sends it."""
    ours, _ = neighbours
    visitor = visitor_of(ours.owner)
    values = {"orgId": ours.org, "groupId": ours.project, "clientId": f"mdb_sa_id_{'a' * 24}"}
    forms = [route for route in ROUTES if isinstance(route, FormRoute)]
    assert len(forms) > 30
    for route in forms:
        url = re.sub(r"\{(\w+)\}", lambda name: values.get(name[1], "a" * 24), route.path)
        assert visitor.post(url, {"_csrf": ""}).status == 403, route.path
        assert visitor.post(url, {"_csrf": "0" * 64}).status == 403, route.path


def test_signing_in_can_not_be_forged(world_with_ann):
    """Another site can't sign a visitor in to an account of its own: the form needs the visit's token."""
    world, _ = world_with_ann
    victim = Visitor(world)
    victim.get("/signin")
    attacker = Visitor(world)
    token = attacker.form_token()
    shown = victim.post("/signin", {"_csrf": token, "username": "ann@example.org", "password": PASSWORD})
    assert shown.status == 403
    assert "orgward" not in victim.cookies


# -- sessions


@pytest.fixture
def world_with_ann(tmp_path):
    """Give a world in which Ann has an account with a password, and her id."""
    with opened(tmp_path) as world:
        made = world.organization("Acme", owner="ann@example.org")
        body = {"token": made.setup_token, "password": PASSWORD, "firstName": "Ann", "lastName": "Keller"}
        assert world.nobody.post("/api/orgward/v1/accounts:setup", body).status == 201
        yield world, made


def signed_in(world, cookies=None):
    """Give Ann after she has signed in with her browser, and the answer."""
    visitor = Visitor(world, cookies=dict(cookies or {}))
    shown = visitor.post("/signin", {"username": "ann@example.org", "password": PASSWORD})
    return visitor, shown


def test_a_session_is_never_one_that_was_there_before(world_with_ann):
    """A cookie planted before signing in is worth nothing after it."""
    world, _ = world_with_ann
    visitor, shown = signed_in(world, {"orgward": "planted", "orgward-visit": "planted-too"})
    assert shown.status == 303
    assert visitor.cookies["orgward"] != "planted"
    assert Visitor(world, "planted").get("/me/sessions").status == 303
    again, _ = signed_in(world)
    assert again.cookies["orgward"] != visitor.cookies["orgward"]


def test_a_session_cookie_is_out_of_reach(world_with_ann):
    """The session's cookie is read by no script, and sent by no other site's form."""
    world, _ = world_with_ann
    _, shown = signed_in(world)
    line = next(line for line in shown.headers.get_list("set-cookie") if line.startswith("orgward="))
    assert {"httponly", "samesite=lax", "path=/"} <= {part.strip().lower() for part in line.split(";")}


def test_over_tls_cookies_are_bound_to_the_host(world_with_ann):
    """Over TLS the cookie's name says that it is this host's, and it is sent over TLS alone."""
    world, _ = world_with_ann
    reply = world.over_tls("/signin")
    line = reply.headers["set-cookie"]
    assert line.startswith("__Host-orgward-visit=")
    assert "secure" in line.lower()


# -- where one is sent


@pytest.mark.parametrize("url", ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example"])
def test_nobody_is_sent_elsewhere_after_signing_in(world_with_ann, url):
    """`next` leads to a page of this server, or to the first one."""
    world, _ = world_with_ann
    visitor = Visitor(world)
    fields = {"username": "ann@example.org", "password": PASSWORD, "next": url}
    assert visitor.post("/signin", fields).location == "/"


@pytest.mark.parametrize("host", ["evil.example", "orgward.test.evil.example"])
def test_links_in_mails_do_not_follow_the_host_header(world_with_ann, host):
    """Whoever asks for a reset with another Host does not have the link lead there: mail has its own address."""
    world, _ = world_with_ann
    visitor = Visitor(world)
    visitor.post("/reset", {"username": "ann@example.org"}, host=host, origin=f"http://{host}")
    rows = world.store.view.find("outbox", kind="reset")
    assert all(host not in str(row) for row in rows)


# -- enumeration


def test_a_wrong_password_and_an_unknown_address_look_alike(world_with_ann):
    """Nothing of the answer to a failed sign-in tells whether there is such an account."""
    world, _ = world_with_ann
    answers = []
    for address in ("ann@example.org", "nobody@example.org", "not an address"):
        shown = Visitor(world).post("/signin", {"username": address, "password": "wrong wrong wrong"})
        answers.append((shown.status, shown.words.replace(address, ""), sorted(shown.headers)))
    assert answers[0] == answers[1] == answers[2]


def test_asking_for_a_reset_tells_nothing(world_with_ann):
    """The page after asking for another password is the same for every address."""
    world, _ = world_with_ann
    answers = {
        (shown.status, shown.words)
        for address in ("ann@example.org", "nobody@example.org")
        if (shown := Visitor(world).post("/reset", {"username": address}))
    }
    assert len(answers) == 1


def test_links_that_do_not_work_look_alike(world_with_ann):
    """A used, a made-up and a foreign link show the same page."""
    world, made = world_with_ann
    for kind in ("setup", "reset", "verify"):
        pages = {Visitor(world).get(f"/{kind}/{token}").words for token in (made.setup_token, "x" * 43)}
        assert len(pages) == 1


# -- markup in names


def test_names_stay_text_on_every_page(tmp_path):
    """Markup in every field that takes it shows as it was written, on every page that shows it."""
    with opened(tmp_path, limits=ROOMY) as world:
        scene = Scene.make(world, "atlas")
        spoiled = spoil(scene)
        visitor = visitor_of(scene.owner)
        found = crawl(visitor, "/", f"/o/{scene.org}", f"/p/{scene.project}")
        urls = {url for urls in found.pages.values() for url in urls}
        shown = [visitor.get(url) for url in sorted(urls) if not url.split("?")[0].endswith(".csv")]
        assert not [page.text for page in shown if MARKUP in page.text]
        assert sum("&lt;img src=x" in page.text for page in shown) >= spoiled


def spoil(scene):
    """Put markup wherever somebody may write freely, and give on how many pages it shows at least."""
    own = "/api/orgward/v1"
    scene.make_with("PATCH", f"{own}/me", {"firstName": MARKUP, "lastName": MARKUP})
    scene.make_with("POST", f"/orgs/{scene.org}/apiKeys", {"desc": MARKUP, "roles": ["ORG_OWNER"]})
    asker = scene.world.user(scene.new_address())
    scene.make_with("PATCH", f"{own}/me", {"firstName": MARKUP, "lastName": "x"}, asker)
    scene.make_with("POST", f"{own}/groups/{scene.project}/joinRequests", {"message": MARKUP}, asker)
    return 5


def test_formulas_in_names_stay_text_in_files(tmp_path):
    """What spreadsheets would run is written so that they don't."""
    with opened(tmp_path, limits=ROOMY) as world:
        scene = Scene.make(world, "atlas")
        scene.make_with("PATCH", "/api/orgward/v1/me", {"firstName": "=cmd|' /C calc'!A0", "lastName": "+1"})
        shown = visitor_of(scene.owner).get(f"/o/{scene.org}/members.csv")
        assert shown.status == 200
        cells = [cell.strip('"') for line in shown.text.splitlines() for cell in line.split(",")]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]


def test_no_page_can_be_framed(neighbours, found):
    """Every page refuses to be shown inside another site's."""
    ours, _ = neighbours
    visitor = visitor_of(ours.owner)
    for urls in found.pages.values():
        url = min(urls)
        if route_of("GET", url) is None:
            continue
        shown = visitor.get(url)
        assert "frame-ancestors 'none'" in shown.headers["content-security-policy"], url
        assert shown.headers["x-frame-options"] == "DENY", url
