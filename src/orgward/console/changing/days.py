"""Days as forms write them: the end of a role is the end of a day in the viewer's zone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from orgward.console.frame.formats import local
from orgward.console.frame.look import look_of
from orgward.console.frame.page import Posted
from orgward.kernel.errors import FieldFault, MalformedError
from orgward.kernel.instants import FOREVER


def day_of(millis: int | None, zone: str) -> str:
    """Return the day on which the instant lies, as a date field holds it; empty for none."""
    if millis is None or millis >= FOREVER:
        return ""
    return local(millis, ZoneInfo(zone)).date().isoformat()


def end_posted(posted: Posted, field: str) -> str | None:
    """Return the last second of the day that the field names, as the API takes it; None if it is empty."""
    text = posted.one(field)
    if not text:
        return None
    zone = ZoneInfo(look_of(posted.view, posted.principal.id, posted.cookies, "").zone)
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=zone)
        last = (day + timedelta(days=1) - timedelta(seconds=1)).astimezone(UTC)
    except (ValueError, OverflowError):
        fault = FieldFault(field, posted.words("errors.INVALID_DATE_FORMAT").format(text))
        raise MalformedError("INVALID_DATE_FORMAT", text, fields=[fault]) from None
    return f"{last.replace(tzinfo=None).isoformat()}Z"
