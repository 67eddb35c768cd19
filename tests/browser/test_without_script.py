"""The console in a browser that runs no script: every page is whole, and every change can be made."""

import pytest
from playwright.sync_api import expect

from tests.browser.acts import (
    act_on,
    button_of_check,
    follow,
    go_through,
    press,
    row_of,
    sees,
    tick,
    told,
    words,
    write,
)
from tests.browser.people import PASSWORD, sign_in, sign_out
from tests.mailbox import links_to
from tests.own_api.people import account


@pytest.fixture
def carla(company, visit):
    """Give the owner of a company, whose browser runs no script."""
    return visit(company.owner, java_script_enabled=False)


def test_somebody_signs_in_and_out(world, visit):
    """The form of a password and the account menu need no script; what needs one is not offered."""
    account(world, "ann@example.org", password=PASSWORD)
    ann = visit(java_script_enabled=False)
    ann.open("/me/profile")
    expect(ann.page.get_by_role("button", name="Show password")).to_have_count(0)
    sign_in(ann, "ann@example.org")
    ann.page.wait_for_url("**/me/profile")
    sign_out(ann)
    ann.page.wait_for_url("**/signin*")
    ann.open("/me/profile")
    assert "/signin" in ann.page.url


def test_members_are_searched_and_filtered(company, carla):
    """Search and filters are a form with a button; what is chosen stands in the address."""
    carla.open(f"/o/{company.id}/members")
    carla.page.get_by_role("searchbox", name="Name or address").fill("mi")
    carla.page.locator("[data-filters]").get_by_role("button", name="Search").click()
    carla.page.wait_for_url("**q=mi*")
    sees(carla, "1–1 of 1")

    carla.open(f"/o/{company.id}/members")
    carla.page.locator("[data-filters]").get_by_text("Role", exact=True).first.click()
    carla.page.get_by_label("Owner").check()
    carla.page.get_by_role("button", name="Apply").locator("visible=true").click()
    carla.page.wait_for_url("**role=ORG_OWNER*")
    sees(carla, "1–1 of 1")
    sees(carla, "carla@nordwind.example")
    carla.page.get_by_role("link", name="Remove filter Role").click()
    sees(carla, "1–3 of 3")


def test_the_path_of_a_role_is_a_page(company, carla):
    """A chip opens the same list with its path beside it, which is a page of its own, too."""
    carla.open(f"/p/{company.prod}/access")
    carla.page.get_by_role("link", name="direct: Project Read Only").click()
    question = "Why does rob@nordwind.example have access to prod?"
    sees(carla, question, place=".ow-drawer")
    carla.page.get_by_role("link", name="Open as page").click()
    carla.page.wait_for_url("**/why?*")
    expect(carla.page.get_by_role("heading", name=question, level=1)).to_be_visible()
    sees(carla, "Yes, by 1 path")
    press(carla, "Preview ending it")
    sees(carla, "Nothing has happened yet.")


def test_somebody_is_invited(company, world, carla):
    """Form, check and change need no script, nor does choosing a team by searching for it."""
    carla.open(f"/o/{company.id}/members")
    follow(carla, "Invite people")
    write(carla, "Addresses", "nina@nordwind.example")
    carla.page.get_by_label("Find a team").fill("on")
    carla.page.get_by_role("button", name="Search").last.click()
    expect(carla.page.get_by_label("Addresses")).to_have_value("nina@nordwind.example")
    tick(carla, "On-call")
    press(carla, "Check this change")
    sees(carla, "Joins the team On-call.")
    assert links_to(world, "nina@nordwind.example") == []
    go_through(carla)
    told(carla, "1 invitation is on its way.")
    assert len(links_to(world, "nina@nordwind.example")) == 1


def test_two_rows_are_changed_at_once(company, carla):
    """Ticked rows are suspended by the bar of the list, through one check."""
    carla.open(f"/o/{company.id}/members")
    for name in ("mia@nordwind.example", "rob@nordwind.example"):
        carla.page.get_by_label(f"Select {name}").check()
    carla.page.locator(".ow-bulk").get_by_role("button", name="Suspend…").click()
    sees(carla, "Suspend 2 members")
    expect(button_of_check(carla)).to_contain_text("Take away")
    go_through(carla)
    told(carla, "2 members are changed.")
    for name, state in (("mia@", "Suspended"), ("rob@", "Suspended"), ("carla@", "Active")):
        expect(row_of(carla, name).first).to_contain_text(state)


def test_the_menu_of_a_row_opens(company, carla):
    """Menus are disclosures: a row is acted on from its own."""
    carla.open(f"/o/{company.id}/members")
    act_on(carla, "mia@nordwind.example", "Teams…")
    sees(carla, "Teams of mia@nordwind.example")


def test_the_theme_changes(company, carla):
    """The theme is a button of the account menu; it holds on the next page and on the next visit."""
    carla.open(f"/o/{company.id}/members")
    expect(carla.page.locator("html")).to_have_attribute("data-theme", "system")
    for theme in ("Dark", "Light"):
        carla.page.locator(".ow-account > summary").click()
        carla.page.locator(".ow-account").get_by_role("button", name=theme).click()
        expect(carla.page.locator("html")).to_have_attribute("data-theme", theme.lower())
        assert carla.page.url.endswith(f"/o/{company.id}/members")
    carla.open("/me/profile")
    expect(carla.page.locator("html")).to_have_attribute("data-theme", "light")
    assert "Light" in words(carla, "select[name=theme] option:checked")


def test_a_secret_needs_a_tick_before_it_is_left(company, carla):
    """Without script the browser itself asks for the tick; the key is made, and shown once."""
    carla.open(f"/o/{company.id}/keys/new")
    write(carla, "Name", "deployments")
    tick(carla, "Read Only")
    press(carla, "Check this change")
    go_through(carla)
    expect(carla.page.get_by_label("Private key", exact=True)).to_be_visible()
    page = carla.page.url
    press(carla, "Done")
    assert carla.page.url == page
    tick(carla, "I have stored the private key")
    press(carla, "Done")
    carla.page.wait_for_url(f"**/o/{company.id}/keys*")
    expect(row_of(carla, "deployments").first).to_be_visible()
