"""Invitations: sent, amended, cancelled, accepted, declined (rules 46-56, 60; contract.md).

An invitation has parts, one for each scope and inviter: the roles that it gives there. Until it is accepted they
are no assignments; the membership that it announces stands as `pending`.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence

from orgward.directory.ground import Change, Ground, Row, drop, put
from orgward.directory.invitation_parts import Part, could_send, encoded, parts_of, teams_in
from orgward.directory.outbox import INVITATION, mail
from orgward.directory.provisioned import forgotten, require_not_held_back
from orgward.directory.roles import assign, not_ended
from orgward.directory.team_members import check_room_in_teams, counts, entered, is_active, left, teams_of, waiting
from orgward.kernel.delta import Delta
from orgward.kernel.errors import GateError, NotFoundError, RefusedError

PENDING = "pending"
DECLINED = "declined"


def is_open(invitation: Row | None, now: int) -> bool:
    """Say whether `invitation` can still be accepted (rule 48)."""
    return invitation is not None and invitation["state"] == PENDING and invitation["expires_at"] > now


def open_invitation(ground: Ground, user: str, project: str | None = None) -> Row | None:
    """Return the open invitation of `user` to the organization, or the stand-alone one to `project`."""
    for row in ground.view.find("invitations", org_id=ground.org, user_id=user):
        if row["project_id"] == project and is_open(row, ground.now):
            return row
    return None


def pending_invitation(ground: Ground, user: str) -> Row | None:
    """Return the open invitation that the membership of `user` hangs on, None if they are a member already.

    Whoever declined, or let the term pass, is not in the organization (rule 53).
    """
    member = ground.view.get("members", ground.org, user)
    if member is None:
        raise NotFoundError("USER_NOT_FOUND", user)
    if is_active(member):
        return None
    invitation = ground.view.get("invitations", member["invitation_id"]) if member["invitation_id"] else None
    if invitation is None or not is_open(invitation, ground.now):
        raise NotFoundError("USER_NOT_FOUND", user)
    return invitation


def send(ground: Ground, user: str, parts: Sequence[Part], *, project: str | None = None) -> tuple[str, list[Delta]]:
    """Return the id of a new invitation of `user` and its deltas: row, pending memberships, token and mail."""
    check_room(ground, user, parts)
    invitation = ground.mint.id()
    row = {
        "id": invitation, "org_id": ground.org, "project_id": project, "user_id": user, "state": PENDING,
        "created_at": ground.now, "expires_at": ground.now + _life(ground),
        "inviter_kind": ground.principal.kind, "inviter_id": ground.principal.id[:24], "parts": encoded(parts),
    }  # fmt: skip
    made = [put("invitations", invitation, **row), *announce(ground, row, parts), *message(ground, row)]
    return invitation, [*replaced(ground, user, project), *made]


def replaced(ground: Ground, user: str, project: str | None) -> list[Delta]:
    """Return the deltas that clear away what earlier invitations, expired or declined, left behind (rule 52)."""
    deltas = []
    for row in ground.view.find("invitations", org_id=ground.org, user_id=user):
        if row["project_id"] == project and row["state"] in {PENDING, DECLINED}:
            if row["state"] == PENDING:
                deltas.append(put("invitations", row["id"], **{**row, "state": "cancelled"}))
                deltas += forget_links(ground, row["id"])
            deltas += [drop(table, *key) for table, key, _ in _still_announced(ground, row)]
            deltas += forgotten(ground.view, ground.org, user) if project is None else []
            deltas += _out_of_teams(ground, row, teams_in(parts_of(row)))
    return deltas


def _life(ground: Ground) -> int:
    return int(ground.limits.invitation_life.total_seconds() * 1000)


def announce(ground: Ground, invitation: Row, parts: Sequence[Part]) -> list[Delta]:
    """Return the deltas that show `invitation` as pending memberships; active ones stay as they are."""
    user, org = invitation["user_id"], invitation["org_id"]
    shown = {
        "user_id": user, "org_id": org, "state": PENDING, "created_at": invitation["created_at"],
        "invitation_id": invitation["id"], "expires_at": invitation["expires_at"],
        "added_by": invitation["inviter_id"] or None,
    }  # fmt: skip
    deltas = []
    if not is_active(ground.view.get("members", org, user)):
        deltas.append(put("members", org, user, **shown, suspended=False))
        deltas += [entered(org, team, user) for team in teams_in(parts)]
    for found in parts:
        if found.scope == "project" and not is_active(ground.view.get("project_members", found.id, user)):
            row = {**shown, "project_id": found.id, "added_by_owner": found.by_owner}
            deltas.append(put("project_members", found.id, user, **row))
    return deltas


def message(ground: Ground, invitation: Row) -> list[Delta]:
    """Return the deltas that replace the invitation's link by a new one and post it."""
    user, token = invitation["user_id"], ground.mint.token()
    return [
        *forget_links(ground, invitation["id"]),
        put(
            "tokens", token.hash, hash=token.hash, user_id=user, invitation_id=invitation["id"],
            expires_at=invitation["expires_at"], salt=ground.mint.salt(),
        ),
        mail(ground, user, INVITATION, token.sealed, subject=invitation["id"]),
    ]  # fmt: skip


def forget_links(ground: Ground, invitation: str) -> list[Delta]:
    """Return the deltas that make every link of `invitation` worthless, sent, not sent, or undelivered."""
    deltas = [drop("tokens", row["hash"]) for row in ground.view.find("tokens", invitation_id=invitation)]
    deltas += [drop("outbox", row["id"]) for row in ground.view.find("outbox", subject_id=invitation)]
    is_noted = ground.view.get("undelivered", invitation) is not None
    return [*deltas, drop("undelivered", invitation)] if is_noted else deltas


def amend(ground: Ground, invitation: Row, parts: Sequence[Part]) -> list[Delta]:
    """Return the deltas after which `invitation` has exactly `parts` (rules 51, 53)."""
    check_room(ground, invitation["user_id"], parts)
    kept = {p.id for p in parts}
    gone = [p.id for p in parts_of(invitation) if p.scope == "project" and p.id not in kept]
    deltas = [put("invitations", invitation["id"], **{**invitation, "parts": encoded(parts)})]
    deltas += [drop("project_members", project, invitation["user_id"]) for project in gone]
    no_more = [p.id for p in parts_of(invitation) if p.scope == "team" and p.id not in kept]
    return deltas + _out_of_teams(ground, invitation, no_more) + announce(ground, invitation, parts)


def without_projects(ground: Ground, invitation: Row, projects: Collection[str]) -> list[Delta]:
    """Return the deltas that take the roles in `projects` out of `invitation`; a stand-alone one ends."""
    if invitation["project_id"] in projects:
        return end(ground, invitation, "cancelled")
    parts = [found for found in parts_of(invitation) if found.id not in projects]
    return [put("invitations", invitation["id"], **{**invitation, "parts": encoded(parts)})]


def end(ground: Ground, invitation: Row, state: str) -> list[Delta]:
    """Return the deltas that end `invitation` as `cancelled` or `declined`, with what it announced."""
    user, org = invitation["user_id"], invitation["org_id"]
    deltas = [put("invitations", invitation["id"], **{**invitation, "state": state})]
    deltas += forget_links(ground, invitation["id"])
    deltas += _out_of_teams(ground, invitation, teams_in(parts_of(invitation)))
    others = [
        row for row in ground.view.find("invitations", org_id=org, user_id=user)
        if row["id"] != invitation["id"] and is_open(row, ground.now)
    ]  # fmt: skip
    gone = [_ended(table, key, row, state, others) for table, key, row in _still_announced(ground, invitation)]
    if any(delta.table == "members" and delta.row is None for delta in gone):
        deltas += forgotten(ground.view, org, user)
    return deltas + gone


def _out_of_teams(ground: Ground, invitation: Row, teams: Iterable[str]) -> list[Delta]:
    """Return the deltas that take somebody only invited out of those of `teams` that nothing but `invitation` gives."""
    user, org = invitation["user_id"], invitation["org_id"]
    if is_active(ground.view.get("members", org, user)):
        return []
    others = [
        row for row in ground.view.find("invitations", org_id=org, user_id=user)
        if row["id"] != invitation["id"] and row["state"] == PENDING
    ]  # fmt: skip
    kept = {team for row in others for team in teams_in(parts_of(row))}
    return [left(team, user) for team in teams if team not in kept]


def _still_announced(ground: Ground, invitation: Row) -> Iterator[tuple[str, tuple[str, str], Row]]:
    """Yield table, key and row of every membership that is not active and hangs on `invitation`."""
    projects = [found.id for found in parts_of(invitation) if found.scope == "project"]
    for table, scope in [("members", invitation["org_id"]), *(("project_members", p) for p in projects)]:
        key = scope, invitation["user_id"]
        row = ground.view.get(table, *key)
        if row is not None and row["state"] != "active" and row["invitation_id"] == invitation["id"]:
            yield table, key, row


def _ended(table: str, key: tuple[str, ...], row: Row, state: str, others: Sequence[Row]) -> Delta:
    if table == "members" and others:
        last = others[-1]
        return put(table, *key, **{**row, "invitation_id": last["id"], "expires_at": last["expires_at"]})
    return put(table, *key, **{**row, "state": "rejected"}) if state == DECLINED else drop(table, *key)


def cancel(ground: Ground, invitation: Row, code: str) -> Change:
    """Withdraw `invitation`, or clear a declined one away; an accepted one can't be (rule 54)."""
    if invitation["state"] not in {PENDING, DECLINED}:
        raise RefusedError(code)
    return Change(end(ground, invitation, "cancelled"), {"invitation": invitation["id"]}, target=invitation["id"])


def resend(ground: Ground, invitation: Row) -> Change:
    """Send `invitation` again: a new link and a new term; the old link is worthless at once."""
    if invitation["state"] != PENDING:
        raise RefusedError("INVITATION_NOT_PENDING")
    check_room(ground, invitation["user_id"], parts_of(invitation))
    row = {**invitation, "expires_at": ground.now + _life(ground)}
    deltas = [
        put("invitations", row["id"], **row),
        *announce(ground, row, parts_of(row)),
        *message(ground, row),
    ]
    return Change(deltas, {"invitation": row["id"]}, target=row["id"])


def own_invitation(ground: Ground, invitation_id: str) -> Row:
    """Return the caller's own open invitation; somebody else's or a cancelled one looks like an unknown one."""
    row = ground.view.get("invitations", invitation_id)
    if row is None or row["user_id"] != ground.principal.id or row["state"] == "cancelled":
        raise NotFoundError("INVITATION_NOT_FOUND", invitation_id)
    if not is_open(row, ground.now):
        raise RefusedError("INVITATION_NOT_PENDING")
    return row


def decline(ground: Ground, invitation_id: str) -> Change:
    """Turn the caller's own invitation down."""
    row = own_invitation(ground, invitation_id)
    deltas = end(ground, row, DECLINED)
    return Change(deltas, {"invitation": row["id"]}, target=row["id"], org_id=row["org_id"])


def accept(ground: Ground, invitation_id: str) -> Change:
    """Join by the caller's own invitation, if whoever sent each part of it could still send it now (rule 49)."""
    row = own_invitation(ground, invitation_id)
    user, org = row["user_id"], row["org_id"]
    member = ground.view.get("members", org, user)
    require_not_held_back(ground.view, org, user)
    if member is not None and member["suspended"]:
        raise GateError("USER_SUSPENDED")
    check_memberships(ground, user, org, active=is_active(member))
    check_projects(ground, user, [found.id for found in parts_of(row) if found.scope == "project"])
    _check_teams(ground, org, user, parts_of(row))
    deltas = [put("invitations", row["id"], **{**row, "state": "accepted"}), *forget_links(ground, row["id"])]
    deltas += waiting(ground.view, org, user, kept=teams_in(parts_of(row)))
    deltas += join(ground, "members", (org,), user, row, added_by_owner=False)
    for found in parts_of(row):
        if not could_send(ground, found, org):
            raise RefusedError("INVITER_LOST_RIGHT")
        if found.scope == "project":
            deltas += join(ground, "project_members", (found.id,), user, row, added_by_owner=found.by_owner)
        deltas += _given(ground, org, user, found)
    return Change(deltas, {"invitation": row["id"]}, target=row["id"], org_id=org)


def _given(ground: Ground, org: str, user: str, found: Part) -> list[Delta]:
    if found.scope == "team":
        return [] if ground.view.get("team_members", user, found.id) else [entered(org, found.id, user)]
    held = not_ended(ground, user, found.id)
    by_owner = found.by_owner and found.scope == "project"
    return [assign(ground, "user", user, found.id, role, by_owner=by_owner) for role in found.roles if role not in held]


def join(
    ground: Ground, table: str, scope: tuple[str], user: str, invitation: Row, *, added_by_owner: bool
) -> list[Delta]:
    """Return the delta that turns a pending membership into an active one; an active one stays as it is."""
    found = ground.view.get(table, *scope, user)
    if is_active(found):
        return []
    row = {
        "org_id": invitation["org_id"], "user_id": user, "state": "active", "created_at": ground.now,
        "invitation_id": None, "expires_at": None, "added_by": invitation["inviter_id"] or None,
    }  # fmt: skip
    extra = {"suspended": False} if table == "members" else {"project_id": scope[0], "added_by_owner": added_by_owner}
    return [put(table, *scope, user, **row, **extra)]


def check_memberships(ground: Ground, user: str, org: str, *, active: bool) -> None:
    """Raise if joining one more organization would be more than a user may belong to (rule 145)."""
    most = ground.limits.organizations_per_user
    if not active and ground.view.count("members", user_id=user, state="active") >= most:
        raise RefusedError("MAX_ORGS_PER_USER_EXCEEDED", str(most), user)


def check_projects(ground: Ground, user: str, projects: Iterable[str]) -> None:
    """Raise if joining `projects` would be more than a user may belong to (rule 145)."""
    most, view = ground.limits.projects_per_user, ground.view
    joined = sum(not is_active(view.get("project_members", project, user)) for project in set(projects))
    if joined and view.count("project_members", user_id=user, state="active") + joined > most:
        raise RefusedError("MAX_GROUPS_PER_USER_EXCEEDED", str(most), user)


def check_room(ground: Ground, user: str, parts: Sequence[Part]) -> None:
    """Raise if the organization or a project would hold more people than it may (rule 142); pending ones count."""
    view, org = ground.view, ground.org
    if not counts(view.get("members", org, user), ground.now):
        check_room_in_organization(ground, joining=1)
    for found in parts:
        row = view.get("project_members", found.id, user) if found.scope == "project" else None
        if found.scope == "project" and not counts(row, ground.now):
            check_room_in_project(ground, found.id)
    _check_teams(ground, org, user, parts)


def _check_teams(ground: Ground, org: str, user: str, parts: Sequence[Part]) -> None:
    given = set(teams_in(parts))
    held = teams_of(ground.view, org, user) if is_active(ground.view.get("members", org, user)) else []
    if given:
        check_room_in_teams(ground, org, user, given.union(held))


def check_room_in_organization(ground: Ground, *, joining: int, org: str = "") -> None:
    """Raise if the organization, or `org`, has no room for `joining` more people (rule 142)."""
    org, most = org or ground.org, ground.limits.users_per_organization
    if joining and _is_full(ground, "members", "org_id", org, most - joining + 1):
        raise RefusedError("MAX_USERS_PER_ORG_EXCEEDED", str(most), org)


def check_room_in_project(ground: Ground, project: str, *, joining: int = 1) -> None:
    """Raise if `project` has no room for `joining` more people (rule 142)."""
    most = ground.limits.users_per_project
    if _is_full(ground, "project_members", "project_id", project, most - joining + 1):
        raise RefusedError("MAX_USERS_PER_GROUP_EXCEEDED", str(most), project)


def _is_full(ground: Ground, table: str, column: str, scope: str, most: int) -> bool:
    view, here = ground.view, {column: scope}
    total = sum(view.count(table, **here, state=state) for state in ("active", PENDING))
    if total < most:
        return False
    # Only where it matters: the counter of pending rows counts those whose term has passed, too.
    expired = sum(row["expires_at"] <= ground.now for row in view.find(table, **here, state=PENDING))
    return bool(total - expired >= most)
