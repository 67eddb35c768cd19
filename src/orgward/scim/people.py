"""People as SCIM shows them, and what their representation says to the directory."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from orgward.directory.provisioning import Person
from orgward.directory.team_members import is_active
from orgward.scim.answers import completed
from orgward.scim.attributes import Resource, ScimError
from orgward.scim.schemas import TEAM, USER
from orgward.store.reads.people import read_people
from orgward.store.reads.provisioned import read_provisioned, team_names
from orgward.store.view import Row, SqlView

LARGEST_DOCUMENT: Final = 1 << 14

_LIVE: Final = frozenset({"schemas", "id", "meta", "externalId", "userName", "active", "groups", "name"})
"""What stands somewhere else than in the kept document; of names, the first and the last one do."""

_NAMES: Final = {"givenName": "first_name", "familyName": "last_name"}


def users_shown(view: SqlView, rows: Sequence[Row], base: str, now: int) -> list[Resource]:
    """Return the people whose memberships are `rows`, all of one organization, in their order."""
    if not rows:
        return []
    org, ids = rows[0]["org_id"], [row["user_id"] for row in rows]
    people, kept = read_people(view, org, ids, now), read_provisioned(view, org, ids)
    called = team_names(view, {team for teams in people.teams.values() for team in teams})
    return [
        _user(
            row, people.persons[row["user_id"]], kept.get(row["user_id"]), base,
            [(team, called[team]) for team in people.teams.get(row["user_id"], ()) if team in called],
        )
        for row in rows
    ]  # fmt: skip


def _user(row: Row, person: Row, kept: Row | None, base: str, teams: Iterable[tuple[str, str]]) -> Resource:
    said = _document(kept, person)
    names = {wire: person[column] for wire, column in _NAMES.items() if person[column]}
    resource: Resource = {
        **said,
        "id": row["user_id"],
        "externalId": kept["external_id"] if kept else "",
        "userName": person["username"],
        "name": {**said.get("name", {}), **names},
        "active": not row["suspended"] if is_active(row) else said.get("active", True),
        "groups": [
            {"value": team, "display": name, "type": "direct", "$ref": f"{base}{TEAM.place}/{team}"}
            for team, name in teams
        ],
    }
    assigned = {name: value for name, value in resource.items() if value not in ("", [], {})}
    changed = max(row["created_at"], kept["updated_at"]) if kept else row["created_at"]
    return completed(USER, assigned, base, row["created_at"], changed)


def _document(kept: Row | None, person: Row) -> Resource:
    """Return what the provider said; of somebody whom none has brought, that mail reaches them."""
    if kept is None:
        return {"emails": [{"value": person["username"], "type": "work", "primary": True}]}
    found: Resource = msgspec.json.decode(kept["document"])
    return found


def person_of(resource: Resource, *, address: str, names: Mapping[str, Any] | None) -> Person:
    """Return what `resource` says to the directory; `names` None says nothing of the first and the last name."""
    return Person(
        address=address,
        first_name=None if names is None else names.get("givenName", ""),
        last_name=None if names is None else names.get("familyName", ""),
        is_active=resource.get("active", True),
        external_id=resource.get("externalId", ""),
        document=encoded(
            {
                **{name: value for name, value in resource.items() if name not in _LIVE},
                **({} if resource.get("active", True) else {"active": False}),
                "name": {name: value for name, value in resource.get("name", {}).items() if name not in _NAMES},
            }
        ),
    )


def encoded(document: Resource) -> str:
    """Return `document` as it is kept; ScimError if it is larger than what is kept of anybody."""
    kept = {name: value for name, value in document.items() if value not in ("", [], {})}
    raw = msgspec.json.encode(kept, order="sorted")
    if len(raw) > LARGEST_DOCUMENT:
        raise ScimError("VALIDATION_ERROR", f"the resource is larger than {LARGEST_DOCUMENT} bytes")
    return raw.decode()
