"""Identity providers that several organizations of a federation use: whoever changes one manages all of these.

A provider says who somebody is, and in which groups. Whoever turns it into another one decides who owns each of the
organizations that believe it, so that managing one of them (rule 95) is not enough.
"""

from typing import Final

from orgward.app.execute import Context
from orgward.app.targets import organization
from orgward.directory.identity_providers import used_by
from orgward.kernel.errors import NotFoundError, RefusedError

_MANAGING: Final = ("org.federation.update",)


def require_all_users(context: Context, provider: str | None) -> None:
    """Raise unless the caller may manage the federation in every organization that uses `provider`.

    Which other organization that is stays untold to whoever is nobody there.
    """
    for org in used_by(context.view, provider):
        try:
            context.authorized_on(_MANAGING, organization(context.facts, org))
        except NotFoundError:
            raise RefusedError("PROVIDER_USED_ELSEWHERE") from None
