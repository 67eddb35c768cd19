"""What a rule stands on, and what it returns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from orgward.catalog import EDITIONS, Edition, Limits
from orgward.engine.authorized import Authorized
from orgward.engine.layer import Layer
from orgward.kernel.delta import Delta
from orgward.kernel.principal import Principal

Row = Mapping[str, Any]


class View(Protocol):
    """Rows as every command before left them; implemented by the store and, in tests, over dicts."""

    def get(self, table: str, *key: str) -> Row | None:
        """Return the row of `table` under `key`, None if there is none."""
        ...

    def find(self, table: str, **equal: Any) -> Sequence[Row]:
        """Return every row of `table` whose columns equal the given values, in the order of its key."""
        ...

    def keys(self, table: str, **equal: Any) -> Sequence[tuple[str, ...]]:
        """Return the key of every such row, in order."""
        ...

    def count(self, table: str, **equal: str) -> int:
        """Return how many rows of `table` have these values; only for the groups that the schema counts."""
        ...


class Token(Protocol):
    """A minted link token: its hash is stored, its sealed form waits for the mail."""

    @property
    def token(self) -> str:
        """Return what is shown once."""
        ...

    @property
    def hash(self) -> str:
        """Return what is stored."""
        ...

    @property
    def sealed(self) -> str:
        """Return what the outbox keeps until the message is sent."""
        ...


class MintedKey(Protocol):
    """A minted API key: both halves, the masked private half, and the sealed Digest secret."""

    @property
    def public(self) -> str:
        """Return the public half."""
        ...

    @property
    def private(self) -> str:
        """Return the private half, shown once."""
        ...

    @property
    def masked(self) -> str:
        """Return the private half as it is shown ever after."""
        ...

    @property
    def sealed(self) -> str:
        """Return what is stored."""
        ...


class MintedSecret(Protocol):
    """A minted secret of a service account: what is shown once, its hash, and its masked form."""

    @property
    def secret(self) -> str:
        """Return what is shown once."""
        ...

    @property
    def hash(self) -> str:
        """Return what is stored."""
        ...

    @property
    def masked(self) -> str:
        """Return what is shown afterwards."""
        ...


class Mint(Protocol):
    """Fresh ids and secrets, and what hides them until they are sent."""

    def id(self) -> str:
        """Return a fresh id."""
        ...

    def salt(self) -> str:
        """Return a salt for a sealed row."""
        ...

    def token(self) -> Token:
        """Return a fresh token."""
        ...

    def sealed(self, text: str) -> str:
        """Return what the outbox keeps of `text` until a message is sent."""
        ...

    def stand_in(self, text: str) -> str:
        """Return what stands for `text` in the key of a sealed row."""
        ...

    def api_key(self) -> MintedKey:
        """Return a fresh API key."""
        ...

    def service_account_secret(self) -> MintedSecret:
        """Return a fresh secret of a service account."""
        ...


@dataclass(frozen=True, slots=True)
class Ground:
    """The proof, the rows, the facts, the time, and where ids and limits come from.

    `held` remembers which roles a principal was found to hold at a scope.
    """

    authorized: Authorized
    view: View
    facts: Layer
    now: int
    mint: Mint
    limits: Limits
    held: dict[tuple[str, str], set[str]] = field(default_factory=dict, init=False, compare=False)

    @property
    def principal(self) -> Principal:
        """Return who commands."""
        return self.authorized.principal

    @property
    def org(self) -> str:
        """Return the organization of the authorized resource."""
        return self.authorized.resource.org or ""

    @property
    def project(self) -> str:
        """Return the project of the authorized resource."""
        return self.authorized.resource.project or ""

    def edition_of(self, org: str) -> Edition:
        """Return the edition of the organization `org`."""
        return EDITIONS[self.facts.attribute("organizations", org) or ""]


@dataclass(slots=True)
class Change:
    """What a rule decided: deltas, the body of the audit row, and the id of what it made or touched."""

    deltas: list[Delta]
    body: dict[str, Any] = field(default_factory=dict)
    target: str | None = None
    org_id: str | None = None
    secret: str | None = None


def put(table: str, *key: str, **row: Any) -> Delta:
    """Return the delta that writes `row` under `key`."""
    return Delta(table, key, row)


def drop(table: str, *key: str) -> Delta:
    """Return the delta that deletes the row under `key`."""
    return Delta(table, key, None)
