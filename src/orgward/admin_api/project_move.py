"""Moving a project to another organization on the wire (rule 105).

An API key is of one organization, so a key names a key of the destination beside itself, with both its halves. A
wrong pair is answered as if whoever sent it were not in the destination, and is counted like a failed sign-in.
"""

from typing import Annotated, Any, Final

import msgspec

from orgward.admin_api.projects import TAG, project_object
from orgward.admin_api.tolerant import Body
from orgward.admin_api.user_bodies import Id
from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Call, Context, Door
from orgward.app.gates import gates_of
from orgward.app.key_proof import key_of
from orgward.app.targets import InProject, organization
from orgward.directory import moving
from orgward.edge.endpoint import ATLAS, Version, endpoint
from orgward.engine.authorized import Authorized, authorize
from orgward.kernel.errors import FieldFault, MalformedError, NotFoundError
from orgward.kernel.principal import Principal
from orgward.kernel.resource import ResourceRef
from orgward.store.writer import Outcome

_MOVE: Final = ("org.projects.move",)
_PUBLIC, _PRIVATE = "destinationOrgPublicApiKey", "destinationOrgPrivateApiKey"
_Half = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class MoveProjectBody(Body, frozen=True, kw_only=True):
    """Where a project goes, and a key of that organization where a key asks."""

    destination_org_id: Id
    destination_org_public_api_key: _Half | None = None
    destination_org_private_api_key: _Half | None = None


def _prove(door: Door, call: Call) -> Principal | None:
    """Return the key whose halves the body shows, None where it shows none, or a wrong pair."""
    body: MoveProjectBody = call.body
    public, private = body.destination_org_public_api_key, body.destination_org_private_api_key
    if public is None and private is None:
        return None
    if public is None or private is None:
        missing = _PUBLIC if public is None else _PRIVATE
        raise MalformedError("MISSING_ATTRIBUTE", missing, fields=[FieldFault(missing, "goes with the other half")])
    who = (public, call.address)
    door.failures.check(who)
    key = key_of(door.store, public, private)
    if key is None:
        door.failures.count(who)
        return None
    door.failures.forget(who)
    return Principal("api_key", key, public, call.address)


@endpoint(
    "POST", f"{ATLAS}/groups/{{groupId}}:migrate", id="migrateGroup", requires=_MOVE, on=InProject(),
    versions=(Version("2024-05-30"),), tag=TAG, body=MoveProjectBody, prepare=_prove,
    needs_recent_proof=True,
)  # fmt: skip
def move_project(context: Context) -> Outcome:
    """Move a project to another organization; its people come along, teams and keys lose it."""
    change = moving.move(ground_of(context), _proof_there(context))
    return outcome_of(change, lambda view: _moved(context, view.get("projects", context.resource.id)))


def _moved(context: Context, row: Any) -> dict[str, Any]:
    return project_object(row, context.call.base_url)


def _proof_there(context: Context) -> Authorized:
    """Return the proof for the destination: a person's own, that of the key which the body shows, or both."""
    body: MoveProjectBody = context.call.body
    there = organization(context.facts, body.destination_org_id)
    if body.destination_org_public_api_key is None:
        return context.authorized_on(_MOVE, there)
    if context.principal.kind == "user":
        context.authorized_on(_MOVE, there)
    return _proof_of_key(context, there)


def _proof_of_key(context: Context, there: ResourceRef) -> Authorized:
    key: Principal | None = context.call.prepared
    if key is None:
        raise NotFoundError("ORG_NOT_FOUND", there.id)
    gates = gates_of(context.view, key, there, writes=True)
    return authorize(context.facts, key, _MOVE, there, now=context.now, gates=gates)
