"""Teams: made, renamed, filled, deleted (rules 53, 65, 66, 68-70, 143, 144).

Somebody who is invited may be put into a team; the part of their invitation that says so asks, at acceptance, whether
whoever put them there still could.
"""

from collections.abc import Collection, Iterable, Sequence

from orgward.directory.ground import Change, Ground, Row, drop, put
from orgward.directory.guards import guarded
from orgward.directory.invitation_parts import encoded, parts_of, require_team, team_part
from orgward.directory.invitations import PENDING, pending_invitation
from orgward.directory.names import team_name, username_key
from orgward.directory.people import user_of
from orgward.directory.provisioned import forgotten, require_not_held_back
from orgward.directory.team_members import (
    check_room_in_team,
    check_room_in_teams,
    check_teams_of_user,
    entered,
    left,
    teams_of,
)
from orgward.kernel.delta import Delta
from orgward.kernel.errors import NotFoundError, RefusedError


def create(ground: Ground, name: str, usernames: Sequence[str]) -> Change:
    """Make a team of those whom `usernames` name, at least one of them (rule 69)."""
    team_name(name, ground.limits.name_length)
    if not usernames:
        raise RefusedError("CANNOT_CREATE_EMPTY_TEAM")
    people = {username_key(username): username for username in usernames}
    deltas = [new_team(ground, name)]
    (team,) = deltas[0].key
    # Before anybody is looked up: a body has room for thousands of names.
    check_room_in_team(ground, team, people)
    users = [_named(ground, username) for username in people.values()]
    for user in users:
        require_not_held_back(ground.view, ground.org, user)
        deltas += enter(ground, team, user)
    return Change(guarded(ground, deltas), {"team": team, "users": users}, target=team)


def new_team(ground: Ground, name: str) -> Delta:
    """Return the delta that makes an empty team, if there is room for one and no other has its name (rule 144)."""
    org, most = ground.org, ground.limits.teams_per_organization
    checked = team_name(name, ground.limits.name_length)
    if ground.view.count("teams", org_id=org) >= most:
        raise RefusedError("MAX_TEAMS_PER_ORG_EXCEEDED", str(most), org)
    _require_free(ground, checked)
    team = ground.mint.id()
    return put("teams", team, id=team, org_id=org, name=checked, created_at=ground.now)


def _named(ground: Ground, username: str) -> str:
    """Return the member that `username` names; an account that is a stranger here looks like an unknown address."""
    user = user_of(ground.view, username)
    try:
        pending_invitation(ground, user or "")
    except NotFoundError:
        raise NotFoundError("USERNAME_NOT_FOUND", username) from None
    return user or ""


def _require_free(ground: Ground, name: str) -> None:
    if ground.view.find("teams", org_id=ground.org, name=name):
        raise RefusedError("TEAM_NAME_NOT_AVAILABLE", name, ground.org)


def rename(ground: Ground, team: str, name: str) -> Change:
    """Give the team another name, which no other team of the organization has."""
    return Change([renamed(ground, ground.view.get("teams", team) or {}, name)], {"team": team}, target=team)


def renamed(ground: Ground, team: Row, name: str) -> Delta:
    """Return the delta that gives the row `team` another name, which no other team of the organization has."""
    checked = team_name(name, ground.limits.name_length)
    if checked != team["name"]:
        _require_free(ground, checked)
    return put("teams", team["id"], **{**team, "name": checked})


def delete(ground: Ground, team: str) -> Change:
    """Delete a team that is on no project (rule 70); open invitations lose their part of it."""
    view = ground.view
    if view.find("assignments", holder_id=team):
        raise RefusedError("CANNOT_DELETE_TEAM_ASSIGNED_TO_PROJECT")
    deltas = [left(team, row["user_id"]) for row in view.find("team_members", team_id=team)]
    deltas += _uninvited(view.find("invitations", org_id=ground.org, state=PENDING), [team])
    deltas += [drop("teams", team), *forgotten(view, ground.org, team)]
    return Change(guarded(ground, deltas), {"team": team}, target=team)


def _uninvited(invitations: Iterable[Row], teams: Collection[str]) -> list[Delta]:
    """Return the deltas that take `teams` out of those of `invitations` that give a place in them."""
    deltas = []
    for row in invitations:
        parts = parts_of(row)
        kept = [found for found in parts if found.id not in teams]
        if row["state"] == PENDING and len(kept) < len(parts):
            deltas.append(put("invitations", row["id"], **{**row, "parts": encoded(kept)}))
    return deltas


def add_users(ground: Ground, team: str, users: Sequence[str]) -> Change:
    """Put members of the organization, invited ones included, into the team."""
    new = list(dict.fromkeys(users))
    for user in new:
        require_not_held_back(ground.view, ground.org, user)
    deltas = [delta for user in new for delta in enter(ground, team, user)]
    check_room_in_team(ground, team, new)
    return Change(guarded(ground, deltas), {"team": team, "users": new}, target=team)


def enter(ground: Ground, team: str, user: str) -> list[Delta]:
    """Return the deltas that put one of the organization, or somebody invited to it, into `team` (rules 53, 144)."""
    invitation = pending_invitation(ground, user)
    if ground.view.get("team_members", user, team) is not None:
        raise RefusedError("USER_ALREADY_IN_TEAM", user, team)
    check_teams_of_user(ground, ground.org, user, {team, *teams_of(ground.view, ground.org, user)})
    deltas = [entered(ground.org, team, user)]
    if invitation is not None:
        parts = [*parts_of(invitation), team_part(ground, team)]
        deltas.append(put("invitations", invitation["id"], **{**invitation, "parts": encoded(parts)}))
    return deltas


def remove_user(ground: Ground, team: str, user: str) -> Change:
    """Take somebody out of the team, which may be empty then; open invitations lose their part of it."""
    if ground.view.get("team_members", user, team) is None:
        raise NotFoundError("USER_NOT_FOUND", user)
    return Change(guarded(ground, leave_teams(ground, user, [team])), {"team": team, "user": user}, target=team)


def leave_teams(ground: Ground, user: str, teams: Collection[str], *, kept: str = "") -> list[Delta]:
    """Return the deltas that take `user` out of `teams`, and `teams` out of every open invitation but `kept`."""
    invitations = ground.view.find("invitations", org_id=ground.org, user_id=user)
    rest = [row for row in invitations if row["id"] != kept]
    return [*(left(team, user) for team in teams), *_uninvited(rest, teams)]


def replace_teams(ground: Ground, user: str, teams: Sequence[str]) -> list[Delta]:
    """Return the deltas after which the member is in exactly `teams` of the organization."""
    wanted = dict.fromkeys(require_team(ground, team) for team in teams)
    held = teams_of(ground.view, ground.org, user)
    new = [team for team in wanted if team not in held]
    if new:
        check_room_in_teams(ground, ground.org, user, wanted)
    gone = [team for team in held if team not in wanted]
    return [*leave_teams(ground, user, gone), *(entered(ground.org, team, user) for team in new)]
