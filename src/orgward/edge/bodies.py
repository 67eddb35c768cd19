"""Request bodies: decoded into frozen structs, with every fault named when one fails."""

import types
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final, Union, get_args, get_origin

import msgspec

from orgward.kernel.errors import FieldFault, MalformedError

MAX_BODY = 1 << 20

MOST_FAULTS: Final = 100
"""How many faults of a body are named: one of a megabyte has room for hundreds of thousands."""

_LONGEST_LIST: Final = 1_000


class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """A request body; a member may be left out only where it has a default."""


def decode(raw: bytes, kind: Any) -> Any:
    """Return `raw` as an instance of `kind`; MalformedError names every faulty field."""
    try:
        return parse(raw, kind)
    except msgspec.ValidationError as error:
        raise malformed(parse(raw, Any), kind, error) from None


def malformed(value: Any, kind: Any, error: msgspec.ValidationError) -> MalformedError:
    """Return the refusal of `value`, which is no instance of `kind`, with every faulty member of it."""
    faults = list(islice(find_faults(value, kind, ""), MOST_FAULTS)) or [FieldFault("", str(error))]
    return MalformedError(_code(faults), *_parameters(faults), fields=faults)


def parse(raw: bytes, kind: Any) -> Any:
    """Return `raw` as an instance of `kind`; ValidationError if it is another JSON value, MalformedError if none."""
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.ValidationError:
        # A number that no type can hold is one for which the decoder has no other word, whatever is asked for.
        if kind is Any:
            raise MalformedError("MALFORMED_JSON") from None
        raise
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise MalformedError("MALFORMED_JSON") from None


def _code(faults: list[FieldFault]) -> str:
    missing = all(fault.description == "is required" for fault in faults)
    if len(faults) == 1 and faults[0].field:
        return "MISSING_ATTRIBUTE" if missing else "INVALID_ATTRIBUTE"
    return "VALIDATION_ERROR"


def _parameters(faults: list[FieldFault]) -> list[str]:
    if len(faults) == 1 and faults[0].field:
        return [faults[0].field]
    return ["; ".join(f"{fault.field}: {fault.description}".strip(": ") for fault in faults)]


def find_faults(value: Any, kind: Any, path: str) -> Iterator[FieldFault]:
    """Yield every fault of `value` against `kind`, members one by one; of a very long list the first one alone."""
    if get_origin(kind) in {Union, types.UnionType}:
        yield from _faults_of_union(value, kind, path)
    elif isinstance(kind, type) and issubclass(kind, msgspec.Struct) and isinstance(value, dict):
        yield from _faults_of_members(value, kind, path)
    elif get_origin(kind) is list and isinstance(value, list) and len(value) <= _LONGEST_LIST:
        yield from _faults_of_items(value, kind, path)
    else:
        yield from _fault(value, kind, path)


def _fault(value: Any, kind: Any, path: str) -> Iterator[FieldFault]:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        yield FieldFault(path, _sentence(str(error)))


def _faults_of_items(value: list[Any], kind: Any, path: str) -> Iterator[FieldFault]:
    (item,) = get_args(kind)
    is_faultless = True
    for i, part in enumerate(value):
        for fault in find_faults(part, item, f"{path}[{i}]"):
            is_faultless = False
            yield fault
    if is_faultless:
        yield from _fault(value, kind, path)


def _faults_of_union(value: Any, kind: Any, path: str) -> Iterator[FieldFault]:
    others = [part for part in get_args(kind) if part not in {type(None), msgspec.UnsetType}]
    if value is None and type(None) in get_args(kind):
        return
    yield from find_faults(value, others[0], path) if len(others) == 1 else _fault(value, kind, path)


def _faults_of_members(value: dict[str, Any], kind: type[msgspec.Struct], path: str) -> Iterator[FieldFault]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    for name, field in fields.items():
        inner = f"{path}.{name}".lstrip(".")
        if name in value:
            yield from find_faults(value[name], field.type, inner)
        elif field.required:
            yield FieldFault(inner, "is required")
    for name in value if kind.__struct_config__.forbid_unknown_fields else ():
        if name not in fields:
            yield FieldFault(f"{path}.{name}".lstrip("."), "is not a member of this object")


def _sentence(text: str) -> str:
    return (text[:1].lower() + text[1:]).split(" - at `")[0]
