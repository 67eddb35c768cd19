"""Replies: bodies in sorted JSON, envelopes, pretty printing, and the headers that every answer carries."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from orgward.app.attempts import TooManyAttemptsError
from orgward.edge.dialects import Dialect, dialect_of
from orgward.edge.endpoint import Endpoint, Version
from orgward.edge.errors import answer_of, error_body
from orgward.edge.versions import content_type_of
from orgward.kernel.errors import OrgwardError, UnauthenticatedError

SECURITY_HEADERS: Final = (
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"x-permitted-cross-domain-policies", b"none"),
    (b"cache-control", b"no-store"),
)
STRICT_TRANSPORT: Final = (b"strict-transport-security", b"max-age=31536000")
"""What every answer carries that came over TLS."""

_OAUTH: Final = {
    "RATE_LIMITED": "rate_limited",
    "UNAUTHENTICATED": "invalid_client",
    "UNAVAILABLE": "temporarily_unavailable",
    "UNEXPECTED_ERROR": "server_error",
    "UNSUPPORTED_GRANT_TYPE": "unsupported_grant_type",
}
"""What OAuth calls our errors; every other one is an invalid request."""


@dataclass(slots=True)
class Reply:
    """A finished answer."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WithStatus:
    """A body with a status of its own, where an operation has two good ends, or with headers of its own."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Presentation:
    """How the caller wants the body."""

    pretty: bool = False
    envelope: bool = False


def encode(body: Any, *, pretty: bool = False) -> bytes:
    """Return `body` as JSON with its keys in alphabetical order."""
    raw = msgspec.json.encode(body, order="sorted")
    return msgspec.json.format(raw, indent=2) if pretty else raw


def success(endpoint: Endpoint, version: Version | None, body: Any, how: Presentation) -> Reply:
    """Return the reply to a call that went well; `body` None means that there is none."""
    headers = {}
    if version is not None and version.deprecation:
        headers = {"Deprecation": version.deprecation, "Sunset": version.sunset}
    dialect = dialect_of(endpoint.path)
    content_type = content_type_of(version) if dialect is None else dialect.media_type
    status = endpoint.status
    if isinstance(body, WithStatus):
        headers |= body.headers
        status, body = body.status, body.body
    if how.envelope:
        return Reply(200, encode(_enveloped(status, body), pretty=how.pretty), content_type, headers)
    if body is None and status == 204:
        return Reply(status, b"", content_type, headers)
    return Reply(status, encode(body, pretty=how.pretty), content_type, headers)


def _enveloped(status: int, body: Any) -> dict[str, Any]:
    if isinstance(body, Mapping) and "results" in body:
        return {"status": status, **body}
    return {"status": status, "content": body}


def failure(error: OrgwardError, challenge: str, how: Presentation) -> Reply:
    """Return the reply to a refused call; errors are always plain JSON."""
    if isinstance(error, UnauthenticatedError):
        body = {
            "error": 401,
            "reason": "Unauthorized",
            "detail": "You are not authorized for this resource.",
            "errorCode": "UNEXPECTED_ERROR",
        }
        raw = msgspec.json.format(msgspec.json.encode(body), indent=2)
        return Reply(401, raw, headers={"WWW-Authenticate": challenge})
    found = error_body(error)
    content: Any = {"status": found["error"], "content": found} if how.envelope else found
    status = 200 if how.envelope else found["error"]
    reply = Reply(status, encode(content, pretty=how.pretty), headers={"X-Error-Code": error.code})
    reply.headers |= headers_of(error)
    return reply


def dialect_failure(dialect: Dialect, error: OrgwardError, challenge: str, path: str) -> Reply:
    """Return the reply to a refused call at `path`, in the form of `dialect`."""
    status, body = dialect.failure(error, path)
    reply = Reply(status, encode(body), dialect.media_type, {"X-Error-Code": error.code, **headers_of(error)})
    if isinstance(error, UnauthenticatedError):
        reply.headers["WWW-Authenticate"] = challenge
    return reply


def oauth_failure(error: OrgwardError) -> Reply:
    """Return the reply to a refused call in the form of RFC 6749, 5.2."""
    found = error_body(error)
    body = {"error": _OAUTH.get(error.code, "invalid_request"), "error_description": found["detail"]}
    reply = Reply(found["error"], encode(body), headers=headers_of(error))
    if isinstance(error, UnauthenticatedError):
        reply.headers["WWW-Authenticate"] = 'Basic realm="Orgward"'
    return reply


def headers_of(error: OrgwardError) -> dict[str, str]:
    """Return the headers that tell a client what else to do: another method, or the same again later."""
    if error.code == "METHOD_NOT_ALLOWED":
        return {"Allow": ", ".join(error.parameters)}
    if isinstance(error, TooManyAttemptsError):
        return {"Retry-After": str(error.retry_after)}
    return {"Retry-After": "1"} if answer_of(error.code).status == 503 else {}
