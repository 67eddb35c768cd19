"""What surrounds every page: the switcher, the time zone, the density, and letters as shortcuts."""

import pytest
from playwright.sync_api import expect

OWN = "/api/orgward/v1"


@pytest.fixture
def ann(world):
    """Give somebody who is in two organizations, one of which has two projects."""
    acme = world.organization("Acme", owner="ann@example.org")
    world.organization("Zebra", owner="ann@example.org")
    found = world.session(acme.owner)
    for name in ("prod", "dev"):
        assert acme.key.post("/groups", {"name": name, "orgId": acme.id}).status == 201
    return found, acme


def test_the_switcher_opens_over_the_page(ann, visit):
    """With script the switcher lists where one can go, finds by name, and leads there; its arrow keys walk the list."""
    caller, acme = ann
    person = visit(caller)
    person.open(f"/o/{acme.id}/projects")
    person.page.click(".ow-switch a[href='/o']")
    found = person.page.locator("#switch [data-found] a")
    expect(found).to_have_text(["Acme", "Zebra"])
    person.page.keyboard.type("ze")
    expect(found).to_have_text(["Zebra"])
    person.page.keyboard.press("ArrowDown")
    person.page.keyboard.press("Enter")
    expect(person.page).to_have_title("Projects · Zebra · Orgward")


def test_the_switcher_of_projects(ann, visit):
    """Beside the organization stands the project; Escape closes what opened, and the focus is where it was."""
    caller, acme = ann
    person = visit(caller)
    person.open(f"/o/{acme.id}/projects")
    person.page.focus(".ow-switch a[href$='/projects']")
    person.page.keyboard.press("Enter")
    expect(person.page.locator("#switch [data-found] a")).to_have_text(["dev", "prod"])
    person.page.keyboard.press("Escape")
    expect(person.page.locator("#switch")).to_be_hidden()
    expect(person.page.locator(".ow-switch a[href$='/projects']")).to_be_focused()


def test_the_switcher_without_script(ann, visit):
    """Without script its links are the pages."""
    caller, acme = ann
    person = visit(caller, java_script_enabled=False)
    person.open(f"/o/{acme.id}/projects")
    person.page.click(".ow-switch a[href='/o']")
    expect(person.page.locator("h1")).to_have_text("Your organizations")


def test_a_chip_is_read_aloud_as_one_phrase(ann, visit):
    """The comma that nobody sees stands right behind the role, with a space only after it."""
    caller, acme = ann
    person = visit(caller)
    person.open(f"/o/{acme.id}/projects")
    name = "inherited from the organization: Project Owner, Organization Owner"
    expect(person.page.get_by_role("link", name=name, exact=True)).to_have_count(2)


def test_times_stand_in_the_zone_of_the_browser(ann, visit):
    """Whoever has chosen no zone gets that of the browser, from the second page on."""
    caller, acme = ann
    person = visit(caller, timezone_id="Asia/Tokyo")
    person.open(f"/o/{acme.id}/activity")
    person.open(f"/o/{acme.id}/activity")
    expect(person.page.locator(".ow-lead")).to_contain_text("Asia/Tokyo")
    (cookie,) = [each for each in person.context.cookies() if each["name"] == "orgward-zone"]
    assert (cookie["value"], cookie["sameSite"], cookie["path"]) == ("Asia/Tokyo", "Lax", "/")


def test_rows_can_be_compact(ann, visit):
    """Whoever wants it has rows of 40 pixels, one line each and without avatars."""
    caller, acme = ann
    assert caller("PUT", f"{OWN}/me/preferences", {"density": "compact"}).status == 200
    person = visit(caller)
    person.open(f"/o/{acme.id}/members")
    heights = person.page.locator("tbody tr").evaluate_all("rows => rows.map((row) => row.offsetHeight)")
    assert set(heights) <= {40, 41}
    expect(person.page.locator("tbody .ow-avatar").first).to_be_hidden()


@pytest.mark.parametrize("is_on", [True, False])
def test_letters_are_shortcuts_if_wanted(ann, visit, is_on):
    """`g` and `m` lead to the members, unless that was switched off."""
    caller, acme = ann
    assert caller("PUT", f"{OWN}/me/preferences", {"shortcuts": is_on}).status == 200
    person = visit(caller)
    person.open(f"/o/{acme.id}/projects")
    person.page.keyboard.press("g")
    person.page.keyboard.press("m")
    expect(person.page).to_have_title("Members · Acme · Orgward" if is_on else "Projects · Acme · Orgward")
