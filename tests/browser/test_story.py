"""The life of a company in the console, from the set-up link of its first owner on."""

import re

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.acts import (
    act_on,
    button_of_check,
    chip,
    choose,
    follow,
    go_through,
    press,
    promised,
    row_of,
    sees,
    tick,
    told,
    untick,
    words,
    write,
)
from tests.browser.people import set_up
from tests.browser.powers import powers
from tests.console.conftest import Company
from tests.mailbox import links_to
from tests.world import VERSION

DRAWER = ".ow-drawer"
OLGA, NINA = "olga@nordwind.example", "nina@nordwind.example"


def found(visit, world, edition="atlas"):
    """Set the account of a company's first owner up, by the link that bootstrap gave; give company and owner."""
    made = world.organization("Nordwind", edition=edition, owner=OLGA)
    olga = visit()
    set_up(olga, made.setup_token, "Olga", "Nord")
    olga.page.wait_for_selector(".ow-account")
    return made, olga


def make_project(owner, org, name):
    """Make a project and give its id."""
    owner.open(f"/o/{org}/projects")
    follow(owner, "New project")
    write(owner, "Name", name)
    press(owner, "Create project")
    told(owner, f"{name} is there.")
    return re.search(r"/p/(\w+)", owner.page.url)[1]


def make_team(owner, org, name, person):
    """Make a team with one person in it."""
    owner.open(f"/o/{org}/teams")
    follow(owner, "New team")
    write(owner, "Name", name)
    write(owner, "Name or address", person[:5])
    tick(owner, person)
    press(owner, "Create team")
    told(owner, f"The team {name} is there.")


def invite(owner, org, address):
    """Invite somebody by the form."""
    owner.open(f"/o/{org}/members")
    follow(owner, "Invite people")
    write(owner, "Addresses", address)
    press(owner, "Check this change")
    go_through(owner)
    told(owner, "1 invitation is on its way.")


def put_on(owner, project, team, *roles):
    """Fill in that a team is to have roles on the project, up to the check."""
    owner.open(f"/p/{project}/teams")
    follow(owner, "Put a team on")
    choose(owner, team)
    tick(owner, *roles)
    press(owner, "Check this change")


def suspend(owner, org, name):
    """Suspend somebody by the menu of their row."""
    owner.open(f"/o/{org}/members")
    act_on(owner, name, "Suspend…")
    expect(button_of_check(owner)).to_have_text(re.compile(r"^Take away \d+ privileges$"))
    go_through(owner)
    told(owner, f"{name} is suspended.")


@pytest.mark.parametrize("edition", ["atlas", "cloud_manager"])
def test_a_company_grows_from_its_first_link(world, visit, edition):
    """Owner, projects, a team, an invitation by mail, a role by the team, its path, and a suspension."""
    made, olga = found(visit, world, edition)
    prod = make_project(olga, made.id, "prod")
    make_project(olga, made.id, "dev")
    invite(olga, made.id, NINA)

    nina = visit()
    set_up(nina, links_to(world, NINA)[0], "Nina", "Lund")
    sees(nina, "Nordwind organization")
    press(nina, "Join Nordwind")
    told(nina, "You have joined Nordwind.")
    assert nina.open(f"/p/{prod}/access") == 404

    make_team(olga, made.id, "On-call", "Nina Lund")
    put_on(olga, prod, "On-call", "Read Only")
    sees(olga, "nothing direct: Project Read Only")
    expect(button_of_check(olga)).to_have_text(re.compile(r"^Give \d+ privileges$"))
    go_through(olga)
    told(olga, "The team is on the project.")

    nina.open(f"/o/{made.id}/projects")
    chip(nina, "Project Read Only", by_team="On-call").click()
    sees(nina, "Why does Nina Lund have access to prod? Yes, by 1 path", place=DRAWER)
    sees(nina, "Nina Lund is in the team On-call since 15 Jan 2027, added by Olga Nord", place=DRAWER)
    sees(nina, "which holds the role on prod", place=DRAWER)

    suspend(olga, made.id, "Nina Lund")
    assert nina.open(f"/p/{prod}/access") == 403
    sees(nina, "You are suspended in this organization")
    nina.open("/me/access")
    assert re.search(r"prod nothing 0 of \d+", words(nina))


# Two lines are fine, one has no address, one names a team that there is none of.
LINES = """address,roles,teams,projects
nina@nordwind.example,Organization Member,On-call,prod=Project Read Only
lars@nordwind.example,,,
piet.nordwind.example,,,
rike@nordwind.example,,On-cal,
"""


def test_a_file_invites_whom_it_can(company, visit, world, tmp_path):
    """Each line is judged before anything is sent; the good ones are sent, and the others can be kept."""
    olga = visit(company.owner)
    file = tmp_path / "people.csv"
    file.write_text(LINES, encoding="utf-8")
    olga.open(f"/o/{company.id}/invitations")
    follow(olga, "Invite from CSV")
    olga.page.get_by_label("File").set_input_files(file)
    press(olga, "Check the lines")
    sees(olga, "nina@nordwind.example Will be sent")
    sees(olga, "piet.nordwind.example Not an address")
    sees(olga, "rike@nordwind.example Unknown team “On-cal” Did you mean On-call?")
    assert links_to(world, NINA) == []

    press(olga, "Send 2 invitations")
    sees(olga, "From the file: 2 of 4 sent")
    expect(row_of(olga, NINA).first).to_contain_text("Pending")
    with olga.page.expect_download() as download:
        follow(olga, "Result as CSV")
    assert "piet.nordwind.example" in download.value.path().read_text(encoding="utf-8-sig")

    nina = visit()
    set_up(nina, links_to(world, NINA)[0], "Nina", "Lund")
    press(nina, "Join Nordwind")
    nina.open(f"/p/{company.prod}/access")
    sees(nina, "Nina Lund")
    assert [len(links_to(world, f"{name}@nordwind.example")) for name in ("lars", "rike")] == [1, 0]


class Truth:
    """What everybody in a company really may do, to be held against what a check promises."""

    def __init__(self, company, folder):
        """Ask with the owner's key, and keep files in `folder`."""
        self.company, self.folder = company, folder

    def now(self):
        """Give who holds which privilege where."""
        people = [self.company.owner.id, self.company.member.id, self.company.reader.id]
        places = [("organization", self.company.id), ("project", self.company.prod), ("project", self.company.dev)]
        return powers(self.company.key, people, places)

    def follows(self, person, word):
        """Go through with a change that gives or takes; it does what its check says, and not before."""
        before = self.now()
        said, number, sides = promised(person, self.folder)
        assert self.now() == before
        go_through(person)
        expect(person.page.locator("#toasts")).not_to_be_empty()
        after = self.now()
        assert sides == {"gained": after - before, "lost": before - after}
        assert (said, number) == (word, len({name for _, _, name in before ^ after}))


@pytest.mark.parametrize("edition", ["atlas", "cloud_manager"])
def test_a_check_promises_exactly_what_happens(world, visit, tmp_path, edition):
    """Somebody's gain and loss, and a team's: button and file say what the decision API finds changed."""
    company = Company(world, edition=edition)
    olga, truth = visit(company.owner), Truth(company, tmp_path)

    olga.open(f"/o/{company.id}/members/{company.member.id}/roles")
    tick(olga, "Read Only")
    press(olga, "Check this change")
    truth.follows(olga, "Give")

    put_on(olga, company.prod, "On-call", "Owner", "Read Only")
    truth.follows(olga, "Give")

    olga.open(f"/p/{company.prod}/teams/{company.team}")
    untick(olga, "Owner")
    press(olga, "Check this change")
    truth.follows(olga, "Take away")

    olga.open(f"/p/{company.prod}/access/{company.reader.id}")
    press(olga, "Remove…")
    truth.follows(olga, "Take away")


def pair_shown(person):
    """Give the two halves of the key that stands on the page."""
    return [person.page.get_by_label(label, exact=True).inner_text() for label in ("Public key", "Private key")]


def test_a_key_is_shown_once_and_works(company, visit, server, world):
    """Its private half stands on one page, opens the API over HTTP Digest, and is nowhere afterwards."""
    olga = visit(company.owner)
    olga.open(f"/o/{company.id}/keys")
    follow(olga, "Create key")
    write(olga, "Name", "deployments")
    tick(olga, "Read Only")
    press(olga, "Check this change")
    check = olga.page.url
    go_through(olga)
    sees(olga, "Key “deployments” was created. Its private key is shown once.")
    public, private = pair_shown(olga)

    url = f"{server.url}/api/atlas/v2/orgs/{company.id}"
    answer = httpx.get(url, auth=httpx.DigestAuth(public, private), headers={"accept": VERSION})
    assert (answer.status_code, answer.json()["name"]) == (200, "Nordwind")

    expect(olga.page.get_by_role("button", name="Done")).to_be_disabled()
    tick(olga, "I have stored the private key")
    press(olga, "Done")
    sees(olga, "deployments")
    olga.page.goto(check)
    sees(olga, "This key was already shown")
    assert private not in olga.page.content()
    assert private not in olga.page.evaluate("JSON.stringify([localStorage, sessionStorage])")
    assert not any(private in cookie["value"] for cookie in olga.context.cookies())
    for file in world.store.path.parent.rglob("*"):
        assert file.is_dir() or private.encode() not in file.read_bytes()


def test_a_secret_is_not_shown_to_a_reload(company, visit):
    """Who leaves before storing it is asked first; who reloads reads that it was shown, and gets no second key."""
    olga = visit(company.owner, permissions=["clipboard-read", "clipboard-write"])
    olga.open(f"/o/{company.id}/keys/new")
    write(olga, "Name", "deployments")
    tick(olga, "Read Only")
    press(olga, "Check this change")
    go_through(olga)
    _, private = pair_shown(olga)

    asked = []
    olga.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    olga.page.get_by_role("button", name="Copy").last.click()
    expect(olga.page.locator("#announce")).to_have_text("Copied")
    assert olga.page.evaluate("navigator.clipboard.readText()") == private
    olga.page.reload()
    assert asked == ["beforeunload"]
    sees(olga, "This key was already shown")
    assert private not in olga.page.content()
    follow(olga, "To the keys")
    expect(row_of(olga, "deployments")).to_have_count(1)


def test_whoever_leaves_leaves_nothing_behind(company, visit):
    """A member leaves: what they could do ends with that, and no list knows of them."""
    rob, olga = visit(company.reader), visit(company.owner)
    rob.open("/me/access")
    press(rob, "Leave Nordwind")
    go_through(rob)
    sees(rob, "You belong to no organization yet.")
    assert powers(company.key, [company.reader.id], [("organization", company.id), ("project", company.prod)]) == set()
    for page in (f"/o/{company.id}", f"/p/{company.prod}/access", f"/o/{company.id}/members"):
        assert rob.open(page) == 404
    for page in (f"/o/{company.id}/members", f"/p/{company.prod}/access"):
        olga.open(page)
        assert "rob@" not in words(olga)
