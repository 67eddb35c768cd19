"""By which identity providers the caller signs in: linked with both proofs, and unlinked (attack row 28)."""

from typing import Any, Final

from orgward.app import federated_sign_in
from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Call, Context, Door
from orgward.app.federated_sign_in import LINK, Proven
from orgward.app.operation import Oneself
from orgward.app.targets import Nowhere
from orgward.directory import federated_identities as identities
from orgward.directory.federated_people import for_people
from orgward.directory.ground import Row
from orgward.edge.endpoint import OWN, endpoint
from orgward.edge.paging import Page
from orgward.kernel.instants import rfc3339
from orgward.own_api.federated_sessions import ReturnedBody, ThenBody
from orgward.own_api.sessions import PEOPLE_ONLY
from orgward.store.view import SqlView
from orgward.store.writer import Outcome

TAG: Final = "People"
_IDENTITIES: Final = f"{OWN}/me/identities"
_OWN: Final = Oneself("concerns the identities of the caller", keys_refused=PEOPLE_ONLY)


class LinkBody(ThenBody, frozen=True, kw_only=True):
    """The identity provider that is to be linked."""

    identity_provider_id: str


@endpoint("GET", _IDENTITIES, id="listMyIdentities", requires=_OWN, on=Nowhere(), tag=TAG, paged=True)
def list_my_identities(context: Context) -> Page:
    """List the identity providers that the caller is linked to, or may link."""
    query, view, user = context.call.query.parsed, context.view, context.principal.id
    found = identities.offered_to(view, user)
    return Page([_identity(view, user, row) for row in found[query.offset :][: query.per_page]], len(found))


def _identity(view: SqlView, user: str, provider: Row) -> dict[str, Any]:
    rows = view.find("federated_identities", user_id=user, identity_provider_id=provider["id"])
    linked: Row = rows[0] if rows else {"address": None, "linked_at": None, "signed_in_at": None}
    return {
        "address": linked["address"] or None,
        "displayName": provider["display_name"],
        "identityProviderId": provider["id"],
        "lastSignInAt": _moment(linked["signed_in_at"]),
        "linkedAt": _moment(linked["linked_at"]),
    }


def _moment(at: int | None) -> str | None:
    return None if at is None else rfc3339(at)


def _begin(door: Door, call: Call) -> dict[str, Any]:
    return federated_sign_in.begin_link(door, call, call.body.identity_provider_id, call.body.next)


@endpoint(
    "POST", f"{_IDENTITIES}:begin", id="beginIdentityLink", requires=_OWN, on=Nowhere(), tag=TAG, reads=True,
    needs_recent_proof=True, body=LinkBody, prepare=_begin, calls_out=True,
)  # fmt: skip
def begin_identity_link(context: Context) -> Any:
    """Return where the caller goes to show that they are known to an identity provider, too."""
    return context.call.prepared


def _proven(door: Door, call: Call) -> Proven:
    return federated_sign_in.proven(door, call, LINK, call.body.returned())


@endpoint(
    "POST", _IDENTITIES, id="linkIdentity", requires=_OWN, on=Nowhere(), tag=TAG, status=201,
    needs_recent_proof=True, body=ReturnedBody, prepare=_proven, calls_out=True,
)  # fmt: skip
def link_identity(context: Context) -> Outcome:
    """Link the identity that was proven: the caller signs in by it from now on."""
    found: Proven = context.call.prepared
    change, user = identities.link(ground_of(context), found.assertion), context.principal.id
    row = for_people(context.view, found.assertion.provider) or {}
    return outcome_of(change, lambda view: _identity(view, user, row))


@endpoint(
    "DELETE", f"{_IDENTITIES}/{{identityProviderId}}", id="unlinkIdentity", requires=_OWN, on=Nowhere(), tag=TAG,
    status=204, needs_recent_proof=True,
)  # fmt: skip
def unlink_identity(context: Context) -> Outcome:
    """Unlink an identity provider: roles by its groups are gone, and sessions that it began end at once."""
    return outcome_of(identities.unlink(ground_of(context), context.call.values["identityProviderId"]))
