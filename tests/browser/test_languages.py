"""The console in German: no English is left on its pages, dates and times are German, and the choice stays."""

import re

import pytest
from playwright.sync_api import expect

from orgward.console.frame.words import entries
from tests.browser.acts import press, sees, tick, words
from tests.browser.people import PASSWORD, sign_in, sign_out
from tests.own_api.people import account

# Every text of a page on its own, with the names that only screen readers and tooltips say; not what is code.
TEXTS = """() => {
    const left_out = 'code, pre, script, [lang=en] [lang=en], button[lang]';
    const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
        if (!walker.currentNode.parentElement.closest(left_out)) found.push(walker.currentNode.data);
    }
    for (const name of ['aria-label', 'placeholder', 'title', 'alt', 'data-busy', 'data-done', 'data-text']) {
        for (const each of document.querySelectorAll(`[${name}]`)) found.push(each.getAttribute(name));
    }
    return found.map((text) => text.replace(/\\u200b/g, '').replace(/\\s+/g, ' ').trim()).filter(Boolean);
}"""
GERMAN = {"locale": "de-DE"}


def pieces(text):
    """Give the parts of a text between its places, as far as they have a word in them."""
    parts = (part.strip() for part in re.split(r"\{.*?\}", text))
    return {part for part in parts if re.search(r"[A-Za-z]{2}", part)}


def texts_in(language):
    """Give every text of the words files in a language, each form of the plural by itself."""
    found = set()
    for entry in entries().values():
        forms = entry.get(language, {})
        found |= {forms} if isinstance(forms, str) else set(forms.values())
    return found


@pytest.fixture(scope="module")
def english():
    """Give what finds the first piece of the words files in a text that is English there, and nowhere German.

    Several words are found inside a text, too; one alone may be the name of something.
    """
    german = texts_in("de")
    spoken = "\n".join(german)
    known = {piece for text in texts_in("en") - german for piece in pieces(text) if piece not in spoken}
    longest_first = sorted((re.escape(piece) for piece in known if " " in piece), key=len, reverse=True)
    inside = re.compile(rf"(?<!\w)(?:{'|'.join(longest_first)})(?!\w)")

    def found(text):
        match = inside.search(text)
        return match[0] if match else text if text in known else ""

    return found


def english_on(person, english):
    """Give what is English on the page that is open."""
    return sorted({found for text in person.page.evaluate(TEXTS) if (found := english(text))})


def test_the_look_for_english_finds_it(visit, company, english):
    """On an English page it finds the heading, the columns and the buttons."""
    carla = visit(company.owner)
    carla.open(f"/o/{company.id}/members")
    assert {"Invite people", "Members", "Second factor", "Skip to content"} <= set(english_on(carla, english))


def test_signing_in_is_german_for_a_german_browser(visit, company, english):
    """Whoever has no session yet is spoken to in the language of their browser."""
    nobody = visit(**GERMAN)
    for path in ("/signin", "/reset", "/setup/unknown"):
        nobody.open(path)
        assert (path, english_on(nobody, english)) == (path, [])
        expect(nobody.page.locator("html")).to_have_attribute("lang", "de")
    nobody.open("/signin")
    sees(nobody, "Anmelden")


PAGES = [
    "/o/{org}/projects", "/o/{org}/members", "/o/{org}/members/invite", "/o/{org}/members/{mia}", "/o/{org}/teams",
    "/o/{org}/invitations", "/o/{org}/keys", "/o/{org}/roles", "/o/{org}/graph", "/o/{org}/who-can",
    "/o/{org}/activity", "/o/{org}/settings/general", "/o/{org}/settings/security", "/p/{prod}/access",
    "/p/{prod}/access?why=user:{mia},project:{prod}", "/p/{prod}/teams", "/p/{prod}/settings/danger",
    "/me/invitations", "/me/access", "/me/profile", "/me/security", "/me/sessions", "/p/{mia}/access",
]  # fmt: skip


def test_no_english_is_left_on_german_pages(visit, company, english):
    """Lists, forms, settings, the drawer, one's own pages and the page of what is not there."""
    carla = visit(company.owner, **GERMAN)
    left = {}
    for path in PAGES:
        carla.open(path.format(org=company.id, prod=company.prod, mia=company.member.id))
        expect(carla.page.locator("html")).to_have_attribute("lang", "de")
        left[path] = english_on(carla, english)
    assert {path: texts for path, texts in left.items() if texts} == {}


def test_a_check_is_german(visit, company, english):
    """Warnings, difference, table and button; roles keep the names that they have in the API."""
    carla = visit(company.owner, **GERMAN)
    carla.open(f"/o/{company.id}/members/{company.member.id}/roles")
    tick(carla, "Read Only")
    press(carla, "Änderung prüfen")
    sees(carla, "Es ist noch nichts geschehen.")
    sees(carla, "Organization Read Only")
    assert english_on(carla, english) == []
    carla.open(f"/p/{company.prod}/access/{company.reader.id}")
    press(carla, "Entfernen …")
    sees(carla, "Es ist noch nichts geschehen.")
    expect(carla.page.locator(".ow-danger")).to_have_text(re.compile(r"^\d+ Rechte entziehen$"))
    assert english_on(carla, english) == []


def test_a_refusal_is_german(visit, company, english):
    """What is missing, who can give it, and the form to ask."""
    rob = visit(company.reader, **GERMAN)
    assert rob.open(f"/p/{company.prod}/access/add") == 403
    assert english_on(rob, english) == []


def test_the_choice_of_a_language_stays(world, visit):
    """German chosen in the menu speaks at once, and again after signing in anew with an English browser."""
    account(world, "ann@example.org", password=PASSWORD)
    ann = visit()
    sign_in(ann, "ann@example.org")
    ann.page.locator(".ow-account > summary").click()
    press(ann, "Deutsch")
    expect(ann.page.locator("html")).to_have_attribute("lang", "de")
    sign_out(ann)
    ann.page.wait_for_url("**/signin*")

    again = visit()
    again.open("/signin")
    expect(again.page.locator("html")).to_have_attribute("lang", "en")
    sign_in(again, "ann@example.org")
    again.page.wait_for_selector(".ow-account")
    again.open("/me/profile")
    expect(again.page.locator("html")).to_have_attribute("lang", "de")
    sees(again, "Profil")


def test_dates_are_german(visit, company):
    """Day, month and year stand in German order, with the month in German."""
    carla, rob = visit(company.owner, **GERMAN), visit(company.reader, **GERMAN)
    company.world.clock.advance(days=60)
    carla.open(f"/o/{company.id}/projects")
    assert "15. Jan. 2027" in words(carla)
    rob.open(f"/p/{company.prod}/access/add")
    assert "16. März 2027, 08:00" in words(rob)


def test_times_are_those_of_ones_own_zone(visit, company):
    """With a zone in the profile the same instant is another hour, and after midnight another day; its title is UTC."""
    rob = visit(company.reader)
    rob.open("/me/profile")
    rob.page.get_by_label("Time zone").select_option("Europe/Berlin")
    rob.page.locator("form[action='/me/preferences'] button").click()
    sees(rob, "Saved.", place="#toasts")
    company.world.clock.advance(seconds=15.5 * 3600)
    assert rob.open(f"/p/{company.prod}/access/add") == 403
    moment = rob.page.locator("main time").last
    expect(moment).to_have_text("16 January 2027, 00:30")
    expect(moment).to_have_attribute("title", "2027-01-15 23:30:00 UTC")
