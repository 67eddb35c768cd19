"""What a role is: a row of the tables in `atlas` and `cloud_manager`."""

from dataclasses import dataclass
from typing import Final, Literal

from orgward.catalog.privileges import Scope

ORGANIZATION_OWNER: Final = "ORG_OWNER"
PROJECT_OWNER: Final = "GROUP_OWNER"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandsOut:
    """The roles that a holder may give and take within the holder's own organization or project.

    `to_self` is false where the documents allow giving to others only; what an edition says about
    changing one's own roles (`Edition.self_change`) applies besides.
    """

    organization_roles: bool = False
    project_roles: Literal["none", "all", "all_but_owner"] = "none"
    to_self: bool = False

    def covers(self, role: "Role") -> bool:
        """Says whether the holder may give and take `role`, to others at least."""
        if role.scope == "organization":
            return self.organization_roles
        if self.project_roles == "all_but_owner":
            return role.name != PROJECT_OWNER
        return self.project_roles == "all"


NOTHING: Final = HandsOut()


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A role as the documents describe it; what it grants in all is `Edition.privileges_of`."""

    name: str
    title: str
    scope: Scope
    description: str
    includes: tuple[str, ...] = ()
    privileges: tuple[str, ...] = ()
    """Own privileges, beyond those of the roles that it includes."""
    added_by_owner: tuple[str, ...] = ()
    """Privileges held only where whoever added the holder to the project was then an owner of it."""
    in_projects: str | None = None
    """The project role that an organization role amounts to in every project of the organization."""
    hands_out: HandsOut = NOTHING


def each(noun: str, *verbs: str) -> tuple[str, ...]:
    """Names one privilege a verb: `each("alerts", "create", "delete")` is what "administer alerts" spells."""
    return tuple(f"{noun}.{verb}" for verb in verbs)
