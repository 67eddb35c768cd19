"""`/Users`: the members of an organization, listed, brought, changed and removed by an identity provider."""

from collections.abc import Sequence
from typing import Any, Final

from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Context
from orgward.app.targets import InOrganization
from orgward.directory import provisioning
from orgward.directory.ground import Change
from orgward.directory.names import username_key
from orgward.directory.people import user_of
from orgward.directory.team_members import counts
from orgward.edge.bodies import parse
from orgward.edge.endpoint import endpoint
from orgward.edge.inner import member
from orgward.edge.replies import WithStatus
from orgward.kernel.errors import MalformedError, NotFoundError
from orgward.scim.answers import LISTED, SHOWN, answer, base_of, list_of, projection_asked, window_of
from orgward.scim.attributes import Resource
from orgward.scim.coercion import resource_of
from orgward.scim.errors import ROOT
from orgward.scim.filters import parse_filter
from orgward.scim.matching import test_of
from orgward.scim.patching import PatchBody, decode_changes, patched
from orgward.scim.people import person_of, users_shown
from orgward.scim.schemas import USER
from orgward.scim.searching import Lookups, candidates, check_bound
from orgward.store.reads.memberships import CURRENT, of_organization
from orgward.store.reads.provisioned import ids_by_external_id
from orgward.store.reads.teams import members_of
from orgward.store.view import Row, SqlView
from orgward.store.writer import Outcome

TAG: Final = "SCIM"
_USERS: Final = f"{ROOT}/{{orgId}}/Users"
_USER: Final = f"{_USERS}/{{userId}}"

ResourceBody = dict[str, Any]
"""A resource as it was sent; what it may hold is in its schema, which is served."""


def decode_user(raw: bytes, kind: Any) -> Resource:
    """Return the user that a body describes; one without a `userName` is refused."""
    found = resource_of(parse(raw, Any), USER)
    if "userName" not in found:
        raise MalformedError("MISSING_ATTRIBUTE", "userName")
    return found


@endpoint(
    "GET", _USERS, id="listScimUsers", requires=("org.users.read",), on=InOrganization(), tag=TAG, parameters=LISTED
)
def list_users(context: Context) -> dict[str, Any]:
    """List the members of an organization, those included who are invited, or those that a filter finds."""
    text, window = context.call.query.parsed.values["filter"], window_of(context)
    projection, memberships = projection_asked(context, USER), of_organization(context.resource.id)
    if text:
        found = _found(context, text)
        return list_of([projection.of(user, USER) for user in window.of(found)], len(found), window.start)
    rows, total = memberships.page(context.view, CURRENT, now=context.now, limit=window.count, offset=window.offset)
    users = users_shown(context.view, rows, base_of(context), context.now)
    return list_of([projection.of(user, USER) for user in users], total, window.start)


def _found(context: Context, text: str) -> list[Resource]:
    filter_ = parse_filter(text)
    fits = test_of(filter_, USER)
    ids = candidates(filter_, USER, _lookups(context))
    rows = _everybody(context) if ids is None else members_of(context.view, context.resource.id, ids)
    there = [row for row in rows if counts(row, context.now)]
    return [user for user in users_shown(context.view, there, base_of(context), context.now) if fits(user)]


def _lookups(context: Context) -> Lookups:
    view, org = context.view, context.resource.id
    return {
        "id": lambda text: [text],
        "userName": lambda text: [found] if (found := user_of(view, text)) else [],
        "externalId": lambda text: ids_by_external_id(view, org, "User", text),
    }


def _everybody(context: Context) -> Sequence[Row]:
    view, org = context.view, context.resource.id
    total = sum(view.count("members", org_id=org, state=state) for state in ("active", "pending"))
    check_bound(total)
    rows, _ = of_organization(org).page(view, CURRENT, now=context.now, limit=total, offset=0)
    return rows


@endpoint(
    "GET", _USER, id="getScimUser", requires=("org.users.read",), on=InOrganization(), inner=member, tag=TAG,
    parameters=SHOWN,
)  # fmt: skip
def read_user(context: Context) -> WithStatus:
    """Return one member of an organization, or somebody invited to it."""
    return _answer(context, context.view, context.call.values["userId"])


def _answer(context: Context, view: SqlView, user: str, *, status: int = 200) -> WithStatus:
    return answer(USER, _single(context, view, user), projection_asked(context, USER), status=status)


def _single(context: Context, view: SqlView, user: str) -> Resource:
    row = view.get("members", context.resource.id, user)
    if row is None or not counts(row, context.now):
        raise NotFoundError("USER_NOT_FOUND", user)
    return users_shown(view, [row], base_of(context), context.now)[0]


@endpoint(
    "POST", _USERS, id="createScimUser", requires=("org.invitations.create", "org.users.add"), on=InOrganization(),
    tag=TAG, status=201, body=ResourceBody, decode=decode_user, parameters=SHOWN,
)  # fmt: skip
def create_user(context: Context) -> Outcome:
    """Make somebody a member of an organization, or invite them where their address is not vouched for."""
    sent: Resource = context.call.body
    ground = ground_of(context)
    if provisioning.is_vouched_for(ground, sent["userName"]):
        context.authorized_on(("org.users.add",), context.resource)
    change = provisioning.add(ground, person_of(sent, address=sent["userName"], names=sent.get("name")))
    return outcome_of(change, lambda view: _answer(context, view, str(change.target), status=201))


@endpoint(
    "PUT", _USER, id="replaceScimUser", requires=("org.users.remove",), on=InOrganization(), inner=member, tag=TAG,
    body=ResourceBody, decode=decode_user, parameters=SHOWN,
)  # fmt: skip
def replace_user(context: Context) -> Outcome:
    """Let a member be as the whole resource says; names of an account that is not the federation's alone stay."""
    sent: Resource = context.call.body
    before = _single(context, context.view, context.call.values["userId"])
    is_owned = provisioning.is_governed(ground_of(context), before["id"])
    wanted = {"active": before["active"], **sent}
    return _changed(context, before, wanted, says_names=is_owned)


@endpoint(
    "PATCH", _USER, id="updateScimUser", requires=("org.users.remove",), on=InOrganization(), inner=member, tag=TAG,
    body=PatchBody, decode=decode_changes, parameters=SHOWN,
)  # fmt: skip
def update_user(context: Context) -> Outcome:
    """Change some attributes of a member: suspend or reactivate them, or what is kept of them."""
    body: PatchBody = context.call.body
    before = _single(context, context.view, context.call.values["userId"])
    return _changed(context, before, patched(USER, before, body.operations), says_names=True)


def _changed(context: Context, before: Resource, wanted: Resource, *, says_names: bool) -> Outcome:
    address, user = wanted["userName"], before["id"]
    if username_key(address) == username_key(before["userName"]):
        address = before["userName"]
    names = wanted.get("name", {}) if says_names else None
    change: Change = provisioning.change(ground_of(context), user, person_of(wanted, address=address, names=names))
    return outcome_of(change, lambda view: _answer(context, view, user))


@endpoint(
    "DELETE", _USER, id="deleteScimUser", requires=("org.users.remove",), on=InOrganization(), inner=member, tag=TAG,
    status=204,
)  # fmt: skip
def delete_user(context: Context) -> Outcome:
    """Remove a member from an organization and everything in it, or withdraw an invitation."""
    return outcome_of(provisioning.remove(ground_of(context), context.call.values["userId"]))
