"""Which resources a filter finds: a filter becomes a function of a resource (RFC 7644, section 3.4.2.2)."""

import operator as operators
from collections.abc import Callable, Sequence
from typing import Any, Final

from orgward.kernel.instants import parse_rfc3339
from orgward.scim.attributes import Attribute, Place, Resource, ResourceType, ScimError, place_of
from orgward.scim.filters import And, Comparison, Filter, Having, Not, Or, Present, Value

Test = Callable[[Resource], bool]
_Compare = Callable[[Any, Any], bool]
_Find = Callable[[str], Place | None]

_COMPARES: Final[dict[str, _Compare]] = {
    "eq": operators.eq,
    "co": lambda held, given: given in held,
    "sw": lambda held, given: held.startswith(given),
    "ew": lambda held, given: held.endswith(given),
    "gt": operators.gt,
    "ge": operators.ge,
    "lt": operators.lt,
    "le": operators.le,
}
_OF_TEXTS: Final = {"co", "sw", "ew"}
_TRUTHS: Final = {"true": True, "false": False}


def test_of(filter_: Filter, kind: ResourceType) -> Test:
    """Return what tells whether a resource of `kind` fits; raises `invalidFilter` for what it can't be asked."""
    return _Compiler(lambda notation: place_of(kind, notation)).test(filter_)


def test_of_value(filter_: Filter, attribute: Attribute) -> Test:
    """Return what tells whether one value of a complex `attribute` fits; names are those of its parts."""
    return _Compiler(lambda notation: _place_of_part(attribute, notation)).test(filter_)


def _place_of_part(attribute: Attribute, notation: str) -> Place | None:
    found = attribute.part(notation)
    return None if found is None else Place("", found)


class _Compiler:
    """Makes functions of filters whose names `find` understands."""

    def __init__(self, find: _Find) -> None:
        self._find = find

    def test(self, filter_: Filter) -> Test:
        match filter_:
            case Not(inner):
                test = self.test(inner)
                return lambda resource: not test(resource)
            case And(parts):
                tests = [self.test(part) for part in parts]
                return lambda resource: all(each(resource) for each in tests)
            case Or(parts):
                choices = [self.test(part) for part in parts]
                return lambda resource: any(each(resource) for each in choices)
            case Having():
                return self._having(filter_)
            case Present(notation):
                place = self._place(notation)
                return lambda resource: any(_is_assigned(value) for value in _values(place, resource))
            case Comparison():
                return self._comparison(filter_)

    def _having(self, filter_: Having) -> Test:
        place = self._place(filter_.notation)
        attribute = place.attribute
        if attribute is None or not attribute.parts or place.part is not None:
            raise ScimError("INVALID_FILTER", f"{filter_.notation} has no values to choose from")
        test = test_of_value(filter_.inner, attribute)
        return lambda resource: any(test(value) for value in _values(place, resource))

    def _comparison(self, filter_: Comparison) -> Test:
        place = _comparable(self._place(filter_.notation))
        attribute = place.part or place.attribute
        if attribute is None or attribute.kind == "complex":
            raise ScimError("INVALID_FILTER", f"{filter_.notation} is not compared as a whole")
        if filter_.value is None:
            return _assigned_test(filter_, place)
        given = _given(filter_, attribute)
        compare = _COMPARES["eq" if filter_.operator == "ne" else filter_.operator]

        def holds(resource: Resource) -> bool:
            return any(compare(_comparand(held, attribute), given) for held in _values(place, resource))

        return (lambda resource: not holds(resource)) if filter_.operator == "ne" else holds

    def _place(self, notation: str) -> Place:
        place = self._find(notation)
        if place is None:
            raise ScimError("INVALID_FILTER", f"{notation[:80]} is no attribute here")
        return place


def _assigned_test(filter_: Comparison, place: Place) -> Test:
    if filter_.operator not in {"eq", "ne"}:
        raise ScimError("INVALID_FILTER", "null is compared with eq and ne only")
    wanted = filter_.operator == "ne"
    return lambda resource: any(_is_assigned(value) for value in _values(place, resource)) == wanted


def _comparable(place: Place) -> Place:
    """Return `place`, or for a complex attribute that is not narrowed the part that stands for the whole of it."""
    attribute = place.attribute
    if attribute is not None and place.part is None and attribute.kind == "complex":
        return Place(place.urn, attribute, attribute.part("value"))
    return place


def _given(filter_: Comparison, attribute: Attribute) -> Any:
    """Return the value of a comparison as values of `attribute` are compared, or raise `invalidFilter`."""
    value, operator = filter_.value, filter_.operator
    if attribute.kind == "boolean":
        truth = _TRUTHS.get(value.lower()) if isinstance(value, str) else value
        if isinstance(truth, bool) and operator in {"eq", "ne"}:
            return truth
    elif isinstance(value, str) and not (attribute.kind == "dateTime" and operator in _OF_TEXTS):
        return _comparand(value, attribute)
    raise ScimError("INVALID_FILTER", f"{filter_.notation} {operator} does not go with that value")


def _comparand(value: Value, attribute: Attribute) -> Any:
    if attribute.kind == "dateTime" and isinstance(value, str):
        try:
            return parse_rfc3339(value)
        except ValueError:
            raise ScimError("INVALID_FILTER", f"{value[:40]} is no time") from None
    return value if attribute.exact or not isinstance(value, str) else value.casefold()


def _values(place: Place, resource: Resource) -> Sequence[Any]:
    """Return what stands at `place`, nothing if it is unassigned; of many values each."""
    holder = resource.get(place.urn, {}) if place.urn else resource
    if place.attribute is None:
        return [holder] if holder else []
    found = holder.get(place.attribute.name)
    values = [] if found is None else found if isinstance(found, list) else [found]
    if place.part is None:
        return values
    return [value[place.part.name] for value in values if place.part.name in value]


def _is_assigned(value: Any) -> bool:
    return value is not None and value not in ("", [], {})
