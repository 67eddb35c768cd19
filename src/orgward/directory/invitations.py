"""Invitations: sent, amended, cancelled, accepted, declined (rules 46-56, 60; contract.md).

An invitation has parts, one for each scope and inviter: the roles that it gives there. Until it is accepted they
are no assignments; the membership that it announces stands as `pending`.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from orgward.directory.ground import Change, Ground, Row, drop, put
from orgward.directory.guards import may_hand_out, owns
from orgward.directory.roles import MEMBER_ROLE, assign
from orgward.engine.authorized import is_in
from orgward.kernel.delta import Delta
from orgward.kernel.errors import NotFoundError, RefusedError
from orgward.kernel.principal import Principal

PENDING = "pending"
_SENDING = {
    "organization": ("org.invitations.create", "org.users.add", "org.users.update_roles"),
    "project": ("project.users.invite", "project.invitations.create", "project.users.update_roles"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """Roles at one scope, and who put them into the invitation."""

    scope: str
    id: str
    roles: tuple[str, ...]
    by_kind: str
    by_id: str
    by_owner: bool


def parts_of(invitation: Row) -> list[Part]:
    """Return the parts of the row `invitation`."""
    return [Part(**{**part, "roles": tuple(part["roles"])}) for part in json.loads(invitation["parts"])]


def part(ground: Ground, scope: str, scope_id: str, roles: Sequence[str]) -> Part:
    """Return a part that the caller puts into an invitation, if they may hand out its roles."""
    by = ground.principal
    if not by.is_operator:
        for role in roles:
            if not may_hand_out(ground, by.id, role, scope_id):
                raise RefusedError("ROLE_NOT_GRANTABLE", role)
    is_owner = not by.is_operator and owns(ground.facts, by.id, scope_id, ground.now)
    return Part(scope, scope_id, tuple(sorted(set(roles))), by.kind, by.id, is_owner)


def implied_part(ground: Ground, org: str) -> Part:
    """Return the part by which somebody invited to a project joins its organization (rule 37)."""
    return Part("organization", org, (MEMBER_ROLE,), "operator", "", by_owner=False)


def is_open(invitation: Row | None, now: int) -> bool:
    """Say whether `invitation` can still be accepted (rule 48)."""
    return invitation is not None and invitation["state"] == PENDING and invitation["expires_at"] > now


def open_invitation(ground: Ground, user: str, project: str | None = None) -> Row | None:
    """Return the open invitation of `user` to the organization, or the stand-alone one to `project`."""
    for row in ground.view.find("invitations", org_id=ground.org, user_id=user):
        if row["project_id"] == project and is_open(row, ground.now):
            return row
    return None


def send(ground: Ground, user: str, parts: Sequence[Part], *, project: str | None = None) -> tuple[str, list[Delta]]:
    """Return the id of a new invitation of `user` and its deltas: row, pending memberships, token and mail."""
    check_room(ground, user, parts)
    invitation = ground.mint.id()
    row = {
        "id": invitation, "org_id": ground.org, "project_id": project, "user_id": user, "state": PENDING,
        "created_at": ground.now, "expires_at": ground.now + _life(ground),
        "inviter_kind": ground.principal.kind, "inviter_id": ground.principal.id[:24], "parts": _encoded(parts),
    }  # fmt: skip
    deltas = [put("invitations", invitation, **row), *announce(ground, row, parts), *message(ground, row)]
    return invitation, deltas


def _life(ground: Ground) -> int:
    return int(ground.limits.invitation_life.total_seconds() * 1000)


def _encoded(parts: Sequence[Part]) -> str:
    return json.dumps([asdict(part) for part in parts])


def announce(ground: Ground, invitation: Row, parts: Sequence[Part]) -> list[Delta]:
    """Return the deltas that show `invitation` as pending memberships; active ones stay as they are."""
    user, org = invitation["user_id"], invitation["org_id"]
    shown = {
        "user_id": user, "org_id": org, "state": PENDING, "created_at": invitation["created_at"],
        "invitation_id": invitation["id"], "expires_at": invitation["expires_at"],
        "added_by": invitation["inviter_id"] or None,
    }  # fmt: skip
    deltas = []
    if not _is_active(ground.view.get("members", org, user)):
        deltas.append(put("members", org, user, **shown, suspended=False))
    for found in parts:
        if found.scope == "project" and not _is_active(ground.view.get("project_members", found.id, user)):
            row = {**shown, "project_id": found.id, "added_by_owner": found.by_owner}
            deltas.append(put("project_members", found.id, user, **row))
    return deltas


def _is_active(row: Row | None) -> bool:
    return row is not None and row["state"] == "active"


def message(ground: Ground, invitation: Row) -> list[Delta]:
    """Return the deltas that replace the invitation's link by a new one and post it."""
    user, token = invitation["user_id"], ground.mint.token()
    return [
        *forget_links(ground, invitation["id"]),
        put(
            "tokens", token.hash, hash=token.hash, user_id=user, invitation_id=invitation["id"],
            expires_at=invitation["expires_at"], salt=ground.mint.salt(),
        ),
        mail(ground, user, "invitation", token.sealed, subject=invitation["id"]),
    ]  # fmt: skip


def mail(ground: Ground, user: str, kind: str, sealed_token: str, *, subject: str | None) -> Delta:
    """Return the delta that puts a message to `user` into the outbox."""
    message_id = ground.mint.id()
    return put(
        "outbox", message_id, id=message_id, user_id=user, kind=kind, subject_id=subject, sealed_token=sealed_token,
        created_at=ground.now, salt=ground.mint.salt(),
    )  # fmt: skip


def forget_links(ground: Ground, invitation: str) -> list[Delta]:
    """Return the deltas that make every link of `invitation` worthless, sent or not."""
    tokens = [drop("tokens", row["hash"]) for row in ground.view.find("tokens", invitation_id=invitation)]
    return tokens + [drop("outbox", row["id"]) for row in ground.view.find("outbox", subject_id=invitation)]


def amend(ground: Ground, invitation: Row, parts: Sequence[Part]) -> list[Delta]:
    """Return the deltas after which `invitation` has exactly `parts` (rules 51, 53)."""
    kept = {p.id for p in parts}
    gone = [p.id for p in parts_of(invitation) if p.scope == "project" and p.id not in kept]
    deltas = [put("invitations", invitation["id"], **{**invitation, "parts": _encoded(parts)})]
    deltas += [drop("project_members", project, invitation["user_id"]) for project in gone]
    return deltas + announce(ground, invitation, parts)


def without_project(ground: Ground, invitation: Row, project: str) -> list[Delta]:
    """Return the deltas that take the roles in `project` out of `invitation`; a stand-alone one ends."""
    if invitation["project_id"] == project:
        return end(ground, invitation, "cancelled")
    parts = [found for found in parts_of(invitation) if found.id != project]
    return [put("invitations", invitation["id"], **{**invitation, "parts": _encoded(parts)})]


def end(ground: Ground, invitation: Row, state: str) -> list[Delta]:
    """Return the deltas that end `invitation` as `cancelled` or `declined`, with what it announced."""
    user, org = invitation["user_id"], invitation["org_id"]
    deltas = [put("invitations", invitation["id"], **{**invitation, "state": state})]
    deltas += forget_links(ground, invitation["id"])
    others = [
        row for row in ground.view.find("invitations", org_id=org, user_id=user)
        if row["id"] != invitation["id"] and is_open(row, ground.now)
    ]  # fmt: skip
    for table, key in _announced(invitation):
        row = ground.view.get(table, *key, user)
        if row is not None and row["state"] != "active" and row["invitation_id"] == invitation["id"]:
            deltas.append(_ended(table, (*key, user), row, state, others))
    return deltas


def _announced(invitation: Row) -> list[tuple[str, tuple[str]]]:
    projects = [found.id for found in parts_of(invitation) if found.scope == "project"]
    return [("members", (invitation["org_id"],)), *(("project_members", (project,)) for project in projects)]


def _ended(table: str, key: tuple[str, ...], row: Row, state: str, others: Sequence[Row]) -> Delta:
    if table == "members" and others:
        last = others[-1]
        return put(table, *key, **{**row, "invitation_id": last["id"], "expires_at": last["expires_at"]})
    return put(table, *key, **{**row, "state": "rejected"}) if state == "declined" else drop(table, *key)


def cancel(ground: Ground, invitation: Row, code: str) -> Change:
    """Withdraw `invitation`; an accepted one can't be (rule 54)."""
    if invitation["state"] != PENDING:
        raise RefusedError(code)
    return Change(end(ground, invitation, "cancelled"), {"invitation": invitation["id"]}, target=invitation["id"])


def resend(ground: Ground, invitation: Row) -> Change:
    """Send `invitation` again: a new link and a new term; the old link is worthless at once."""
    if invitation["state"] != PENDING:
        raise RefusedError("INVITATION_NOT_PENDING")
    row = {**invitation, "expires_at": ground.now + _life(ground)}
    deltas = [put("invitations", row["id"], **row), *announce(ground, row, parts_of(row)), *message(ground, row)]
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
    deltas = end(ground, row, "declined")
    return Change(deltas, {"invitation": row["id"]}, target=row["id"], org_id=row["org_id"])


def accept(ground: Ground, invitation_id: str) -> Change:
    """Join by the caller's own invitation, if whoever sent each part of it could still send it now (rule 49)."""
    row = own_invitation(ground, invitation_id)
    user, org = row["user_id"], row["org_id"]
    check_memberships(ground, user, org, active=_is_active(ground.view.get("members", org, user)))
    deltas = [put("invitations", row["id"], **{**row, "state": "accepted"}), *forget_links(ground, row["id"])]
    deltas += join(ground, "members", (org,), user, row, added_by_owner=False)
    for found in parts_of(row):
        if not could_send(ground, found, org):
            raise RefusedError("INVITER_LOST_RIGHT")
        if found.scope == "project":
            deltas += join(ground, "project_members", (found.id,), user, row, added_by_owner=found.by_owner)
        deltas += _given(ground, user, found)
    return Change(deltas, {"invitation": row["id"]}, target=row["id"], org_id=org)


def _given(ground: Ground, user: str, found: Part) -> list[Delta]:
    held = {row["role"] for row in ground.view.find("assignments", holder_id=user, scope_id=found.id)}
    return [
        assign(ground, "user", user, found.id, role, by_owner=found.by_owner) for role in found.roles if role not in held
    ]


def join(
    ground: Ground, table: str, scope: tuple[str], user: str, invitation: Row, *, added_by_owner: bool
) -> list[Delta]:
    """Return the delta that turns a pending membership into an active one; an active one stays as it is."""
    found = ground.view.get(table, *scope, user)
    if _is_active(found):
        return []
    row = {
        "org_id": invitation["org_id"], "user_id": user, "state": "active", "created_at": ground.now,
        "invitation_id": None, "expires_at": None, "added_by": invitation["inviter_id"] or None,
    }  # fmt: skip
    extra = {"suspended": False} if table == "members" else {"project_id": scope[0], "added_by_owner": added_by_owner}
    return [put(table, *scope, user, **row, **extra)]


def could_send(ground: Ground, found: Part, org: str) -> bool:
    """Say whether the inviter of a part could send it now: still there, still privileged, still handing out."""
    if found.by_kind == "operator":
        return True
    inviter = Principal("api_key" if found.by_kind == "api_key" else "user", found.by_id)
    if not is_in(ground.facts, inviter, org):
        return False
    privileged = any(ground.facts.check(inviter.id, p, found.id, ground.now) for p in _SENDING[found.scope])
    return privileged and all(may_hand_out(ground, inviter.id, role, found.id) for role in found.roles)


def check_memberships(ground: Ground, user: str, org: str, *, active: bool) -> None:
    """Raise if joining one more organization would be more than a user may belong to (rule 145)."""
    most = ground.limits.organizations_per_user
    if not active and ground.view.count("members", user_id=user, state="active") >= most:
        raise RefusedError("MAX_ORGS_PER_USER_EXCEEDED", str(most), user)


def check_room(ground: Ground, user: str, parts: Sequence[Part]) -> None:
    """Raise if the organization or a project would hold more people than it may (rule 142); pending ones count."""
    view, limits, org = ground.view, ground.limits, ground.org
    if view.get("members", org, user) is None and _people(ground, "members", "org_id", org) >= limits.users_per_organization:
        raise RefusedError("MAX_USERS_PER_ORG_EXCEEDED", str(limits.users_per_organization), org)
    for found in parts:
        if found.scope == "project" and view.get("project_members", found.id, user) is None:
            check_room_in_project(ground, found.id)


def check_room_in_project(ground: Ground, project: str) -> None:
    """Raise if `project` holds as many people as it may (rule 142)."""
    most = ground.limits.users_per_project
    if _people(ground, "project_members", "project_id", project) >= most:
        raise RefusedError("MAX_USERS_PER_GROUP_EXCEEDED", str(most), project)


def _people(ground: Ground, table: str, column: str, scope: str) -> int:
    return sum(ground.view.count(table, **{column: scope, "state": state}) for state in ("active", PENDING))
