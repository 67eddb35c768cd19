"""The ASGI application: the pipeline, and the jobs that run beside it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final

import structlog
from starlette.applications import Starlette

from orgward.app.execute import Door
from orgward.app.key_use import KeyUse
from orgward.edge.pipeline import Pipeline
from orgward.edge.proxies import Network

_FLUSH_SECONDS: Final = 60.0

_log = structlog.get_logger(__name__)


class UnsealedError(Exception):
    """The application has a way in that no operation declares."""


def build_app(door: Door, *, trusted_proxies: Sequence[Network] = ()) -> Starlette:
    """Return the application that serves every endpoint declared so far, and is sealed."""
    pipeline = Pipeline(door, trusted_proxies=trusted_proxies)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        """Run what goes on beside the requests."""
        pipeline.security_log.open()
        flushing = asyncio.create_task(_flush_regularly(pipeline.key_use))
        try:
            yield
        finally:
            flushing.cancel()
            with suppress(asyncio.CancelledError):
                await flushing
            await _flush(pipeline.key_use)
            pipeline.security_log.close()

    app = Starlette(lifespan=lifespan)
    # A route would match with a pattern, and no pattern of Starlette's matches `*` or a path with a line break.
    app.router.default = pipeline
    app.router.redirect_slashes = False
    seal(app)
    return app


async def _flush_regularly(key_use: KeyUse) -> None:
    while True:
        await asyncio.sleep(_FLUSH_SECONDS)
        await _flush(key_use)


async def _flush(key_use: KeyUse) -> None:
    try:
        submitted = await asyncio.to_thread(key_use.flush)
        if submitted is not None:
            await asyncio.wrap_future(submitted)
    except Exception:  # noqa: BLE001 - counts are worth a line in the log, not an ended server
        _log.exception("key_use_not_recorded")


def seal(app: Starlette) -> None:
    """Raise unless every way into `app` leads through the pipeline, which serves declared operations alone."""
    ways = [*app.routes, *(way for way in [app.router.default] if not isinstance(way, Pipeline))]
    if ways:
        message = f"`{ways[0]}` is served without an operation"
        raise UnsealedError(message)
