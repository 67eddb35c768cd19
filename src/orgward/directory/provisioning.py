"""People and teams that an identity provider pushes here: made, changed, removed (contract of docs/scim.md).

For an address in a domain that is proven to be the federation's, the provider speaks with authority: the person is a
member at once, and suspending them ends their sessions. Everybody else is invited, and stays who they are.

The account itself, its names and its address, follows the provider only while it is the federation's alone: whoever
moved the address of an account that reaches further would have its password mailed to them, and take it over.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from orgward.directory import links, sessions
from orgward.directory.domains import domain_of, require_allowed
from orgward.directory.ground import Change, Ground, Row, drop, put
from orgward.directory.guards import guarded
from orgward.directory.invitations import PENDING, check_memberships, check_room, is_open, message
from orgward.directory.members import invite
from orgward.directory.members import remove as remove_member
from orgward.directory.names import username, username_key
from orgward.directory.outbox import ADDRESS_CHANGED, notice
from orgward.directory.people import has_account, user_of, username_of, vouch
from orgward.directory.provisioned import kept
from orgward.directory.roles import MEMBER_ROLE, assign
from orgward.directory.sessions import live_sessions
from orgward.directory.team_members import counts, is_active, waiting
from orgward.directory.teams import enter, leave_teams, new_team, renamed
from orgward.kernel.delta import Delta
from orgward.kernel.errors import NotFoundError, RefusedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What a provider says of somebody; `document` is what Orgward keeps of it, in JSON.

    Where names are None it says nothing of them, and they stay as they are. The document says `"active": false` of
    whoever is not active, so that somebody invited can be held back.
    """

    address: str
    first_name: str | None
    last_name: str | None
    is_active: bool
    external_id: str
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """What a provider says of a team; `people` are ids of users."""

    name: str
    people: Sequence[str]
    external_id: str
    document: str


def is_vouched_for(ground: Ground, address: str) -> bool:
    """Say whether the domain of `address` is proven to be that of the organization's federation."""
    connected = ground.view.get("connected_organizations", ground.org)
    if connected is None:
        return False
    row = ground.view.get("federation_domains", connected["federation_id"], domain_of(address))
    return row is not None and row["verified_at"] is not None


def is_governed(ground: Ground, user: str) -> bool:
    """Say whether the account of `user` is the federation's alone, so that its names and its address are, too.

    It is vouched for, in no other organization nor invited to one, and nothing else signs it in.
    """
    view, now = ground.view, ground.now
    connected = view.get("connected_organizations", ground.org)
    if connected is None or not is_vouched_for(ground, username_of(view, user)):
        return False
    known = [row for table in ("members", "project_members") for row in view.find(table, user_id=user)]
    is_elsewhere = any(row["org_id"] != ground.org and counts(row, now) for row in known)
    return not is_elsewhere and not _signs_in_otherwise(ground, user, connected["federation_id"])


def _signs_in_otherwise(ground: Ground, user: str, federation: str) -> bool:
    """Say whether `user` has anything to sign in with, or a session, that no provider of `federation` gave."""
    view, find = ground.view, ground.view.find
    if find("credentials", owner_id=user) or find("second_factors", user_id=user):
        return True
    ours = {row["id"] for row in find("identity_providers", federation_id=federation)}
    live = [view.get("federated_sessions", session.row["hash"]) for session in live_sessions(view, user, ground.now)]
    signed_in = [*live, *find("federated_identities", user_id=user)]
    return any(row is None or row["identity_provider_id"] not in ours for row in signed_in)


def add(ground: Ground, person: Person) -> Change:
    """Make somebody a member of the organization, or invite them where nobody vouches for their address."""
    address = username(person.address)
    require_allowed(ground, address)
    user = user_of(ground.view, address)
    if user is not None and counts(ground.view.get("members", ground.org, user), ground.now):
        raise RefusedError("USER_ALREADY_EXISTS", address)
    is_owned = is_vouched_for(ground, address)
    change = _join(ground, address, person) if is_owned else invite(ground, address, [MEMBER_ROLE], {}, [])
    # An invitation that takes the place of an earlier one drops what was kept with that.
    change.deltas = [delta for delta in change.deltas if delta.table != "provisioned"]
    change.deltas += kept(ground, "User", str(change.target), person.external_id, person.document)
    return change


def _join(ground: Ground, address: str, person: Person) -> Change:
    user, deltas = vouch(ground, address)
    check_memberships(ground, user, ground.org, active=False)
    check_room(ground, user, ())
    if not has_account(ground.view, user):
        new = next((d.row for d in deltas if d.table == "person_data"), None)
        deltas.append(put("person_data", user, **_named(new or ground.view.get("person_data", user) or {}, person)))
    joined = put(
        "members", ground.org, user, org_id=ground.org, user_id=user, state="active",
        suspended=not person.is_active, created_at=ground.now, invitation_id=None, expires_at=None,
        added_by=ground.principal.id[:24],
    )  # fmt: skip
    role = assign(ground, "user", user, ground.org, MEMBER_ROLE, by_owner=False)
    deltas += [*waiting(ground.view, ground.org, user), *guarded(ground, [joined, role])]
    if not person.is_active:
        deltas += sessions.all_ended(ground.view, user)
    return Change(deltas, {"user": user, "roles": [MEMBER_ROLE], "suspended": not person.is_active}, target=user)


def change(ground: Ground, user: str, person: Person) -> Change:
    """Let the member, or somebody invited, be as the provider says; what it says already changes nothing."""
    member = _member(ground, user)
    is_owned = is_vouched_for(ground, username_of(ground.view, user))
    deltas = _person_changed(ground, user, person, is_owned=is_governed(ground, user))
    if is_active(member) and member["suspended"] == person.is_active:
        deltas.append(put("members", ground.org, user, **{**member, "suspended": not person.is_active}))
    if not person.is_active and is_owned:
        deltas += sessions.all_ended(ground.view, user)
    body = {"user": user, "suspended": not person.is_active}
    deltas += kept(ground, "User", user, person.external_id, person.document)
    return Change(guarded(ground, deltas), body, target=user)


def _member(ground: Ground, user: str) -> Row:
    member = ground.view.get("members", ground.org, user)
    if member is None or not counts(member, ground.now):
        raise NotFoundError("USER_NOT_FOUND", user)
    return member


def _person_changed(ground: Ground, user: str, person: Person, *, is_owned: bool) -> list[Delta]:
    """Return the deltas after which the account has the names and the address of `person`."""
    row = ground.view.get("person_data", user) or {}
    address = username(person.address)
    is_moved = username_key(address) != row["username_key"]
    wanted = _named(row, person)
    if wanted != row and not is_owned:
        raise RefusedError("ACCOUNT_NOT_FEDERATED", "name")
    if is_moved:
        if not is_owned or not is_vouched_for(ground, address):
            raise RefusedError("ACCOUNT_NOT_FEDERATED", "userName")
        if user_of(ground.view, address) is not None:
            raise RefusedError("ADDRESS_IN_USE")
        wanted = {**wanted, "username": address, "username_key": username_key(address)}
    deltas = [] if wanted == row else [put("person_data", user, **wanted)]
    return [*deltas, *(_readdressed(ground, user, row) if is_moved else ())]


def _readdressed(ground: Ground, user: str, person: Row) -> list[Delta]:
    """Return what follows from a new address: what was mailed to the old one is worthless, and its reader is told.

    Open invitations are mailed again, and sessions end: whoever has the new address is to show it.
    """
    view = ground.view
    invited = [row for row in view.find("invitations", user_id=user, state=PENDING) if is_open(row, ground.now)]
    mailed = {row["id"] for row in invited}
    return [
        *sessions.all_ended(view, user),
        *links.forgotten(view, user),
        *(drop("tokens", r["hash"]) for r in view.find("tokens", user_id=user) if r["invitation_id"] not in mailed),
        *(delta for row in invited for delta in message(ground, row)),
        notice(ground, user, ADDRESS_CHANGED, address=person["username"]),
    ]


def _named(row: Row, person: Person) -> dict[str, object]:
    given = {"first_name": person.first_name, "last_name": person.last_name}
    return {**row, **{name: text for name, text in given.items() if text is not None}}


def remove(ground: Ground, user: str) -> Change:
    """Remove the member with every role, or withdraw the invitation; who is vouched for has no session then."""
    _member(ground, user)
    change = remove_member(ground, user)
    if is_vouched_for(ground, username_of(ground.view, user)):
        change.deltas += sessions.all_ended(ground.view, user)
    return change


# -- teams


def add_team(ground: Ground, team: Team) -> Change:
    """Make a team, which may be empty at first: providers fill it afterwards."""
    made = new_team(ground, team.name)
    (id,) = made.key
    people = _people(ground, team)
    deltas = [made, *(delta for user in people for delta in enter(ground, id, user))]
    body = {"team": id, "users": people}
    return Change(guarded(ground, deltas) + kept(ground, "Group", id, team.external_id, team.document), body, target=id)


def change_team(ground: Ground, id: str, team: Team) -> Change:
    """Let the team have this name and exactly these people."""
    row = ground.view.get("teams", id) or {}
    deltas = [] if row["name"] == team.name else [renamed(ground, row, team.name)]
    people = _people(ground, team)
    there = [found["user_id"] for found in ground.view.find("team_members", team_id=id)]
    gone = [user for user in there if user not in set(people) and _counts(ground, user)]
    new = [user for user in people if user not in set(there)]
    deltas += [delta for user in gone for delta in leave_teams(ground, user, [id])]
    deltas += [delta for user in new for delta in enter(ground, id, user)]
    body = {"team": id, "added": new, "removed": gone}
    return Change(guarded(ground, deltas) + kept(ground, "Group", id, team.external_id, team.document), body, target=id)


def _counts(ground: Ground, user: str) -> bool:
    return counts(ground.view.get("members", ground.org, user), ground.now)


def _people(ground: Ground, team: Team) -> list[str]:
    """Return the people of `team`, each once, if they are in the organization and fit into a team (rule 143)."""
    people = list(dict.fromkeys(team.people))
    most = ground.limits.users_per_team
    if len(people) > most:
        raise RefusedError("MAX_USERS_PER_TEAM_EXCEEDED", str(most))
    for user in people:
        if not _counts(ground, user):
            raise RefusedError("UNKNOWN_MEMBER", user)
    return people
