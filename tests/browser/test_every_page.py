"""Every page in a browser, light and dark, wide and on a phone: nobody is kept out, and nothing sticks out."""

import re

import pytest

from orgward.cli.faces import declare_everything
from orgward.console.frame.declaration import ROUTES, PageRoute
from tests.browser.conftest import TAGS, Person, overflow, violations
from tests.pictured.story import told
from tests.pictured.views import go, views
from tests.served import served

declare_everything()
REFUSAL = "showRefusal"
PAGES = [r.operation.id for r in ROUTES if isinstance(r, PageRoute) and r.template.endswith(".html")]
WIDE, NARROW = 1280, 390
CONTRAST = ["color-contrast"]
STILL = {"reduced_motion": "reduce"}  # colours that fade from one theme to the other are neither


class Pictured:
    """The company behind a server, what is to be seen of it by page, and its people in front of browsers."""

    def __init__(self, chromium, running, company):
        """Find what is to be seen."""
        self._chromium, self._company, self._url = chromium, company, running.url
        self._people = {}
        self.views = {}
        for view in views(company):
            self.views.setdefault(view.page, []).append(view)

    def person(self, view):
        """Give whoever sees the view, at a browser of their own."""
        at = (view.who, view.language)
        if at not in self._people:
            token = self._company.of(view.who).token if view.who else ""
            self._people[at] = Person(self._chromium, self._url, token, locale=view.language, **STILL)
        return self._people[at]

    def open(self, view):
        """Open the view and give the page; its answer is the one that belongs to it."""
        person = self.person(view)
        if not view.who:
            person.context.clear_cookies()
        person.page.set_viewport_size({"width": WIDE, "height": 900})
        assert go(person.page, view, self._url) == view.status
        return person.page

    def close(self):
        """Close the browsers."""
        for person in self._people.values():
            person.context.close()


@pytest.fixture(scope="module")
def pictured(chromium, tmp_path_factory):
    """Give the company of the pictures."""
    company = told(tmp_path_factory.mktemp("pictured"))
    with served(company.world) as running:
        found = Pictured(chromium, running, company)
        yield found
        found.close()
    company.world.close()


@pytest.mark.slow
@pytest.mark.parametrize("page", [*PAGES, REFUSAL])
def test_nobody_is_kept_out_of(pictured, axe, page):
    """The page says what it is, fits its window, and is clean to axe-core and to its own policy, in both themes."""
    assert pictured.views.get(page), "no view of this page in tests/pictured/views.py"
    for view in pictured.views[page]:
        shown = pictured.open(view)
        assert shown.locator("h1").count() == 1
        assert re.fullmatch(r"\S.* · Orgward", shown.title())
        wrong = [(view.name, *found) for found in looked_at(shown, axe, in_all_ways=view.is_drawn)]
        faults = pictured.person(view).faults
        wrong += [(view.name, faults.pop()) for _ in list(faults)]
        assert wrong == []


def looked_at(page, axe, *, in_all_ways):
    """Yield what is wrong with the page at each width and in each theme.

    Of all rules only those of contrast know themes; where both have to be seen at both widths, they alone are asked.
    """
    ways = [(WIDE, "light", TAGS), (NARROW, "dark", TAGS)]
    for width, theme, rules in ways + [(WIDE, "dark", CONTRAST), (NARROW, "light", CONTRAST)] * in_all_ways:
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        if overflow(page):
            yield width, f"wider than the window by {overflow(page)} px"
        yield from ((width, theme, found) for found in violations(page, axe, rules))
