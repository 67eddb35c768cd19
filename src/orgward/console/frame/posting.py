"""Posted forms: their fields and files, bounded, from either encoding."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.types import Message

from orgward.edge.bodies import MAX_BODY
from orgward.edge.pipeline import read_body
from orgward.kernel.errors import MalformedError

_MOST_FIELDS: Final = 4_000


@dataclass(frozen=True, slots=True)
class Fields:
    """What a form was posted with."""

    values: Mapping[str, list[str]]
    files: Mapping[str, bytes]


async def fields_of(request: Request) -> Fields:
    """Return the fields and files of `request`; MalformedError if it holds none that can be read, or too much."""
    raw = await read_body(request)

    async def again() -> Message:
        """Give the body that was read already."""
        return {"type": "http.request", "body": raw, "more_body": False}

    try:
        form = await Request(request.scope, again).form(
            max_files=1, max_fields=_MOST_FIELDS, max_part_size=MAX_BODY
        )  # fmt: skip
        return await _read(form)
    except (HTTPException, MultiPartException, ValueError):
        raise MalformedError("VALIDATION_ERROR", "form") from None


async def _read(form: FormData) -> Fields:
    """Return what `form` holds; ValueError if a field is no text, which the encoding that it names may make of it."""
    values: dict[str, list[str]] = {}
    files: dict[str, bytes] = {}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            files[name] = await value.read()
        elif b"\0" not in f"{name}{value}".encode():
            values.setdefault(name, []).append(value.replace("\r\n", "\n"))
    await form.close()
    return Fields(values, files)
