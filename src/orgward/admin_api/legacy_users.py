"""Users by themselves on the wire, in the older generation: read by id or name, and created (rule 43).

Whoever is asked about is oneself, or somebody in an organization or project whose people the caller may see; then only
the roles are shown that the caller may know of. Everybody else is unknown.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final

import msgspec

from orgward.admin_api.links import with_parts
from orgward.admin_api.tolerant import Body, Ignored
from orgward.admin_api.user_bodies import Id
from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Context
from orgward.app.operation import Oneself
from orgward.app.targets import Nowhere, organization, project
from orgward.catalog import EDITIONS
from orgward.directory import members, project_members
from orgward.directory.ground import Change
from orgward.directory.people import UNKNOWN_COUNTRY, has_account, user_of
from orgward.edge.endpoint import ATLAS, V2023_01_BEFORE_2025, endpoint
from orgward.engine.authorized import Authorized
from orgward.kernel.errors import FieldFault, MalformedError, NotFoundError, RefusedError
from orgward.kernel.instants import rfc3339
from orgward.store.view import Row, SqlView
from orgward.store.writer import Outcome

Json = dict[str, Any]

TAG: Final = "MongoDB Cloud Users"
_USERS: Final = f"{ATLAS}/users"
_VERSIONS: Final = (V2023_01_BEFORE_2025,)
_PARTS: Final = ("whitelist", "accessList")
_INVITING: Final = ("org.invitations.create", "org.users.add")
_ADDING: Final = ("project.users.add_existing", "project.users.invite")


class RoleBody(Body, frozen=True, kw_only=True):
    """One role of somebody new, in an organization or in a project."""

    role_name: str
    org_id: Id | None = None
    group_id: Id | None = None


class CreateUserBody(Body, frozen=True, kw_only=True):
    """Somebody new; who they are they say themselves when they set their account up, the password included."""

    username: str
    roles: Annotated[list[RoleBody], msgspec.Meta(min_length=1, max_length=64)]
    country: Ignored = None
    first_name: Ignored = None
    last_name: Ignored = None
    mobile_number: Ignored = None
    password: Ignored = None
    email_address: Ignored = None
    created_at: Ignored = None
    id: Ignored = None
    last_auth: Ignored = None
    links: Ignored = None
    team_ids: Ignored = None


def _is_seen(context: Context, view: SqlView, user: str) -> bool:
    """Say whether the caller may know of `user`, who has an account."""
    if not has_account(view, user):
        return False
    if user == context.principal.id:
        return True
    if _shown_organizations(context, view, user):
        return True
    return not context.visible("project.users.read").resources.isdisjoint(_projects(context, view, user))


def _projects(context: Context, view: SqlView, user: str) -> Iterator[str]:
    """Yield the projects that `user` is in, by themself or by a team."""
    yield from (row["project_id"] for row in view.find("project_members", user_id=user, state="active"))
    there = _organizations(view, user)
    for membership in view.find("team_members", user_id=user):
        if membership["org_id"] in there:
            yield from context.facts.edges(membership["team_id"])


def _organizations(view: SqlView, user: str) -> list[str]:
    return [row["org_id"] for row in view.find("members", user_id=user, state="active")]


def _user_object(context: Context, view: SqlView, user: str) -> Json:
    person, account = view.get("person_data", user) or {}, view.get("users", user) or {}
    shape = {
        "country": person["country"],
        "createdAt": rfc3339(account["created_at"]),
        "emailAddress": person["username"],
        "firstName": person["first_name"],
        "id": user,
        "lastName": person["last_name"],
        "links": with_parts(context.call.base_url, f"/users/{user}", _PARTS),
        "roles": _roles(context, view, user),
        "teamIds": _teams(context, view, user),
        "username": person["username"],
    }
    return shape | ({"lastAuth": rfc3339(account["last_auth_at"])} if account["last_auth_at"] else {})


def _shown_organizations(context: Context, view: SqlView, user: str) -> list[str]:
    """Return the organizations of `user` in which the caller may see people."""
    there = _organizations(view, user)
    seen = context.visible("org.users.read").resources
    return there if user == context.principal.id else [org for org in there if org in seen]


def _roles(context: Context, view: SqlView, user: str) -> list[Json]:
    organizations = _shown_organizations(context, view, user)
    projects = context.visible("project.user_roles.read").resources
    held = [row for row in view.find("assignments", holder_id=user) if row["starts"] <= context.now < row["ends"]]
    flat = [{"orgId": row["scope_id"], "roleName": row["role"]} for row in held if row["scope_id"] in organizations]
    return flat + [
        {"groupId": row["scope_id"], "roleName": row["role"]}
        for row in held
        if row["scope_id"] != row["org_id"] and (user == context.principal.id or row["scope_id"] in projects)
    ]


def _teams(context: Context, view: SqlView, user: str) -> list[str]:
    organizations = _shown_organizations(context, view, user)
    return [row["team_id"] for row in view.find("team_members", user_id=user) if row["org_id"] in organizations]


@endpoint(
    "GET", f"{_USERS}/{{userId}}", id="getUser", requires=Oneself("finds the caller, and whose people they may see"),
    on=Nowhere(), versions=_VERSIONS, tag=TAG,
)  # fmt: skip
def read_user(context: Context) -> Json:
    """Return the caller, or somebody whom the caller may see."""
    user = context.call.values["userId"]
    if not _is_seen(context, context.view, user):
        raise NotFoundError("USER_NOT_FOUND", user)
    return _user_object(context, context.view, user)


@endpoint(
    "GET", f"{_USERS}/byName/{{userName}}", id="getUserByName",
    requires=Oneself("finds the caller, and whose people they may see"), on=Nowhere(), versions=_VERSIONS, tag=TAG,
)  # fmt: skip
def read_user_by_name(context: Context) -> Json:
    """Return the caller, or somebody whom the caller may see, by their username."""
    name = context.call.values["userName"]
    user = user_of(context.view, name)
    if user is None or not _is_seen(context, context.view, user):
        raise NotFoundError("USERNAME_NOT_FOUND", name)
    return _user_object(context, context.view, user)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Where somebody new is to be, and the proof that the caller may bring them there."""

    proof: Authorized
    organization_roles: Sequence[str]
    projects: dict[str, list[str]]


@endpoint(
    "POST", _USERS, id="createUser", requires=Oneself("each role is authorized where the body gives it"), on=Nowhere(),
    versions=_VERSIONS, tag=TAG, status=201, body=CreateUserBody,
)  # fmt: skip
def create_user(context: Context) -> Outcome:
    """Invite somebody with roles in one organization and its projects; only they themselves set their password."""
    body: CreateUserBody = context.call.body
    wanted = _wanted(context, body.roles)
    ground = replace(ground_of(context), authorized=wanted.proof)
    if wanted.organization_roles:
        change = members.add(ground, body.username, wanted.organization_roles, wanted.projects, ())
    else:
        change = project_members.add(ground, body.username, wanted.projects[ground.project])
    change.org_id = ground.org
    return outcome_of(change, lambda view: _created(context, view, change))


def _wanted(context: Context, roles: Sequence[RoleBody]) -> _Wanted:
    """Return what the roles come to, once the caller is authorized on each organization and project."""
    organizations: dict[str, list[str]] = {}
    projects: dict[str, list[str]] = {}
    for role in roles:
        _check_place(role)
        here, scope = (projects, role.group_id) if role.group_id else (organizations, role.org_id)
        here.setdefault(scope or "", []).append(role.role_name)
    proofs = [context.authorized_on(_INVITING, organization(context.facts, org)) for org in organizations]
    proofs += [context.authorized_on(_ADDING, project(context.facts, found)) for found in projects]
    if len({proof.resource.org for proof in proofs}) > 1 or (not organizations and len(projects) > 1):
        fault = FieldFault("roles", "name one organization and projects of it, or one project")
        raise MalformedError("INVALID_ATTRIBUTE", "roles", fields=[fault])
    return _Wanted(proofs[0], next(iter(organizations.values()), []), projects)


def _check_place(role: RoleBody) -> None:
    """Raise unless the role says where it is given, by one id (rule 4)."""
    of_project = any(e.roles[role.role_name].scope == "project" for e in EDITIONS.values() if role.role_name in e.roles)
    if role.org_id is None and role.group_id is None:
        raise RefusedError("ROLE_NEEDS_GROUP_ID" if of_project else "ROLE_NEEDS_ORG_ID", role.role_name)
    if role.org_id is not None and role.group_id is not None:
        raise RefusedError("ROLE_NEEDS_NO_ORG_ID" if of_project else "ROLE_NEEDS_NO_GROUP_ID", role.role_name)


def _created(context: Context, view: SqlView, change: Change) -> Json:
    """Return somebody new; of whoever is only invited nothing is shown that was not sent, nor a role."""
    user = str(change.target)
    invitation = view.get("invitations", change.body["invitation"] or "")
    if invitation is None:
        return _user_object(context, view, user)
    return _invited(context, view, user, invitation)


def _invited(context: Context, view: SqlView, user: str, invitation: Row) -> Json:
    username = (view.get("person_data", user) or {})["username"]
    return {
        "country": UNKNOWN_COUNTRY,
        "createdAt": rfc3339(invitation["created_at"]),
        "emailAddress": username,
        "firstName": "",
        "id": user,
        "lastName": "",
        "links": with_parts(context.call.base_url, f"/users/{user}", _PARTS),
        "roles": [],
        "teamIds": [],
        "username": username,
    }
