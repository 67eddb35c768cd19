"""Rules 86-94, 130, 141, 147: changed settings, contacts and limits are told where they have a name."""

from functools import partial

import pytest

from tests.directory.telling import patch, raised, told

PREVIEW = "application/vnd.atlas.preview+json"


class TestSettings:
    """Settings, contacts and limits are changed."""

    @pytest.mark.parametrize(
        ("member", "on", "off"),
        [
            ("multiFactorAuthRequired", "ORG_TWO_FACTOR_AUTH_REQUIRED", "ORG_TWO_FACTOR_AUTH_OPTIONAL"),
            ("restrictEmployeeAccess", "ORG_EMPLOYEE_ACCESS_RESTRICTED", "ORG_EMPLOYEE_ACCESS_UNRESTRICTED"),
        ],
    )
    def test_rule_141_a_switched_requirement_is_told(self, company, member, on, off):
        """By what it is now; the default said aloud is no change."""
        place = f"{company.path}/settings"
        found = [told(company, patch(company, place, **{member: value})) for value in (False, True, True, False)]
        assert found == [[], [(on,)], [], [(off,)]]

    def test_rule_141_the_required_access_list_is_told(self, company):
        """Keys need one, and need it no more."""
        place = f"{company.path}/settings"
        for value, name in ((True, "REQUIRED"), (False, "NOT_REQUIRED")):
            change = partial(company.ann.patch, place, {"apiAccessListRequired": value})
            assert told(company, change) == [(f"ORG_PUBLIC_API_ACCESS_LIST_{name}",)]

    def test_rule_089_the_list_for_sessions_is_told(self, company):
        """When it is in force and when it is no more; that its entries are others has no name."""
        place = f"/api/orgward/v1/orgs/{company.id}/uiAccessList"
        bodies = [
            {"enabled": enabled, "entries": [{"cidr": cidr}]}
            for enabled, cidr in (
                (False, "127.0.0.1"),
                (True, "127.0.0.1"),
                (True, "127.0.0.0/8"),
                (False, "127.0.0.1"),
            )
        ]
        found = [told(company, partial(company.ann.put, place, body)) for body in bodies]
        assert found == [[], [("ORG_UI_IP_ACCESS_LIST_ENABLED",)], [], [("ORG_UI_IP_ACCESS_LIST_DISABLED",)]]

    def test_rules_090_and_091_limits_of_sessions_and_contacts_are_told(self, company):
        """The contact without its address."""
        place = f"{company.path}/settings"
        timeouts = {"absoluteSessionTimeoutInSeconds": 3_600}
        change = patch(company, place, customSessionTimeouts=timeouts, securityContact="watch@example.org")
        assert raised(company, change) == [
            {"type": "CUSTOM_SESSION_TIMEOUT_MODIFIED", "orgId": company.id},
            {"type": "SECURITY_CONTACT_MODIFIED", "orgId": company.id},
        ]
        assert told(company, patch(company, place, securityContact="watch@example.org")) == []
        assert told(company, patch(company, place, operationsContact="ops@example.org")) == [
            ("OPERATIONS_CONTACT_MODIFIED",)
        ]
        hours = patch(company, place, maxServiceAccountSecretValidityInHours=24)
        assert told(company, hours) == [("ORG_SERVICE_ACCOUNT_MAX_SECRET_VALIDITY_EDITED",)]

    def test_the_mode_of_maintenance_waves_is_told(self, company):
        """By what it is now."""
        place = f"{company.path}/maintenanceSettings"
        for mode in ("MANUAL", "ENV_TAG_MAPPING"):
            change = partial(company.ann.patch, place, {"waveAssignmentMode": mode}, accept=PREVIEW)
            assert told(company, change) == [(f"ORG_WAVE_ASSIGNMENT_MODE_{mode}",)]

    def test_rules_094_and_130_settings_of_a_project_are_told(self, company):
        """Those that have a name there; others stand in the log's row alone."""
        project = company.project()
        place = f"/groups/{project}/settings"
        off = patch(company, place, isDataExplorerEnabled=False, isPerformanceAdvisorEnabled=False)
        assert told(company, off, "groupId") == [("DATA_EXPLORER_DISABLED", project)]
        assert told(company, patch(company, place, isDataExplorerEnabled=True)) == [("DATA_EXPLORER_ENABLED",)]
        others = {
            "isCollectDatabaseSpecificsStatisticsEnabled": ("PROJECT_COLLECT_DATABASE_STATISTICS_UPDATED", False),
            "isExtendedStorageSizesEnabled": ("PROJECT_ENABLE_EXTENDED_STORAGE_SIZES_UPDATED", True),
            "isDataValidationEnabled": ("PROJECT_ENABLE_DATA_VALIDATION_UPDATED", False),
        }
        for member, (name, value) in others.items():
            assert told(company, patch(company, place, **{member: value})) == [(name,)]

    def test_a_limit_of_a_project_is_told(self, company):
        """Set, and set back."""
        project = company.project()
        place = f"/groups/{project}/limits/atlas.project.security.databaseAccess.users"
        assert told(company, patch(company, place, value=90), "groupId") == [("PROJECT_LIMIT_UPDATED", project)]
        assert told(company, partial(company.ann.delete, place), "groupId") == [("PROJECT_LIMIT_UPDATED", project)]
