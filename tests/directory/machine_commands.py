"""The random commands about service accounts and federations, for the state machine of the directory."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from orgward.admin_api.federation_bodies import (
    ConnectedOrganizationBody,
    IdentityProviderBody,
    RoleAssignmentBody,
    RoleMappingBody,
)
from orgward.admin_api.project_service_accounts import InvitedAccountBody
from orgward.admin_api.service_accounts import CreateAccountBody, UpdateAccountBody
from orgward.app.execute import NOBODY, Call
from orgward.kernel.errors import OrgwardError
from orgward.kernel.principal import CLIENT_ID_PREFIX
from orgward.own_api.federation import JoiningBody
from tests.federations import SIGN_IN

GROUPS = ["staff", "owners", "guests"]
ORG_ROLES = ["ORG_OWNER", "ORG_MEMBER", "ORG_READ_ONLY"]
PROJECT_ROLES = ["GROUP_OWNER", "GROUP_READ_ONLY", "GROUP_DATA_ACCESS_ADMIN"]

choice = st.integers(0, 23)
group = st.sampled_from(GROUPS)
groups = st.lists(group, max_size=2, unique=True)
roles = st.lists(st.sampled_from(ORG_ROLES), min_size=1, max_size=2, unique=True)
inside = st.lists(st.sampled_from(PROJECT_ROLES), max_size=2, unique=True)

_PROVIDERS = "SELECT legacy_id FROM identity_providers WHERE federation_id = ? ORDER BY id"


class MachineCommands:
    """What is done with service accounts, with federations, and by identity providers."""

    @rule(a=choice, b=choice, given=roles, inside=inside)
    def make_account(self, a, b, given, inside):
        """Somebody makes a service account in an organization, or in a project."""
        org, (project, home) = self.an_org(a), self.a_project(a)
        body = {"name": "robot", "description": "tests", "secret_expires_after_hours": 8}
        if project and inside:
            made = CreateAccountBody(**body, roles=inside)
            self.run_command("createGroupServiceAccount", self.an_actor(b, home), {"groupId": project}, made)
        elif org:
            made = CreateAccountBody(**body, roles=given)
            self.run_command("createOrgServiceAccount", self.an_actor(b, org), {"orgId": org}, made)

    @rule(a=choice, b=choice, what=st.sampled_from(["delete", "update", "invite", "take off", "suspend"]), given=inside)
    def touch_account(self, a, b, what, given):
        """Somebody deletes a service account, changes it, puts it on or off a project, or suspends it."""
        account = self.pick(a, "SELECT id FROM service_accounts ORDER BY 1")
        if account is None:
            return
        org = self.pick(0, "SELECT org_id FROM service_accounts WHERE id = ?", account)
        project = self.pick(b, "SELECT id FROM projects WHERE org_id = ? ORDER BY 1", org) or "f" * 24
        by, client = self.an_actor(b, org), f"{CLIENT_ID_PREFIX}{account}"
        here, there = {"orgId": org, "clientId": client}, {"groupId": project, "clientId": client}
        if what == "delete":
            self.run_command("deleteOrgServiceAccount", by, here)
        elif what == "update":
            self.run_command("updateOrgServiceAccount", by, here, UpdateAccountBody(roles=[ORG_ROLES[a % 3]]))
        elif what == "suspend":
            self.run_command("reactivateOrgServiceAccount" if a % 2 else "suspendOrgServiceAccount", by, here)
        elif what == "take off":
            self.run_command("deleteGroupServiceAccount", by, there)
        elif given:
            self.run_command("inviteGroupServiceAccount", by, there, InvitedAccountBody(roles=given))

    # -- federations

    def a_federation(self, number):
        """Give a federation and one of its organizations."""
        federation = self.pick(number, "SELECT id FROM federations ORDER BY 1")
        sql = "SELECT org_id FROM connected_organizations WHERE federation_id = ? ORDER BY 1"
        return federation, self.pick(number, sql, federation)

    @rule(a=choice, b=choice)
    def found_federation(self, a, b):
        """Somebody founds a federation of an organization, or takes one into another's."""
        org = self.an_org(a)
        federation, home = self.a_federation(b)
        if federation and a % 2:
            values = {"federationSettingsId": federation}
            self.run_command("connectOrgToFederation", self.an_actor(b, home), values, JoiningBody(org_id=org))
        elif org:
            self.run_command("createOrgFederation", self.an_actor(b, org), {"orgId": org})

    @rule(a=choice, b=choice)
    def leave_federation(self, a, b):
        """Somebody takes an organization out of its federation, or deletes the federation."""
        federation, org = self.a_federation(a)
        if federation and a % 3 == 0:
            name = "removeFederationSettingConnectedOrgConfig" if a % 2 else "deleteFederationSetting"
            values = {"federationSettingsId": federation, "orgId": org}
            self.run_command(name, self.an_actor(b, org), values)

    @rule(a=choice, b=choice, default=st.sampled_from([[], ["ORG_MEMBER"], ["ORG_OWNER"]]))
    def choose_provider(self, a, b, default):
        """Somebody adds an identity provider, chooses one for an organization, or deletes one."""
        federation, org = self.a_federation(a)
        if federation is None:
            return
        values, by = {"federationSettingsId": federation, "orgId": org}, self.an_actor(b, org)
        legacy = self.pick(
            b, "SELECT legacy_id FROM identity_providers WHERE federation_id = ? ORDER BY id", federation
        )
        if legacy is None:
            body = IdentityProviderBody(
                display_name="Login", issuer_uri="https://idp.example.org", client_id="x", groups_claim="groups"
            )
            self.run_command("createFederationSettingIdentityProvider", by, values, body)
        elif a % 5 == 0:
            self.run_command("deleteFederationSettingIdentityProvider", by, {**values, "identityProviderId": legacy})
        else:
            body = ConnectedOrganizationBody(
                identity_provider_id=legacy if a % 4 else None, post_auth_role_grants=default,
                instant_user_provisioning_disabled=a % 6 == 1,
            )  # fmt: skip
            self.run_command("updateFederationSettingConnectedOrgConfig", by, values, body)

    @rule(a=choice, b=choice, name=group, given=roles, inside=inside)
    def map_group(self, a, b, name, given, inside):
        """Somebody maps a group, maps it to something else, or deletes the mapping."""
        federation, org = self.a_federation(a)
        if federation is None:
            return
        project = self.pick(b, "SELECT id FROM projects WHERE org_id = ? ORDER BY 1", org)
        assigned = [RoleAssignmentBody(role=role, org_id=org) for role in given]
        assigned += [RoleAssignmentBody(role=role, group_id=project) for role in inside if project]
        values, by = {"federationSettingsId": federation, "orgId": org}, self.an_actor(b, org)
        sql = "SELECT id FROM role_mappings WHERE org_id = ? AND external_group = ?"
        mapping = self.pick(0, sql, org, name)
        body = RoleMappingBody(external_group_name=name, role_assignments=assigned)
        what = "create" if mapping is None else "delete" if a % 3 == 0 else "update"
        values |= {} if mapping is None else {"id": mapping}
        named = f"{what}FederationSettingConnectedOrgConfigRoleMapping"
        self.run_command(named, by, values, None if what == "delete" else body)

    @rule(a=choice, b=choice, named=groups)
    def arrive(self, a, b, named):
        """An identity provider signs somebody in, and names their groups."""
        provider = self.pick(a, "SELECT id FROM identity_providers ORDER BY 1")
        user = self.pick(b, "SELECT id FROM users WHERE account_at IS NOT NULL ORDER BY id")
        if provider and user:
            try:
                self.world.door.write(Call(SIGN_IN, NOBODY, body=(user, provider, named))).result(60)
                self.done += 1
            except OrgwardError:
                self.refused += 1
