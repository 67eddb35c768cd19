"""Accounts: set up by a mailed link; named; closed and erased (rules 44, 46; contract.md, People)."""

from collections.abc import Sequence
from dataclasses import dataclass

from orgward.directory import identity_providers, links, second_factors, sessions, settings, setup_links
from orgward.directory.credentials import with_password
from orgward.directory.ground import Change, Ground, drop, put
from orgward.directory.guards import guarded
from orgward.directory.invitations import PENDING, end
from orgward.directory.leaving import left_behind
from orgward.directory.people import user_of, username_of, with_account
from orgward.directory.provisioned import person_forgotten
from orgward.directory.roles import unassign
from orgward.directory.sessions import Begun
from orgward.kernel.delta import Delta
from orgward.kernel.errors import NotFoundError, RefusedError


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """What somebody chose who sets an account up; the password comes hashed."""

    token_hash: str
    password_hash: str
    first_name: str
    last_name: str
    begun: Begun


def set_up(ground: Ground, chosen: NewAccount) -> Change:
    """Make the account of whoever holds the link, prove its address, and begin a session."""
    link = setup_links.link_of(ground.view, chosen.token_hash, ground.now)
    user = str(link["user_id"])
    started = sessions.new_session(ground, user, chosen.begun)
    row = with_account(ground.view.get("users", user) or {}, ground.now)
    deltas = [
        put("users", user, **{**row, "last_auth_at": ground.now}),
        _named(ground, user, chosen.first_name, chosen.last_name),
        with_password(ground, user, chosen.password_hash),
        *setup_links.used(ground, link),
        *started.deltas,
    ]
    return Change(deltas, {"session": started.id}, target=user, secret=started.token)


def rename(ground: Ground, *, first_name: str | None, last_name: str | None) -> Change:
    """Change the caller's own names; one that is not given stays (rule 43)."""
    user = ground.principal.id
    return Change([_named(ground, user, first_name, last_name)], target=user)


def _named(ground: Ground, user: str, first_name: str | None, last_name: str | None) -> Delta:
    person = ground.view.get("person_data", user) or {}
    given = {"first_name": first_name, "last_name": last_name}
    return put("person_data", user, **{**person, **{name: text for name, text in given.items() if text is not None}})


def named_at_first(ground: Ground, user: str, first_name: str, last_name: str, *, made: Sequence[Delta]) -> Delta:
    """Return the delta that gives names to `user`, whom `made` may have made, and who keeps those they have."""
    new = next((delta.row for delta in made if delta.table == "person_data"), None)
    person = new or ground.view.get("person_data", user) or {}
    names = {"first_name": person["first_name"] or first_name, "last_name": person["last_name"] or last_name}
    return put("person_data", user, **{**person, **names})


def close(ground: Ground) -> Change:
    """Erase the caller, who is in no organization and no project any more, and whom no provider signs in (rule 44).

    The address is free afterwards: nothing is kept by which it could be known again, so whoever comes back proves it
    anew, and is somebody else to every organization.
    """
    user = ground.principal.id
    if any(ground.view.find(table, user_id=user, state="active") for table in ("members", "project_members")):
        raise RefusedError("ACCOUNT_IN_USE")
    if ground.view.find("federated_identities", user_id=user):
        raise RefusedError("ACCOUNT_IS_FEDERATED")
    return _erased(ground, user, username_of(ground.view, user))


def erase(ground: Ground, address: str) -> Change:
    """Forget the person: only an empty id stays; a last owner is refused (rules 34-36; contract.md, CLI).

    Where the address is a contact of an organization it goes, too, whether or not it is somebody's username; so do
    links by which somebody else was about to make it theirs.
    """
    user = user_of(ground.view, address)
    if user is not None:
        return _erased(ground, user, address)
    elsewhere = _elsewhere(ground, address)
    if not elsewhere:
        raise NotFoundError("USERNAME_NOT_FOUND", address)
    return Change(elsewhere)


def _erased(ground: Ground, user: str, address: str) -> Change:
    deltas = without_memberships(ground, user)
    body = {"user": user, **left_behind(ground, user, deltas)}
    forgotten = [*without_person(ground, user), *_elsewhere(ground, address, user)]
    return Change(guarded(ground, deltas) + forgotten, body, target=user)


def _elsewhere(ground: Ground, address: str, user: str | None = None) -> list[Delta]:
    contacts = settings.without_contact(ground.view, address)
    return [*contacts, *links.without_address(ground.view, address, but=user)]


def without_memberships(ground: Ground, user: str) -> list[Delta]:
    """Return the deltas after which `user` is in nothing, is invited to nothing, and holds no role."""
    find = ground.view.find
    rows = find("invitations", user_id=user, state=PENDING)
    deltas = [delta for row in rows for delta in end(ground, row, "cancelled")]
    deltas += [drop("members", row["org_id"], user) for row in find("members", user_id=user)]
    deltas += person_forgotten(ground.view, user)
    deltas += [drop("project_members", row["project_id"], user) for row in find("project_members", user_id=user)]
    deltas += [drop("team_members", user, row["team_id"]) for row in find("team_members", user_id=user)]
    return deltas + [unassign(row) for row in find("assignments", holder_id=user)]


def without_person(ground: Ground, user: str) -> list[Delta]:
    """Return the deltas after which nothing is known of `user`, and their id is nobody's."""
    nobody = {"account_at": None, "proven_at": None, "last_auth_at": None}
    row = ground.view.get("users", user) or {}
    return [*_without_secrets(ground, user), drop("person_data", user), put("users", user, **{**row, **nobody})]


def _without_secrets(ground: Ground, user: str) -> list[Delta]:
    view, find = ground.view, ground.view.find
    deltas = [*sessions.all_ended(view, user), *links.forgotten(view, user), *second_factors.forgotten(view, user)]
    deltas += [drop("credentials", user, row["kind"]) for row in find("credentials", owner_id=user)]
    deltas += [drop("tokens", row["hash"]) for row in find("tokens", user_id=user)]
    deltas += [drop("join_requests", row["id"]) for row in find("join_requests", user_id=user)]
    deltas += [drop("replies", user, row["key"]) for row in find("replies", principal_id=user)]
    deltas += [drop("drafts", *key) for key in view.keys("drafts", user_id=user)]
    deltas += identity_providers.forgotten_person(view, user)
    deltas += [drop("preferences", user)] if view.get("preferences", user) else []
    return deltas + [drop("outbox", row["id"]) for row in find("outbox", user_id=user)]
