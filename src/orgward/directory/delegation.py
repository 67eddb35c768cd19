"""What people may let programs do for them, and for how long: an organization's settings (contract.md, Decisions).

A program is known by the client id that it gave when its person approved it. Our own command line is the person's own
hand; what calls itself MCP is an agent; every other one is a partner's.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final

from orgward.directory import settings
from orgward.directory.ground import Change, Ground, View
from orgward.kernel.errors import FieldFault, MalformedError

MCP_ACCESS: Final = "delegatedMcpAccess"
PARTNER_ACCESS: Final = "delegatedPartnerAccess"
IDLE: Final = "idleRefreshTokenLifetime"
MAXIMUM: Final = "maximumRefreshTokenLifetime"

DISALLOWED: Final = "DISALLOWED"
READ_ONLY: Final = "READ_ONLY"
READ_WRITE: Final = "READ_WRITE"

OWN_CLIENTS: Final = frozenset({"0oabtxactgS3gHIR0297", "0oabtyfelbTBdoucy297"})
"""The ids under which the Atlas CLI asks, for either of its services."""

_DEFAULTS: Final[Mapping[str, Any]] = {MCP_ACCESS: READ_WRITE, PARTNER_ACCESS: READ_WRITE, IDLE: None, MAXIMUM: None}


def of_organization(view: View, org: str) -> dict[str, Any]:
    """Return the organization's delegation settings; a lifetime that is None is bounded by the session alone."""
    return _of(settings.of_organization(view, org))


def _of(document: Mapping[str, Any]) -> dict[str, Any]:
    return {**_DEFAULTS, **document[settings.DELEGATION]}


def update(ground: Ground, changed: Mapping[str, Any]) -> Change:
    """Change the delegation settings that `changed` names; None brings the default back."""
    before = settings.of_organization(ground.view, ground.org)[settings.DELEGATION]
    after = {name: value for name, value in {**before, **changed}.items() if value is not None}
    if after.get(IDLE, 0) > after.get(MAXIMUM, after.get(IDLE, 0)):
        fault = FieldFault(IDLE, f"is at most {after[MAXIMUM]}, the longest life of all")
        raise MalformedError("INVALID_ATTRIBUTE", IDLE, fields=[fault])
    return settings.update_organization(ground, {settings.DELEGATION: after})


def lifetimes(view: View, orgs: Collection[str]) -> tuple[int | None, int | None]:
    """Return how long a refresh token may lie idle, and last in all, in seconds: the shortest of all `orgs`."""
    found = [of_organization(view, org) for org in orgs]
    idle, longest = ([row[name] for row in found if row[name] is not None] for name in (IDLE, MAXIMUM))
    return min(idle, default=None), min(longest, default=None)


def client_of(view: View, session: str) -> str:
    """Return the id of the program that the session with this id was begun for; empty for a person's own browser."""
    rows = view.find("refresh_tokens", session_id=session)
    return str(rows[0]["client"]) if rows else ""


def allows(view: View, document: Mapping[str, Any], session: str, *, writes: bool) -> bool:
    """Say whether an organization with the settings `document` lets the program with this session do something there.

    A session that was begun for no program is its person's own, of whom nothing is said here.
    """
    found = _of(document)
    if found[MCP_ACCESS] == found[PARTNER_ACCESS] == READ_WRITE:
        return True
    client = client_of(view, session)
    if not client or client in OWN_CLIENTS:
        return True
    access = found[MCP_ACCESS if "mcp" in client.casefold() else PARTNER_ACCESS]
    return bool(access == READ_WRITE or (access == READ_ONLY and not writes))
