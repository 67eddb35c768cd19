"""Lists as comma-separated values: batch by batch through the door, so that whoever loses the right gets no further."""

import csv
import io
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any, Final

from starlette.responses import Response, StreamingResponse

from orgward.app.execute import Call, Door
from orgward.console.frame.declaration import Batch, ExportRoute
from orgward.edge.running import Runner

_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")
"""What spreadsheets take for the beginning of a formula."""


async def exported(runner: Runner, door: Door, route: ExportRoute, call: Call) -> Response:
    """Return the whole list, whose first batch is read before anything is sent."""
    first: Batch = await runner.in_thread(door.read, call)

    async def parts() -> AsyncIterator[bytes]:
        """Yield the lines of each batch."""
        yield lines_of([route.columns, *first.rows])
        after = first.after
        while after is not None:
            batch: Batch = await runner.in_thread(door.read, replace(call, prepared=after))
            yield lines_of(batch.rows)
            after = batch.after

    name = route.path.rsplit("/", 1)[-1]
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(parts(), headers=headers, media_type="text/csv; charset=utf-8")


def lines_of(rows: Sequence[Sequence[Any]]) -> bytes:
    """Return `rows` as lines of comma-separated values, none of which a spreadsheet takes for a formula."""
    file = io.StringIO()
    csv.writer(file, lineterminator="\r\n").writerows([[_cell(value) for value in row] for row in rows])
    return file.getvalue().encode()


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULAS) else text
