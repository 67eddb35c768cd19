"""The rate limits in force on the wire: which endpoints share a bucket, and how large it is."""

from collections.abc import Mapping
from typing import Any, Final

from orgward.app.execute import Context
from orgward.app.operation import Oneself
from orgward.app.targets import Nowhere
from orgward.directory.addresses import block_of
from orgward.edge.endpoint import ATLAS, PREVIEW, Parameter, Version, endpoint
from orgward.edge.paging import Page
from orgward.edge.rate_limits import REFILL_SECONDS, Buckets, RateLimits
from orgward.kernel.errors import MalformedError, NotFoundError
from orgward.kernel.ids import is_id

Json = dict[str, Any]

TAG: Final = "Rate Limiting"
_LIMITS: Final = f"{ATLAS}/rateLimits"
_VERSIONS: Final = (Version("2025-03-12"), PREVIEW)
_ANYBODY: Final = Oneself("the limits are the same for everybody")
_COUNTED: Final = tuple(Parameter(name=name) for name in ("groupId", "orgId", "userId", "ipAddress"))
_SEARCH: Final = (Parameter(name="name"), Parameter(name="endpointPath"))


def _object(buckets: Buckets) -> Json:
    served = buckets.served
    return {
        "capacity": {"defaultValue": served.capacity, "value": buckets.capacity},
        "endpointSetId": served.id,
        "endpointSetName": served.name,
        "endpoints": [{"method": found.method, "path": found.path} for found in buckets.endpoints],
        "refillDurationSeconds": {"defaultValue": REFILL_SECONDS, "value": REFILL_SECONDS},
        "refillRate": {"defaultValue": served.capacity, "value": buckets.capacity},
        "scope": _scope(buckets),
    }


def _scope(buckets: Buckets) -> str:
    return "IP" if buckets.served.is_public else "USER"


def _asked(context: Context) -> list[Buckets]:
    """Return the sets that count what the query names; nothing is counted by organization or project."""
    values: Mapping[str, str] = context.call.query.parsed.values
    for name in ("groupId", "orgId"):
        if values[name] and not is_id(values[name]):
            raise MalformedError("INVALID_QUERY_PARAMETER", name)
    if values["ipAddress"] and ("/" in values["ipAddress"] or block_of(values["ipAddress"]) is None):
        raise MalformedError("INVALID_QUERY_PARAMETER", "ipAddress")
    scopes = {"userId": "USER", "ipAddress": "IP", "groupId": "GROUP", "orgId": "ORGANIZATION"}
    wanted = {scope for name, scope in scopes.items() if values[name]}
    limits: RateLimits = context.call.prepared
    return [found for found in limits.in_force if not wanted or _scope(found) in wanted]


@endpoint(
    "GET", _LIMITS, id="listRateLimits", requires=_ANYBODY, on=Nowhere(), versions=_VERSIONS, tag=TAG, paged=True,
    parameters=(*_COUNTED, *_SEARCH),
)  # fmt: skip
def list_rate_limits(context: Context) -> Page:
    """List the sets of endpoints that are limited, each with its limit."""
    query = context.call.query.parsed
    name, path = query.values["name"], query.values["endpointPath"]
    found = [
        buckets
        for buckets in _asked(context)
        if name in {"", buckets.served.name} and (not path or any(each.path == path for each in buckets.endpoints))
    ]
    page = found[query.offset : query.offset + query.per_page]
    return Page([_object(buckets) for buckets in page], len(found))


@endpoint(
    "GET", f"{_LIMITS}/{{endpointSetId}}", id="getRateLimit", requires=_ANYBODY, on=Nowhere(), versions=_VERSIONS,
    tag=TAG, parameters=_COUNTED,
)  # fmt: skip
def read_rate_limit(context: Context) -> Json:
    """Return one set of endpoints with its limit."""
    wanted = context.call.values["endpointSetId"]
    for buckets in _asked(context):
        if buckets.served.id == wanted:
            return _object(buckets)
    raise NotFoundError("RESOURCE_NOT_FOUND", wanted)
