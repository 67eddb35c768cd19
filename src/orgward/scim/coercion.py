"""Values as clients send them, in the one form that resources have (RFC 7643, section 2).

Names come in any capitals, booleans as texts, one value where there may be many, and a complex value as its `value`
alone: all of that providers send. Null, an empty text, list or object are all "unassigned".
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from orgward.scim.attributes import Attribute, Resource, ResourceType, ScimError, named

LONGEST_TEXT: Final = 1_000
MOST_VALUES: Final = 20
MOST_MEMBERS: Final = 2_000
"""How many values are looked at of a list of people; how many fit into a team is a rule of its own."""

_TRUTHS: Final = {"true": True, "false": False}


def resource_of(sent: Any, kind: ResourceType) -> Resource:
    """Return the resource that `sent` describes, without what only the server sets and what no schema has."""
    if not isinstance(sent, Mapping):
        raise ScimError("MALFORMED_JSON")
    found = _values(sent, kind.known, skipped=_extensions(kind))
    for name, value in sent.items():
        if kind.extension is not None and name.lower() == kind.extension.urn.lower() and value is not None:
            found |= _if_any(kind.extension.urn, extension_values(value, kind))
    return found


def _extensions(kind: ResourceType) -> str:
    return "" if kind.extension is None else kind.extension.urn.lower()


def extension_values(sent: Any, kind: ResourceType) -> Resource:
    """Return the values of the extension of `kind` that `sent` holds."""
    extension = kind.extension
    if extension is None or not isinstance(sent, Mapping):
        raise _wrong("the extension", "is not an object")
    return _values(sent, extension.attributes)


def _values(sent: Mapping[str, Any], attributes: Sequence[Attribute], *, skipped: str = "") -> Resource:
    found: Resource = {}
    for name, value in sent.items():
        attribute = named(attributes, name)
        if attribute is None or attribute.is_fixed or name.lower() == skipped:
            continue
        if attribute.name in found:
            raise ScimError("INVALID_ATTRIBUTE", attribute.name)
        found |= _if_any(attribute.name, value_of(value, attribute))
    return found


def _if_any(name: str, value: Any) -> Resource:
    return {} if value is None or value in ("", [], {}) else {name: value}


def value_of(sent: Any, attribute: Attribute) -> Any:
    """Return `sent` as the value of `attribute`, with all its values if there may be many; None is unassigned."""
    if not attribute.many:
        return single_value(sent, attribute)
    values = sent if isinstance(sent, list) else [] if sent is None else [sent]
    if len(values) > MOST_MEMBERS:
        raise _wrong(attribute.name, f"has more than {MOST_MEMBERS} values")
    return checked([single_value(value, attribute) for value in values], attribute)


def checked(values: Iterable[Any], attribute: Attribute) -> list[Any]:
    """Return `values`, each once and at most one of them primary, or raise if they are too many."""
    found = unique(values)
    most = MOST_MEMBERS if attribute.name == "members" else MOST_VALUES
    if len(found) > most:
        raise _wrong(attribute.name, f"has more than {most} values")
    return _with_one_primary(found)


def single_value(sent: Any, attribute: Attribute) -> Any:
    """Return `sent` as one value of `attribute`; None is unassigned."""
    if isinstance(sent, list) and len(sent) == 1 and not attribute.many:
        sent = sent[0]
    if sent is None:
        return None
    if attribute.kind == "complex":
        return _complex(sent, attribute)
    if attribute.kind == "boolean":
        truth = _TRUTHS.get(sent.lower()) if isinstance(sent, str) else sent
        if not isinstance(truth, bool):
            raise _wrong(attribute.name, "is neither true nor false")
        return truth
    if not isinstance(sent, str) or len(sent) > LONGEST_TEXT:
        raise _wrong(attribute.name, f"is not a text of at most {LONGEST_TEXT} characters")
    return sent or None


def _complex(sent: Any, attribute: Attribute) -> Resource | None:
    if isinstance(sent, str) and attribute.part("value") is not None:
        sent = {"value": sent}
    if not isinstance(sent, Mapping):
        raise _wrong(attribute.name, "is not an object")
    found = _values(sent, attribute.parts)
    for part in attribute.parts:
        if part.required and part.name not in found:
            raise _wrong(attribute.name, f"has no {part.name}")
    return found or None


def key_of(value: Resource) -> str:
    """Return what tells one of many values from the others: its `value` if it has one, else all that it says."""
    return repr(value["value"] if "value" in value else sorted(value.items()))


def unique(values: Iterable[Resource | None]) -> list[Resource]:
    """Return the values that are assigned, each once: two of one `value` and one kind are the same."""
    found = {(key_of(value), value.get("type")): value for value in values if value is not None}
    return list(found.values())


def _with_one_primary(values: list[Resource]) -> list[Resource]:
    """Return `values` of which the last that is called primary is the only one (RFC 7643, section 2.4)."""
    last = max((i for i, value in enumerate(values) if value.get("primary")), default=-1)
    return [{**v, "primary": False} if v.get("primary") and i < last else v for i, v in enumerate(values)]


def _wrong(name: str, why: str) -> ScimError:
    return ScimError("VALIDATION_ERROR", f"{name} {why}")
