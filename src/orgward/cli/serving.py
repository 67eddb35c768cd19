"""`serve`: one process, one event loop, every face."""

import asyncio
import contextlib
import gc
import ipaddress
import os
import signal
import socket
import ssl
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import structlog
import typer
import uvicorn
import uvloop
from starlette.applications import Starlette

from orgward.app.execute import Door
from orgward.app.forgetting import forget_expired
from orgward.app.mail import Dispatcher, FolderCarrier, MailSettingError, MailSettings, SmtpCarrier
from orgward.app.oidc import Providers
from orgward.app.outbound import Outbound
from orgward.app.signing_keys import renew_signing_keys
from orgward.cli.faces import declare_everything
from orgward.cli.logs import configure_logs
from orgward.cli.opening import DEFAULT_STORE, USAGE, StoreOption, opened
from orgward.cli.output import say
from orgward.console.frame.serving import Console
from orgward.edge.pipeline import Pipeline
from orgward.edge.proxies import Network
from orgward.edge.server import build_app
from orgward.store.audit import write_anchor
from orgward.store.opening import Store
from orgward.store.writer import Published

HOST: Final = "127.0.0.1"
PORT: Final = 8080

_HOUR: Final = 3600
_BACKLOG: Final = 2048
_KEEP_ALIVE_SECONDS: Final = 65
_DRAIN_SECONDS: Final = 30
_FAREWELL_SECONDS: Final = 1.0
_WIDEST: Final = 1_000

_OBJECTS_BEFORE_A_LOOK: Final = 50_000  # one large answer has thousands of objects, and none of them in a cycle

_log = structlog.get_logger(__name__)

_DOUBTS: Final = {"KEY_VALUES_MISMATCH": "the key is not that of the certificate"}

HostOption = Annotated[str, typer.Option("--host", help="The address to listen on.")]
PortOption = Annotated[int, typer.Option("--port", min=0, max=65535, help="The port; 0 takes a free one.")]
LoopbackOption = Annotated[
    bool, typer.Option("--allow-loopback-calls", help="Let identity providers be on this machine, by http too.")
]


@dataclass(frozen=True, slots=True)
class Listening:
    """Where a server listens, with which certificate, and whose forwarded addresses it believes."""

    host: str = HOST
    port: int = PORT
    tls_cert: Path | None = None
    tls_key: Path | None = None
    trusted_proxies: tuple[Network, ...] = ()
    rate_limits: float = 1
    allow_loopback_calls: bool = False


def serve(
    *,
    host: HostOption = HOST,
    port: PortOption = PORT,
    tls_cert: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="A PEM certificate.")] = None,
    tls_key: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="Its PEM key.")] = None,
    trusted_proxy: Annotated[
        list[str] | None, typer.Option(metavar="CIDR", help="Proxies whose X-Forwarded-For counts.")
    ] = None,
    rate_limits: Annotated[
        float, typer.Option(metavar="FACTOR", help="How wide rate limits are, up to 1000; 0 lifts them.")
    ] = 1,
    allow_loopback_calls: LoopbackOption = False,
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """Serve every API until SIGTERM, then finish what was begun."""
    if (tls_cert is None) != (tls_key is None):
        message = "a certificate needs its key, and a key its certificate"
        raise typer.BadParameter(message, param_hint="--tls-cert")
    if not 0 <= rate_limits <= _WIDEST:
        message = f"a factor is a number from 0 to {_WIDEST}"
        raise typer.BadParameter(message, param_hint="--rate-limits")
    listening = Listening(
        host, port, tls_cert, tls_key, _networks(trusted_proxy or []), rate_limits, allow_loopback_calls
    )
    configure_logs()
    with opened(store) as door:
        run_server(door, listening)


def _networks(texts: Sequence[str]) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(text) for text in texts)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--trusted-proxy") from None


def run_server(door: Door, listening: Listening, *, after_start: Callable[[str], None] | None = None) -> None:
    """Serve through `door` until a signal ends it; `after_start` is told the URL."""
    declare_everything()
    gc.freeze()  # what was loaded stays: no collection needs to walk through a million grants
    gc.set_threshold(_OBJECTS_BEFORE_A_LOOK)
    try:
        _check_certificate(listening)
        listener = _listen(listening)
        url = _url(listening, listener)
        mail = MailSettings.of(os.environ, door.store.path.resolve().parent, url)
        server = uvicorn.Server(_config(_application(door, listening, mail), listening))
        server.config.load()
    except (OSError, MailSettingError, CertificateError) as error:
        sys.stderr.write(f"can't serve on {listening.host}:{listening.port}: {error}\n")
        raise typer.Exit(USAGE) from None
    _end_quietly(server)
    say(f"serving {url} · store {door.store.path.resolve()} · mail {_destination(mail)}")
    if after_start is not None:
        after_start(url)
    with asyncio.Runner(loop_factory=_Loop) as runner:
        runner.run(_serve(server, listener, door, Dispatcher(door, mail)))


def _application(door: Door, listening: Listening, mail: MailSettings) -> Starlette:
    if listening.allow_loopback_calls:
        door.providers = Providers(Outbound(allow_loopback=True), door.store.clock)

    def pages(pipeline: Pipeline) -> Console:
        return Console(door, pipeline, public_url=mail.url, mail=_destination(mail))

    return build_app(
        door, trusted_proxies=listening.trusted_proxies, rate_limits=listening.rate_limits, pages=pages
    )  # fmt: skip


def _config(app: Starlette, listening: Listening) -> uvicorn.Config:
    return uvicorn.Config(
        app, http="httptools", loop="uvloop", ws="none", lifespan="on", log_config=None, log_level="error",
        access_log=False, server_header=False, proxy_headers=False, timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_DRAIN_SECONDS, ssl_certfile=listening.tls_cert, ssl_keyfile=listening.tls_key,
    )  # fmt: skip


class CertificateError(Exception):
    """The certificate and the key can't be served with."""


def _check_certificate(listening: Listening) -> None:
    """Raise with a sentence unless the certificate and its key can be read and fit; a locked key is not asked for."""
    if listening.tls_cert is None or listening.tls_key is None:
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(listening.tls_cert, listening.tls_key, lambda: "")
    except ssl.SSLError as error:
        doubt = _DOUBTS.get(error.reason, "the certificate or its key can't be read; both are PEM, without a password")
        raise CertificateError(doubt) from error


def _end_quietly(server: uvicorn.Server) -> None:
    """Disarm the signals that uvicorn raises again once it has drained, so that the process exits with 0."""

    def stop(*_: object) -> None:
        server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)


def _listen(listening: Listening) -> socket.socket:
    family = socket.AF_INET6 if ":" in listening.host else socket.AF_INET
    return socket.create_server((listening.host, listening.port), family=family, backlog=_BACKLOG)


def _url(listening: Listening, listener: socket.socket) -> str:
    host = f"[{listening.host}]" if ":" in listening.host else listening.host
    return f"{'https' if listening.tls_cert else 'http'}://{host}:{listener.getsockname()[1]}"


def _destination(mail: MailSettings) -> str:
    match mail.carrier:
        case SmtpCarrier(host, port):
            return f"by {host}:{port}"
        case FolderCarrier(folder):
            return f"to {folder}"
        case other:
            return f"by {other}"


async def _serve(server: uvicorn.Server, listener: socket.socket, door: Door, mail: Dispatcher) -> None:
    """Serve with changes folded on this loop; send mail and look after the store meanwhile."""
    store = door.store
    store.publish = LoopPublish(store, asyncio.get_running_loop())
    mail.start()
    hourly = asyncio.create_task(_look_after_hourly(door))
    try:
        await server.serve(sockets=[listener])
    finally:
        hourly.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await hourly
        await asyncio.to_thread(mail.stop)
        store.publish = store.publish_here
        await asyncio.sleep(0)  # what was handed over before is folded and answered


class _Loop(uvloop.Loop):
    """A loop that does not wait long for the farewell of a client over TLS: one that idles would hold a drain up."""

    async def create_server(self, *arguments: Any, **options: Any) -> Any:
        """Listen as any loop does."""
        listen: Any = super().create_server
        farewell = {"ssl_shutdown_timeout": _FAREWELL_SECONDS} if options.get("ssl") else {}
        return await listen(*arguments, **options, **farewell)


@dataclass(frozen=True, slots=True)
class LoopPublish:
    """Folds committed changes on the loop's thread in one step and answers there: no request sees half."""

    store: Store
    loop: asyncio.AbstractEventLoop

    def __call__(self, changes: Published, answer: Callable[[], None]) -> None:
        """Hand the changes over; where the loop has ended already, fold here."""
        try:
            self.loop.call_soon_threadsafe(self.store.publish_here, changes, answer)
        except RuntimeError:
            self.store.publish_here(changes, answer)


async def _look_after_hourly(door: Door) -> None:
    """Each hour append the head of the log to the `anchors` file, renew keys, forget what is over from every file."""
    while True:
        await asyncio.sleep(_HOUR)
        jobs = (
            lambda: write_anchor(door.store),
            lambda: forget_expired(door),
            lambda: renew_signing_keys(door),
            door.store.scrub,
        )
        for job in jobs:
            try:
                await asyncio.to_thread(job)
            except Exception:  # noqa: BLE001 - the next hour's may succeed
                _log.exception("hourly_job_failed")
