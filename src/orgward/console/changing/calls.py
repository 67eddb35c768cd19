"""Calls of the API, made in this process: what a form does, and what `Copy as API call` shows."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from urllib.parse import quote, urlencode

import msgspec

from orgward.app.execute import Call, Door
from orgward.app.trial import Rehearsal
from orgward.edge.endpoint import ENDPOINTS, Endpoint
from orgward.edge.paging import LazyQuery
from orgward.edge.replies import WithStatus
from orgward.edge.results import Finisher
from orgward.edge.router import check_values
from orgward.edge.running import Runner, Sent
from orgward.edge.versions import content_type_of
from orgward.kernel.errors import UnavailableError
from orgward.kernel.principal import Principal

REHEARSAL_SECONDS: Final = 5.0
"""How long a page waits for the writer to try a change."""

Finished = WithStatus
"""Status and body of a call, as a client would see them."""


class ApiCall(msgspec.Struct, frozen=True, kw_only=True):
    """One call: the operation, the values of its path, its body as JSON values, and its query."""

    operation: str
    values: Mapping[str, str] = {}
    body: Any = None
    query: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, and from where."""

    principal: Principal
    base_url: str
    request_id: str
    address: str
    device: str


@cache
def endpoint_of(operation: str) -> Endpoint:
    """Return the endpoint of the API that serves `operation`; KeyError if none does."""
    found = next((endpoint for endpoint in ENDPOINTS if endpoint.operation.id == operation), None)
    if found is None:
        raise KeyError(operation)
    return found


@dataclass(frozen=True, slots=True)
class Api:
    """The API as pages and forms of one visitor reach it: in this process, out of the visitor's own allowance."""

    door: Door
    runner: Runner
    caller: Caller

    def admit(self, calls: Sequence[ApiCall]) -> None:
        """Count `calls` like those of a client; TooManyAttemptsError if there is nothing left for them."""
        endpoints = [endpoint_of(call.operation) for call in calls]
        self.runner.rates.admit(endpoints, self.caller.principal, self.caller.address)

    async def perform(self, call: ApiCall) -> Finished:
        """Return what the API answers to `call`, which is admitted, or raise what it refuses with."""
        endpoint, inner = endpoint_of(call.operation), _call(call, self.caller)
        finisher = Finisher(endpoint, inner, self.caller.base_url + path_of(endpoint, call))
        return finisher.finished(await self.runner.run(finisher, Sent(_raw(call))))

    def ask(self, call: ApiCall) -> Any:
        """Return what the operation of `call` reads, before it is made into a reply; blocks on the disk."""
        self.admit([call])
        return self.door.read(_decoded(call, self.caller))

    def rehearse(self, calls: Sequence[ApiCall]) -> Rehearsal:
        """Return what `calls` would do one after the other, none of which is done; blocks until the writer has tried.

        UnavailableError where that takes too long: the threads that wait are those that read every page.
        """
        self.runner.rates.admit_rehearsal(self.caller.principal, self.caller.address, len(calls))
        try:
            tried = self.door.rehearse([_trial(call, self.caller) for call in calls]).result(REHEARSAL_SECONDS)
        except TimeoutError:
            raise UnavailableError("UNAVAILABLE") from None
        found: Rehearsal = tried.result
        return found

    async def write(self, call: Call) -> Any:
        """Return the result of a write of the console's own once it is durable."""
        done = await asyncio.wrap_future(self.door.write(call))
        return done.result


def _trial(call: ApiCall, caller: Caller) -> Call:
    endpoint, inner = endpoint_of(call.operation), _decoded(call, caller)
    if endpoint.body_names_resource:
        inner.values = {**inner.values, endpoint.body_names_resource: call.body[endpoint.body_names_resource]}
    inner.is_trial = True
    return inner


def _decoded(call: ApiCall, caller: Caller) -> Call:
    endpoint, inner = endpoint_of(call.operation), _call(call, caller)
    kind = endpoint.bodies.get(inner.version)
    if kind is not None:
        inner.body = endpoint.decode(_raw(call), kind)
    return inner


def _call(call: ApiCall, caller: Caller) -> Call:
    endpoint = endpoint_of(call.operation)
    check_values(call.values)
    version = endpoint.versions[-1].date if endpoint.versions else ""
    return Call(
        endpoint.operation, caller.principal, dict(call.values), None, LazyQuery(endpoint, call.query), version,
        caller.base_url, caller.request_id, caller.address, caller.device,
    )  # fmt: skip


def _raw(call: ApiCall) -> bytes:
    return b"" if call.body is None else msgspec.json.encode(call.body)


def path_of(endpoint: Endpoint, call: ApiCall) -> str:
    """Return the path of `call`, with its values in place."""
    path = endpoint.path
    for name, value in call.values.items():
        path = path.replace(f"{{{name}}}", quote(value, safe="@"))
    return path


def as_text(call: ApiCall) -> str:
    """Return `call` as a client would write it: method, path, headers and body, without credentials."""
    endpoint = endpoint_of(call.operation)
    path = path_of(endpoint, call) + (f"?{urlencode(call.query)}" if call.query else "")
    lines = [f"{endpoint.method} {path}"]
    if endpoint.versions:
        lines.append(f"Accept: {_media_type(endpoint)}")
    if call.body is not None:
        lines += ["", msgspec.json.format(msgspec.json.encode(call.body), indent=2).decode()]
    return "\n".join(lines)


def as_curl(call: ApiCall, base_url: str) -> str:
    """Return `call` as a command line for curl, with an API key's two halves to be filled in."""
    endpoint = endpoint_of(call.operation)
    path = path_of(endpoint, call) + (f"?{urlencode(call.query)}" if call.query else "")
    accept = f" \\\n  -H 'Accept: {_media_type(endpoint)}'" if endpoint.versions else ""
    body = ""
    if call.body is not None:
        text = msgspec.json.encode(call.body).decode().replace("'", "'\\''")
        body = f" \\\n  -H 'Content-Type: application/json' \\\n  -d '{text}'"
    who = "--digest -u PUBLIC_KEY:PRIVATE_KEY" if endpoint.is_atlas else "-H 'Authorization: Bearer TOKEN'"
    return f"curl -X {endpoint.method} {who}{accept}{body} \\\n  '{base_url}{path}'"


def _media_type(endpoint: Endpoint) -> str:
    return content_type_of(endpoint.versions[-1]).split(";")[0]
