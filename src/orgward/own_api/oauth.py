"""Tokens of service accounts: issued for a secret, revoked, and the keys to check them with (wire.md 4, 5.2)."""

from typing import Annotated, Any, Final

import msgspec

from orgward.app.access_tokens import Claims, verify
from orgward.app.acting import ground_of, outcome_of
from orgward.app.client_proof import Issued, account_token, note_use, proven_client
from orgward.app.execute import Call, Context, Door
from orgward.app.machine_proof import revoked_key
from orgward.app.operation import Public
from orgward.app.signing_keys import keys_of
from orgward.app.targets import Nowhere
from orgward.app.workload_proof import asserted_client
from orgward.directory import client_secrets
from orgward.edge.endpoint import endpoint
from orgward.edge.forms import MAX_FORM, Form
from orgward.kernel.errors import MalformedError, UnauthenticatedError
from orgward.store.writer import Outcome

TAG: Final = "OAuth"
_OAUTH: Final = "/api/oauth"

Text = Annotated[str, msgspec.Meta(max_length=4_096)]


class ClientForm(Form, frozen=True, kw_only=True):
    """Who the client is, and the secret that proves it: by HTTP Basic, or in the form."""

    client_id: Text = ""
    client_secret: Text = ""


class TokenForm(ClientForm, frozen=True, kw_only=True):
    """For what a token is asked, and in place of a secret perhaps a token of another issuer (RFC 7521, 4.2)."""

    grant_type: Text
    client_assertion: Annotated[str, msgspec.Meta(max_length=MAX_FORM)] = ""
    client_assertion_type: Text = ""


class RevocationForm(ClientForm, frozen=True, kw_only=True):
    """The token that is to count no more; what kind it is, is seen."""

    token: Text


def _proven(door: Door, call: Call, form: TokenForm) -> Issued:
    if not form.client_assertion:
        return proven_client(door, call, form.client_id, form.client_secret)
    if form.client_secret:
        raise MalformedError("MALFORMED_FORM")  # one proof, and not two (RFC 6749, 2.3)
    return asserted_client(door, call, form.client_id, form.client_assertion, form.client_assertion_type)


def _is_asserted(call: Call) -> bool:
    """Say whether others are asked for keys; a secret is proof at once, however long they take."""
    form: TokenForm = call.body
    return bool(form.client_assertion)


def _issue(door: Door, call: Call) -> dict[str, Any]:
    form: TokenForm = call.body
    client = _proven(door, call, form)
    if form.grant_type != "client_credentials":
        raise MalformedError("UNSUPPORTED_GRANT_TYPE", form.grant_type[:64])
    reply = account_token(door, client)
    note_use(door, client.shown)
    return reply


@endpoint(
    "POST", f"{_OAUTH}/token", id="createAccessToken", on=Nowhere(), tag=TAG, reads=True, body=TokenForm,
    requires=Public("the client's secret is the proof"), prepare=_issue, is_form=True, is_oauth=True,
    calls_out=_is_asserted,
)  # fmt: skip
def create_access_token(context: Context) -> Any:
    """Issue a service account an access token for its secret; nothing is stored of it."""
    return context.call.prepared


def _verify(door: Door, call: Call) -> Claims | None:
    """Return what the token says, None if there is nothing to revoke: it is none, is over, or is somebody else's."""
    form: RevocationForm = call.body
    client = proven_client(door, call, form.client_id, form.client_secret)
    try:
        claims = verify(door.store, form.token, door.store.clock())
    except UnauthenticatedError:
        return None
    return claims if (claims.kind, claims.id) == (call.principal.kind, client.account) else None


@endpoint(
    "POST", f"{_OAUTH}/revoke", id="revokeAccessToken", on=Nowhere(), tag=TAG, body=RevocationForm, prepare=_verify,
    requires=Public("the client's secret is the proof"), is_form=True, is_oauth=True,
)  # fmt: skip
def revoke_access_token(context: Context) -> Outcome:
    """Revoke one of the client's own access tokens; what is no such token is as good as revoked (RFC 7009, 2.2)."""
    claims: Claims | None = context.call.prepared
    if claims is None:
        return Outcome([], reply=lambda _: {}, kept=False)
    change = client_secrets.revoke(ground_of(context), revoked_key(claims.jti), claims.expires_at)
    change.body, change.target = {"token": claims.jti}, claims.id
    return outcome_of(change, lambda _: {})


def _keys(door: Door, call: Call) -> dict[str, Any]:
    return {"keys": keys_of(door.store).public(door.store)}


@endpoint(
    "GET", f"{_OAUTH}/jwks", id="getSigningKeys", on=Nowhere(), tag=TAG, prepare=_keys,
    requires=Public("whoever gets a token may want to check it"),
)  # fmt: skip
def read_signing_keys(context: Context) -> Any:
    """Return the public keys of access tokens, as a JWK Set (RFC 7517)."""
    return context.call.prepared
