"""PATCH: changes of a resource one after the other, as RFC 7644 has them and as Entra and Okta send them (3.5.2).

`op` comes in any capitals; without `path` the members of the value are paths; a removal of `members` with a value
takes out those alone. Names that no schema has are passed over where they stand beside others, as in whole bodies;
a path that points at nothing is refused.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import msgspec

from orgward.edge.bodies import decode
from orgward.scim.attributes import Attribute, Place, Resource, ResourceType, ScimError, place_of
from orgward.scim.coercion import checked, extension_values, key_of, single_value, unique, value_of
from orgward.scim.filters import And, Comparison, Filter, PatchPath, parse_path, terms_of
from orgward.scim.matching import test_of_value

MOST_OPERATIONS: Final = 200
MOST_PARTS: Final = 10_000
"""How many names and values all changes of a request may hold."""

LONGEST_PATHS: Final = 40_000
"""How many characters all paths of a request may have."""

MOST_COMPARISONS: Final = 60_000
"""How often values are looked at: in a full team of 250 each change of a request can choose somebody."""

Op = Literal["add", "replace", "remove"]
_OPS: Final[dict[str, Op]] = {"add": "add", "replace": "replace", "remove": "remove"}


class Operation(msgspec.Struct, frozen=True):
    """One change."""

    op: str
    path: str | None = None
    value: Any = msgspec.UNSET


class PatchBody(msgspec.Struct, frozen=True):
    """The changes of a request."""

    operations: list[Operation] = msgspec.field(name="Operations")
    schemas: list[str] = []


def decode_changes(raw: bytes, kind: Any) -> PatchBody:
    """Return the changes that a body holds; too many are refused before they keep anybody else waiting."""
    body: PatchBody = decode(raw, kind)
    values = [operation.value for operation in body.operations if operation.value is not msgspec.UNSET]
    paths = [path for operation in body.operations for path in _paths(operation)]
    if not _are_at_most(MOST_PARTS, values) or sum(map(len, paths)) > LONGEST_PATHS:
        raise ScimError("TOO_MANY_CHANGES")
    return body


def _paths(operation: Operation) -> Sequence[str]:
    if operation.path:
        return (operation.path,)
    return tuple(operation.value) if isinstance(operation.value, Mapping) else ()


def _are_at_most(most: int, values: Sequence[Any]) -> bool:
    """Say whether `values`, with all that is in them, are not more than `most`."""
    waiting, count = list(values), 0
    while waiting and count <= most:
        value = waiting.pop()
        inside = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
        waiting += inside
        count += 1
    return count <= most


class _Work:
    """What a request may still look at: for as long as it does, nobody else can change anything."""

    def __init__(self) -> None:
        self._left = MOST_COMPARISONS

    def spend(self, looks: int) -> None:
        self._left -= looks
        if self._left < 0:
            raise ScimError("TOO_MANY_CHANGES")


def patched(kind: ResourceType, resource: Resource, operations: Sequence[Operation]) -> Resource:
    """Return `resource` after all of `operations`, or raise what is wrong with one of them."""
    if not 0 < len(operations) <= MOST_OPERATIONS:
        raise ScimError("VALIDATION_ERROR", f"Operations holds 1 to {MOST_OPERATIONS} of them")
    found: Resource = msgspec.json.decode(msgspec.json.encode(resource))
    work = _Work()
    for operation in operations:
        op = _OPS.get(operation.op.lower())
        if op is None:
            raise ScimError("INVALID_ATTRIBUTE", "op")
        if operation.value is msgspec.UNSET and op != "remove":
            raise ScimError("MISSING_ATTRIBUTE", "value")
        value = None if operation.value is msgspec.UNSET else operation.value
        if operation.path:
            _Change(kind, found, op, work).at(parse_path(operation.path), value)
        else:
            _without_path(_Change(kind, found, op, work), op, value)
    return {name: value for name, value in found.items() if value not in ("", [], {})}


def _without_path(change: "_Change", op: Op, value: Any) -> None:
    if op == "remove":
        raise ScimError("NO_TARGET", "path")
    if not isinstance(value, Mapping):
        raise ScimError("VALIDATION_ERROR", "without a path the value is an object")
    for name, each in value.items():
        path = parse_path(name)
        place = change.place_of(path)
        if place is not None and not (place.attribute is not None and place.attribute.is_fixed):
            change.at(path, each)


class _Change:
    """One kind of change of one resource."""

    def __init__(self, kind: ResourceType, resource: Resource, op: Op, work: _Work) -> None:
        self._kind, self._resource, self._op, self._work = kind, resource, op, work

    def place_of(self, path: PatchPath) -> Place | None:
        """Return what `path` points at, None if that is nothing."""
        return place_of(self._kind, path.notation)

    def at(self, path: PatchPath, value: Any) -> None:
        """Make the change at `path`."""
        place = self.place_of(path)
        if place is None:
            raise ScimError("INVALID_PATH", f"{path.notation[:80]} is no attribute here")
        if place.attribute is None:
            self._extension(place, value)
            return
        _check_changeable(place, path, self._op)
        holder = self._resource.setdefault(place.urn, {}) if place.urn else self._resource
        # `name.givenName` and `emails[…].value` both end at a part.
        part = path.part if place.part is None else place.part.name
        change = self._many if place.attribute.many else self._single
        change(holder, place.attribute, PatchPath(path.notation, path.chosen, part), value)

    def _extension(self, place: Place, value: Any) -> None:
        if self._op == "remove":
            self._resource.pop(place.urn, None)
        else:
            self._resource.setdefault(place.urn, {}).update(extension_values(value, self._kind))

    def _single(self, holder: Resource, attribute: Attribute, path: PatchPath, value: Any) -> None:
        part = attribute.part(path.part)
        if path.chosen is not None:
            raise ScimError("INVALID_PATH", f"{attribute.name} has one value only")
        if part is not None:
            inner = holder.setdefault(attribute.name, {})
            self._put(inner, part, value)
            _drop_empty(holder, attribute.name)
        elif attribute.kind == "complex" and self._op != "remove":
            holder[attribute.name] = {**holder.get(attribute.name, {}), **(single_value(value, attribute) or {})}
            _drop_empty(holder, attribute.name)
        else:
            self._put(holder, attribute, value)

    def _put(self, holder: Resource, attribute: Attribute, value: Any) -> None:
        """Set one value of `holder`, or take it away; null takes away, too."""
        found = None if self._op == "remove" else single_value(value, attribute)
        if found is None and attribute.required:
            raise ScimError("ATTRIBUTE_NOT_CHANGEABLE", attribute.name)
        holder.pop(attribute.name, None)
        if found is not None:
            holder[attribute.name] = found

    def _many(self, holder: Resource, attribute: Attribute, path: PatchPath, value: Any) -> None:
        held: list[Resource] = holder.get(attribute.name, [])
        self._work.spend((len(held) + 1) * terms_of(path.chosen))
        if path.chosen is None and not path.part:
            holder[attribute.name] = self._listed(held, attribute, value)
            return
        test = test_of_value(path.chosen, attribute) if path.chosen is not None else bool
        chosen: list[Resource] = []
        others: list[Resource] = []
        for each in held:
            (chosen if test(each) else others).append(each)
        if self._op == "remove" and not path.part:
            holder[attribute.name] = others
            return
        if not chosen and self._op == "replace":
            raise ScimError("NO_TARGET", path.notation)
        if not chosen and self._op == "add":
            chosen = [_begun(path.chosen, attribute)]
        changed = self._rewritten(chosen, attribute, path.part, value)
        is_new_primary = any(one.get("primary") for one in changed)
        kept = [{**one, "primary": False} if is_new_primary and one.get("primary") else one for one in others]
        holder[attribute.name] = [one for one in unique([*kept, *changed]) if one]

    def _listed(self, held: list[Resource], attribute: Attribute, value: Any) -> list[Resource]:
        """Return the values after a change that chooses none of them."""
        given: list[Resource] = value_of(value, attribute)
        if self._op == "replace":
            return given
        named = {key_of(each) for each in given}
        if self._op == "add":
            there = {key_of(one) for one in held}
            return checked([*held, *(each for each in given if key_of(each) not in there)], attribute)
        # A removal with values is none of the RFC's; Entra takes people out of a team so.
        return [one for one in held if key_of(one) not in named] if value is not None else []

    def _rewritten(self, chosen: list[Resource], attribute: Attribute, name: str, value: Any) -> list[Resource]:
        """Return the values `chosen` changed, as a whole or in the part `name`."""
        part = attribute.part(name) if name else None
        if name and (part is None or part.is_fixed):
            raise ScimError("INVALID_PATH", f"{name} is no part of {attribute.name}")
        found = []
        whole = single_value(value, attribute) or {} if part is None else {}
        for each in chosen:
            changed = {**each, **whole}
            if part is not None:
                self._put(changed, part, value)
            found.append(changed)
        return found


def _check_changeable(place: Place, path: PatchPath, op: Op) -> None:
    fixed = [each for each in (place.attribute, place.part) if each is not None and each.is_fixed]
    required = op == "remove" and place.part is None and place.attribute is not None and place.attribute.required
    if fixed or required:
        raise ScimError("ATTRIBUTE_NOT_CHANGEABLE", path.notation)


def _begun(chosen: Filter | None, attribute: Attribute) -> Resource:
    """Return the value that an addition makes where none fits: what the filter says that it equals."""
    terms = chosen.parts if isinstance(chosen, And) else () if chosen is None else (chosen,)
    found: Resource = {}
    for term in terms:
        part = attribute.part(term.notation) if isinstance(term, Comparison) and term.operator == "eq" else None
        if part is None or not isinstance(term, Comparison):
            raise ScimError("NO_TARGET", attribute.name)
        found[part.name] = single_value(term.value, part)
    return found


def _drop_empty(holder: Resource, name: str) -> None:
    if not holder[name]:
        del holder[name]
