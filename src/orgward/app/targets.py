"""How operations find their resource in the path, or in the one member of the body that names it."""

from collections.abc import Mapping
from dataclasses import dataclass

from orgward.app.operation import Refusal
from orgward.engine.layer import Layer
from orgward.kernel.errors import NotFoundError
from orgward.kernel.resource import STORE, ResourceRef
from orgward.store.view import SqlView


@dataclass(frozen=True, slots=True)
class Nowhere:
    """The operation concerns no organization: it is public, about the caller, or the operator's."""

    def locate(self, facts: Layer, view: SqlView, values: Mapping[str, str], refusal: Refusal) -> ResourceRef:
        """Return the store itself."""
        del facts, view, values, refusal
        return STORE


@dataclass(frozen=True, slots=True)
class InOrganization:
    """The organization that the value `name` names."""

    name: str = "orgId"

    def locate(self, facts: Layer, view: SqlView, values: Mapping[str, str], refusal: Refusal) -> ResourceRef:
        """Return that organization."""
        del view, refusal
        return organization(facts, values[self.name])


@dataclass(frozen=True, slots=True)
class InProject:
    """The project that the value `name` names."""

    name: str = "groupId"

    def locate(self, facts: Layer, view: SqlView, values: Mapping[str, str], refusal: Refusal) -> ResourceRef:
        """Return that project."""
        del view, refusal
        return project(facts, values[self.name])


@dataclass(frozen=True, slots=True)
class InFederation:
    """The first organization of the federation that the value `name` names in which the caller may do it (rule 95)."""

    name: str = "federationSettingsId"

    def locate(self, facts: Layer, view: SqlView, values: Mapping[str, str], refusal: Refusal) -> ResourceRef:
        """Return that organization; where the caller is in none of them, the federation is unknown to them."""
        federation = values[self.name]
        rows = view.find("connected_organizations", federation_id=federation)
        refused = None
        for place in (organization(facts, row["org_id"]) for row in rows):
            error = refusal(place)
            if error is None:
                return place
            if refused is None and not isinstance(error, NotFoundError):
                refused = place
        if refused is None:
            raise NotFoundError("FEDERATION_NOT_FOUND", federation)
        return refused


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
