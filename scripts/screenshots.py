"""Take the pictures in docs/console: every page of the console, over a company that is the same every time.

The server and Chromium see each other on loopback alone; what Chromium calls access.nordwind.example is this server.
"""

import argparse
import logging
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import structlog
from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from orgward.console.frame.declaration import ROUTES, PageRoute
from tests.browser.conftest import ARGUMENTS, chromium_path, overflow
from tests.pictured.chance import Chance, settled
from tests.pictured.company import Company
from tests.pictured.story import told
from tests.pictured.views import View, go, views
from tests.served import served

FOLDER: Final = Path(__file__).parent.parent / "docs" / "console"
HOST: Final = "http://access.nordwind.example"
WIDE, NARROW = 1280, 390
_LOWEST: Final = 760
_HIGHEST: Final = {WIDE: 1600, NARROW: 2000}
_PALETTE: Final = (Path(__file__).parent / "palette.js").read_text()


@dataclass(slots=True)
class Camera:
    """Takes pictures of views, and notes what is wrong with the pages."""

    browser: Browser
    desk: Page
    company: Company
    chance: Chance
    faults: list[str] = field(default_factory=list)

    def take(self, view: View, *, is_wanted: bool) -> None:
        """Open a page and take its pictures; where none are wanted only do what the page is there to do."""
        self.chance.wind(view.name)
        try:
            with self._opened(view) as page:
                status = go(page, view, HOST)
                self._expect(view, "status", status, view.status)
                if is_wanted:
                    self._pictures(view, page, status)
        except PlaywrightError as error:
            self.faults.append(f"{view.name}: {error.message}")

    @contextmanager
    def _opened(self, view: View) -> Iterator[Page]:
        options: Any = {"viewport": {"width": WIDE, "height": _LOWEST}, "timezone_id": "Europe/Berlin"}
        context = self.browser.new_context(locale=view.language, **options)
        context.add_cookies([{"name": "orgward-zone", "value": "Europe/Berlin", "url": HOST}])
        if view.who:
            token = self.company.of(view.who).token
            context.add_cookies([{"name": "orgward", "value": token, "url": HOST, "httpOnly": True}])
        page = context.new_page()
        page.on("pageerror", lambda error: self.faults.append(f"{view.name}: {error}"))
        page.on("console", lambda said: said.type == "error" and self._said(view, said.text))
        try:
            yield page
        finally:
            context.close()

    def _said(self, view: View, text: str) -> None:
        if "Failed to load resource" not in text:  # the status of an answer is judged elsewhere
            self.faults.append(f"{view.name}: {text}")

    def _expect(self, view: View, what: str, found: Any, wanted: Any) -> None:
        if found != wanted:
            self.faults.append(f"{view.name}: {what} {found}")

    def _pictures(self, view: View, page: Page, status: int) -> None:
        for width, theme in [(WIDE, "light"), *([(WIDE, "dark")] if view.is_drawn else []), (NARROW, "light")]:
            page.set_viewport_size({"width": width, "height": view.height or _LOWEST})
            page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
            page.mouse.move(0, 0)
            page.evaluate("document.fonts.ready.then(() => scrollTo(0, 0))")
            wider = overflow(page)
            self._expect(view, f"at {width} wider by", wider, 0)
            if not view.height:
                whole = page.evaluate("document.documentElement.scrollHeight")
                page.set_viewport_size({"width": width, "height": min(whole, _HIGHEST[width])})
            path = FOLDER / f"{view.name}-{width}-{theme}.png"
            path.write_bytes(self._smaller(page.screenshot(animations="disabled")))
            print(f"{path.stem:40} {status} {path.stat().st_size // 1024:4} KB  overflow {wider}")

    def _smaller(self, picture: bytes) -> bytes:
        """Return the picture with as few colours as a page has."""
        found: str = self.desk.evaluate(_PALETTE, b64encode(picture).decode())
        return b64decode(found)


def missing(found: Sequence[View]) -> list[str]:
    """Return the pages of which there is no view."""
    seen = {view.page for view in found}
    ids = [route.operation.id for route in ROUTES if isinstance(route, PageRoute) and route.template.endswith(".html")]
    return [f"{page}: no view of it in tests/pictured/views.py" for page in ids if page not in seen]


@contextmanager
def camera() -> Iterator[Camera]:
    """Serve the company, and give a camera in front of it."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with settled() as chance, tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        company = told(Path(folder))
        with served(company.world) as running:
            port = running.url.rpartition(":")[2]
            arguments = [
                "--font-render-hinting=none",
                f"--host-resolver-rules=MAP access.nordwind.example 127.0.0.1:{port}",
                f"--unsafely-treat-insecure-origin-as-secure={HOST}",
            ]
            browser = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS + arguments)
            yield Camera(browser, browser.new_page(), company, chance)
            browser.close()
        company.world.close()


def main() -> int:
    """Take the pictures, all or those of some views, and return how many things are wrong with the pages."""
    parser = argparse.ArgumentParser(prog="make screenshots", description=__doc__)
    parser.add_argument("--only", metavar="NAME", action="append", help="a view to take, e.g. members")
    only = parser.parse_args().only
    FOLDER.mkdir(parents=True, exist_ok=True)
    with camera() as found:
        all_views = views(found.company)
        for old in [] if only else FOLDER.glob("*.png"):
            old.unlink()
        for view in all_views:
            is_wanted = not only or view.name in only
            if is_wanted or view.changes:
                found.take(view, is_wanted=is_wanted)
        faults = [*found.faults, *([] if only else missing(all_views))]
    for fault in faults:
        print(fault)
    return min(len(faults), 99)


if __name__ == "__main__":
    raise SystemExit(main())
