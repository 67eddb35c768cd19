"""Pages of the console: what each costs in an organization of 100,000 members, beside a page with nothing on it."""

import gc
import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bench.filling import filled_with
from bench.pages import LONG, SHORT
from bench.table import Row, by_turns, micros, seconds
from tests.console.crawl import crawl
from tests.visitor import Visitor, visitor_of
from tests.wire.live import WallClock
from tests.world import opened

EMPTY: Final = "/me/security/password"
"""A page that reads next to nothing: what every page costs."""

CROWDED: Final = (
    "/p/{groupId}/access?role=GROUP_READ_ONLY",
    "/p/{groupId}/access?state=active&sort=-seen",
    "/p/{groupId}/who-can?privilege=project.read",
    "/o/{orgId}/who-can?privilege=org.read",
    "/o/{orgId}/who-can?privilege=project.read&on=project:{groupId}",
    "/o/{orgId}/graph?project={groupId}",
    "/o/{orgId}/graph?role=GROUP_READ_ONLY",
)
"""What is asked about everybody, which no link asks: filters, and privileges that everybody holds."""

SLOWEST: Final = 0.150


def console_rows(*, quick: bool) -> Iterator[Row]:
    """Measure every page that an owner finds, in this process: reading, authorizing and rendering, without a socket."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        with opened(folder, clock=WallClock()) as world:
            filled = filled_with(world, folder, 2 * SHORT if quick else LONG)
        with opened(folder, clock=WallClock()) as world:
            visitor = visitor_of(world.session(filled.org.owner))
            visitor.get(EMPTY)
            gc.freeze()  # as a server does when it has loaded its store
            org, project = filled.places["orgId", ""], filled.places["groupId", ""]
            found = crawl(visitor, "/", f"/o/{org}", f"/p/{project}")
            assert found.dead == [], found.dead[:3]
            asked = {path: min(urls) for path, urls in found.pages.items() if not path.endswith(".csv")}
            asked |= {path: path.format(orgId=org, groupId=project) for path in CROWDED}
            for path, url in sorted(asked.items()):
                yield _measured(visitor, path, url, turns=3 if quick else 7)


def _measured(visitor: Visitor, path: str, url: str, *, turns: int) -> Row:
    assert visitor.get(url).status in {200, 303}, url
    pair = by_turns(lambda: seconds(lambda: visitor.get(url)), lambda: seconds(lambda: visitor.get(EMPTY)), turns)
    what = re.sub(r"\{(\w+)\}", r"\1", path)
    return Row(f"page {what}", micros(pair.figure), f"an empty page {micros(pair.yardstick)}", f"{pair.ratio:.1f}",
               "≤ 150 ms", pair.figure <= SLOWEST)  # fmt: skip
