"""A real Chromium in front of a served company."""

import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.console.conftest import Company
from tests.empty_store import open_world
from tests.requirements_of_tests import require
from tests.served import served
from tests.store_checker import check_store

CACHE = Path(__file__).parents[2] / ".cache" / "axe"
AXE = "axe-core@4.14.1"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-quic",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def chromium_path():
    """Give the path of Debian's Chromium, None if it is not there."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="module")
def chromium():
    """Give a running Chromium; it ends with its module, for no other loop can run in this thread meanwhile."""
    path = chromium_path()
    require(path, "Chromium is not there (Debian package chromium)", installable=True)
    expect.set_options(timeout=20_000)  # a busy machine is slow, not wrong
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe():
    """Give the source of axe-core, which looks for what keeps people out."""
    source = CACHE / "node_modules" / "axe-core" / "axe.min.js"
    if not source.exists():
        require(shutil.which("npm"), "npm is not there", installable=True)
        command = ["npm", "install", "--prefix", CACHE, "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", AXE]
        CACHE.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        require(done.returncode == 0, f"npm could not install {AXE}: {done.stderr[-300:]}", installable=True)
    return source.read_text(encoding="utf-8")


@pytest.fixture
def world(tmp_path):
    """Give an empty world, in whose store nothing may be left hanging."""
    opened = open_world(tmp_path)
    yield opened
    opened.close()
    assert check_store(opened.store.path) == []


@pytest.fixture
def server(world):
    """Give the world behind a socket."""
    with served(world) as running:
        yield running


@pytest.fixture
def company(world):
    """Give a company: an owner, a member in a team, a reader of a project, and a stranger."""
    return Company(world)


class Person:
    """Somebody in front of a browser of their own."""

    def __init__(self, chromium, url, token="", **options):
        """Open a browser; with the token of a session they have signed in already."""
        self.url = url
        self.context = chromium.new_context(base_url=url, **{"viewport": {"width": 1280, "height": 900}, **options})
        if token:
            self.context.add_cookies([{"name": "orgward", "value": token, "url": url, "httpOnly": True}])
        self.page = self.context.new_page()
        self.faults = []
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.page.on("console", lambda message: message.type == "error" and self._note(message))

    def _note(self, message):
        # A refused form is an answer, and browsers call its status an error.
        if "Failed to load resource" not in message.text:
            self.faults.append(message.text)

    def open(self, path):
        """Go to `path` and give the status of the answer."""
        return self.page.goto(self.url + path).status

    def close(self):
        """Close the browser; nothing may have gone wrong in its scripts or against the policy."""
        self.context.close()
        assert self.faults == []


@pytest.fixture
def visit(chromium, server):
    """Give what opens a browser for somebody, or for nobody."""
    people = []

    def opened(caller=None, **options):
        person = Person(chromium, server.url, caller.token if caller else "", **options)
        people.append(person)
        return person

    yield opened
    for person in people:
        person.close()


def violations(page, axe, rules=TAGS):
    """Give what axe-core finds wrong with the page as it stands, up to WCAG 2.2 AA and best practices."""
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(axe)
    found = page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", rules)
    return [f"{v['id']}: {v['help']} {[n['target'] for n in v['nodes']][:4]}" for v in found["violations"]]


def overflow(page):
    """Give how many pixels the page is wider than its window."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
