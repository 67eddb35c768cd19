"""Every page, every role of both editions: a link or form is shown if and only if what is behind it is allowed.

What is allowed comes from tests/oracle: `page_privileges.csv` for pages, the tables of operations for forms. That an
operation which is allowed also succeeds is shown for each of them by tests/matrix.
"""

import pytest

from orgward.console.frame.declaration import ANY, ROUTES, ExportRoute, FormRoute, PageRoute
from orgward.edge.endpoint import ENDPOINTS
from tests.console.crawl import crawl
from tests.matrix.expectation import (
    EDITIONS,
    PRIVILEGES,
    privileges,
    roles_held,
    rows,
)
from tests.matrix.scene import ROOMY, Scene
from tests.visitor import visitor_of
from tests.world import opened

PAGES = {row["pageId"]: row for row in rows("page_privileges.csv")}
WANTED = {page: tuple(filter(None, row["privileges_any_of"].split("|"))) for page, row in PAGES.items()}
ENDPOINT = {endpoint.operation.id: endpoint for endpoint in ENDPOINTS}


def test_every_page_has_its_row():
    """What a page requires is written down beside it, from the design, and nothing else is."""
    declared = {
        route.operation.id: route.operation.privileges for route in ROUTES if isinstance(route, PageRoute | ExportRoute)
    }
    assert {page: set(wanted) for page, wanted in WANTED.items()} == {p: set(w) for p, w in declared.items()}


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    """Give by edition an organization with one of everything."""
    with opened(tmp_path_factory.mktemp("pages"), limits=ROOMY) as world:
        yield {edition: Scene.make(world, edition) for edition in EDITIONS}


def held_by(edition, role):
    """Give what somebody with this role holds: in the organization, and in its project."""
    return privileges(edition, role, on_project=False), privileges(edition, role, on_project=True)


def is_allowed(wanted, held, *, on_project):
    """Say whether one of the wanted privileges is held there."""
    above, below = held
    if not wanted:
        return True
    return bool({*wanted} & (above | below if on_project else above))


def is_on_project(path):
    """Say whether a page or form is one of a project, as the one that ends what was explained may be."""
    return path.startswith("/p/") or path == "/why"


def is_on_organization(path):
    """Say whether a page or form is one of an organization."""
    return path.startswith("/o/{")


def expected_pages(held):
    """Give the pages of the organization and project that this person may open, from the oracle."""
    return {
        row["path"]
        for page, row in PAGES.items()
        if WANTED[page] and is_seen(row["path"], held)
        if is_allowed(WANTED[page], held, on_project=is_on_project(row["path"]))
    }


def is_seen(path, held):
    """Say whether this person is where the page is: whoever can't read a project does not know it."""
    return not is_on_project(path) or "project.read" in held[1]


def is_form_allowed(form, held):
    """Say whether the oracle allows one of the operations that the form calls."""
    on_project = is_on_project(form.path)
    return any(is_allowed(PRIVILEGES.get(act, ()), held, on_project=on_project) for act in form.acts)


@pytest.mark.parametrize(
    ("edition", "role"), [(edition, role) for edition in EDITIONS for role in roles_held(edition, "direct")]
)
def test_what_is_shown_is_what_is_allowed(scenes, edition, role):
    """Whoever holds the role finds every page and form that they may use, and no other."""
    scene = scenes[edition]
    visitor = visitor_of(scene.caller(role, "direct"))
    held = held_by(edition, role)
    starts = ["/", f"/o/{scene.org}", *([f"/p/{scene.project}"] if "project.read" in held[1] else [])]
    found = crawl(visitor, *starts)
    assert found.dead == []
    pages = {path for path in found.pages if is_on_project(path) or is_on_organization(path)}
    hidden = {page["path"] for page in PAGES.values() if page["later"]}
    assert expected_pages(held) - pages - hidden == set(), "allowed, and not to be found"
    assert {p for p in pages if WANTED[page_id(p)]} - expected_pages(held) == set(), "to be found, and not allowed"
    forms = [route for route in ROUTES if isinstance(route, FormRoute) and route.acts and route.acts != ANY]
    wrong = [form.path for form in forms if form.path in found.forms and not is_form_allowed(form, held)]
    assert wrong == [], "shown, and not allowed"


def page_id(path):
    """Give the id of the page at this path."""
    return next(page for page, row in PAGES.items() if row["path"] == path)


def test_each_form_is_found_by_whoever_may_use_it(scenes):
    """An owner finds every form there is, but those that something else has to happen for first."""
    later = {row["path"] for row in rows("forms_found_later.csv")}
    for scene in scenes.values():
        found = crawl(visitor_of(scene.caller("ORG_OWNER", "direct")), "/", f"/o/{scene.org}", f"/p/{scene.project}")
        forms = {route.path for route in ROUTES if isinstance(route, FormRoute)}
        assert forms - {*found.forms} - later == set()
