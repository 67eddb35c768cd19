"""What happened in a command, in the names of the Admin API: read from its deltas alone (rules 127, 140, 141).

So no command can forget its event, and whatever way somebody loses access is told alike. An event holds ids, role
names and blocks of addresses of machines; addresses and names of people stand nowhere in it, for the log can't forget.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from orgward.directory.federation_events import federation_events
from orgward.directory.ground import View
from orgward.directory.machine_events import (
    access_list_events,
    machine_events,
    machine_role_events,
    secret_events,
)
from orgward.directory.notable import gifts_of_ownership
from orgward.directory.people_events import (
    address_events,
    join_request_events,
    membership_events,
    role_events,
    team_member_events,
)
from orgward.directory.row_changes import Event, GrantsChange, RowChange, RowChanges, differ
from orgward.directory.setting_events import setting_events
from orgward.engine.layer import Layer
from orgward.kernel.delta import Delta
from orgward.kernel.principal import Principal


def events_of(facts: Layer, view: View, principal: Principal, deltas: Iterable[Delta], now: int) -> list[Event]:
    """Return the events of a command by `principal` whose `deltas` neither `facts` nor `view` have taken in yet.

    What ends together with its organization or project is told by that end alone.
    """
    given = list(deltas)
    changes = RowChanges(view, given)
    found = (event for read in _READERS for event in read(changes))
    kept = [event for event in found if not _ends_with_its_scope(changes, event)]
    return kept + gifts_of_ownership(facts, principal, given, now)


def events_told(target: str | None, body: Mapping[str, Any]) -> list[Event]:
    """Return the events that no delta tells of: what the role mappings could not do when `target` signed in (98).

    The names of the Admin API know no such thing: somebody's roles are not those that their groups give.
    """
    return [
        {
            "type": "USER_ROLES_CHANGED_AUDIT", "orgId": left["organization"], "targetUserId": target,
            "notMapped": left["code"],
        }
        for left in body.get("notMapped", ())
    ]  # fmt: skip


def _ends_with_its_scope(changes: RowChanges, event: Event) -> bool:
    if changes.ends("organizations", event["orgId"]):
        return True
    return event["type"] != "GROUP_DELETED" and changes.ends("projects", event.get("groupId", ""))


def _organizations(changes: RowChanges) -> Iterator[Event]:
    for changed in changes.of("organizations"):
        (org,) = changed.key
        if changed.before is None:
            yield {"type": "ORG_CREATED", "orgId": org}
        elif differ(changed, "name"):
            yield {"type": "ORG_RENAMED", "orgId": org}


def _projects(changes: RowChanges) -> Iterator[Event]:
    for changed in changes.of("projects"):
        here = {"orgId": changed.row["org_id"], "groupId": changed.key[0]}
        yield from ({"type": told, **here} for told in _told_of_project(changed))
        if changed.before is not None and changed.after is not None and differ(changed, "org_id"):
            yield {"type": "GROUP_MOVED_FROM_ORG", **here, "orgId": changed.before["org_id"]}


def _told_of_project(changed: RowChange) -> Iterator[str]:
    before, after = changed.before, changed.after
    if after is not None and json.loads(after["tags"]) != json.loads(before["tags"] if before else "[]"):
        yield "GROUP_TAGS_MODIFIED"
    if before is None or after is None:
        yield "GROUP_DELETED" if after is None else "GROUP_CREATED"
        return
    columns = {
        "name": "GROUP_NAME_CHANGED",
        "org_id": "GROUP_MOVED",
        "with_default_alerts": "GROUP_DEFAULT_ALERTS_SETTINGS_CHANGED",
    }
    yield from (told for column, told in columns.items() if differ(changed, column))


def _teams(changes: RowChanges) -> Iterator[Event]:
    for changed in changes.of("teams"):
        about = {"orgId": changed.row["org_id"], "teamId": changed.key[0]}
        if changed.before is None or changed.after is None:
            yield {"type": "TEAM_DELETED" if changed.after is None else "TEAM_CREATED", **about}
        elif differ(changed, "name"):
            yield {"type": "TEAM_NAME_CHANGED", **about}


def _team_roles(changes: RowChanges) -> Iterator[Event]:
    names = ("TEAM_ADDED_TO_GROUP", "TEAM_ROLES_MODIFIED", "TEAM_REMOVED_FROM_GROUP")
    for (team, project), found in changes.grants.items():
        if found.row["holder_kind"] == "team":
            about = {"orgId": found.row["org_id"], "groupId": project, "teamId": team, "roles": sorted(found.after)}
            yield {"type": _step(names, found), **about}


def _step(names: tuple[str, str, str], found: GrantsChange) -> str:
    added, changed, removed = names
    if not found.before:
        return added
    return changed if found.after else removed


_READERS: Final[tuple[Callable[[RowChanges], Iterable[Event]], ...]] = (
    _organizations,
    setting_events,
    join_request_events,
    membership_events,
    address_events,
    role_events,
    team_member_events,
    _team_roles,
    machine_role_events,
    access_list_events,
    secret_events,
    machine_events,
    federation_events,
    _teams,
    _projects,
)
"""In this order: who is in a team or project is told before that it was made, as the Admin API tells it."""
