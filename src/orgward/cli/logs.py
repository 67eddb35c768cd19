"""The server's own log: one JSON object a line on the standard error, without secrets."""

import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Final

import structlog

_SECRET: Final = ("password", "token", "secret", "private", "authorization")


def configure_logs() -> None:
    """Write every event as a line of JSON with time, level and traceback."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            without_secrets,
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        # Looked up at each event, for the standard error may have been another when logging was set up.
        logger_factory=lambda *_: structlog.WriteLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )


def without_secrets(logger: object, method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Return `event` with the value of every member blotted out whose name speaks of a secret."""
    return {name: "…" if any(word in name.lower() for word in _SECRET) else value for name, value in event.items()}
