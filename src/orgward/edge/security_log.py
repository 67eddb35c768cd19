"""The security log: denied requests and failed authentication, in rotated files beside the store.

They are no part of the store's log, for nobody must be able to fill that by being refused.
"""

import logging
import queue
import time
from logging.handlers import QueueHandler, QueueListener, RotatingFileHandler
from pathlib import Path
from typing import Final

import msgspec

from orgward.kernel.errors import DeniedError, GateError, NotFoundError, OrgwardError, UnauthenticatedError
from orgward.kernel.instants import rfc3339
from orgward.kernel.principal import Principal

_BYTES: Final = 10 << 20
_FILES: Final = 5
_WAITING: Final = 10_000
_NOTED: Final = (UnauthenticatedError, DeniedError, GateError, NotFoundError)


class _Dropping(QueueHandler):
    """A queue that drops what does not fit: a flood must not hold requests up or fill the memory."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name is logging's
        """Pass over a record for which there is no room."""


class SecurityLog:
    """Lines of JSON in `security.log`; nothing is written before `open` and after `close`."""

    def __init__(self, folder: Path) -> None:
        """Write below `folder` once opened."""
        self._path = folder / "security.log"
        self._logger: logging.Logger | None = None
        self._listener: QueueListener | None = None

    def open(self) -> None:
        """Begin to write, on a thread of its own."""
        file = RotatingFileHandler(self._path, maxBytes=_BYTES, backupCount=_FILES, encoding="utf-8")
        self._path.chmod(0o600)
        waiting: queue.Queue[logging.LogRecord] = queue.Queue(_WAITING)
        self._listener = QueueListener(waiting, file)
        self._listener.start()
        logger = logging.Logger("orgward.security", logging.INFO)  # noqa: LOG001 - out of reach of any configuration
        logger.addHandler(_Dropping(waiting))
        self._logger = logger

    def close(self) -> None:
        """Write what is waiting, then stop."""
        self._logger = None
        if self._listener is not None:
            self._listener.stop()
            for handler in self._listener.handlers:
                handler.close()
            self._listener = None

    def note(
        self, error: OrgwardError, method: str, path: str, *, caller: Principal | None, request_id: str, address: str
    ) -> None:
        """Add a line about a request from `address` that was refused; a malformed one is not worth it."""
        if self._logger is None or not isinstance(error, _NOTED):
            return
        line = {
            "address": address,
            "at": rfc3339(time.time_ns() // 1_000_000),
            "code": error.code,
            "method": method,
            "path": path[:512],
            "requestId": request_id,
        }
        if caller is not None:
            line |= {"kind": caller.kind, "id": caller.id, "credential": caller.credential}
        self._logger.info(msgspec.json.encode(line, order="sorted").decode())
