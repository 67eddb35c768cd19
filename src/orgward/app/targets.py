"""How operations find their resource in the path, or in the one member of the body that names it."""

from collections.abc import Mapping
from dataclasses import dataclass

from orgward.engine.layer import Layer
from orgward.kernel.errors import NotFoundError
from orgward.kernel.resource import STORE, ResourceRef
from orgward.store.view import SqlView


@dataclass(frozen=True, slots=True)
class Nowhere:
    """The operation concerns no organization: it is public, about the caller, or the operator's."""

    def locate(self, facts: Layer, view: SqlView, values: Mapping[str, str]) -> ResourceRef:
        """Return the store itself."""
        del facts, view, values
        return STORE


@dataclass(frozen=True, slots=True)
class InOrganization:
    """The organization that the value `name` names."""

    name: str = "orgId"

    def locate(self, facts: Layer, view: SqlView, values: Mapping[str, str]) -> ResourceRef:
        """Return that organization."""
        del view
        return organization(facts, values[self.name])


@dataclass(frozen=True, slots=True)
class InProject:
    """The project that the value `name` names."""

    name: str = "groupId"

    def locate(self, facts: Layer, view: SqlView, values: Mapping[str, str]) -> ResourceRef:
        """Return that project."""
        del view
        return project(facts, values[self.name])


def organization(facts: Layer, org: str) -> ResourceRef:
    """Return the organization `org`, or raise the answer for an unknown one."""
    if facts.attribute("organizations", org) is None:
        raise NotFoundError("ORG_NOT_FOUND", org)
    return ResourceRef("organization", org, org=org)


def project(facts: Layer, project_id: str) -> ResourceRef:
    """Return the project, or raise the answer for an unknown one."""
    org = facts.attribute("projects", project_id)
    if org is None:
        raise NotFoundError("GROUP_NOT_FOUND", project_id)
    return ResourceRef("project", project_id, org=org, project=project_id)
