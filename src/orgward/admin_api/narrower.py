"""Members of a body that need a privilege of their own, narrower than that of the operation."""

from collections.abc import Iterable, Mapping

from orgward.app.execute import Context
from orgward.engine.authorized import denied


def require_each(context: Context, members: Iterable[str], privileges: Mapping[str, str], otherwise: str) -> None:
    """Raise unless the caller holds what each of `members` needs: its own of `privileges`, else `otherwise`."""
    needed = dict.fromkeys(privileges.get(name, otherwise) for name in members)
    missing = [privilege for privilege in needed if privilege not in context.authorized.held]
    if missing:
        raise denied(context.facts, missing[:1], context.resource)
