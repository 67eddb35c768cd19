"""What an attribute, a schema and a type of resource are (RFC 7643, sections 2 and 7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from orgward.kernel.errors import OrgwardError

Kind = Literal["string", "boolean", "dateTime", "reference", "complex"]
Mutability = Literal["readOnly", "readWrite", "immutable"]

Resource = dict[str, Any]
"""A resource in one form: names as the schema writes them, nothing that is unassigned, extensions under their URN."""


class ScimError(OrgwardError):
    """A request is not as RFC 7644 has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """An attribute, or a part of a complex one."""

    name: str
    about: str
    kind: Kind = "string"
    many: bool = False
    parts: tuple["Attribute", ...] = ()
    required: bool = False
    exact: bool = False
    mutability: Mutability = "readWrite"
    always: bool = False
    unique: bool = False
    values: tuple[str, ...] = ()
    refers_to: tuple[str, ...] = ()

    @property
    def is_fixed(self) -> bool:
        """Say whether clients can't set it."""
        return self.mutability == "readOnly"

    def part(self, name: str) -> "Attribute | None":
        """Return the part of this name, in any capitals."""
        return named(self.parts, name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """The attributes that one URN stands for."""

    urn: str
    name: str
    about: str
    attributes: tuple[Attribute, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceType:
    """A type of resource: where it is served, and its schemas; `extension` is the optional second one."""

    name: str
    place: str
    about: str
    schema: Schema
    extension: Schema | None = None

    @property
    def known(self) -> tuple[Attribute, ...]:
        """Return the attributes that stand at the top of the resource."""
        return (*COMMON, *self.schema.attributes)


def named(attributes: Sequence[Attribute], name: str) -> Attribute | None:
    """Return the one of `attributes` with this name, in any capitals (RFC 7643, section 2.1)."""
    wanted = name.lower()
    return next((found for found in attributes if found.name.lower() == wanted), None)


COMMON: Final = (
    Attribute(name="schemas", about="The schemas of the resource.", many=True, exact=True, mutability="readOnly",
              always=True),
    Attribute(name="id", about="The id that Orgward gave.", exact=True, mutability="readOnly", always=True),
    Attribute(name="externalId", about="The id that the client gave.", exact=True),
    Attribute(name="meta", about="What is known of the resource.", kind="complex", mutability="readOnly", parts=(
        Attribute(name="resourceType", about="Its type.", exact=True, mutability="readOnly"),
        Attribute(name="created", about="When it was made.", kind="dateTime", mutability="readOnly"),
        Attribute(name="lastModified", about="When it was last changed.", kind="dateTime", mutability="readOnly"),
        Attribute(name="location", about="Where it is served.", kind="reference", mutability="readOnly"),
        Attribute(name="version", about="Its entity tag.", exact=True, mutability="readOnly"),
    )),
)  # fmt: skip
"""The attributes of every resource, which no schema lists (RFC 7643, section 3.1)."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a resource a notation points: below `urn` if not empty, at an attribute, at a part of it."""

    urn: str
    attribute: Attribute | None
    part: Attribute | None = None


def place_of(kind: ResourceType, notation: str) -> Place | None:
    """Return what `notation` points at in resources of `kind`, None if that is nothing (RFC 7644, section 3.10)."""
    extension, lower = kind.extension, notation.lower()
    if extension is not None and lower == extension.urn.lower():
        return Place(extension.urn, None)
    for schema, attributes in ((kind.schema, kind.known), (extension, extension.attributes if extension else ())):
        if schema is not None and lower.startswith(f"{schema.urn.lower()}:"):
            urn = "" if schema is kind.schema else schema.urn
            return _within(urn, attributes, notation[len(schema.urn) + 1 :])
    return _within("", kind.known, notation)


def _within(urn: str, attributes: Sequence[Attribute], notation: str) -> Place | None:
    name, dot, rest = notation.partition(".")
    attribute = named(attributes, name)
    if attribute is None:
        return None
    part = attribute.part(rest) if dot else None
    return None if dot and part is None else Place(urn, attribute, part)
