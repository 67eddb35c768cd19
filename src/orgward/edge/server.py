"""The ASGI application: the pipeline and nothing beside it."""

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.routing import Mount

from orgward.app.execute import Door
from orgward.edge.pipeline import Pipeline
from orgward.edge.proxies import Network


class UnsealedError(Exception):
    """The application has a way in that no operation declares."""


def build_app(door: Door, *, trusted_proxies: Sequence[Network] = ()) -> Starlette:
    """Return the application that serves every endpoint declared so far, and is sealed."""
    app = Starlette(routes=[Mount("/", app=Pipeline(door, trusted_proxies=trusted_proxies))])
    seal(app)
    return app


def seal(app: Starlette) -> None:
    """Raise unless every way into `app` leads through the pipeline, which serves declared operations alone."""
    for route in app.routes:
        if not isinstance(route, Mount) or not isinstance(route.app, Pipeline):
            message = f"`{route}` is served without an operation"
            raise UnsealedError(message)
