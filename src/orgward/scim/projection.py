"""Which attributes a client wants to see (RFC 7644, section 3.9)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from orgward.scim.attributes import Place, Resource, ResourceType, ScimError, place_of

MOST_NAMES: Final = 100


@dataclass(frozen=True, slots=True)
class Projection:
    """What of a resource is shown: `only` these places, or all but the `hidden` ones."""

    only: tuple[Place, ...] | None = None
    hidden: tuple[Place, ...] = ()

    def shows(self, name: str) -> bool:
        """Say whether anything of the attribute `name` is shown, so that nobody looks up what is not."""
        if self.only is not None:
            return any(_is_of(place, name) for place in self.only)
        return not any(_is_of(place, name) and place.part is None for place in self.hidden)

    def of(self, resource: Resource, kind: ResourceType) -> Resource:
        """Return `resource` as far as it is shown; what identifies it always is."""
        if self.only is None and not self.hidden:
            return resource
        always = {found.name for found in kind.known if found.always}
        if self.only is None:
            shown = _without(resource, [place for place in self.hidden if _name(place) not in always])
        else:
            shown = {name: value for name, value in resource.items() if name in always}
            for place in self.only:
                _copy(place, resource, shown)
        return {name: value for name, value in shown.items() if value not in ({}, [])}


WHOLE: Final = Projection()


def projection_of(kind: ResourceType, shown: str, hidden: str) -> Projection:
    """Return what the parameters `attributes` and `excludedAttributes` ask for; unknown names ask for nothing."""
    if shown and hidden:
        raise ScimError("INVALID_QUERY_PARAMETER", "excludedAttributes")
    return Projection(tuple(_places(kind, shown)) if shown else None, tuple(_places(kind, hidden)))


def _places(kind: ResourceType, names: str) -> Iterable[Place]:
    given = [name.strip() for name in names.split(",")]
    if len(given) > MOST_NAMES:
        raise ScimError("INVALID_QUERY_PARAMETER", "attributes")
    return [place for place in (place_of(kind, name) for name in given) if place is not None]


def _is_of(place: Place, name: str) -> bool:
    return place.attribute is not None and not place.urn and place.attribute.name == name


def _name(place: Place) -> str:
    return place.urn or (place.attribute.name if place.attribute else "")


def _without(resource: Resource, hidden: Iterable[Place]) -> Resource:
    found = dict(resource)
    for place in hidden:
        holder = found
        if place.urn and place.attribute is not None:
            holder = found[place.urn] = dict(found.get(place.urn, {}))
        name = place.attribute.name if place.attribute else place.urn
        if place.part is None:
            holder.pop(name, None)
        elif name in holder:
            holder[name] = _without_part(holder[name], place.part.name)
    return found


def _without_part(value: Any, part: str) -> Any:
    if isinstance(value, list):
        return [_without_part(each, part) for each in value]
    return {name: each for name, each in value.items() if name != part}


def _copy(place: Place, resource: Resource, shown: Resource) -> None:
    source, into = resource, shown
    if place.urn:
        source = resource.get(place.urn, {})
        into = shown.setdefault(place.urn, {}) if source else {}
    for name, value in source.items():
        if place.attribute is None:
            into[name] = value
        elif name == place.attribute.name:
            into[name] = value if place.part is None else _with_part(into.get(name), value, place.part.name)


def _with_part(shown: Any, value: Any, part: str) -> Any:
    if isinstance(value, list):
        before = shown if isinstance(shown, list) else [{} for _ in value]
        return [_with_part(old, each, part) for old, each in zip(before, value, strict=True)]
    return {**(shown or {}), **({part: value[part]} if part in value else {})}
