"""What people, keys and places are called; of people whom nobody has brought here nothing is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from orgward.console.frame.shell import initials
from orgward.console.frame.words import Words
from orgward.store.view import Row, SqlView

_PLACES: Final = ("organizations", "projects", "teams")


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody, or a key: what they are called, and the address or public key below it."""

    id: str
    name: str
    address: str
    kind: str = "person"

    @property
    def initials(self) -> str | None:
        """Return the letters in the avatar; a key has none."""
        return initials(self.name) if self.kind == "person" else None


def full_name(person: Row) -> str:
    """Return first and last name, the address of whoever has neither."""
    return f"{person['first_name']} {person['last_name']}".strip() or str(person["username"])


def member_named(view: SqlView, org: str, user: str) -> Named | None:
    """Return what a member of `org` is called, None if they are none; of somebody invited it is the address alone."""
    member, person = view.get("members", org, user), view.get("person_data", user)
    if member is None or person is None:
        return None
    if member["state"] != "active":
        return Named(user, person["username"], "")
    return Named(user, full_name(person), person["username"])


def named(view: SqlView, org: str, who: str) -> Named:
    """Return what a member or key of `org` is called; of anybody else only the id is told."""
    key = view.get("api_keys", who)
    if key is not None and key["org_id"] == org:
        return Named(who, key["description"], key["public_key"], "key")
    return member_named(view, org, who) or Named(who, who, "")


def actor_named(view: SqlView, words: Words, kind: str, who: str) -> str:
    """Return what whoever did something is called; they may have left since."""
    if kind == "operator":
        return words("shared.actor_operator")
    if kind == "api_key":
        key = view.get("api_keys", who)
        return str(key["description"]) if key else words("naming.actor_gone_key")
    person = view.get("person_data", who)
    return full_name(person) if person else words("shared.actor_erased")


def place_named(view: SqlView, place: str) -> str:
    """Return the name of an organization, project or team; the id of what is gone."""
    rows = (view.get(table, place) for table in _PLACES)
    return next((str(row["name"]) for row in rows if row is not None), place)


def team_named(view: SqlView, org: str, team: str) -> str:
    """Return the name of a team of `org`; of a team of anybody else only the id is told."""
    row = view.get("teams", team)
    return str(row["name"]) if row is not None and row["org_id"] == org else team


def project_named(view: SqlView, org: str, project: str) -> str:
    """Return the name of a project of `org`; of a project of anybody else only the id is told."""
    row = view.get("projects", project)
    return str(row["name"]) if row is not None and row["org_id"] == org else project


def listing(words: Words, names: Sequence[str], *, most: int = 5) -> str:
    """Return `names` as they stand in a sentence; those beyond `most` as a number."""
    shown = list(names[:most])
    if len(names) > most:
        shown.append(words("naming.n_others", n=len(names) - most))
    if len(shown) < 2:
        return "".join(shown)
    return words("naming.listed", first=", ".join(shown[:-1]), last=shown[-1])
