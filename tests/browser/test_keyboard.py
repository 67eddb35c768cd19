"""The console with the keyboard alone: nothing here touches a mouse."""

import pytest
from playwright.sync_api import expect

from tests.browser.acts import button_of_check, sees, told
from tests.browser.people import PASSWORD
from tests.own_api.people import account

FOCUSED = """() => {
    const here = document.activeElement;
    if (here === document.body) return '';
    const named = here.labels?.[0] || document.getElementById(here.getAttribute('aria-labelledby')) || here;
    const read = named.cloneNode(true);
    read.querySelectorAll('[aria-hidden=true]').forEach((each) => each.remove());
    return (here.getAttribute('aria-label') || read.textContent).replace(/\\u200b/g, '').replace(/\\s+/g, ' ').trim();
}"""
DRAWER = ".ow-drawer"
MOST_STEPS = 90


def keys(person, *names):
    """Strike these keys one after the other."""
    for name in names:
        person.page.keyboard.press(name)


def focused(person):
    """Give the name of what has the focus."""
    return person.page.evaluate(FOCUSED)


def has_focus(person, name):
    """Wait until what is called so has the focus."""
    for _ in range(100):
        if focused(person) == name:
            return
        person.page.wait_for_timeout(50)
    pytest.fail(f"not {name} has the focus, but {focused(person)}")


def tab_to(person, name, *, back=False):
    """Press Tab until what is called so has the focus."""
    seen = []
    for _ in range(MOST_STEPS):
        keys(person, "Shift+Tab" if back else "Tab")
        seen.append(focused(person))
        if seen[-1] == name:
            return
    pytest.fail(f"Tab never reaches {name}: {seen}")


def typed(person, text):
    """Type `text` where the focus is."""
    person.page.keyboard.type(text)


def at(person, path):
    """Wait until the page with this path is there."""
    person.page.wait_for_url(lambda url: url.split("?")[0].endswith(path))
    person.page.wait_for_load_state()


@pytest.fixture
def carla(company, visit):
    """Give the owner of a company, in front of its members."""
    person = visit(company.owner)
    person.open(f"/o/{company.id}/members")
    return person


@pytest.mark.parametrize(
    "path",
    [
        "/o/{org}/members",
        "/o/{org}/projects/new",
        "/p/{project}/access",
        "/p/{project}/access/add",
        "/me/profile",
        "/me/security/totp",
        "/search",
    ],
)
def test_the_first_tab_leads_past_the_frame(company, visit, path):
    """The first Tab of a page is the way to its content, and from there Tab goes on inside it."""
    carla = visit(company.owner)
    carla.open(path.format(org=company.id, project=company.prod))
    keys(carla, "Tab")
    assert focused(carla) == "Skip to content"
    keys(carla, "Enter", "Tab")
    assert carla.page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_somebody_signs_in_and_out(company, visit):
    """The address has the focus at once; the account menu is opened by Enter and walked by arrows."""
    account(company.world, "ann@example.org", password=PASSWORD)
    ann = visit()
    ann.open("/signin")
    has_focus(ann, "E-mail address")
    typed(ann, "ann@example.org")
    tab_to(ann, "Password")
    typed(ann, PASSWORD)
    keys(ann, "Enter")
    ann.page.wait_for_selector(".ow-account")
    tab_to(ann, "Account of Bob Doe")
    keys(ann, "Enter", "End")
    assert focused(ann) == "Sign out"
    keys(ann, "Enter")
    at(ann, "/signin")


def test_letters_lead_through_the_console(company, carla):
    """`g` and a letter open the pages of the sidebar, `/` searches, `?` tells of it all."""
    for letter, page in (("p", "projects"), ("t", "teams"), ("k", "keys"), ("s", "settings/general"), ("m", "members")):
        keys(carla, "g", letter)
        at(carla, f"/o/{company.id}/{page}")
    keys(carla, "/")
    has_focus(carla, "Search people, teams, keys")
    typed(carla, "mia")
    keys(carla, "Enter")
    at(carla, "/search")
    sees(carla, "mia@nordwind.example")
    keys(carla, "?")
    expect(carla.page.locator("#keyboard")).to_be_visible()
    has_focus(carla, "Keyboard")
    keys(carla, "Escape")
    expect(carla.page.locator("#keyboard")).to_be_hidden()


def test_a_drawer_holds_the_focus_and_gives_it_back(company, carla):
    """Enter on a chip opens its path; Tab stays in the drawer; Escape goes back to the chip."""
    chip = "organization role: Organization Member"
    tab_to(carla, chip)
    keys(carla, "Enter")
    heading = "Why does mia@nordwind.example have access to Nordwind?"
    expect(carla.page.get_by_role("heading", name=heading)).to_be_focused()
    inside = "document.querySelector('.ow-drawer').contains(document.activeElement)"
    for key in ["Tab"] * 12 + ["Shift+Tab"] * 14:
        keys(carla, key)
        assert carla.page.evaluate(inside), (key, focused(carla))
    assert carla.page.locator("#page").evaluate("page => page.inert")
    keys(carla, "g", "p", "Escape")
    expect(carla.page.locator(DRAWER)).to_have_count(0)
    at(carla, "/members")
    has_focus(carla, chip)


def test_a_row_is_acted_on_by_arrows_and_letters(company, carla):
    """The menu of a row opens by Enter, is walked by arrows, ends and letters, and closes by Escape."""
    name = "Actions for mia@nordwind.example"
    tab_to(carla, name)
    keys(carla, "Enter", "ArrowDown")
    first = focused(carla)
    keys(carla, "End")
    last = focused(carla)
    assert last == "Remove…"
    keys(carla, "ArrowDown")
    assert focused(carla) == first
    keys(carla, "ArrowUp")
    assert focused(carla) == last
    keys(carla, "Escape")
    assert focused(carla) == name
    expect(carla.page.locator("details.ow-menu[open]")).to_have_count(0)
    keys(carla, "Enter", "t")
    assert focused(carla) == "Teams…"
    keys(carla, "Enter")
    at(carla, "/teams")


def test_a_role_is_changed(company, carla):
    """From the row through form and check to the changed role, by Tab, Space and Enter."""
    tab_to(carla, "Actions for mia@nordwind.example")
    keys(carla, "Enter", "c")
    assert focused(carla) == "Change roles…"
    keys(carla, "Enter")
    at(carla, "/roles")
    tab_to(carla, "Read Only")
    keys(carla, "Space")
    tab_to(carla, "Check this change")
    keys(carla, "Enter")
    sees(carla, "Nothing has happened yet.")
    tab_to(carla, button_of_check(carla).inner_text())
    keys(carla, "Enter")
    told(carla, "The roles of mia@nordwind.example are changed.")
    roles = company.key.get(f"/orgs/{company.id}/users/{company.member.id}").json["roles"]["orgRoles"]
    assert roles == ["ORG_MEMBER", "ORG_READ_ONLY"]


def test_enter_destroys_nothing_by_itself(company, carla):
    """Where a check or a drawer opens, what takes something away has not got the focus."""
    tab_to(carla, "Actions for mia@nordwind.example")
    keys(carla, "Enter", "End", "Enter")
    sees(carla, "Nothing has happened yet.")
    check = carla.page.url
    keys(carla, "Enter", "Space")
    assert carla.page.url == check
    assert company.key.get(f"/orgs/{company.id}/users/{company.member.id}").status == 200

    carla.open(f"/p/{company.prod}/access")
    tab_to(carla, "direct: Project Read Only")
    keys(carla, "Enter")
    expect(carla.page.locator(f"{DRAWER} h2")).to_be_focused()
    keys(carla, "Enter", "Space")
    expect(carla.page.locator(DRAWER)).to_be_visible()
    at(carla, "/access")


def test_letters_in_fields_are_only_letters(company, carla):
    """What is typed into a field stays there, whatever it would do elsewhere."""
    tab_to(carla, "Name or address")
    typed(carla, "gm?x/gp")
    carla.page.wait_for_url("**q=gm*")
    assert carla.page.get_by_role("searchbox", name="Name or address").input_value() == "gm?x/gp"
    expect(carla.page.locator("#keyboard")).to_be_hidden()
    at(carla, "/members")


def test_single_letters_can_be_switched_off(company, carla):
    """After the switch in the profile letters do nothing, and Tab, Enter and Escape still work."""
    carla.open("/me/profile")
    tab_to(carla, "Single letters are shortcuts")
    keys(carla, "Space")
    tab_to(carla, "Save")
    keys(carla, "Enter")
    told(carla, "Saved.")
    carla.open(f"/o/{company.id}/members")
    keys(carla, "g", "p", "/", "?")
    expect(carla.page.locator("#keyboard")).to_be_hidden()
    assert focused(carla) != "Search people, teams, keys"
    at(carla, "/members")
    tab_to(carla, "organization role: Organization Member")
    keys(carla, "Enter")
    expect(carla.page.locator(f"{DRAWER} h2")).to_be_focused()
    keys(carla, "Escape")
    expect(carla.page.locator(DRAWER)).to_have_count(0)


def test_rows_are_chosen_by_x(company, carla):
    """`x` chooses the row with the focus, Shift and `x` all up to it."""
    tab_to(carla, "carla@nordwind.example")
    keys(carla, "x")
    tab_to(carla, "rob@nordwind.example")
    keys(carla, "Shift+X")
    expect(carla.page.locator("[data-selected]")).to_have_text("3 selected")
    keys(carla, "x")
    expect(carla.page.locator("[data-selected]")).to_have_text("2 selected")
