"""What anybody does on any page, and what they read there: press, follow, fill in, go through with a change."""

import csv
import re
from pathlib import Path

from playwright.sync_api import expect


def press(person, name):
    """Press the button that says exactly this."""
    person.page.get_by_role("button", name=name, exact=True).click()


def follow(person, name, *, within="main"):
    """Follow the first link that says exactly this."""
    person.page.locator(within).get_by_role("link", name=name, exact=True).first.click()


def write(person, label, text):
    """Write `text` into the field with this label."""
    whole = re.compile(rf"^{re.escape(label)}( \(optional\))?$")
    person.page.locator("main").get_by_label(whole).fill(text)


def tick(person, *labels):
    """Tick the boxes with these labels."""
    for label in labels:
        person.page.locator("main").get_by_role("checkbox", name=label, exact=True).check()


def untick(person, *labels):
    """Take the ticks out of the boxes with these labels."""
    for label in labels:
        person.page.locator("main").get_by_role("checkbox", name=label, exact=True).uncheck()


def choose(person, label):
    """Choose what has this label among choices of which one can be had."""
    person.page.locator("main").get_by_role("radio", name=label, exact=True).check()


def words(person, place="main"):
    """Give what can be read there, spaces made one, without the points where an address may break."""
    return re.sub(r"\s+", " ", person.page.locator(place).first.inner_text().replace("\u200b", "")).strip()


def sees(person, text, *, place="main"):
    """Wait until this can be read there: a click does not wait for the page that it leads to."""
    expect(person.page.locator(place).first).to_contain_text(text, use_inner_text=True)


def told(person, text):
    """Wait for the sentence of success."""
    sees(person, text, place="#toasts")


def row_of(person, name):
    """Give the row of the list in which this stands."""
    return person.page.get_by_role("row").filter(has_text=name)


def chip(person, role, *, by_team):
    """Give the chip of a role that comes from a team, by what a screen reader calls it."""
    return person.page.get_by_role("link", name=re.compile(rf"^by team: {role} ?, {by_team}$"))


def act_on(person, name, action):
    """Take an action from the menu of the row that is about `name`."""
    menu = row_of(person, re.compile(re.escape(name).replace("@", "@\u200b?"))).locator("details.ow-menu")
    menu.locator("summary").click()
    menu.get_by_text(action, exact=True).click()


def button_of_check(person):
    """Give the button of the check that stands before a change."""
    return person.page.locator("form[action^='/changes/'] button[type=submit]")


def promised(person, folder):
    """Give what the check says: the word and the number on its button, and each loss and gain of its file."""
    found = re.search(r"(Give|Take away) ([\d,]+) privilege", button_of_check(person).inner_text())
    with person.page.expect_download() as download:
        follow(person, "As CSV")
    path = Path(folder) / "affected.csv"
    download.value.save_as(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    sides = {
        effect: {(row["id"], row["resourceId"], row["privilege"]) for row in rows if row["effect"] == effect}
        for effect in ("gained", "lost")
    }
    return found[1], int(found[2].replace(",", "")), sides


def go_through(person):
    """Say on the check that its warnings are read, if it asks for that, and make the change."""
    sees(person, "Nothing has happened yet.")
    box = person.page.locator("form[action^='/changes/'] input[name=read]")
    if box.count():
        box.check()
    button_of_check(person).click()
