"""Puts what is there into generated calls."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from orgward.catalog import PRIVILEGES
from tests.soak.place import NOWHERE, Place
from tests.soak.stock import PASSWORD, Stock

NAMED_BY_ID = ("groupId", "userId", "userId", "apiUserId", "teamId", "clientId")
TIMES = ("2020-01-01T00:00:00Z", "2099-12-31T23:59:59.5+02:00", "2030-06-15T12:00:00-11:30")
ROLE_MEMBERS = {
    "orgRole": "organization", "orgRoles": "organization", "groupRole": "project", "groupRoles": "project",
    "roleNames": "project",
}  # fmt: skip


class Aim:
    """Puts what is there into generated calls, most of the time; what is generated badly typed stays so."""

    def __init__(self, stock: Stock, seed: int) -> None:
        """Aim at what `stock` has."""
        self._stock = stock
        self._seed = seed

    def __call__(self, path: str, path_parameters: Any, body: Any) -> tuple[Any, Any]:
        """Return the path parameters and the body with real values in place of generated ones."""
        # The same generated call is aimed alike, whenever it comes.
        rng = Random(f"{self._seed} {path} {path_parameters!r} {body!r}")
        place = rng.choice(self._stock.places)
        scope = "organization" if "/orgs" in path else "project"
        if isinstance(path_parameters, Mapping):
            # One project has something of everything; ids of elsewhere are asked for, too.
            known = place.on_first if "{groupId}" in path and rng.random() < 0.7 else {}
            path_parameters = {
                name: self._parameter(place, path, name, rng, known) if rng.random() < 0.95 else value
                for name, value in path_parameters.items()
            }
        return path_parameters, self._aimed(place, body, rng, scope)

    def _parameter(self, place: Place, path: str, name: str, rng: Random, known: Mapping[str, Sequence[str]]) -> str:
        if known.get(name):
            return rng.choice(known[name])
        if "/me/invitations" in path and self._stock.invitations:
            return rng.choice(self._stock.invitations)
        if self._stock.own_ids.get(name) and "/groups/" not in path:
            return rng.choice(self._stock.own_ids[name])
        if path.endswith("/orgs/{orgId}") and rng.random() < 0.2:
            return self._stock.empty
        return place.pick(name, rng) or "0" * 24

    def _aimed(self, place: Place, value: Any, rng: Random, scope: str, name: str = "") -> Any:
        if isinstance(value, dict):
            return {member: self._aimed(place, inner, rng, scope, member) for member, inner in value.items()}
        if isinstance(value, list):
            inside = "project" if name == "groupRoleAssignments" else scope
            return [self._aimed(place, inner, rng, inside, name) for inner in value]
        if not isinstance(value, str) or rng.random() < 0.1:
            return value
        found = self._known(place, name, rng, scope)
        return value if found is None else found

    def _known(self, place: Place, name: str, rng: Random, scope: str) -> str | None:
        if name == "roles" or name in ROLE_MEMBERS:
            return place.roles(ROLE_MEMBERS.get(name, scope), rng)
        choices: dict[str, Sequence[str]] = {
            "username": [*place.usernames, *[self._stock.username, f"new{rng.randrange(10**4)}@example.org"] * 4],
            "userName": [*place.usernames, f"new{rng.randrange(10**4)}@example.org"],
            "usernames": [*place.usernames, self._stock.username],
            "id": [place.org, *(id for name in NAMED_BY_ID for id in place.ids[name])],
            "value": place.ids["userId"],
            "type": ("user", "api_key", "service_account", "team", "organization", "project"),
            "startsAt": TIMES,
            "endsAt": TIMES,
            "password": (PASSWORD,),
            "token": self._stock.tokens,
            "issuerUri": (f"{NOWHERE}/{rng.randrange(10**6)}",),
            "externalGroupName": (f"engineers {rng.randrange(10**6)}",),
            "role": (place.roles(rng.choice(("organization", "project")), rng),),
            "domain": (f"company{rng.randrange(10**6)}.example.org",),
            "name": [*place.names, *sorted(PRIVILEGES)[:20], f"name {rng.randrange(10**6)}"],
        }
        return rng.choice(choices[name]) if choices.get(name) else place.pick(name, rng)
