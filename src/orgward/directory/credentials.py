"""The password of an account, as a hash that was made before any rule is asked (contract.md, People)."""

from typing import Final

from orgward.directory.ground import Ground, View, put
from orgward.kernel.delta import Delta

PASSWORD: Final = "password"  # noqa: S105 - the kind of a credential


def password_of(view: View, user: str) -> str | None:
    """Return the hash of the password of `user`, None if they have none."""
    return secret_of(view, user, PASSWORD)


def secret_of(view: View, owner: str, kind: str) -> str | None:
    """Return what is kept of the secret of that kind, hashed or sealed, None if `owner` has none."""
    row = view.get("credentials", owner, kind)
    return None if row is None else str(row["secret"])


def has_password(view: View, user: str) -> bool:
    """Say whether `user` can sign in with a password."""
    return password_of(view, user) is not None


def with_password(ground: Ground, user: str, password_hash: str) -> Delta:
    """Return the delta after which `user` has the password with this hash."""
    row = {"owner_id": user, "kind": PASSWORD, "secret": password_hash, "salt": ground.mint.salt()}
    return put("credentials", user, PASSWORD, **row)
