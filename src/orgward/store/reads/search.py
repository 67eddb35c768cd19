"""What the search of an organization finds: people, teams, projects, keys and service accounts, some of each."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from orgward.kernel.principal import CLIENT_ID_PREFIX
from orgward.store.folding import folded
from orgward.store.reads.keyset import START
from orgward.store.reads.member_filters import FEWEST_LETTERS, MemberQuery
from orgward.store.reads.member_list import MemberListing
from orgward.store.reads.member_rows import Member, member_rows
from orgward.store.view import SqlView

_TEAMS: Final = "SELECT id, name, '' FROM teams WHERE org_id = :org"
_PROJECTS: Final = "SELECT id, name, '' FROM projects WHERE org_id = :org"
_KEYS: Final = "SELECT id, description, public_key FROM api_keys WHERE org_id = :org"
_ACCOUNTS: Final = f"SELECT id, name, '{CLIENT_ID_PREFIX}' || id FROM service_accounts WHERE org_id = :org"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What somebody may come across: which people (None: everybody), which projects; teams, keys, accounts or not."""

    people: Collection[str] | None = ()
    projects: Collection[str] = ()
    teams: bool = False
    keys: bool = False
    accounts: bool = False


@dataclass(frozen=True, slots=True)
class Named:
    """A team, project, key or account; `mark` is the key's public half, or the client id."""

    id: str
    name: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, the best first, each kind by itself."""

    people: tuple[Member, ...] = ()
    teams: tuple[Named, ...] = ()
    projects: tuple[Named, ...] = ()
    keys: tuple[Named, ...] = ()
    accounts: tuple[Named, ...] = ()


def search(view: SqlView, org: str, text: str, sight: Sight, *, now: int, limit: int = 5) -> Found:
    """Return what of `org` begins with `text`, as far as it is in `sight`; up to `limit` of each kind."""
    q = folded(text)
    if len(q) < FEWEST_LETTERS:
        return Found()
    people = _people(view, org, q, sight.people, now=now, limit=limit)
    projects = [named for named in _rows(view, _PROJECTS, org) if named.id in sight.projects]
    teams = _rows(view, _TEAMS, org) if sight.teams else ()
    keys = _rows(view, _KEYS, org) if sight.keys else ()
    accounts = _rows(view, _ACCOUNTS, org) if sight.accounts else ()
    return Found(tuple(people), *(_best(found, q, limit) for found in (teams, projects, keys, accounts)))


def _people(
    view: SqlView, org: str, q: str, among: Collection[str] | None, *, now: int, limit: int
) -> list[Member]:  # fmt: skip
    if among is not None and not among:
        return []
    listing = MemberListing(view, org, MemberQuery(q=q, among=among), now)
    return member_rows(view, org, listing.page(START, limit).rows, now)


def _rows(view: SqlView, sql: str, org: str) -> list[Named]:
    return [Named(*row) for row in view.rows(sql, {"org": org})]


def _best(found: Iterable[Named], q: str, limit: int) -> tuple[Named, ...]:
    """Return the first by name of those of which a word, or the mark, begins with what was searched for."""
    fitting = [named for named in found if f" {q}" in f" {folded(named.name)}" or folded(named.mark).startswith(q)]
    return tuple(sorted(fitting, key=lambda named: (not folded(named.name).startswith(q), folded(named.name)))[:limit])
