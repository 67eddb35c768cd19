"""The privileges in groups, in the order in which people read them: one row a group with the nouns that it holds.

A privilege is in the group of the longest of these nouns that its name begins with, so that it is in exactly one.
What a group is called is a matter of words; here it has a key.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from types import MappingProxyType
from typing import Final, TypeAlias

from orgward.catalog.edition import EDITIONS
from orgward.catalog.errors import CatalogError
from orgward.catalog.privileges import PRIVILEGES, Scope

Groups: TypeAlias = Mapping[str, tuple[str, ...]]

_NOUNS: Final[Mapping[Scope, Groups]] = {
    "project": {
        "people": (
            "project.users", "project.user_roles", "project.teams", "project.invitations", "project.join_requests",
        ),
        "keys": ("project.api_keys", "project.service_accounts"),
        "project": ("project", "resource_tags", "support_access"),
        "clusters": (
            "clusters", "maintenance_window",
            "agents", "config_files", "deployments", "hosts", "machines",
        ),
        "backups": ("backups",),
        "data_explorer": ("data_explorer",),
        "search": ("search_indexes", "search_tester", "indexes"),
        "database_access": ("db_users", "db_roles", "db_access_logs"),
        "network": ("ip_access_list", "network", "private_endpoints"),
        "performance": (
            "measurements", "metrics", "performance_advisor", "query_insights", "query_profiler", "query_shapes",
            "rtpp",
        ),
        "alerts": ("alerts",),
        "logs": ("logs", "auditing"),
        "streams": ("stream_processing",),
        "apps": ("app_services", "charts", "integrations", "model_api_keys", "triggers"),
    },
    "organization": {
        "members": ("org.users", "org.teams", "org.invitations"),
        "projects": ("org.projects",),
        "keys": ("org.api_keys", "org.service_accounts"),
        "organization": ("org",),
        "security": (
            "org.mfa_requirement", "org.session_timeouts", "org.ui_ip_access_list",
            "org.api_access_list_requirement",
        ),
        "federation": ("org.federation", "org.role_mappings"),
        "billing": ("billing", "org.linked_orgs"),
        "activity": ("org.events", "org.alerts"),
    },
}  # fmt: skip


def grouped(privileges: Iterable[str], nouns: Groups) -> Groups:
    """Returns the privileges by group, in the order of both, and raises CatalogError where one is in no group."""
    by_noun = _by_noun(nouns)
    found: dict[str, list[str]] = {group: [] for group in nouns}
    for privilege in privileges:
        group = next((by_noun[noun] for noun in _beginnings(privilege) if noun in by_noun), None)
        if group is None:
            raise CatalogError(f"privilege `{privilege}` is in no group")
        found[group].append(privilege)
    return MappingProxyType({group: tuple(names) for group, names in found.items() if names})


def _by_noun(nouns: Groups) -> dict[str, str]:
    table: dict[str, str] = {}
    for group, held in nouns.items():
        for noun in held:
            if noun in table:
                raise CatalogError(f"noun `{noun}` is in the groups `{table[noun]}` and `{group}`")
            table[noun] = group
    return table


def _beginnings(privilege: str) -> Iterator[str]:
    """Yields what the name begins with, the longest first."""
    yield from reversed(list(accumulate(privilege.split("."), "{}.{}".format)))


_GROUPS: Final[Mapping[tuple[str, Scope], Groups]] = {
    (edition, scope): grouped(
        (p.name for p in PRIVILEGES.values() if p.resource == scope and edition in p.editions), nouns
    )
    for edition in EDITIONS
    for scope, nouns in _NOUNS.items()
}


def groups_of(edition: str, scope: Scope) -> Groups:
    """Returns the privileges that the edition has on that kind of resource, by the key of their group."""
    return _GROUPS[edition, scope]
