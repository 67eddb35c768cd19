"""How many of each thing there may be, and how long names and invitations may last."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of one installation; an operator may set others, and tests set small ones.

    The numbers in comments are those of the rules that state the limit.
    """

    users_per_organization: int = 500  # 142, counting those of all its projects
    users_per_project: int = 500  # 142
    users_per_team: int = 250  # 143
    teams_per_organization: int = 250  # 144
    teams_per_project: int = 100  # 144
    teams_per_user: int = 100  # 144
    organizations_per_user: int = 250  # 145
    projects_per_user: int = 250  # 145
    projects_per_organization: int = 250  # 145
    api_keys_per_organization: int = 500  # 146
    service_accounts_per_organization: int = 500  # as 146 for API keys
    secrets_per_service_account: int = 2  # 81, counting those that have not expired
    access_list_entries_per_key: int = 200  # as 148 for projects; every request of the key looks at them all
    organizations_per_federation: int = 250
    identity_providers_per_federation: int = 50
    domains_per_federation: int = 200
    role_mappings_per_organization: int = 1_000  # every sign-in looks at them all
    rows_by_mapping: int = 10_000  # what one command changes of people's roles and memberships
    name_length: int = 64  # 153, of organizations and projects; 80, of service accounts
    api_key_description_length: int = 250  # 154
    service_account_description_length: int = 250  # 80
    invitations_to_person_an_hour: int = 20  # 59, in one process
    invitations_by_sender_an_hour: int = 2_000  # 59
    invitation_life: timedelta = timedelta(days=30)  # 156


DEFAULT_LIMITS: Final = Limits()
