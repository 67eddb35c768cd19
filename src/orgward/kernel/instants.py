"""Instants: whole milliseconds since 1970 in UTC, and their RFC 3339 form on the wire."""

from datetime import UTC, datetime, timedelta

FOREVER = 1 << 62
"""The end of an assignment that has none; later than any clock."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def rfc3339(millis: int) -> str:
    """Return `millis` in UTC with whole seconds, as the Admin API writes times (wire.md 5)."""
    return (_EPOCH + timedelta(milliseconds=millis)).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_rfc3339(text: str) -> int:
    """Return the milliseconds that `text` names; ValueError if it names no instant with an offset."""
    parsed = datetime.fromisoformat(text)
    if parsed.tzinfo is None:
        message = "a time needs an offset from UTC"
        raise ValueError(message)
    try:
        # In UTC first: near the years 1 and 10000 an offset can name an instant that no calendar writes.
        return (parsed.astimezone(UTC) - _EPOCH) // timedelta(milliseconds=1)
    except OverflowError as error:
        raise ValueError(str(error)) from None
