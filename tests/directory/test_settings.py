"""Settings of organizations and projects: who changes them, what they hold, what is kept of contacts."""

import msgspec
import pytest

from orgward.admin_api.org_settings import OrganizationSettingsBody
from orgward.admin_api.project_settings import ProjectSettingsBody
from orgward.app.execute import Call, Context
from orgward.app.mint import Mint
from orgward.app.operation import REGISTRY
from orgward.app.operator import ErasedUser
from orgward.catalog import DEFAULT_LIMITS
from orgward.engine.authorized import Gates, authorize
from orgward.kernel.errors import DeniedError, NotFoundError
from orgward.kernel.principal import Principal
from orgward.kernel.resource import ResourceRef
from tests.directory.company import done, fresh_name, log_rows, refused

ABSOLUTE, IDLE = "absoluteSessionTimeoutInSeconds", "idleSessionTimeoutInSeconds"
PREVIEW = "application/vnd.atlas.preview+json"
ORGANIZATION = {
    "apiAccessListRequired": False,
    "customSessionTimeouts": {ABSOLUTE: 43_200},
    "genAIFeaturesEnabled": True,
    "maxServiceAccountSecretValidityInHours": 8_760,
    "multiFactorAuthRequired": False,
    "restrictEmployeeAccess": False,
    "streamsCrossGroupEnabled": False,
}
CONTACT = "Security.Desk@example.org"


def settings_of(company, by=None):
    """Give the settings of the organization."""
    return done((by or company.ann).get(f"{company.path}/settings"))


def change(company, by=None, **members):
    """Change settings of the organization."""
    return (by or company.ann).patch(f"{company.path}/settings", members)


class TestOrganization:
    """Rules 90 to 93: stored, read by members, written by owners."""

    def test_what_nobody_has_set_stands_by_default(self, company):
        """Rule 90: sessions last twelve hours and idle as long as they like; nothing is required of anybody."""
        assert settings_of(company) == ORGANIZATION

    def test_rule_093_members_read_and_owners_write(self, company):
        """Rule 93: every member reads the settings, only an owner changes them."""
        bob = company.person("bob", "ORG_MEMBER")
        assert settings_of(company, bob) == ORGANIZATION
        for role in ("ORG_MEMBER", "ORG_READ_ONLY", "ORG_GROUP_CREATOR", "ORG_BILLING_ADMIN"):
            refused(change(company, company.key(role), restrictEmployeeAccess=True), 401, "USER_UNAUTHORIZED")
        assert done(change(company, restrictEmployeeAccess=True)) == {**ORGANIZATION, "restrictEmployeeAccess": True}

    def test_only_what_is_named_changes(self, company):
        """contract.md: a PATCH changes only the members that it names, inside `customSessionTimeouts`, too."""
        done(change(company, genAIFeaturesEnabled=False, customSessionTimeouts={ABSOLUTE: 7_200, IDLE: 600}))
        done(change(company, customSessionTimeouts={IDLE: 900}, streamsCrossGroupEnabled=True))
        expected = {"genAIFeaturesEnabled": False, "streamsCrossGroupEnabled": True}
        assert settings_of(company) == {
            **ORGANIZATION,
            **expected,
            "customSessionTimeouts": {ABSOLUTE: 7_200, IDLE: 900},
        }

    def test_null_brings_the_default_back(self, company):
        """Where null may stand it is the end of what was set."""
        done(change(company, genAIFeaturesEnabled=False, customSessionTimeouts={ABSOLUTE: 7_200, IDLE: 600}))
        done(change(company, genAIFeaturesEnabled=None, customSessionTimeouts={IDLE: None}))
        assert settings_of(company)["customSessionTimeouts"] == {ABSOLUTE: 7_200}
        done(change(company, customSessionTimeouts=None))
        assert settings_of(company) == ORGANIZATION

    @pytest.mark.parametrize(
        ("member", "value"),
        [
            ("customSessionTimeouts", {ABSOLUTE: 3_599}),
            ("customSessionTimeouts", {ABSOLUTE: 43_201}),
            ("customSessionTimeouts", {IDLE: 299}),
            ("customSessionTimeouts", {ABSOLUTE: 3_600, IDLE: 3_601}),
            ("customSessionTimeouts", {IDLE: 43_201}),
            ("customSessionTimeouts", {"longest": 1}),
            ("maxServiceAccountSecretValidityInHours", 7),
            ("maxServiceAccountSecretValidityInHours", 8_761),
            ("securityContact", "nobody"),
            ("operationsContact", "two@example.org, three@example.org"),
            ("multiFactorAuthRequired", None),
            ("apiAccessListRequired", "yes"),
        ],
    )
    def test_what_is_out_of_bounds_is_refused(self, company, member, value):
        """Rules 81, 90, 91: each value has its bounds, the faulty member is named, and nothing has changed."""
        reply = change(company, **{member: value, "restrictEmployeeAccess": True})
        assert reply.status == 400, reply.json
        assert reply.json["badRequestDetail"]["fields"][0]["field"].split(".")[0] == member
        assert settings_of(company) == ORGANIZATION

    def test_the_bounds_themselves_are_allowed(self, company):
        """Rules 81 and 90: both ends of each range belong to it."""
        for timeouts in ({ABSOLUTE: 3_600, IDLE: 3_600}, {ABSOLUTE: 43_200, IDLE: 300}):
            found = done(change(company, customSessionTimeouts=timeouts))
            assert found["customSessionTimeouts"] == timeouts
        for hours in (8, 8_760):
            done(change(company, maxServiceAccountSecretValidityInHours=hours))

    def test_rule_090_a_session_can_not_be_idle_for_longer_than_it_lasts(self, company):
        """Rule 90: a shorter absolute limit is held against the idle limit that stands."""
        done(change(company, customSessionTimeouts={IDLE: 7_200}))
        place = f"customSessionTimeouts.{IDLE}"
        reply = change(company, customSessionTimeouts={ABSOLUTE: 3_600})
        refused(reply, 400, "INVALID_ATTRIBUTE")
        assert reply.json["parameters"] == [place]
        done(change(company, customSessionTimeouts={ABSOLUTE: 7_200}))

    def test_an_organization_has_its_own(self, company, world):
        """Settings of one organization are nothing to another, even of the same owner."""
        other = type(company).found(world, "atlas", name="Other")
        done(change(company, restrictEmployeeAccess=True, securityContact=CONTACT))
        assert settings_of(other) == ORGANIZATION

    def test_settings_go_with_the_organization(self, company, world):
        """Deleting the organization leaves nothing of them."""
        done(change(company, restrictEmployeeAccess=True, securityContact=CONTACT))
        done(company.ann.delete(company.path))
        assert world.store.view.find("settings", org_id=company.id) == []
        assert world.store.view.find("contacts", org_id=company.id) == []


class TestContacts:
    """Rule 91: one address each, without any right, and never in the log."""

    def test_a_contact_is_named_and_ended(self, company):
        """An address stands as it was written; null and the empty text end the contact."""
        found = done(change(company, securityContact=f" {CONTACT}", operationsContact="ops@example.org"))
        assert (found["securityContact"], found["operationsContact"]) == (CONTACT, "ops@example.org")
        assert "operationsContact" not in done(change(company, operationsContact=None))
        assert settings_of(company)["securityContact"] == CONTACT
        assert "securityContact" not in done(change(company, securityContact=""))
        assert done(change(company, securityContact=None)) == ORGANIZATION

    def test_rule_091_a_contact_has_no_rights(self, company):
        """Rule 91: whoever is the security contact is no member by it, and sees nothing."""
        sue = company.outsider("sue")
        done(change(company, securityContact="sue@example.org"))
        refused(sue.get(company.path), 404, "ORG_NOT_FOUND")
        assert not company.allows(sue, "org.read", company.id)
        bob = company.person("bob", "ORG_MEMBER")
        done(change(company, operationsContact="bob@example.org"))
        refused(change(company, bob, restrictEmployeeAccess=True), 401, "USER_UNAUTHORIZED")

    def test_no_address_is_in_the_log(self, company, world):
        """Personal data stands in sealed rows alone: the log knows which contact changed, not to whom."""
        done(change(company, securityContact=CONTACT))
        last = log_rows(world)[-1]
        assert (last["action"], last["body"]["contacts"]) == ("updateOrgSettings", ["securityContact"])
        assert CONTACT.lower() not in str(log_rows(world)).lower()

    @pytest.mark.parametrize("is_user", [True, False])
    def test_an_erased_address_is_no_contact_any_more(self, company, world, is_user):
        """contract.md, CLI: after erasing an address it is in no file of the store, somebody's username or not."""
        done(change(company, securityContact=CONTACT, operationsContact="ops@example.org"))
        if is_user:
            company.outsider(CONTACT)
        world.erase("SECURITY.desk@EXAMPLE.org")
        world.store.scrub()
        found = settings_of(company)
        assert ("securityContact" in found, found["operationsContact"]) == (False, "ops@example.org")
        for path in world.store.path.parent.glob("orgward.db*"):
            assert b"security.desk" not in path.read_bytes().lower()
        with pytest.raises(NotFoundError):
            world.operate("eraseUser", ErasedUser(username=CONTACT))


PROJECT = {
    "isAtlasHomePageAiAssistantEnabled": True,
    "isClusterAiAssistantEnabled": True,
    "isCollectDatabaseSpecificsStatisticsEnabled": True,
    "isDataExplorerEnabled": True,
    "isDataExplorerGenAIFeaturesEnabled": True,
    "isDataExplorerGenAISampleDocumentPassingEnabled": False,
    "isDataValidationEnabled": True,
    "isExtendedStorageSizesEnabled": False,
    "isNativeRerankingEnabled": False,
    "isPerformanceAdvisorEnabled": True,
    "isRealtimePerformancePanelEnabled": True,
    "isSchemaAdvisorEnabled": True,
}


class TestProject:
    """Rules 94 and 130: switches of a project, for its owner to set."""

    def test_what_nobody_has_set_stands_as_recorded(self, company):
        """The defaults are those of the one recorded reply; rule 130: the Data Explorer is on."""
        project = company.project()
        assert done(company.ann.get(f"/groups/{project}/settings")) == PROJECT

    def test_each_switch_is_kept(self, company):
        """Every member is stored by itself; the others stay."""
        project, expected = company.project(), dict(PROJECT)
        for name, value in PROJECT.items():
            expected[name] = not value
            assert done(company.ann.patch(f"/groups/{project}/settings", {name: not value})) == expected
        assert done(company.ann.get(f"/groups/{project}/settings")) == expected
        assert done(company.ann.get(f"/groups/{company.project('other')}/settings")) == PROJECT

    def test_rules_094_and_130_owners_switch_and_readers_read(self, company):
        """Rules 94, 130: owners of the project or organization change it; whoever reads the project reads it."""
        project = company.bare_project()
        path = f"/groups/{project}/settings"
        owner = company.person("olga", on={project: ["GROUP_OWNER"]})
        reader = company.person("rick", on={project: ["GROUP_READ_ONLY", "GROUP_DATA_ACCESS_ADMIN"]})
        assert done(owner.patch(path, {"isDataExplorerEnabled": False}))["isDataExplorerEnabled"] is False
        assert done(company.ann.patch(path, {"isDataExplorerEnabled": True})) == PROJECT
        assert done(reader.get(path)) == PROJECT
        refused(reader.patch(path, {"isDataExplorerEnabled": False}), 401, "USER_UNAUTHORIZED")

    @pytest.mark.parametrize("body", [{"isDataExplorerEnabled": None}, {"isDataExplorerEnabled": "no"}, {"isX": True}])
    def test_a_switch_is_on_or_off(self, company, body):
        """Anything else is refused."""
        project = company.project()
        assert company.ann.patch(f"/groups/{project}/settings", body).status == 400

    def test_settings_go_with_the_project(self, company, world):
        """Deleting the project leaves nothing of them."""
        project = company.project()
        done(company.ann.patch(f"/groups/{project}/settings", {"isDataExplorerEnabled": False}))
        done(company.ann.delete(f"/groups/{project}"))
        assert world.store.view.get("settings", project) is None

    def test_there_is_nothing_to_tell_of_deployments(self, company):
        """Nothing is deployed from here yet, and the lists say so."""
        project = company.project()
        assert done(company.ann.get(f"/groups/{project}/mongoDBVersions"))["results"] == []
        refused(
            company.ann.get(f"/groups/{project}/mongoDBVersions?cloudProvider=MARS"), 400, "INVALID_QUERY_PARAMETER"
        )
        addresses = {"groupId": project, "services": {"clusters": []}}
        assert done(company.ann.get(f"/groups/{project}/ipAddresses")) == addresses


NARROWER = {
    "updateOrgSettings": {
        "multiFactorAuthRequired": "org.mfa_requirement.update",
        "apiAccessListRequired": "org.api_access_list_requirement.update",
        "customSessionTimeouts": "org.session_timeouts.update",
    },
    "updateGroupSettings": {
        "isDataExplorerEnabled": "project.settings.data_explorer.toggle",
        "isPerformanceAdvisorEnabled": "project.settings.performance_advisor.toggle",
        "isRealtimePerformancePanelEnabled": "project.settings.rtpp.toggle",
    },
}
OTHERWISE = {"updateOrgSettings": "org.settings.update", "updateGroupSettings": "project.settings.update"}
BODIES = {"updateOrgSettings": OrganizationSettingsBody, "updateGroupSettings": ProjectSettingsBody}
BY_MEMBER = [(name, field.encode_name) for name, body in BODIES.items() for field in msgspec.structs.fields(body)]
VALUES = {"customSessionTimeouts": {IDLE: 600}, "maxServiceAccountSecretValidityInHours": 9}


class TestEachMemberHasItsPrivilege:
    """A member with a privilege of its own needs that one, and the others the general one."""

    def run(self, company, operation, member, held):
        """Change one member for somebody who holds `held` alone; give what they lack, or how much changes."""
        store, now = company.world.store, company.world.clock.now
        project = company.project(fresh_name()) if operation == "updateGroupSettings" else None
        resource = ResourceRef("project" if project else "organization", project or company.id, company.id, project)
        ann = Principal("user", company.ann.id)
        proof = authorize(store.snapshot, ann, [held], resource, now=now, gates=Gates())
        value = CONTACT if member.endswith("Contact") else VALUES.get(member, False)
        call = Call(REGISTRY[operation], ann, body=msgspec.convert({member: value}, BODIES[operation]))
        context = Context(call, proof, store.view, store.snapshot, now, Mint(store.keyring, now), DEFAULT_LIMITS)
        try:
            return len(REGISTRY[operation].run(context).deltas)
        except DeniedError as refusal:
            return refusal.parameters

    @pytest.mark.parametrize(("operation", "member"), BY_MEMBER)
    def test_its_own_privilege_will_do_and_no_other(self, atlas, operation, member):
        """Whoever holds the privilege of the member changes it; whoever holds one of the others is told which."""
        needed = NARROWER[operation].get(member, OTHERWISE[operation])
        others = {*NARROWER[operation].values(), OTHERWISE[operation]} - {needed}
        assert self.run(atlas, operation, member, needed) in {1, 2}
        assert {self.run(atlas, operation, member, other) for other in others} == {(needed,)}


class TestMaintenance:
    """How projects are assigned to waves of maintenance; a preview of the Admin API."""

    def test_it_is_set_and_reset(self, company):
        """What is set takes effect; reset brings the default back."""
        path = f"{company.path}/maintenanceSettings"
        nothing = {"effectiveWaveAssignmentMode": "MANUAL", "waveAssignmentMode": None}
        by_tag = {"effectiveWaveAssignmentMode": "ENV_TAG_MAPPING", "waveAssignmentMode": "ENV_TAG_MAPPING"}
        assert done(company.ann.get(path, accept=PREVIEW)) == nothing
        assert done(company.ann.patch(path, {"waveAssignmentMode": "ENV_TAG_MAPPING"}, accept=PREVIEW)) == by_tag
        assert done(company.ann.patch(path, {}, accept=PREVIEW)) == by_tag
        assert settings_of(company) == ORGANIZATION
        assert done(company.ann.post(f"{path}:reset", accept=PREVIEW)) == nothing
        assert done(company.ann.get(path, accept=PREVIEW)) == nothing

    def test_there_are_two_ways(self, company):
        """Another word is refused."""
        reply = company.ann.patch(
            f"{company.path}/maintenanceSettings", {"waveAssignmentMode": "NEVER"}, accept=PREVIEW
        )
        refused(reply, 400, "INVALID_ATTRIBUTE")

    def test_members_read_and_owners_write(self, company):
        """Rule 93 holds of these settings, too."""
        path, bob = f"{company.path}/maintenanceSettings", company.person("bob")
        done(bob.get(path, accept=PREVIEW))
        for method, where, body in (("PATCH", path, {"waveAssignmentMode": "MANUAL"}), ("POST", f"{path}:reset", None)):
            refused(bob(method, where, body, accept=PREVIEW), 401, "USER_UNAUTHORIZED")
