"""Who acts: a person, an API key, or the operator who can open the store."""

from dataclasses import dataclass
from typing import Literal

PrincipalKind = Literal["user", "api_key", "operator"]


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated principal and the credential that it showed.

    `id` is the user's or key's id, for the operator the name of the account of the operating system.
    `credential` names the session or key on every audit row (attack row 29); `proof` is the hash under which a
    session is stored, so that the writer can see that it still lives. `factor` is the kind of second factor that the
    session has shown, empty if none; `proven_at` is when its person last proved who they are, in milliseconds.
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
