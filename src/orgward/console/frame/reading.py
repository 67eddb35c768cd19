"""Reading a page, row after row, while others change them."""

from typing import Any

import structlog

from orgward.app.execute import Call, Door
from orgward.kernel.errors import OrgwardError

_log = structlog.get_logger(__name__)


def read_page(door: Door, call: Call) -> Any:
    """Return what a page shows; where that fails it is read again, for what it is about may have gone in between."""
    try:
        return door.read(call)
    except OrgwardError:
        raise
    except Exception as error:  # noqa: BLE001 - a fault of ours fails again
        _log.warning("page_read_again", request_id=call.request_id, operation=call.operation.id, error=repr(error))
        return door.read(call)
