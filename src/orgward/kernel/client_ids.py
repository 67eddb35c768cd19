"""Client ids: how service accounts are named wherever clients see them (wire.md 4)."""

import re
from typing import Final

from orgward.kernel.principal import CLIENT_ID_PREFIX

_CLIENT_ID: Final = re.compile(f"{CLIENT_ID_PREFIX}([a-fA-F0-9]{{24}})")


def client_id_of(account: str) -> str:
    """Return how the service account with the id `account` is named on the wire."""
    return CLIENT_ID_PREFIX + account


def account_of(client_id: str) -> str | None:
    """Return the id of the service account that `client_id` names, in whatever capitals; None if it is none."""
    found = _CLIENT_ID.fullmatch(client_id)
    return None if found is None else found[1].lower()
