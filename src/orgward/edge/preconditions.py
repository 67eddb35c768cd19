"""ETag and If-Match: a write that happens only while the resource is as the caller last saw it (contract.md).

The tag of a resource is a digest of what its own GET would answer now, in the caller's version, links aside.
"""

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Final

import msgspec

from orgward.app.execute import Context
from orgward.edge.endpoint import Endpoint
from orgward.edge.paging import LazyQuery
from orgward.edge.replies import WithStatus
from orgward.edge.router import VersionGoneError
from orgward.edge.versions import MediaTypeError, negotiate
from orgward.kernel.errors import RefusedError

_UNTOLD: Final = {"links", "lastAuth", "count", "lastUsed", "lastUsedAddress"}
"""Members that change without anybody changing the resource: by who asks, and by its being used."""

_VERB: Final = re.compile(r":\w+$")


def etag_of(body: Any) -> str:
    """Return the entity tag of a single object; lists and everything else have none."""
    if not isinstance(body, dict):
        return ""
    told = {name: value for name, value in body.items() if name not in _UNTOLD}
    return f'"{hashlib.sha256(msgspec.json.encode(told, order="sorted")).hexdigest()[:32]}"'


def tag_of(result: Any) -> str:
    """Return the entity tag of what an operation returned: the one that it gives itself, else that of its content."""
    if isinstance(result, WithStatus):
        return result.headers.get("ETag") or etag_of(result.body)
    return etag_of(result)


class Preconditions:
    """Which endpoint reads what another one writes."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        """Look at every endpoint that reads a single object."""
        # Some lists are not paged; the ids of the Admin API say which ones list.
        singles = (e for e in endpoints if e.method == "GET" and not (e.paged or e.operation.id.startswith("list")))
        self._reading = {e.path: e for e in singles}

    def reading(self, endpoint: Endpoint) -> Endpoint | None:
        """Return the endpoint that reads what `endpoint` reads or writes, None if nothing does."""
        return self._reading.get(_VERB.sub("", endpoint.path))

    def expecting(self, endpoint: Endpoint, if_match: str, accept: str | None) -> Callable[[Context], None]:
        """Return what raises unless one of the tags in `if_match` is that of the resource as it is then."""
        twin = self.reading(endpoint)
        wanted = {tag.strip() for tag in if_match.split(",")}

        def expects(context: Context) -> None:
            if twin is None or not ("*" in wanted or _current(context, twin, accept) in wanted):
                raise RefusedError("ETAG_MISMATCH")

        return expects


def _current(context: Context, twin: Endpoint, accept: str | None) -> str:
    call = replace(context.call, query=LazyQuery(twin, ()), version=_version(twin, accept, context.now))
    return tag_of(twin.operation.run(replace(context, call=call)))


def _version(twin: Endpoint, accept: str | None, now: int) -> str:
    try:
        version = negotiate(twin, accept, None, now=now)
    except (MediaTypeError, VersionGoneError):
        version = twin.versions[0]  # what is older than any reading has only one form to be seen in
    return version.date if version else ""
