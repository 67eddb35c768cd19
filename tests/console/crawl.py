"""Going through the console as somebody does who follows every link that is shown: which pages and forms there are."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from orgward.console.frame.declaration import ROUTES, ExportRoute, FormRoute
from orgward.edge.router import Router
from orgward.kernel.errors import OrgwardError

OF_EACH = 3
"""How many addresses of one page are opened: the next one shows nothing that these did not."""

ELSEWHERE = re.compile(r"^(https?:|mailto:|#|/static/|/api/|/openapi)")


@dataclass
class Found:
    """What somebody found: by the path of each page and form, the addresses at which they did, and what went wrong."""

    pages: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    forms: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    dead: list[str] = field(default_factory=list)


def route_of(method, url, router=None):
    """Give the route behind an address, None if there is none."""
    router = router or Router(ROUTES)
    path = urlsplit(url).path
    try:
        return router.match(method, "/home" if path == "/" else path).endpoint
    except OrgwardError:
        return None


def crawl(visitor, *starts):
    """Follow every link from the pages at `starts`, and note where forms lead; nothing is sent."""
    way = _Way(visitor, list(starts))
    while way.waiting:
        way.step(*way.waiting.pop(0))
    return way.found


class _Way:
    """Somebody on their way through the console: what they found, and where they still want to go."""

    def __init__(self, visitor, starts):
        self.visitor, self.found, self.router = visitor, Found(), Router(ROUTES)
        self.waiting, self.seen = [("the start", start) for start in starts], set(starts)

    def step(self, came_from, url):
        """Open one address."""
        route = route_of("GET", url, self.router)
        if route is None:
            self.found.dead.append(f"{url} on {came_from}: there is no such page")
        elif len(self.found.pages[route.path]) < OF_EACH:
            self.found.pages[route.path].add(url)
            shown = self.visitor.get(url)
            if shown.status not in {200, 303}:
                self.found.dead.append(f"{url} on {came_from}: {shown.status} {shown.words[:120]}")
            if not isinstance(route, ExportRoute):
                self._look_at(url, shown)

    def _look_at(self, url, shown):
        for link in [shown.location] if shown.status == 303 else shown.links:
            target = resolved(url, link)
            if target and target not in self.seen:
                self.seen.add(target)
                self.waiting.append((url, target))
        for action in shown.actions:
            target = resolved(url, action)
            form = route_of("POST", target, self.router)
            if isinstance(form, FormRoute):
                self.found.forms[form.path].add(target)
            else:
                self.found.dead.append(f"form {action} on {url}: leads nowhere")


def resolved(here, link):
    """Give the address of a link on the page at `here`, empty if it leads out of the console."""
    if not link or ELSEWHERE.match(link):
        return ""
    if link.startswith("?"):
        return urlsplit(here).path + link
    return link.split("#")[0]
