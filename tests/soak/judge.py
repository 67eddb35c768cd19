"""What holds for every answer whatever was asked: no fault of ours, the shape of errors, the headers."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

ERROR_MEMBERS = {"error": int, "errorCode": str, "reason": str, "detail": str}
OAUTH_MEMBERS = {"error": str, "error_description": str}
SCIM_MEMBERS = {"schemas": list, "status": str, "detail": str}
SCIM_TYPE = "application/scim+json"
OTHERS_FAULT = "IDENTITY_PROVIDER_UNAVAILABLE"
"""The code of a 503 that is not ours: there is no provider at the addresses that calls are made up with."""
OAUTH_PATHS = ("/api/oauth/token", "/api/oauth/revoke")
"""Where errors look as RFC 6749 says; the keys beside them are no endpoint of that standard."""


def faults_of(method: str, status: int, headers: Mapping[str, str], body: bytes, *, path: str = "") -> Iterator[str]:
    """Yield what is wrong with an answer; of what was asked only `path` is looked at, for SCIM and OAuth errors."""
    if status >= 500 and not (status == 503 and OTHERS_FAULT.encode() in body):
        yield f"status {status}"
    if not headers.get("orgward-revision", "").isdecimal():
        yield f"Orgward-Revision is {headers.get('orgward-revision')!r}"
    if method == "HEAD" or status == 204:
        if body:
            yield f"a {status} to {method} has a body"
        return
    if status >= 400:
        yield from _faults_of_error(status, headers, body, path)
    elif status >= 300:
        yield f"status {status}"
    else:
        yield from _faults_of_success(headers, body)


def _faults_of_error(status: int, headers: Mapping[str, str], body: bytes, path: str) -> Iterator[str]:
    if headers.get("content-type") != (SCIM_TYPE if path.startswith("/scim/") else "application/json"):
        yield f"an error's content type is {headers.get('content-type')!r}"
    try:
        found = json.loads(body)
    except ValueError:
        yield f"an error is no JSON: {body[:200]!r}"
        return
    if path.startswith("/scim/") or path in OAUTH_PATHS:
        yield from _faults_of_members(found, OAUTH_MEMBERS if path in OAUTH_PATHS else SCIM_MEMBERS)
        return
    yield from _faults_of_shape(status, found)
    challenged, anonymous = "www-authenticate" in headers, found.get("errorCode") == "UNEXPECTED_ERROR"
    if status == 401 and challenged != anonymous:
        yield f"a 401 of code {found.get('errorCode')} {'has' if challenged else 'lacks'} a challenge"


def _faults_of_shape(status: int, found: Any) -> Iterator[str]:
    if not isinstance(found, dict):
        yield f"an error is {found!r}"
        return
    yield from _faults_of_members(found, ERROR_MEMBERS)
    if found.get("error") != status:
        yield f"an error of status {status} says {found.get('error')}"
    if not all(isinstance(parameter, str) for parameter in found.get("parameters", [])):
        yield f"an error's parameters are {found['parameters']!r}"


def _faults_of_members(found: Any, members: Mapping[str, type]) -> Iterator[str]:
    for member, kind in members.items():
        if not isinstance(found.get(member), kind) or not found[member]:
            yield f"an error's {member} is {found.get(member)!r}"


def _faults_of_success(headers: Mapping[str, str], body: bytes) -> Iterator[str]:
    kind = headers.get("content-type", "")
    if not (kind in {"application/json", SCIM_TYPE} or kind.startswith("application/vnd.atlas.")):
        yield f"the content type is {kind!r}"
    try:
        found = json.loads(body)
    except ValueError:
        yield f"the body is no JSON: {body[:200]!r}"
        return
    # An envelope carries the status that the answer itself would have had.
    if isinstance(found, dict) and isinstance(found.get("status"), int) and found["status"] >= 400:
        yield from (f"in an envelope: {fault}" for fault in _faults_of_shape(found["status"], found.get("content")))
        if found["status"] >= 500 and found["content"].get("errorCode") != OTHERS_FAULT:
            yield f"in an envelope: status {found['status']}"


def status_of(status: int, body: bytes) -> int:
    """Return the status that an answer in an envelope would have had outside of it."""
    try:
        found = json.loads(body)
    except ValueError:
        return status
    return found["status"] if isinstance(found, dict) and isinstance(found.get("status"), int) else status
