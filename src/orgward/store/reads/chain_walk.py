"""The chain of an organization's log, checked a stretch at a time for whoever looks at its activity.

What was checked is remembered while the server runs, so that looking again costs what is new. A chain that is short
is walked anew once an hour. The whole log, its anchors and the tables are checked by `orgward audit verify` alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Any, Final

from orgward.store.audit import ANCHORS
from orgward.store.keyring import Keyring
from orgward.store.log import COLUMNS, GENESIS, hash_of
from orgward.store.view import SqlView

_STRETCH: Final = 2_000
_HOUR: Final = 3_600_000
_KEPT: Final = 1_000
_ROWS: Final = (
    f"SELECT {', '.join(COLUMNS)} FROM log WHERE org_id = :org AND revision > :after ORDER BY revision LIMIT {_STRETCH}"
)
_ORG_PREVIOUS: Final = COLUMNS.index("org_previous")


@dataclass(frozen=True, slots=True)
class Walk:
    """How far the chain was checked: up to which revision, since when; and where it is broken, None if nowhere."""

    began: int
    revision: int = 0
    hash: str = GENESIS
    checked: int = 0
    is_whole: bool = False
    broken: int | None = None


@dataclass(frozen=True, slots=True)
class Anchor:
    """The newest anchor: its revision, the time of that revision, and whether the log still says the same there."""

    revision: int
    at: int | None
    fits: bool


class ChainWalks:
    """The walks over the chains of one process."""

    def __init__(self) -> None:
        """Start without any."""
        self._walks: dict[tuple[str, str], Walk] = {}
        self._lock = Lock()

    def on(self, view: SqlView, org: str, keyring: Keyring, now: int) -> Walk:
        """Return the walk over the chain of `org` after its next stretch."""
        known = (keyring.fingerprint, org)
        walk = self._walks.get(known)
        if walk is None or walk.broken or (walk.began + _HOUR <= now and walk.checked <= _STRETCH):
            walk = Walk(now)
        walk = _walked(view, org, walk, keyring.log_key)
        with self._lock:
            if len(self._walks) >= _KEPT:
                self._walks.clear()
            self._walks[known] = walk
        return walk


WALKS: Final = ChainWalks()


def _walked(view: SqlView, org: str, walk: Walk, key: bytes) -> Walk:
    rows = view.rows(_ROWS, {"org": org, "after": walk.revision})
    walk = _over(rows, walk, key)
    if walk.broken or len(rows) == _STRETCH:
        return replace(walk, is_whole=False)
    head = view.get("chains", org)
    ends = head is not None and (head["revision"], head["hash"]) == (walk.revision, walk.hash)
    # A row may have been added since the rows were read: the next stretch reaches it.
    is_behind = head is not None and head["revision"] > walk.revision and _has_row(view, org, head["revision"])
    return replace(walk, is_whole=ends, broken=None if ends or is_behind else walk.revision + 1)


def _over(rows: Iterable[tuple[Any, ...]], walk: Walk, key: bytes) -> Walk:
    revision, last, checked = walk.revision, walk.hash, walk.checked
    for values in rows:
        if values[_ORG_PREVIOUS] != last or hash_of(values[:-1], key) != values[-1]:
            return Walk(walk.began, revision, last, checked, broken=values[0])
        revision, last, checked = values[0], values[-1], checked + 1
    return Walk(walk.began, revision, last, checked)


def _has_row(view: SqlView, org: str, revision: int) -> bool:
    return bool(
        view.rows("SELECT 1 FROM log WHERE revision = :revision AND org_id = :org", {"revision": revision, "org": org})
    )


def newest_anchor(view: SqlView) -> Anchor | None:
    """Return the newest anchor beside the store, None if there is none that can be read."""
    file = Path(view.rows("PRAGMA database_list", {})[0][2]).parent / ANCHORS
    lines = file.read_text().split("\n") if file.is_file() else []
    revision, _, digest = next((line for line in reversed(lines) if line.strip()), "").partition(" ")
    if not (revision.isascii() and revision.isdigit() and digest):
        return None
    found = view.rows("SELECT at, hash FROM log WHERE revision = :revision", {"revision": int(revision)})
    return Anchor(int(revision), found[0][0] if found else None, bool(found) and found[0][1] == digest)
