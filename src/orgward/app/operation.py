"""Operations: declared functions that name the privilege they require and the resource they act on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from orgward.catalog import PRIVILEGES
from orgward.engine.layer import Layer
from orgward.kernel.errors import OrgwardError
from orgward.kernel.resource import ResourceRef
from orgward.store.view import SqlView


@dataclass(frozen=True, slots=True)
class Public:
    """Anybody may call it, for the stated reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class Oneself:
    """Any authenticated principal may call it, for it concerns that principal alone.

    `keys_refused` is the code for API keys where only people may call it. `answers_gates` says that the operation
    itself answers what a closed gate means, instead of being refused by it.
    """

    reason: str
    keys_refused: str = ""
    answers_gates: bool = False


@dataclass(frozen=True, slots=True)
class OperatorOnly:
    """Only whoever can open the store may call it."""


Requirement = tuple[str, ...] | Public | Oneself | OperatorOnly


Refusal = Callable[[ResourceRef], OrgwardError | None]
"""Returns why the caller would be refused on a resource, None if they would not be."""


class Target(Protocol):
    """How an operation finds the resource that it acts on."""

    def locate(self, facts: Layer, view: SqlView, values: Mapping[str, str], refusal: Refusal) -> ResourceRef:
        """Return the resource that `values` name, or raise NotFoundError; of several the one that is not refused."""
        ...


Inner = Callable[[SqlView, ResourceRef, Mapping[str, str]], None]
"""Raises NotFoundError unless the thing that the path names lies inside the resource."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One thing that can be asked of Orgward; `run` reads, or for a write returns an Outcome.

    `open_to_own_key` lets the machine that `apiUserId` or `clientId` names do it to itself, whatever roles it holds.
    `needs_recent_proof` asks of a person's session that its person proved who they are a short time ago.
    """

    id: str
    requires: Requirement
    on: Target
    inner: Inner | None
    writes: bool
    run: Callable[[Any], Any]
    open_to_own_key: bool = False
    needs_recent_proof: bool = False

    @property
    def privileges(self) -> tuple[str, ...]:
        """Return the privileges any one of which is required; none for public and own operations."""
        return self.requires if isinstance(self.requires, tuple) else ()


REGISTRY: Final[dict[str, Operation]] = {}


class DeclarationError(Exception):
    """An operation is declared twice, or requires what is not in the catalogue."""


def declare(operation: Operation) -> Operation:
    """Enter `operation` in the registry."""
    if operation.id in REGISTRY:
        message = f"operation `{operation.id}` is declared twice"
        raise DeclarationError(message)
    unknown = [p for p in operation.privileges if p not in PRIVILEGES]
    if unknown or operation.requires == ():
        message = f"operation `{operation.id}` requires unknown privileges {unknown}"
        raise DeclarationError(message)
    REGISTRY[operation.id] = operation
    return operation
