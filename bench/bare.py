"""The yardstick over HTTP, in a process of its own: a raw handler that always says yes, and a bare route."""

import asyncio
import socket
import sys
from typing import Any, Final

import msgspec
import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

_YES: Final = b'{"decision":true}'
_PROJECT: Final = {
    "clusterCount": 0, "created": "2026-01-01T00:00:00Z", "id": "0" * 24, "links": [], "name": "web", "orgId": "1" * 24,
    "tags": [], "withDefaultAlertsSettings": True,
}  # fmt: skip


async def _read(request: Request) -> Response:
    found = {**_PROJECT, "id": request.path_params["id"]}
    return Response(msgspec.json.encode(found), media_type="application/json")


_ROUTES: Final = Starlette(routes=[Route("/groups/{id}", _read)])


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Say yes to whoever posts; leave the rest to the bare route."""
    if scope["type"] == "http" and scope["method"] == "POST":
        while (await receive()).get("more_body"):
            pass
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(_YES)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": _YES})
    else:
        await _ROUTES(scope, receive, send)


def main() -> None:
    """Serve as `orgward serve` does until the process is ended, and say where."""
    listener = socket.create_server(("127.0.0.1", 0))
    options: dict[str, Any] = {"http": "httptools", "loop": "uvloop", "ws": "none", "log_level": "error"}
    server = uvicorn.Server(uvicorn.Config(app, access_log=False, server_header=False, lifespan="off", **options))
    sys.stdout.write(f"serving http://127.0.0.1:{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(server.serve(sockets=[listener]))


if __name__ == "__main__":
    main()
