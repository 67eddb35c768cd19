"""What people, keys and places are called; of people whom nobody has brought here nothing is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from orgward.console.frame.words import Words
from orgward.kernel.client_ids import client_id_of
from orgward.store.view import Row, SqlView

_PLACES: Final = ("organizations", "projects", "teams")


@dataclass(frozen=True, slots=True)
class Named:
    """A person, key or team: what it is called, its address or public key, and its page where the viewer may open it.

    Of somebody invited, and of a team, `address` is empty.
    """

    id: str
    name: str
    address: str = ""
    kind: str = "person"
    href: str | None = None

    @property
    def initials(self) -> str | None:
        """Return the letters in the avatar of a person; whatever else it is has a glyph."""
        return initials(self.name) if self.kind == "person" else None

    @property
    def second(self) -> str:
        """Return what stands below the name."""
        return "" if self.address == self.name else self.address

    @property
    def linked(self) -> Markup:
        """Return the name, as a link where there is a page to open."""
        return Markup('<a href="{}">{}</a>').format(self.href, self.name) if self.href else Markup.escape(self.name)


def initials(name: str) -> str:
    """Return the first letters of the first and the last word of `name`, of an address those of its first part."""
    words = name.split("@", 1)[0].replace(".", " ").replace("_", " ").split() or ["?"]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else words[0][1:2])).upper()


def full_name(person: Row) -> str:
    """Return first and last name, the address of whoever has neither."""
    return f"{person['first_name']} {person['last_name']}".strip() or str(person["username"])


def member_named(view: SqlView, org: str, user: str) -> Named | None:
    """Return what a member of `org` is called, None if they are none; of somebody invited it is the address alone."""
    member = view.get("members", org, user)
    return None if member is None else _person(view, user, by_address=member["state"] != "active")


def person_named(view: SqlView, words: Words, user: str, *, by_address: bool = False) -> Named:
    """Return what a person is called; whoever was erased has no name left.

    Somebody who was invited is their address alone: what they are called elsewhere is for them to say.
    """
    return _person(view, user, by_address=by_address) or Named(user, words("shared.actor_erased"), kind="erased")


def _person(view: SqlView, user: str, *, by_address: bool) -> Named | None:
    person = view.get("person_data", user)
    if person is None:
        return None
    return Named(user, person["username"]) if by_address else Named(user, full_name(person), person["username"])


def named(view: SqlView, org: str, who: str) -> Named:
    """Return what a member or machine of `org` is called; of anybody else only the id is told."""
    key = view.get("api_keys", who)
    if key is not None and key["org_id"] == org:
        return Named(who, key["description"], key["public_key"], "key")
    account = view.get("service_accounts", who)
    if account is not None and account["org_id"] == org:
        return Named(who, account["name"], client_id_of(who), "service")
    return member_named(view, org, who) or Named(who, who)


def actor_named(view: SqlView, words: Words, kind: str, who: str) -> str:
    """Return what whoever did something is called; they may have left since."""
    if kind == "operator":
        return words("shared.actor_operator")
    if kind == "api_key":
        key = view.get("api_keys", who)
        return str(key["description"]) if key else words("naming.actor_gone_key")
    if kind == "service_account":
        account = view.get("service_accounts", who)
        return str(account["name"]) if account else words("naming.actor_gone_account")
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
