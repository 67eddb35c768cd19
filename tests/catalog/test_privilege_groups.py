"""The groups of privileges and the families of roles: all is in them once, and the role matrix comes out as drawn."""

from collections import Counter
from itertools import product

import pytest

from orgward.catalog import EDITIONS, PRIVILEGES, CatalogError
from orgward.catalog.privilege_groups import grouped, groups_of
from orgward.catalog.role_families import families_of

PROJECT_GROUPS = (
    "people", "keys", "project", "clusters", "backups", "data_explorer", "search", "database_access", "network",
    "performance", "alerts", "logs", "streams", "apps",
)  # fmt: skip
TOTALS = (17, 12, 20, 15, 9, 16, 6, 11, 14, 13, 8, 3, 11, 12)
READ_ONLY = (3, 2, 7, 2, 2, 0, 0, 2, 4, 7, 1, 0, 1, 2)

BEYOND_READ_ONLY = {
    "Data Access Admin": {"data_explorer": 16, "search": 6, "performance": 12, "logs": 2, "streams": 7},
    "Data Access Read/Write": {"data_explorer": 11, "search": 2, "performance": 10, "logs": 2, "streams": 4},
    "Data Access Read Only": {"data_explorer": 5, "search": 2, "performance": 9, "logs": 2, "streams": 4},
    "Search Index Editor": {"search": 4},
    "Index Manager": {"search": 1},
    "Cluster Manager": {"clusters": 7},
    "Cluster Creator": {"clusters": 3},
    "Replica Set Manager": {"clusters": 9},
    "Cluster Resilience Tester": {"clusters": 4},
    "Cluster Log Viewer": {"database_access": 3, "logs": 2},
    "Backup Manager": {"backups": 8},
    "Backup Creator": {"backups": 3},
    "Backup Recovery Operator": {"backups": 3},
    "Backup Export Operator": {"backups": 4},
    "Access Manager": {"people": 10, "keys": 6},
    "Database Access Admin": {"database_access": 9},
    "Network Access Manager": {"network": 13},
    "Support Access Manager": {"project": 9},
    "Observability Viewer": {"performance": 10},
    "Alerts Manager": {"alerts": 8},
    "Real Time Performance Operator": {"performance": 8},
    "Stream Processing Owner": {
        "clusters": 6, "data_explorer": 1, "search": 1, "database_access": 8, "streams": 11,
    },
    "Trigger Manager": {"apps": 5},
    "Model Owner": {"apps": 4},
}  # fmt: skip
"""The drawn matrix of the edition `atlas`, in its order: where a role gives more than Project Read Only."""

FAMILIES = {
    "whole": ["Owner", "Read Only"],
    "data": list(BEYOND_READ_ONLY)[:5],
    "clusters": list(BEYOND_READ_ONLY)[5:10],
    "backups": list(BEYOND_READ_ONLY)[10:14],
    "access": list(BEYOND_READ_ONLY)[14:18],
    "watching": list(BEYOND_READ_ONLY)[18:21],
    "streams": list(BEYOND_READ_ONLY)[21:],
}

EVERYWHERE = list(product(EDITIONS, ("organization", "project")))


@pytest.mark.parametrize(("edition", "scope"), EVERYWHERE)
def test_each_privilege_is_in_exactly_one_group(edition, scope):
    """And a group holds only what the edition has on that kind of resource, in the catalogue's order."""
    expected = [p.name for p in PRIVILEGES.values() if p.resource == scope and edition in p.editions]
    groups = groups_of(edition, scope)
    assert Counter(name for names in groups.values() for name in names) == Counter(expected)
    assert all(names == tuple(name for name in expected if name in names) for names in groups.values())


def test_the_groups_of_a_project_are_as_large_as_drawn():
    """They stand in the order of the drawing and hold all 167 privileges of the edition `atlas`."""
    sizes = {group: len(names) for group, names in groups_of("atlas", "project").items()}
    assert list(sizes.items()) == list(zip(PROJECT_GROUPS, TOTALS, strict=True))
    assert sum(TOTALS) == 167


@pytest.mark.parametrize("role", [role for role in EDITIONS["atlas"].roles.values() if role.scope == "project"])
def test_a_role_gives_as_many_privileges_of_each_group_as_drawn(role):
    """The drawing counts what a holder has whom an owner added."""
    granted = EDITIONS["atlas"].privileges_of(role.name, added_by_owner=True)
    counts = {group: len(granted & set(names)) for group, names in groups_of("atlas", "project").items()}
    drawn = TOTALS if role.name == "GROUP_OWNER" else READ_ONLY
    beyond = BEYOND_READ_ONLY.get(role.title.removeprefix("Project "), {})
    assert counts == dict(zip(PROJECT_GROUPS, drawn, strict=True)) | beyond


def test_the_groups_of_an_organization_are_few():
    """What is not about members, keys, money and the like is about the organization itself."""
    assert list(groups_of("atlas", "organization")) == [
        "members", "projects", "keys", "organization", "security", "federation", "billing", "activity",
    ]  # fmt: skip
    assert groups_of("atlas", "organization")["organization"] == (
        "org.delete", "org.read", "org.rename", "org.resource_policies.read", "org.resource_policies.write",
        "org.settings.read", "org.settings.update",
    )  # fmt: skip


def test_what_cloud_manager_alone_has_is_in_the_same_groups():
    """Groups of which the edition has nothing are left out."""
    groups = groups_of("cloud_manager", "project")
    assert list(groups) == [group for group in PROJECT_GROUPS if group in groups]
    assert {"hosts.add", "machines.provision", "agents.mongodb.download"} <= set(groups["clusters"])
    assert "backups.ssh_keys.generate" in groups["backups"]


@pytest.mark.parametrize(("edition", "scope"), EVERYWHERE)
def test_each_role_is_in_exactly_one_family(edition, scope):
    """And a family holds only roles that the edition has on that kind of resource."""
    expected = [role.name for role in EDITIONS[edition].roles.values() if role.scope == scope]
    found = [name for names in families_of(edition, scope).values() for name in names]
    assert Counter(found) == Counter(expected)


def test_the_families_of_project_roles_stand_as_drawn():
    """In their order, and their roles in theirs."""
    roles = EDITIONS["atlas"].roles
    titles = {
        family: [roles[name].title.removeprefix("Project ") for name in names]
        for family, names in families_of("atlas", "project").items()
    }
    assert list(titles.items()) == list(FAMILIES.items())


def test_a_privilege_without_a_group_is_refused():
    """So that nobody adds one that no page shows."""
    with pytest.raises(CatalogError, match=r"`moon\.fly` is in no group"):
        grouped(["sun.fly", "moon.fly"], {"sky": ("sun",)})


def test_a_noun_in_two_groups_is_refused():
    """For a privilege is in one."""
    with pytest.raises(CatalogError, match="`sun` is in the groups `sky` and `light`"):
        grouped([], {"sky": ("sun",), "light": ("sun",)})


def test_the_longest_noun_decides():
    """What has a group of its own is not in that of the whole; a noun ends where a word ends."""
    nouns = {"sky": ("sky",), "sun": ("sky.sun",)}
    assert grouped(["sky.see", "sky.sun.see", "sky.sunny.see"], nouns) == {
        "sky": ("sky.see", "sky.sunny.see"),
        "sun": ("sky.sun.see",),
    }
