"""Which resource version a request asks for, and how the reply names the one it got (wire.md 2)."""

import re
from datetime import date
from typing import Final, NoReturn

from orgward.edge.endpoint import PREVIEW, Endpoint, Version
from orgward.edge.router import VersionGoneError
from orgward.kernel.errors import MalformedError, OrgwardError

_VENDOR: Final = re.compile(r"application/vnd\.atlas\.([\w-]+)\+(json|csv|gzip)", re.IGNORECASE)
_PLAIN: Final = re.compile(r"(\*/\*|application/(\*|json))(\s*;.*)?", re.IGNORECASE)
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class MediaTypeError(OrgwardError):
    """The media type asked for, or sent, is not served."""


def negotiate(endpoint: Endpoint, accept: str | None, content_type: str | None, *, now: int) -> Version | None:
    """Return the newest resource version that is not newer than the one asked for, None where there are none.

    A plain or missing Accept gets the oldest version, as clients that know none were written for it; of those that
    have not ended, while whoever asks for one that has is told so.
    """
    if not endpoint.versions:
        return None
    asked = _asked(accept) or (_asked(content_type) if endpoint.bodies else None)
    if asked is None:
        if accept and not any(_PLAIN.fullmatch(part.strip()) for part in accept.split(",")):
            raise MediaTypeError("NOT_ACCEPTABLE", accept[:200])
        return next((version for version in endpoint.versions if not version.is_gone(now)), None) or _gone()
    fitting = [version for version in endpoint.versions if version.date <= asked]
    if not fitting:
        raise MediaTypeError("INVALID_VERSION_DATE", asked)
    return _gone() if fitting[-1].is_gone(now) else fitting[-1]


def _gone() -> NoReturn:
    raise VersionGoneError("VERSION_GONE")


def _asked(media_types: str | None) -> str | None:
    for part in (media_types or "").split(","):
        found = _VENDOR.match(part.strip())
        if found:
            text = found[1]
            if text != PREVIEW.date and not _is_date(text):
                raise MediaTypeError("INVALID_VERSION_DATE", text)
            if found[2].lower() != "json":
                raise MediaTypeError("NOT_ACCEPTABLE", part.strip()[:200])
            return text
    return None


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    # `fromisoformat` knows more forms than one, and those don't compare as texts.
    return _DATE.fullmatch(text) is not None


def content_type_of(version: Version | None) -> str:
    """Return the media type of a reply: it echoes the resolved version."""
    if version is None:
        return "application/json"
    return f"application/vnd.atlas.{version.date}+json;charset=utf-8"


def require_json(content_type: str | None, also: str = "") -> None:
    """Raise unless the request's body is declared as JSON: plainly, in a vendor type, or in the type `also`."""
    if content_type:
        main = content_type.split(";")[0].strip().lower()
        if main not in {"application/json", also} and not _VENDOR.fullmatch(main):
            raise MediaTypeError("UNSUPPORTED_MEDIA_TYPE", main[:200])


def require_plain_json(content_type: str | None) -> None:
    """Raise, as for an ill-formed body, unless it is declared as plain JSON (contract.md, Decisions)."""
    if (content_type or "").split(";")[0].strip().lower() != "application/json":
        raise MalformedError("INVALID_ATTRIBUTE", "Content-Type")
