"""Running an endpoint through the door, whoever asks: the HTTP pipeline, or a page of the console."""

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar

import msgspec

from orgward.app.execute import Call, Door
from orgward.app.passwords import HashingPool
from orgward.edge.bodies import decode
from orgward.edge.dialects import dialect_of
from orgward.edge.endpoint import Endpoint
from orgward.edge.forms import decode_form, require_form
from orgward.edge.paging import is_trial
from orgward.edge.preconditions import Preconditions
from orgward.edge.rate_limits import RateLimits
from orgward.edge.results import Finisher
from orgward.edge.versions import require_json, require_plain_json
from orgward.kernel.errors import FieldFault, MalformedError, OrgwardError
from orgward.kernel.ids import is_id

_THREADS: Final = 8
_CALLS_OUT: Final = 16

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Sent:
    """What came with a request beside its path and query: the body, and the headers that a command looks at."""

    raw: bytes = b""
    content_type: str | None = "application/json"
    accept: str | None = None
    if_match: str | None = None
    repeat_key: str | None = None
    authorization: str | None = None


class Runner:
    """Runs reads and writes through one door; what blocks, or hashes, does so in threads."""

    def __init__(self, door: Door, endpoints: Iterable[Endpoint], rates: RateLimits) -> None:
        """Run `endpoints` through `door`; reads that ask for limits are told those of `rates`."""
        self._door = door
        self._preconditions = Preconditions(endpoints)
        self.rates = rates
        self._hashing = HashingPool()
        self._calling = HashingPool(threads=_CALLS_OUT, waiting=64, name="calls out")
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
        call.prepared = self.rates  # limits are read, too, and are in no store
        if kind is not None:
            _require_type(endpoint, sent)
            call.body = _decoded(endpoint, sent, kind)
        if endpoint.prepare is not None:
            self._door.precheck(call)
            call.prepared = await self._prepared(endpoint, call, partial(endpoint.prepare, self._door, call))
        return self._door.read(call) if endpoint.brief else await self.in_thread(self._door.read, call)

    async def _write(self, finisher: Finisher, sent: Sent) -> Any:
        endpoint, call = finisher.endpoint, finisher.call
        kind = endpoint.bodies.get(call.version)
        if kind is not None:
            _require_type(endpoint, sent)
        if endpoint.body_names_resource:
            named = _named(sent.raw, endpoint.body_names_resource)
            call.values = {**call.values, endpoint.body_names_resource: named}
        call.is_trial = is_trial(call.query.pairs)
        self._door.precheck(call)
        _ = call.query.parsed
        self._attach_conditions(finisher, sent)
        if kind is not None:
            call.body = _decoded(endpoint, sent, kind)
        if endpoint.prepare is not None:
            call.prepared = await self._prepared(endpoint, call, partial(endpoint.prepare, self._door, call))
        done = await asyncio.wrap_future(self._door.write(call))
        if isinstance(done.result, OrgwardError):
            raise done.result  # what was shown is refused, and a change was made because it was shown
        return done.result

    async def _prepared(self, endpoint: Endpoint, call: Call, prepare: Callable[[], _Result]) -> _Result:
        """Return what `prepare` does; what waits for other servers is not to keep pages or passwords waiting."""
        calls_out = endpoint.calls_out
        if calls_out(call) if callable(calls_out) else calls_out:
            return await asyncio.wrap_future(self._calling.submit(prepare))
        if endpoint.operation.writes:
            return await asyncio.wrap_future(self._hashing.submit(prepare))
        return await self.in_thread(prepare)

    def _attach_conditions(self, finisher: Finisher, sent: Sent) -> None:
        endpoint, call = finisher.endpoint, finisher.call
        if sent.if_match is not None:
            call.expects = self._preconditions.expecting(endpoint, sent.if_match, sent.accept)
        if sent.repeat_key is not None and endpoint.method == "POST" and call.principal.id:
            call.repeat = finisher.repeat(sent.repeat_key, sent.raw, call.query.pairs)


def _require_type(endpoint: Endpoint, sent: Sent) -> None:
    if endpoint.is_form:
        require_form(sent.content_type)
    elif endpoint.operation.writes:
        dialect = dialect_of(endpoint.path)
        require_json(sent.content_type, "" if dialect is None else dialect.media_type)
    else:
        require_plain_json(sent.content_type)


def _decoded(endpoint: Endpoint, sent: Sent, kind: Any) -> Any:
    return decode_form(sent.raw, sent.authorization, kind) if endpoint.is_form else endpoint.decode(sent.raw, kind)


def _named(raw: bytes, member: str) -> str:
    """Return the one member of the body that names the resource; it alone is decoded before authorization."""
    kind = msgspec.defstruct("Named", [(member, str)])
    value: str = getattr(decode(raw, kind), member)
    if not is_id(value):
        raise MalformedError("INVALID_ATTRIBUTE", member, fields=[FieldFault(member, "is not an id")])
    return value
