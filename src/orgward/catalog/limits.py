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
    access_list_entries_per_key: int = 200  # as 148 for projects; every request of the key looks at them all
    name_length: int = 64  # 153, of organizations and projects
    api_key_description_length: int = 250  # 154
    invitations_to_person_an_hour: int = 20  # 59, in one process
    invitations_by_sender_an_hour: int = 2_000  # 59
    invitation_life: timedelta = timedelta(days=30)  # 156


DEFAULT_LIMITS: Final = Limits()
