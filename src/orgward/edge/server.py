"""The ASGI application: the pipeline, and the jobs that run beside it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final

import structlog
from starlette.applications import Starlette

from orgward.app.execute import Door
from orgward.app.key_use import KeyUse
from orgward.app.session_use import SessionUse
from orgward.edge.pipeline import Pipeline
from orgward.edge.proxies import Network

_FLUSH_SECONDS: Final = 60.0

_log = structlog.get_logger(__name__)


class UnsealedError(Exception):
    """The application has a way in that no operation declares."""


def build_app(door: Door, *, trusted_proxies: Sequence[Network] = (), rate_limits: float = 1) -> Starlette:
    """Return the application that serves every endpoint declared so far, and is sealed.

    `rate_limits` is a factor: 2 allows twice as much, 0 everything.
    """
    pipeline = Pipeline(door, trusted_proxies=trusted_proxies, rate_limits=rate_limits)

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
    app.router.default = pipeline
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
    """Raise unless every way into `app` leads through the pipeline, which serves declared operations alone."""
    ways = [*app.routes, *(way for way in [app.router.default] if not isinstance(way, Pipeline))]
    if ways:
        message = f"`{ways[0]}` is served without an operation"
        raise UnsealedError(message)
