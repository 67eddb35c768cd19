"""A world behind a real socket, for clients that need one: a server on loopback, on a port that was free."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn

from tests.world import World


@dataclass(frozen=True, slots=True)
class Served:
    """A world and the address under which it is served."""

    world: World
    url: str


@contextmanager
def served(world: World) -> Iterator[Served]:
    """Serve `world` for the length of a block."""
    config = uvicorn.Config(world.app, host="127.0.0.1", port=0, log_config=None, lifespan="off", ws="none")
    server = uvicorn.Server(config)
    started = threading.Event()

    async def serve() -> None:
        """Serve until the server is told to end."""
        config.load()
        server.lifespan = config.lifespan_class(config)
        await server.startup()
        started.set()
        await server.main_loop()
        await server.shutdown()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="served", daemon=True)
    thread.start()
    assert started.wait(20), "the server did not start"
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield Served(world, f"http://localhost:{port}")
    finally:
        server.should_exit = True
        thread.join(10)
