"""The names and gates that deciding needs, read from the rows of a store."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from orgward.app.gates import gates_of
from orgward.decision_api.decide import ANYWHERE
from orgward.kernel.principal import Principal
from orgward.kernel.resource import ResourceRef
from orgward.store.reads.named import accounts_named, keys_named, users_named
from orgward.store.view import SqlView


@dataclass(frozen=True, slots=True)
class StoredNames:
    """Names as the rows of one view have them."""

    view: SqlView

    def users_named(self, names: Iterable[str]) -> Mapping[str, str]:
        """Return the id of the user behind each of the usernames that is known."""
        return users_named(self.view, names)

    def keys_named(self, names: Iterable[str]) -> Mapping[str, str]:
        """Return the id of the API key behind each of the public keys that is known."""
        return keys_named(self.view, names)

    def accounts_named(self, names: Iterable[str]) -> Mapping[str, str]:
        """Return the id of the service account behind each of the client ids that is known."""
        return accounts_named(self.view, names)

    def is_user(self, user: str) -> bool:
        """Say whether there is a user with this id."""
        return self.view.get("users", user) is not None

    def closed_gate(self, principal: Principal, org: str, *, writes: bool) -> str:
        """Return the code of the gate of `org` that is closed to a request of `principal` (82, 86, 89)."""
        gates = gates_of(self.view, principal, ResourceRef("organization", org, org=org), writes=writes)
        return replace(gates, address_allowed=True).closed if principal.address == ANYWHERE else gates.closed
