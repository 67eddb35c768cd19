"""The limits and their values by rule."""

import dataclasses
from datetime import timedelta

import pytest

from orgward.catalog import DEFAULT_LIMITS, Limits

EXPECTED = {
    "users_per_organization": 500,
    "users_per_project": 500,
    "users_per_team": 250,
    "teams_per_organization": 250,
    "teams_per_project": 100,
    "teams_per_user": 100,
    "organizations_per_user": 250,
    "projects_per_user": 250,
    "projects_per_organization": 250,
    "api_keys_per_organization": 500,
    "service_accounts_per_organization": 500,
    "secrets_per_service_account": 2,
    "service_account_description_length": 250,
    "access_list_entries_per_key": 200,
    "organizations_per_federation": 250,
    "identity_providers_per_federation": 50,
    "domains_per_federation": 200,
    "role_mappings_per_organization": 1_000,
    "rows_by_mapping": 10_000,
    "name_length": 64,
    "api_key_description_length": 250,
    "invitations_to_person_an_hour": 20,  # rule 59 names no number
    "invitations_by_sender_an_hour": 2_000,
    "invitation_life": timedelta(days=30),
}


def test_the_limits_are_those_of_the_rules():
    """Rules 142 to 156 give each limit its value."""
    assert dataclasses.asdict(DEFAULT_LIMITS) == EXPECTED


def test_a_limit_can_be_set_without_touching_the_others():
    """An operator or a test sets one limit; the defaults stay as they are."""
    assert dataclasses.asdict(Limits(users_per_team=2)) == EXPECTED | {"users_per_team": 2}
    with pytest.raises(dataclasses.FrozenInstanceError):
        DEFAULT_LIMITS.users_per_team = 2
