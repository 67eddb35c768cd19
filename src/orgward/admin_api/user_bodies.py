"""Bodies and parameters of the operations about users."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Protocol, get_args

import msgspec

from orgward.admin_api.tolerant import Body, Ignored
from orgward.app.execute import Context
from orgward.directory.people import user_of
from orgward.edge.endpoint import V2023_01, Parameter
from orgward.kernel.errors import FieldFault, MalformedError
from orgward.store.reads.memberships import CURRENT, Status, status_of
from orgward.store.view import Row, SqlView

Id = Annotated[str, msgspec.Meta(pattern="^[a-f0-9]{24}$")]
Names = Annotated[list[str], msgspec.Meta(min_length=1, max_length=64)]

STATUSES = Parameter(name="orgMembershipStatuses", many=True)
USERNAME = Parameter(name="username")
LIST_PARAMETERS = (USERNAME, Parameter(name="orgMembershipStatus"), STATUSES)


class GroupRoleAssignmentBody(Body, frozen=True, kw_only=True):
    """Roles in one project."""

    group_id: Id
    group_roles: Names


class OrgUserRolesBody(Body, frozen=True, kw_only=True):
    """Roles in an organization and its projects."""

    org_roles: Names
    group_role_assignments: list[GroupRoleAssignmentBody] | msgspec.UnsetType = msgspec.UNSET


class OrgUserBody(Body, frozen=True, kw_only=True):
    """Somebody to be invited to an organization."""

    username: str
    roles: OrgUserRolesBody
    team_ids: tuple[Id, ...] = ()


class OrgUserUpdateBody(Body, frozen=True, kw_only=True):
    """What may be changed of a member; what is not named stays."""

    roles: OrgUserRolesBody | msgspec.UnsetType = msgspec.UNSET
    team_ids: list[Id] | msgspec.UnsetType = msgspec.UNSET


class OrgRoleBody(Body, frozen=True, kw_only=True):
    """One organization role."""

    org_role: str


class OrgRolesBody(Body, frozen=True, kw_only=True):
    """All organization roles of a member, in the older generation."""

    org_roles: Names
    links: Ignored = None


class GroupUserBody(Body, frozen=True, kw_only=True):
    """Somebody to be brought into a project."""

    username: str
    roles: Names


class GroupRoleBody(Body, frozen=True, kw_only=True):
    """One project role."""

    group_role: str


class GroupRolesBody(Body, frozen=True, kw_only=True):
    """All roles in a project, in the older generation."""

    group_roles: Names
    links: Ignored = None


class InvitationAssignmentBody(Body, frozen=True, kw_only=True):
    """Roles in one project, as the invitations of the older generation write them."""

    group_id: Id
    roles: Names


class OrgInvitationBody(Body, frozen=True, kw_only=True):
    """An invitation to an organization."""

    username: str
    roles: Names = msgspec.field(default_factory=lambda: ["ORG_MEMBER"])
    group_role_assignments: tuple[InvitationAssignmentBody, ...] = ()
    team_ids: tuple[Id, ...] = ()
    org_name: Ignored = None


class OrgInvitationChangeBody(Body, frozen=True, kw_only=True):
    """What may be changed of an invitation to an organization; what is not named stays."""

    username: str | None = None
    roles: Names | msgspec.UnsetType = msgspec.UNSET
    group_role_assignments: list[InvitationAssignmentBody] | msgspec.UnsetType = msgspec.UNSET
    team_ids: list[Id] | msgspec.UnsetType = msgspec.UNSET


class GroupInvitationBody(Body, frozen=True, kw_only=True):
    """An invitation to a project."""

    username: str
    roles: Names


class GroupInvitationChangeBody(Body, frozen=True, kw_only=True):
    """What may be changed of an invitation to a project."""

    username: str | None = None
    roles: Names


def projects_of(assignments: Sequence[Any] | msgspec.UnsetType) -> Mapping[str, list[str]] | None:
    """Return roles by project, None if the member was not named; a project may stand only once."""
    if isinstance(assignments, msgspec.UnsetType):
        return None
    found: dict[str, list[str]] = {}
    for i, item in enumerate(assignments):
        if item.group_id in found:
            raise MalformedError(
                "INVALID_ATTRIBUTE", "groupRoleAssignments",
                fields=[FieldFault(f"groupRoleAssignments[{i}].groupId", "stands twice")],
            )  # fmt: skip
        found[item.group_id] = item.group_roles if isinstance(item, GroupRoleAssignmentBody) else item.roles
    return found


def statuses_asked(context: Context) -> Sequence[Status]:
    """Return the statuses that the query asks for; by default those who are in or on their way in."""
    values = context.call.query.parsed.values
    asked = values["orgMembershipStatuses"] or [s for s in (values.get("orgMembershipStatus"),) if s]
    for status in asked:
        if status not in get_args(Status):
            raise MalformedError("INVALID_QUERY_PARAMETER", "orgMembershipStatuses")
    return asked or CURRENT


def statuses_listed(context: Context) -> Sequence[Status]:
    """Return the statuses of those whom a list shows; the older version has active ones only."""
    return ("ACTIVE",) if context.call.version == V2023_01.date else statuses_asked(context)


class Listing(Protocol):
    """Memberships that are listed page by page, or looked up by user."""

    def page(
        self, view: SqlView, statuses: Sequence[Status], *, now: int, limit: int, offset: int
    ) -> tuple[list[Row], int | None]:
        """Return a page of the memberships with one of `statuses`, and how many there are; None if nobody asked."""
        ...

    def of_user(self, view: SqlView, user: str) -> Row | None:
        """Return the membership of `user`, None if there is none."""
        ...


def memberships_asked(context: Context, scope: Listing, *, user: str = "") -> tuple[list[Row], int | None]:
    """Return the page of `scope` that the query asks for, and its total; of `user` alone if one is named."""
    query, statuses = context.call.query.parsed, statuses_listed(context)
    username = query.values["username"]
    if not username and not user:
        return scope.page(context.view, statuses, now=context.now, limit=query.per_page, offset=query.offset)
    named = user_of(context.view, username) if username else user
    row = None if named is None or named != (user or named) else scope.of_user(context.view, named)
    rows = [row] if row is not None and status_of(row, context.now) in statuses else []
    return rows[query.offset :], len(rows)
