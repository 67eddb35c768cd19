"""The ASGI application: the pipeline, and the jobs that run beside it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final, Protocol

import structlog
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from orgward.app.execute import Door
from orgward.app.key_use import KeyUse
from orgward.app.operation import REGISTRY
from orgward.app.session_use import SessionUse
from orgward.edge.endpoint import ENDPOINTS
from orgward.edge.pipeline import Pipeline
from orgward.edge.proxies import Network

_FLUSH_SECONDS: Final = 60.0

_log = structlog.get_logger(__name__)


class UnsealedError(Exception):
    """The application has a way in that no operation declares."""


class Pages(Protocol):
    """What serves everything that is no path of an API: the console."""

    def operations(self) -> Iterable[str]:
        """Return the id of every operation that it runs."""
        ...

    def serves(self, scope: Scope) -> bool:
        """Say whether a request for no path of an API is theirs; programs at a wrong address get the API's answer."""
        ...

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        ...


class Ways:
    """The ways into the application: paths of an API to the pipeline, all others to the pages, if there are any."""

    def __init__(self, pipeline: Pipeline, pages: Pages | None) -> None:
        """Know the paths of an API by their first segment."""
        self.pipeline, self.pages = pipeline, pages
        self._first = {endpoint.path.split("/")[1] for endpoint in ENDPOINTS}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        first = scope["path"].strip("/").partition("/")[0]
        is_api = self.pages is None or first in self._first or not self.pages.serves(scope)
        serve = self.pipeline if is_api or self.pages is None else self.pages
        await serve(scope, receive, send)


def build_app(
    door: Door,
    *,
    trusted_proxies: Sequence[Network] = (),
    rate_limits: float = 1,
    pages: Callable[[Pipeline], Pages] | None = None,
) -> Starlette:
    """Return the application that serves every endpoint declared so far, and is sealed.

    `rate_limits` is a factor: 2 allows twice as much, 0 everything. `pages` makes what serves the other paths.
    """
    pipeline = Pipeline(door, trusted_proxies=trusted_proxies, rate_limits=rate_limits)
    ways = Ways(pipeline, pages(pipeline) if pages else None)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        """Run what goes on beside the requests."""
        pipeline.security_log.open()
        noted = (pipeline.key_use, pipeline.session_use)
        flushing = asyncio.create_task(_flush_regularly(*noted))
        try:
            yield
        finally:
            flushing.cancel()
            with suppress(asyncio.CancelledError):
                await flushing
            await _flush(*noted)
            pipeline.security_log.close()

    app = Starlette(lifespan=lifespan)
    # A route would match with a pattern, and no pattern of Starlette's matches `*` or a path with a line break.
    app.router.default = ways
    app.router.redirect_slashes = False
    app.middleware_stack = app.router  # the pipeline answers its own errors: no need to look for them again
    seal(app)
    return app


async def _flush_regularly(*noted: KeyUse | SessionUse) -> None:
    while True:
        await asyncio.sleep(_FLUSH_SECONDS)
        await _flush(*noted)


async def _flush(*noted: KeyUse | SessionUse) -> None:
    for uses in noted:
        try:
            submitted = await asyncio.to_thread(uses.flush)
            if submitted is not None:
                await asyncio.wrap_future(submitted)
        except Exception:  # noqa: BLE001 - uses are worth a line in the log, not an ended server
            _log.exception("uses_not_recorded", of=type(uses).__name__)


def seal(app: Starlette) -> None:
    """Raise unless every way into `app` leads to declared operations, by the pipeline or by the pages."""
    default = app.router.default
    strange: list[object] = [*app.routes] if isinstance(default, Ways) else [*app.routes, default]
    if isinstance(default, Ways) and default.pages is not None:
        strange += [id for id in default.pages.operations() if id not in REGISTRY]
    if strange:
        message = f"`{strange[0]}` is served without an operation"
        raise UnsealedError(message)
