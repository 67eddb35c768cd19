"""The shape of a JSON value, and where two of them differ: member names and types, never values."""

import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

_ID = re.compile(r"\b[0-9a-f]{24}\b")
_ADDRESS = re.compile(r"\b\d+\.\d+\.\d+\.\d+\b")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d%3A\d\d%3A\d\d(?:\.\d+)?Z")
"""A time in a query."""


def differences(ours: Any, theirs: Any, path: str = "") -> Iterator[str]:
    """Yield where `ours` is not of the shape of `theirs`, which was recorded."""
    if type_of(ours) != type_of(theirs):
        yield f"{path or '/'}: {type_of(ours)} instead of {type_of(theirs)}"
    elif isinstance(theirs, dict):
        yield from _members(ours, theirs, path)
    elif isinstance(theirs, list) and theirs:
        yield from _items(ours, theirs, path)


def _members(ours: dict[str, Any], theirs: dict[str, Any], path: str) -> Iterator[str]:
    for name in sorted({*ours, *theirs}):
        inner = f"{path}/{name}"
        if name not in ours or name not in theirs:
            yield f"{inner}: {'missing' if name in theirs else 'not recorded'}"
        else:
            yield from differences(ours[name], theirs[name], inner)


def _items(ours: list[Any], theirs: list[Any], path: str) -> Iterator[str]:
    """Hold the items against each other both ways: each has to have its like on the other side."""
    inner = f"{path}[]"
    if not ours:
        yield f"{inner}: empty"
        return
    for item in theirs:
        yield from _closest([list(differences(own, item, inner)) for own in ours])
    for own in ours:
        yield from _closest([list(differences(own, item, inner)) for item in theirs])


def _closest(found: Sequence[list[str]]) -> list[str]:
    return min(found, key=len)


def type_of(value: Any) -> str:
    """Return the JSON type of `value`, whole numbers apart from others."""
    names = {type(None): "null", bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}
    return names.get(type(value), "object")


def links_of(body: Any) -> list[tuple[str, str]]:
    """Return the links of the body itself: their relation, and path and query without ids, addresses and times."""
    links = body.get("links", []) if isinstance(body, dict) else []
    return [(link["rel"], _masked(link["href"])) for link in links]


def _masked(href: str) -> str:
    parts = urlsplit(href)
    return TIME.sub("{time}", _ADDRESS.sub("{address}", _ID.sub("{id}", f"{parts.path}?{parts.query}")))
