"""An API key that is complete from its first moment: organization roles, projects, and the addresses that may use it.

The Admin API makes one step by step; between the steps such a key could be used from any address.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Final

import msgspec

from orgward.app import targets
from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Context
from orgward.app.targets import InOrganization
from orgward.directory import api_keys
from orgward.directory.addresses import block_of
from orgward.directory.ground import Ground
from orgward.edge.bodies import Body
from orgward.edge.endpoint import OWN, endpoint
from orgward.kernel.errors import FieldFault, MalformedError, NotFoundError
from orgward.kernel.resource import ResourceRef
from orgward.store.writer import Outcome

TAG: Final = "API Keys"

_Names = Annotated[list[str], msgspec.Meta(min_length=1, max_length=64)]
_Id = Annotated[str, msgspec.Meta(pattern="^[a-f0-9]{24}$")]


class ProjectBody(Body, frozen=True, kw_only=True):
    """The roles of a key on one project."""

    project_id: _Id
    roles: _Names


class ReadyKeyBody(Body, frozen=True, kw_only=True):
    """A new API key with everything that it is to have; without addresses any may use it."""

    desc: str
    roles: _Names
    projects: Annotated[list[ProjectBody], msgspec.Meta(max_length=250)] = msgspec.field(default_factory=list)
    addresses: Annotated[list[str], msgspec.Meta(max_length=200)] = msgspec.field(default_factory=list)


@endpoint(
    "POST", f"{OWN}/orgs/{{orgId}}/apiKeys", id="createReadyOrgApiKey", requires=("org.api_keys.create",),
    on=InOrganization(), tag=TAG, status=201, body=ReadyKeyBody,
)  # fmt: skip
def create_ready_key(context: Context) -> Outcome:
    """Create an API key with roles, projects and access list at once; its private key is shown this once."""
    body: ReadyKeyBody = context.call.body
    blocks = _blocks(body.addresses)
    if blocks:
        context.authorized_on(("org.api_keys.access_list.manage",), context.resource)
    places = _places(context, body.projects)
    change = api_keys.create_ready(ground_of(context), body.desc, roles=body.roles, projects=places, blocks=blocks)
    shown = {"desc": body.desc, "id": change.target, "privateKey": change.secret, "publicKey": change.body["publicKey"]}
    return outcome_of(change, lambda _: shown)


def _places(context: Context, projects: Sequence[ProjectBody]) -> list[tuple[Ground, Sequence[str]]]:
    """Return each project with the ground on which the caller may put keys on it; none stands twice."""
    named = [part.project_id for part in projects]
    if len(set(named)) < len(named):
        raise MalformedError("INVALID_ATTRIBUTE", "projects", fields=[FieldFault("projects", "names a project twice")])
    ground, found = ground_of(context), list[tuple[Ground, Sequence[str]]]()
    for part in projects:
        proof = context.authorized_on(("project.api_keys.assign",), _project(context, part.project_id))
        found.append((replace(ground, authorized=proof), part.roles))
    return found


def _project(context: Context, project: str) -> ResourceRef:
    """Return a project of the organization; one of another organization is unknown to it."""
    if context.facts.attribute("projects", project) != context.resource.org:
        raise NotFoundError("GROUP_NOT_FOUND", project)
    return targets.project(context.facts, project)


def _blocks(addresses: Sequence[str]) -> list[str]:
    """Return the canonical block of each address or block, or name every one that is none."""
    found = [block_of(text) for text in addresses]
    wrong = [FieldFault(f"addresses[{i}]", "is no address or block") for i, block in enumerate(found) if block is None]
    if wrong:
        first = next(text for text, block in zip(addresses, found, strict=True) if block is None)
        raise MalformedError("INVALID_IP_ADDRESS_OR_CIDR_NOTATION", first[:64], fields=wrong)
    return [block for block in found if block is not None]
