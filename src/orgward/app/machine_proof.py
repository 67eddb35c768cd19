"""Whether what a service account shows still works: the secret that its token was issued with, the token itself."""

import hashlib
from collections.abc import Mapping
from typing import Final

from orgward.directory.ground import View
from orgward.directory.workload_identities import is_in_use
from orgward.kernel.principal import Principal, PrincipalKind

TABLE_OF: Final[Mapping[PrincipalKind, str]] = {"api_key": "api_keys", "service_account": "service_accounts"}
"""The table in which a machine of each kind has its row."""

WORKLOAD: Final = "workload-"
"""What stands before the id of a workload identity where it, and no secret, is what a token was issued for."""


def revoked_key(token_id: str) -> str:
    """Return the key under which it is kept that the token with this id was revoked: it needs no secret to be one."""
    return hashlib.sha256(f"revoked {token_id}".encode()).hexdigest()


def has_live_credential(view: View, principal: Principal, now: int) -> bool:
    """Say whether `principal`, a service account, may still act by the secret or workload identity of its `proof`."""
    if view.get("used_once", revoked_key(principal.credential)) is not None:
        return False
    if principal.proof.startswith(WORKLOAD):
        return is_in_use(view, principal.proof.removeprefix(WORKLOAD), principal.id)
    secret = view.get("service_account_secrets", principal.proof)
    return secret is not None and secret["account_id"] == principal.id and bool(secret["expires_at"] > now)
