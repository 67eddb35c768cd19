"""Whether two halves are those of an API key, asked of the one sealed secret that is stored of it."""

import hmac

from orgward.app.mint import digest_of
from orgward.store.opening import Store


def stored_digest(store: Store, public: str) -> tuple[str, str] | None:
    """Return the id of the key with this public half and its Digest secret, None if there is no such key."""
    rows = store.view.find("api_keys", public_key=public)
    row = store.view.get("credentials", rows[0]["id"], "digest") if rows else None
    return None if row is None else (str(rows[0]["id"]), store.keyring.open(row["secret"], f"digest {public}"))


def key_of(store: Store, public: str, private: str) -> str | None:
    """Return the id of the key whose halves these are, None if they are nobody's."""
    key, secret = stored_digest(store, public) or (None, "")
    return key if hmac.compare_digest(digest_of(public, private), secret) else None
