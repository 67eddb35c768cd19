"""The addresses from which people reach an organization with their sessions (rule 89)."""

from typing import Annotated, Any, Final

import msgspec

from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Context
from orgward.app.targets import InOrganization
from orgward.directory import ui_access_list
from orgward.edge.bodies import Body
from orgward.edge.endpoint import OWN, endpoint
from orgward.store.view import SqlView
from orgward.store.writer import Outcome

TAG: Final = "Organizations"
_LIST: Final = f"{OWN}/orgs/{{orgId}}/uiAccessList"
_Comment = Annotated[str, msgspec.Meta(max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$")]


class EntryBody(Body, frozen=True, kw_only=True):
    """An address or a block in CIDR notation, and a note about it."""

    cidr: str
    comment: _Comment = ""


class UiAccessListBody(Body, frozen=True, kw_only=True):
    """The whole list, and whether it is in force."""

    enabled: bool
    entries: list[EntryBody]


def _shown(view: SqlView, org: str) -> dict[str, Any]:
    found = ui_access_list.of(view, org)
    entries = [{"cidr": entry.cidr, "comment": entry.comment} for entry in found.entries]
    return {"enabled": found.enabled, "entries": entries}


@endpoint(
    "GET", _LIST, id="getOrgUiAccessList", requires=("org.settings.read",), on=InOrganization(), tag=TAG,
)  # fmt: skip
def read_ui_access_list(context: Context) -> dict[str, Any]:
    """Return the addresses from which people reach an organization with their sessions."""
    return _shown(context.view, context.resource.id)


@endpoint(
    "PUT", _LIST, id="replaceOrgUiAccessList", requires=("org.ui_ip_access_list.manage",), on=InOrganization(),
    tag=TAG, body=UiAccessListBody,
)  # fmt: skip
def replace_ui_access_list(context: Context) -> Outcome:
    """Set the addresses from which people reach an organization with their sessions, and whether that is in force."""
    body: UiAccessListBody = context.call.body
    entries = [ui_access_list.Entry(entry.cidr, entry.comment) for entry in body.entries]
    change = ui_access_list.replace(ground_of(context), ui_access_list.UiAccessList(body.enabled, entries))
    return outcome_of(change, lambda view: _shown(view, context.resource.id))
