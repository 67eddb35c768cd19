"""Errors as SCIM has them: `status` as a text, `scimType` for some, and what went wrong (RFC 7644, section 3.12)."""

from typing import Any, Final

from orgward.edge.dialects import DIALECTS, Dialect
from orgward.edge.errors import error_body
from orgward.kernel.errors import DeniedError, OrgwardError
from orgward.scim.schemas import API

ROOT: Final = "/scim/v2"
MEDIA_TYPE: Final = "application/scim+json"

_UNSERVED: Final = {"Me", "Bulk", ".search"}
"""What RFC 7644 lets a server leave out, by saying that it is not implemented."""

_STATUSES: Final = {
    "USER_UNAUTHORIZED": 403,
    "PATH_PARAM_PARSE_ERROR": 404,
    "CANNOT_DELETE_TEAM_ASSIGNED_TO_PROJECT": 409,
    "RATE_LIMITED_IP": 429,
}
"""Where the status of the Admin API would make a provider believe something else."""

_TYPES: Final = {
    "MALFORMED_JSON": "invalidSyntax",
    "INVALID_ATTRIBUTE": "invalidValue",
    "MISSING_ATTRIBUTE": "invalidValue",
    "VALIDATION_ERROR": "invalidValue",
    "INVALID_QUERY_PARAMETER": "invalidValue",
    "INVALID_EMAIL_ADDRESS": "invalidValue",
    "INVALID_TEAM_NAME": "invalidValue",
    "UNKNOWN_MEMBER": "invalidValue",
    "INVALID_FILTER": "invalidFilter",
    "TOO_MANY_RESULTS": "tooMany",
    "TOO_MANY_CHANGES": "tooMany",
    "INVALID_PATH": "invalidPath",
    "NO_TARGET": "noTarget",
    "ATTRIBUTE_NOT_CHANGEABLE": "mutability",
    "ACCOUNT_NOT_FEDERATED": "mutability",
    "USER_ALREADY_EXISTS": "uniqueness",
    "ADDRESS_IN_USE": "uniqueness",
    "TEAM_NAME_NOT_AVAILABLE": "uniqueness",
}


def failure(error: OrgwardError, path: str) -> tuple[int, dict[str, Any]]:
    """Return status and body of the answer to a refused request at `path`."""
    last = path.rstrip("/").rpartition("/")[2]
    if error.code == "RESOURCE_NOT_FOUND" and last in _UNSERVED:
        error = OrgwardError("NOT_IMPLEMENTED", last)
    told = error_body(error)
    status = _STATUSES.get(error.code, told["error"])
    detail = told["detail"]
    if isinstance(error, DeniedError):
        detail = f"{detail} Missing: {', '.join(error.parameters)}."
    body = {"schemas": [f"{API}:Error"], "status": str(status), "detail": detail}
    if error.code in _TYPES:
        body["scimType"] = _TYPES[error.code]
    return status, body


DIALECTS.append(Dialect(ROOT, MEDIA_TYPE, failure))
