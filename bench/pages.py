"""List pages: what the first and the last page of a long list cost beside those of a short one."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

from bench.filling import Filled, filled_with
from bench.lists import LISTS, PER_PAGE, Listed, accept, last_page, unmeasured
from bench.table import Row, micros
from bench.wire import Peer, message, served_process
from tests.wire.live import WallClock, serving
from tests.world import World, opened

SHORT: Final = 1_000
LONG: Final = 100_000


def page_rows(*, quick: bool) -> Iterator[Row]:
    """Measure first and last pages of every list, in organizations of two sizes in one store."""
    sizes = (SHORT, 2 * SHORT if quick else LONG)
    with TemporaryDirectory() as name:
        folder = Path(name)
        with opened(folder, clock=WallClock()) as served:
            left_out = list(unmeasured())
            assert left_out == [], f"neither measured nor left out for a reason: {left_out}"
            askers = [_asker(served, folder, size) for size in sizes]
        with serving(folder) as live:
            peer = Peer.of(served_process(), live.url)
            for listed in LISTS:
                for version in listed.asked_versions:
                    for last in (False, True):
                        yield _compare(peer, listed, version, askers, last=last, times=5 if quick else 60)


def _asker(served: World, folder: Path, size: int) -> "_Asker":
    filled = filled_with(served, folder, size)
    return _Asker(filled, {who: served.session(user).token for who, user in filled.people.items()})


@dataclass(frozen=True, slots=True)
class _Asker:
    """Whoever asks for the lists of one organization."""

    filled: Filled
    tokens: Mapping[str, str]

    def request(self, peer: Peer, listed: Listed, version: str, *, last: bool) -> tuple[bytes, int]:
        """Return the request for a page, checked once, and how many items the list has."""
        total = json.loads(peer.ask(self._message(listed, version, 1, counted=True)))["totalCount"]
        page = last_page(total) if last else 1
        request = self._message(listed, version, page, counted=listed.counted)
        found = json.loads(peer.ask(request))["results"]
        assert len(found) == min(PER_PAGE, total - (page - 1) * PER_PAGE), (listed, len(found), total)
        return request, total

    def _message(self, listed: Listed, version: str, page: int, *, counted: bool) -> bytes:
        path = listed.path(self.filled, page, counted=counted)
        return message("GET", path, authorization=f"Bearer {self.tokens[listed.who]}", accept=accept(version))


def _compare(
    peer: Peer, listed: Listed, version: str, askers: list[_Asker], *, last: bool, times: int
) -> Row:  # fmt: skip
    (short, fewer), (long, more) = (asker.request(peer, listed, version, last=last) for asker in askers)
    assert fewer < more if listed.grows else fewer == more, (listed, fewer, more)
    pairs = [(peer.time_of(long, 5), peer.time_of(short, 5)) for _ in range(times // 5)]
    ratio = median(a / b for a, b in pairs)
    several = f" {version}" if len(listed.endpoint.versions) > 1 else ""
    note = f", {listed.note}" if listed.note else ""
    return Row(f"{'last' if last else 'first'} page of {listed.operation}{several}{note}: {more:,} items",
               micros(median(a for a, _ in pairs)), f"of {fewer:,} {micros(median(b for _, b in pairs))}",
               f"{ratio:.2f}", "≤ 2 ×" if listed.flat else "", ratio <= 2 if listed.flat else None)  # fmt: skip
