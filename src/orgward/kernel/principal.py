"""Who acts: a person, an API key, a service account, or the operator who can open the store."""

from dataclasses import dataclass
from typing import Final, Literal

PrincipalKind = Literal["user", "api_key", "service_account", "operator"]

MACHINES: Final = ("api_key", "service_account")
"""The kinds of principals that belong to one organization and are no people."""

CLIENT_ID_PREFIX: Final = "mdb_sa_id_"
"""What stands before the id of a service account where clients see it (wire.md 4)."""


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated principal and the credential that it showed.

    `id` is the id of the user, key or service account, for the operator the name of the account of the operating
    system. `credential` names the session, key or token on every audit row (attack row 29); `proof` is what it stands
    on, so that the writer can see that it still lives: the hash of a session, the id of a service account's secret.
    `factor` is the kind of second factor that the session has shown, empty if none; `proven_at` is when its person
    last proved who they are, in milliseconds.
    """

    kind: PrincipalKind
    id: str
    credential: str = ""
    address: str = ""
    proof: str = ""
    factor: str = ""
    proven_at: int = 0

    @property
    def is_operator(self) -> bool:
        """Say whether this is the operator, whom no network edge can make."""
        return self.kind == "operator"

    @property
    def is_machine(self) -> bool:
        """Say whether this is an API key or a service account, which belongs to one organization."""
        return self.kind in MACHINES
