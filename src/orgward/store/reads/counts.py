"""How many of each thing there are, as menus and tiles show it: read from counters, and from indexes what may end."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from orgward.catalog.role import ORGANIZATION_OWNER
from orgward.store.facets import seen
from orgward.store.reads.member_filters import NEVER
from orgward.store.reads.waiting import still_waiting
from orgward.store.view import SqlView, counter_name

_COUNTERS: Final = "SELECT c.name, c.value FROM json_each(:names) AS v CROSS JOIN counters AS c ON c.name = v.value"
_OWNERS: Final = (
    "SELECT COUNT(*) FROM assignments WHERE scope_id = :org AND role = :owner AND holder_kind = 'user' AND ends > :now"
)
_FACET: Final = "SELECT COUNT(*) FROM member_facets WHERE org_id = :org AND facet = :facet"
_HOLDERS: Final = "SELECT COUNT(DISTINCT holder_id) FROM assignments WHERE scope_id = :project AND holder_kind = :kind"


@dataclass(frozen=True, slots=True)
class OrganizationCounts:
    """What is in an organization; `invitations` can still be accepted."""

    projects: int
    members: int
    teams: int
    invitations: int
    keys: int
    accounts: int


@dataclass(frozen=True, slots=True)
class ProjectCounts:
    """What is in a project; `people` were added to it themselves, `invitations` can still be accepted."""

    people: int
    teams: int
    invitations: int
    requests: int
    keys: int
    accounts: int


@dataclass(frozen=True, slots=True)
class MemberTiles:
    """What is told above the list of members; each is what the list has if it is filtered so."""

    members: int
    pending: int
    owners: int
    without_factor: int
    idle: int


def counted(view: SqlView, table: str, columns: Sequence[str], values: Iterable[Sequence[str]]) -> list[int]:
    """Return how many rows of `table` have each of `values` in `columns`, from the counters kept for them."""
    names = [counter_name(table, columns, value) for value in values]
    found = dict(view.rows(_COUNTERS, {"names": json.dumps(names)}))
    return [found.get(name, 0) for name in names]


def organization_counts(view: SqlView, org: str, now: int) -> OrganizationCounts:
    """Return what is in `org`."""
    return OrganizationCounts(
        projects=view.count("projects", org_id=org),
        members=view.count("members", org_id=org, state="active"),
        teams=view.count("teams", org_id=org),
        invitations=still_waiting(view, "invitations", org, now),
        keys=view.count("api_keys", org_id=org),
        accounts=view.count("service_accounts", org_id=org),
    )


def project_counts(view: SqlView, project: str, now: int) -> ProjectCounts:
    """Return what is in `project`."""
    return ProjectCounts(
        people=view.count("project_members", project_id=project, state="active"),
        teams=holders_on(view, project, "team"),
        invitations=still_waiting(view, "project_members", project, now),
        requests=view.count("join_requests", project_id=project, state="open"),
        keys=holders_on(view, project, "api_key"),
        accounts=holders_on(view, project, "service_account"),
    )


def holders_on(view: SqlView, project: str, kind: str) -> int:
    """Return how many of a `kind` hold a role in `project`."""
    return int(view.rows(_HOLDERS, {"project": project, "kind": kind})[0][0])


def member_tiles(view: SqlView, org: str, *, idle_since: int, now: int) -> MemberTiles:
    """Return what is told of the members of `org`; idle is who has not signed in since `idle_since`."""
    here = {"org": org, "now": now}
    idle = {**here, "facet": "seen", "never": NEVER, "idle": seen(idle_since)}
    return MemberTiles(
        members=view.count("members", org_id=org, state="active"),
        pending=still_waiting(view, "members", org, now),
        owners=int(view.rows(_OWNERS, {**here, "owner": ORGANIZATION_OWNER})[0][0]),
        without_factor=int(view.rows(f"{_FACET} AND value = 'none'", {**here, "facet": "factor"})[0][0]),
        idle=int(view.rows(f"{_FACET} AND value >= :never AND value < :idle", idle)[0][0]),
    )


def open_invitations(view: SqlView, user: str, now: int) -> int:
    """Return how many invitations `user` can answer."""
    sql = "SELECT COUNT(*) FROM invitations WHERE user_id = :user AND state = 'pending' AND expires_at > :now"
    return int(view.rows(sql, {"user": user, "now": now})[0][0])
