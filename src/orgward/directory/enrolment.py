"""People whom the operator puts into organizations and projects at once, uninvited (contract.md, CLI)."""

from collections.abc import Iterable, Mapping, Sequence

from orgward.directory.ground import Ground, put
from orgward.directory.invitation_parts import Part
from orgward.directory.invitations import check_room
from orgward.directory.projects import membership
from orgward.directory.roles import assign, not_ended
from orgward.directory.team_members import is_active, waiting
from orgward.kernel.delta import Delta
from orgward.kernel.errors import RefusedError

Roles = Mapping[str, Sequence[str]]
"""The roles to hold at each organization or project, by its id."""


def check_totals(ground: Ground, user: str, organizations: Iterable[str], projects: Iterable[str]) -> None:
    """Raise if `user` would belong to more organizations or projects than anybody may (rule 145)."""
    limits = ground.limits
    _check_total(ground, user, "members", organizations, limits.organizations_per_user, "MAX_ORGS_PER_USER_EXCEEDED")
    _check_total(ground, user, "project_members", projects, limits.projects_per_user, "MAX_GROUPS_PER_USER_EXCEEDED")


def _check_total(  # noqa: PLR0917 - one call for each table, right above
    ground: Ground, user: str, table: str, scopes: Iterable[str], most: int, code: str
) -> None:
    joined = sum(not is_active(ground.view.get(table, scope, user)) for scope in scopes)
    if joined and ground.view.count(table, user_id=user, state="active") + joined > most:
        raise RefusedError(code, str(most), user)


def enrol(ground: Ground, user: str, roles: Sequence[str], projects: Roles) -> list[Delta]:
    """Return the deltas after which `user` is active in the organization and its `projects` (rules 37, 142).

    Roles are added to those that are held already; `roles` are given in the organization.
    """
    parts = [Part("project", project, (), "operator", "", by_owner=False) for project in projects]
    check_room(ground, user, parts)
    deltas = []
    if not is_active(ground.view.get("members", ground.org, user)):
        deltas += waiting(ground.view, ground.org, user)
        deltas.append(
            put(
                "members",
                ground.org,
                user,
                org_id=ground.org,
                user_id=user,
                state="active",
                suspended=False,
                created_at=ground.now,
                invitation_id=None,
                expires_at=None,
                added_by=ground.principal.id[:24],
            )
        )
    deltas += [
        membership(ground, project, user, by_owner=False)
        for project in projects
        if not is_active(ground.view.get("project_members", project, user))
    ]
    return deltas + given(ground, "user", user, {ground.org: roles, **projects})


def given(ground: Ground, kind: str, holder: str, roles: Roles) -> list[Delta]:
    """Return the deltas that give `holder` each of `roles` that it does not hold yet."""
    deltas = []
    for scope, names in roles.items():
        held = not_ended(ground, holder, scope)
        deltas += [assign(ground, kind, holder, scope, name, by_owner=False) for name in names if name not in held]
    return deltas
