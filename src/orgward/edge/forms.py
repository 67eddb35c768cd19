"""Bodies that are forms, as the clients of OAuth send them (RFC 6749, appendix B).

A client that shows its secret in the header, by HTTP Basic, is as if it had done so in the form; not in both (2.3).
"""

from base64 import b64decode
from typing import Any, Final
from urllib.parse import parse_qsl, unquote_plus

import msgspec

from orgward.edge.bodies import malformed
from orgward.edge.versions import MediaTypeError
from orgward.kernel.errors import MalformedError

FORM: Final = "application/x-www-form-urlencoded"
"""The media type of forms."""

MAX_FORM: Final = 1 << 14
_MOST_FIELDS: Final = 32
_SECRET: Final = "client_secret"  # noqa: S105 - the name of a field
_BY_HEADER: Final = ("client_id", _SECRET)


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters of a form; others that are sent are passed over (RFC 6749, 3.1)."""


def require_form(content_type: str | None) -> None:
    """Raise unless the request's body is declared as a form."""
    main = (content_type or "").split(";")[0].strip().lower()
    if main != FORM:
        raise MalformedError("NOT_A_FORM", main[:200])  # 400, and not 415: RFC 6749, 5.2


def decode_form(raw: bytes, authorization: str | None, kind: Any) -> Any:
    """Return the form as an instance of `kind`; MalformedError names every faulty parameter."""
    fields = _fields(raw)
    shown = _client(authorization) if _SECRET in kind.__struct_fields__ else {}
    if shown and _SECRET in fields:
        raise MalformedError("MALFORMED_FORM")
    fields |= shown
    try:
        return msgspec.convert(fields, kind)
    except msgspec.ValidationError as error:
        raise malformed(fields, kind, error) from None


def _fields(raw: bytes) -> dict[str, str]:
    """Return the parameters; none may be there twice, and one without a value is none (RFC 6749, 3.1)."""
    if len(raw) > MAX_FORM:
        raise MediaTypeError("PAYLOAD_TOO_LARGE", str(MAX_FORM))
    try:
        pairs = parse_qsl(raw.decode(), max_num_fields=_MOST_FIELDS, errors="strict")
    except ValueError:
        raise MalformedError("MALFORMED_FORM") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise MalformedError("MALFORMED_FORM")
    return fields


def _client(authorization: str | None) -> dict[str, str]:
    """Return what the header shows by HTTP Basic; both halves may be escaped as in a form, or not (wire.md 5.2)."""
    scheme, _, encoded = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return {}
    try:
        text = b64decode(encoded.strip(), validate=True).decode()
    except ValueError:
        return {}
    halves = text.partition(":")
    return dict(zip(_BY_HEADER, (unquote_plus(halves[0]), unquote_plus(halves[2])), strict=True))
