"""Running an endpoint through the door, whoever asks: the HTTP pipeline, or a page of the console."""

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar

import msgspec

from orgward.app.execute import Door
from orgward.app.passwords import HashingPool
from orgward.edge.bodies import decode
from orgward.edge.endpoint import Endpoint
from orgward.edge.paging import is_trial
from orgward.edge.preconditions import Preconditions
from orgward.edge.rate_limits import RateLimits
from orgward.edge.results import Finisher
from orgward.edge.versions import require_json, require_plain_json
from orgward.kernel.errors import FieldFault, MalformedError
from orgward.kernel.ids import is_id

_THREADS: Final = 8

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Sent:
    """What came with a request beside its path and query: the body, and the headers that a command looks at."""

    raw: bytes = b""
    content_type: str | None = "application/json"
    accept: str | None = None
    if_match: str | None = None
    repeat_key: str | None = None


class Runner:
    """Runs reads and writes through one door; what blocks, or hashes, does so in threads."""

    def __init__(self, door: Door, endpoints: Iterable[Endpoint], rates: RateLimits) -> None:
        """Run `endpoints` through `door`; reads that ask for limits are told those of `rates`."""
        self._door = door
        self._preconditions = Preconditions(endpoints)
        self._rates = rates
        self._hashing = HashingPool()
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="reader")

    async def run(self, finisher: Finisher, sent: Sent) -> Any:
        """Return what the operation returned, or raise what stands in its way."""
        run = self._write if finisher.endpoint.operation.writes else self._read
        return await run(finisher, sent)

    async def in_thread(self, function: Callable[..., _Result], *arguments: Any) -> _Result:
        """Return what `function` returns, called where it may block."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, partial(function, *arguments))

    def is_tagged(self, endpoint: Endpoint) -> bool:
        """Say whether answers of `endpoint` are single objects that carry an entity tag."""
        is_single = endpoint.method in {"GET", "PATCH"} and not endpoint.paged
        return is_single and self._preconditions.reading(endpoint) is not None

    async def _read(self, finisher: Finisher, sent: Sent) -> Any:
        endpoint, call = finisher.endpoint, finisher.call
        kind = endpoint.bodies.get(call.version)
        call.prepared = self._rates  # limits are read, too, and are in no store
        if kind is not None:
            require_plain_json(sent.content_type)
            call.body = endpoint.decode(sent.raw, kind)
        return self._door.read(call) if endpoint.brief else await self.in_thread(self._door.read, call)

    async def _write(self, finisher: Finisher, sent: Sent) -> Any:
        endpoint, call = finisher.endpoint, finisher.call
        kind = endpoint.bodies.get(call.version)
        if kind is not None:
            require_json(sent.content_type)
        if endpoint.body_names_resource:
            named = _named(sent.raw, endpoint.body_names_resource)
            call.values = {**call.values, endpoint.body_names_resource: named}
        call.is_trial = is_trial(call.query.pairs)
        self._door.precheck(call)
        _ = call.query.parsed
        self._attach_conditions(finisher, sent)
        if kind is not None:
            call.body = endpoint.decode(sent.raw, kind)
        if endpoint.prepare is not None:
            hashing = self._hashing.submit(partial(endpoint.prepare, self._door, call))
            call.prepared = await asyncio.wrap_future(hashing)
        done = await asyncio.wrap_future(self._door.write(call))
        return done.result

    def _attach_conditions(self, finisher: Finisher, sent: Sent) -> None:
        endpoint, call = finisher.endpoint, finisher.call
        if sent.if_match is not None:
            call.expects = self._preconditions.expecting(endpoint, sent.if_match, sent.accept)
        if sent.repeat_key is not None and endpoint.method == "POST" and call.principal.id:
            call.repeat = finisher.repeat(sent.repeat_key, sent.raw, call.query.pairs)


def _named(raw: bytes, member: str) -> str:
    """Return the one member of the body that names the resource; it alone is decoded before authorization."""
    kind = msgspec.defstruct("Named", [(member, str)])
    value: str = getattr(decode(raw, kind), member)
    if not is_id(value):
        raise MalformedError("INVALID_ATTRIBUTE", member, fields=[FieldFault(member, "is not an id")])
    return value
