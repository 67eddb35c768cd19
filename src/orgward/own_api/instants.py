"""Bounds of time on the wire: RFC 3339 with an offset, null where there is no bound."""

from orgward.kernel.errors import FieldFault, MalformedError
from orgward.kernel.instants import FOREVER, parse_rfc3339, rfc3339


def instant(name: str, text: str | None) -> int | None:
    """Return the milliseconds that the member `name` of a body means, None if it is not there."""
    if text is None:
        return None
    try:
        found = parse_rfc3339(text)
    except ValueError:
        fault = FieldFault(name, "is not an RFC 3339 time with an offset")
        raise MalformedError("INVALID_DATE_FORMAT", text, fields=[fault]) from None
    if not 0 <= found < FOREVER:
        raise MalformedError("INVALID_DATE_FORMAT", text)
    return found


def shown_start(millis: int) -> str | None:
    """Return when something begins, None if it always did."""
    return rfc3339(millis) if millis else None


def shown_end(millis: int | None) -> str | None:
    """Return when something ends, None if it never does."""
    return None if millis in {None, FOREVER} else rfc3339(millis)
