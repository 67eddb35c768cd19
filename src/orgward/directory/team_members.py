"""Who is in a team: the rows, and how many fit (rules 65, 66, 143, 144).

Somebody who is only invited may stand in a team already (rules 53, 56): that gives nothing until they accept, and a
part of their invitation says who put them there.
"""

from collections.abc import Collection

from orgward.directory.ground import Ground, Row, View, drop, put
from orgward.kernel.delta import Delta
from orgward.kernel.errors import RefusedError


def is_active(member: Row | None) -> bool:
    """Say whether `member`, a row of `members` or `project_members`, is in and not only invited."""
    return member is not None and member["state"] == "active"


def counts(member: Row | None, now: int) -> bool:
    """Say whether somebody is in, or on the way: those who declined or let the term pass are not (rule 53)."""
    if member is None or member["state"] == "active":
        return member is not None
    return bool(member["state"] == "pending" and member["expires_at"] > now)


def teams_of(view: View, org: str, user: str) -> list[str]:
    """Return the teams of `org` that `user` stands in."""
    return [row["team_id"] for row in view.find("team_members", org_id=org, user_id=user)]


def entered(org: str, team: str, user: str) -> Delta:
    """Return the delta after which `user` stands in `team`."""
    return put("team_members", user, team, user_id=user, team_id=team, org_id=org)


def left(team: str, user: str) -> Delta:
    """Return the delta after which `user` stands in `team` no more."""
    return drop("team_members", user, team)


def waiting(view: View, org: str, user: str, *, kept: Collection[str] = ()) -> list[Delta]:
    """Return the deltas that take somebody who becomes a member out of all teams that wait for them but `kept`.

    An invitation put them there that is not accepted by this: once it is, and its inviter asked, they are in.
    """
    if is_active(view.get("members", org, user)):
        return []
    return [left(team, user) for team in teams_of(view, org, user) if team not in kept]


def check_teams_of_user(ground: Ground, org: str, user: str, teams: Collection[str]) -> None:
    """Raise if `user` would be in too many teams with `teams`, which are all those of `org` (rule 144)."""
    most = ground.limits.teams_per_user
    if len(teams) + _elsewhere(ground, org, user) > most:
        raise RefusedError("MAX_TEAMS_PER_USER_EXCEEDED", str(most), user)


def check_room_in_teams(ground: Ground, org: str, user: str, teams: Collection[str]) -> None:
    """Raise if there is no room for `user` to be in `teams`, which are all those of `org` (rules 143, 144)."""
    check_teams_of_user(ground, org, user, teams)
    is_counted = counts(ground.view.get("members", org, user), ground.now)
    for team in teams:
        if not is_counted or ground.view.get("team_members", user, team) is None:
            check_room_in_team(ground, team, [user])


def _elsewhere(ground: Ground, org: str, user: str) -> int:
    """Count the teams of other organizations; an invitation there must not keep anybody out of a team here."""
    rows = [row for row in ground.view.find("team_members", user_id=user) if row["org_id"] != org]
    return sum(is_active(ground.view.get("members", row["org_id"], user)) for row in rows)


def check_room_in_team(ground: Ground, team: str, users: Collection[str]) -> None:
    """Raise if `team` would hold too many users with `users` in it (rule 143)."""
    view, most = ground.view, ground.limits.users_per_team
    if view.count("team_members", team_id=team) + len(users) <= most:
        return
    # Only where it matters: the counter counts those whose invitation has expired, too, and `users` among them.
    others = [row for row in view.find("team_members", team_id=team) if row["user_id"] not in users]
    kept = sum(counts(view.get("members", row["org_id"], row["user_id"]), ground.now) for row in others)
    if kept + len(users) > most:
        raise RefusedError("MAX_USERS_PER_TEAM_EXCEEDED", str(most), team)
