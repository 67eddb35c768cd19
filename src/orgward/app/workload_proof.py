"""Which service account a program is, by a token that another issuer gave it (RFC 7521, RFC 7523).

The program names the account. Only issuers that the account's own identities name are ever asked for keys, so nobody
makes this server ask an address of their choice.
"""

import json
from typing import Any, Final

import structlog

from orgward.app.attempts import address_bucket
from orgward.app.client_proof import Issued, proven_by
from orgward.app.execute import Call, Door
from orgward.app.id_tokens import Claims, Expected, claimed_issuer, person_of
from orgward.app.machine_proof import WORKLOAD
from orgward.app.turns import Behalf
from orgward.directory import workload_identities
from orgward.directory.ground import Row
from orgward.directory.identity_providers import KEYS_REVOKED_AT
from orgward.kernel.client_ids import account_of
from orgward.kernel.errors import GateError, MalformedError

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

_log = structlog.get_logger(__name__)


def asserted_client(door: Door, call: Call, client: str, assertion: str, kind: str) -> Issued:
    """Return as which service account the bearer of `assertion` acts, or raise; failures count by address."""
    if kind != ASSERTION_TYPE:
        raise MalformedError("INVALID_ATTRIBUTE", "client_assertion_type")
    account = account_of(client) or ""
    return proven_by(door, call, client, lambda: _found(door, call, account, assertion), refused="workload_refused")


def _found(door: Door, call: Call, account: str, assertion: str) -> Issued | None:
    view = door.store.view
    row = view.get("service_accounts", account)
    if row is None or row["suspended"]:
        return None
    claimed = claimed_issuer(assertion)
    for identity in workload_identities.of(view, account):
        provider = workload_identities.issuer_row(view, identity)
        if provider is not None and provider["issuer"] == claimed:
            behalf = Behalf(provider["federation_id"], account, address_bucket(call.address))
            until = _fits(door, behalf, assertion, provider, identity["match"])
            if until:
                return Issued(account, f"{WORKLOAD}{identity['id']}", until)
    return None


def _fits(door: Door, behalf: Behalf, assertion: str, provider: Row, match: str) -> int:
    """Return until when `assertion` proves that its bearer is called `match` by `provider`; zero if it does not."""
    document: dict[str, Any] = json.loads(provider["document"])
    expected = Expected(provider["issuer"], document["audience"], keys_after=document.get(KEYS_REVOKED_AT, 0))
    try:
        claims: Claims = door.providers.on_behalf(behalf).verified(assertion, expected, door.store.clock())
        name = person_of(claims, document.get("userClaim") or "sub")
    except GateError as error:
        _log.info("assertion_refused", causes=getattr(error, "__notes__", []), identity_provider=provider["id"])
        return 0
    return int(claims["exp"] * 1000) if name == match else 0
