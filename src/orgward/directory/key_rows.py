"""The rows of an API key: what is public of it, and its sealed secret."""

from orgward.directory.ground import Ground, MintedKey, put
from orgward.kernel.delta import Delta


def key_deltas(ground: Ground, org: str, description: str, minted: MintedKey) -> tuple[str, list[Delta]]:
    """Return the id of a new key of `org` and the deltas that make it, without any role."""
    key, maker = ground.mint.id(), ground.principal
    return key, [
        put(
            "api_keys", key, id=key, org_id=org, description=description, public_key=minted.public,
            masked=minted.masked, created_at=ground.now, maker_kind=maker.kind, maker_id=maker.id[:24],
        ),
        put(
            "credentials", key, "digest", owner_id=key, kind="digest", secret=minted.sealed,
            salt=ground.mint.salt(),
        ),
    ]  # fmt: skip
