"""Things inside an organization or project that a path names; each raises the answer for an unknown one."""

from collections.abc import Mapping

from orgward.directory import domains, federation, identity_providers
from orgward.directory.addresses import block_of
from orgward.kernel.client_ids import account_of
from orgward.kernel.errors import NotFoundError
from orgward.kernel.resource import ResourceRef
from orgward.store.reads.events import Feed
from orgward.store.view import SqlView


def member(view: SqlView, resource: ResourceRef, values: Mapping[str, str]) -> None:
    """Raise unless `userId` is a member of the organization, or invited to it."""
    if view.get("members", resource.org or "", values["userId"]) is None:
        raise NotFoundError("USER_NOT_FOUND", values["userId"])


def project_member(view: SqlView, resource: ResourceRef, values: Mapping[str, str]) -> None:
    """Raise unless `userId` is in the project, or invited to it."""
    if view.get("project_members", resource.project or "", values["userId"]) is None:
        raise NotFoundError("USER_NOT_FOUND", values["userId"])


def team_of_organization(view: SqlView, resource: ResourceRef, values: Mapping[str, str]) -> None:
    """Raise unless `teamId` is a team of the organization."""
    row = view.get("teams", values["teamId"])
    if row is None or row["org_id"] != resource.org:
        raise NotFoundError("TEAM_NOT_FOUND", values["teamId"])


def team_member(view: SqlView, resource: ResourceRef, values: Mapping[str, str]) -> None:
    """Raise unless `userId` is in the team `teamId` of the organization."""
    team_of_organization(view, resource, values)
    if view.get("team_members", values["userId"], values["teamId"]) is None:
        raise NotFoundError("USER_NOT_FOUND", values["userId"])


def team_on_project(view: SqlView, resource: ResourceRef, values: Mapping[str, str]) -> None:
    """Raise unless `teamId` is a team that has a role in the project."""
    rows = view.find("assignments", holder_id=values["teamId"], scope_id=resource.project)
    if not any(row["holder_kind"] == "team" for row in rows):
        raise NotFoundError("TEAM_NOT_IN_GROUP", values["teamId"])


def organization_invitation(view: SqlView, resource: ResourceRef, values: Mapping[str, str]) -> None:
    """Raise unless `invitationId` is an invitation to the organization that was not cancelled."""
    row = view.get("invitations", values["invitationId"])
    fits = row is not None and row["org_id"] == resource.org and row["project_id"] is None
    if row is None or not fits or row["state"] == "cancelled":
        raise NotFoundError("INVITATION_NOT_FOUND", values["invitationId"])


def project_invitation(view: SqlView, resource: ResourceRef, values: Mapping[str, str]) -> None:
    """Raise unless `invitationId` is an invitation that gives roles in the project."""
    row = view.get("invitations", values["invitationId"])
    fits = row is not None and row["org_id"] == resource.org and row["state"] != "cancelled"
    if row is None or not fits or f'"{resource.project}"' not in row["parts"]:
        raise NotFoundError("INVITATION_NOT_FOUND", values["invitationId"])


def join_request(view: SqlView, resource: ResourceRef, values: Mapping[str, str]) -> None:
    """Raise unless `joinRequestId` is a request to join the project."""
    row = view.get("join_requests", values["joinRequestId"])
    if row is None or row["project_id"] != resource.project:
        raise NotFoundError("JOIN_REQUEST_NOT_FOUND", values["joinRequestId"])


def key_of_organization(view: SqlView, resource: ResourceRef, values: Mapping[str, str]) -> None:
    """Raise unless `apiUserId` is an API key of the organization."""
    row = view.get("api_keys", values["apiUserId"])
    if row is None or row["org_id"] != resource.org:
        raise NotFoundError("API_KEY_NOT_FOUND", values["apiUserId"])


def key_on_project(view: SqlView, resource: ResourceRef, values: Mapping[str, str]) -> None:
    """Raise unless `apiUserId` is an API key with a role in the project."""
    key_of_organization(view, resource, values)
    if not view.find("assignments", holder_id=values["apiUserId"], scope_id=resource.project):
        raise NotFoundError("API_KEY_NOT_FOUND", values["apiUserId"])


def api_key_access_entry(view: SqlView, resource: ResourceRef, values: Mapping[str, str]) -> None:
    """Raise unless `ipAddress` is an entry of the access list of the key `apiUserId`."""
    key_of_organization(view, resource, values)
    key, named = values["apiUserId"], values["ipAddress"]
    if view.get("api_key_access", key, block_of(named) or "") is None:
        raise NotFoundError("API_KEY_ACCESS_LIST_NOT_FOUND", named, key)


def account_in(values: Mapping[str, str]) -> str:
    """Return the id of the service account that `clientId` names; its form was checked with the path."""
    return account_of(values["clientId"]) or ""


def account_of_organization(view: SqlView, resource: ResourceRef, values: Mapping[str, str]) -> None:
    """Raise unless `clientId` is a service account of the organization."""
    row = view.get("service_accounts", account_in(values))
    if row is None or row["org_id"] != resource.org:
        raise NotFoundError("SERVICE_ACCOUNT_NOT_FOUND", values["clientId"])


def account_on_project(view: SqlView, resource: ResourceRef, values: Mapping[str, str]) -> None:
    """Raise unless `clientId` is a service account with a role in the project."""
    account_of_organization(view, resource, values)
    if not view.find("assignments", holder_id=account_in(values), scope_id=resource.project):
        raise NotFoundError("SERVICE_ACCOUNT_NOT_FOUND", values["clientId"])


def account_secret(view: SqlView, resource: ResourceRef, values: Mapping[str, str]) -> None:
    """Raise unless `secretId` is a secret of the service account `clientId` of the organization."""
    account_of_organization(view, resource, values)
    row = view.get("service_account_secrets", values["secretId"])
    if row is None or row["account_id"] != account_in(values):
        raise NotFoundError("SERVICE_ACCOUNT_SECRET_NOT_FOUND", values["secretId"], values["clientId"])


def account_workload(view: SqlView, resource: ResourceRef, values: Mapping[str, str]) -> None:
    """Raise unless `workloadIdentityId` is an identity of the service account `clientId` of the organization."""
    account_of_organization(view, resource, values)
    row = view.get("workload_identities", values["workloadIdentityId"])
    if row is None or row["account_id"] != account_in(values):
        raise NotFoundError("WORKLOAD_IDENTITY_NOT_FOUND", values["workloadIdentityId"])


def project_account_secret(view: SqlView, resource: ResourceRef, values: Mapping[str, str]) -> None:
    """Raise unless `secretId` is a secret of the service account `clientId` on the project."""
    account_on_project(view, resource, values)
    account_secret(view, resource, values)


def account_access_entry(view: SqlView, resource: ResourceRef, values: Mapping[str, str]) -> None:
    """Raise unless `ipAddress` is an entry of the access list of the service account `clientId`."""
    account_of_organization(view, resource, values)
    named = values["ipAddress"]
    if view.get("api_key_access", account_in(values), block_of(named) or "") is None:
        raise NotFoundError("SERVICE_ACCOUNT_ACCESS_LIST_ENTRY_NOT_FOUND", named, values["clientId"])


def project_account_access_entry(view: SqlView, resource: ResourceRef, values: Mapping[str, str]) -> None:
    """Raise unless `ipAddress` is on the access list of the service account `clientId`, which is on the project."""
    account_on_project(view, resource, values)
    account_access_entry(view, resource, values)


def event_of_organization(view: SqlView, resource: ResourceRef, values: Mapping[str, str]) -> None:
    """Raise unless `eventId` is an event in the feed of the organization."""
    if Feed(column="org_id", scope=resource.id).find(view, values["eventId"]) is None:
        raise NotFoundError("ORG_EVENT_NOT_FOUND", values["eventId"], resource.id)


def event_of_project(view: SqlView, resource: ResourceRef, values: Mapping[str, str]) -> None:
    """Raise unless `eventId` is an event in the feed of the project."""
    if Feed(column="project_id", scope=resource.id).find(view, values["eventId"]) is None:
        raise NotFoundError("EVENT_NOT_FOUND", values["eventId"], resource.id)


def connected_organization(view: SqlView, resource: ResourceRef, values: Mapping[str, str]) -> None:
    """Raise unless the organization is in the federation `federationSettingsId`."""
    federation.connected_row(view, resource.org or "", values["federationSettingsId"])


def identity_provider(view: SqlView, resource: ResourceRef, values: Mapping[str, str]) -> None:
    """Raise unless `identityProviderId` is an identity provider of the federation."""
    identity_providers.find(view, values["federationSettingsId"], values["identityProviderId"])


def role_mapping(view: SqlView, resource: ResourceRef, values: Mapping[str, str]) -> None:
    """Raise unless `id` is a role mapping of the organization, which is in the federation."""
    connected_organization(view, resource, values)
    row = view.get("role_mappings", values["id"])
    if row is None or row["org_id"] != resource.org:
        raise NotFoundError("ROLE_MAPPING_NOT_FOUND", values["id"])


def federation_domain(view: SqlView, resource: ResourceRef, values: Mapping[str, str]) -> None:
    """Raise unless `domain` was named as one of the federation."""
    domains.named(view, values["federationSettingsId"], values["domain"])
