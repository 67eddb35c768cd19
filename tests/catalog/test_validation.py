"""A table that contradicts itself stops the import: every kind of fault, provoked."""

import re

import pytest

from orgward.catalog import CatalogError
from orgward.catalog.edition import compile_edition
from orgward.catalog.privileges import Privilege, by_name
from orgward.catalog.role import HandsOut, Role
from orgward.catalog.validation import validate

PRIVILEGES = by_name(
    [
        Privilege("org.read", "organization", "", ("atlas",)),
        Privilege("org.host", "organization", "", ("cloud_manager",)),
        Privilege("project.read", "project", "", ("atlas",)),
        Privilege("project.write", "project", "", ("atlas",)),
    ]
)


def role(name, **facts):
    """Give a role of the scope that its name says."""
    scope = "organization" if name.startswith("ORG_") else "project"
    return Role(**{"name": name, "title": f"The {name}", "scope": scope, "description": "", **facts})


def sound(*others, **changes):
    """Give a table without fault, with other roles added and facts of its own roles changed."""
    facts = {
        "ORG_OWNER": {"privileges": ("org.read",), "in_projects": "GROUP_OWNER"},
        "GROUP_OWNER": {"privileges": ("project.write",), "includes": ("GROUP_READER",)},
        "GROUP_READER": {"privileges": ("project.read",)},
    }
    return [role(name, **(facts[name] | changes.get(name, {}))) for name in facts] + list(others)


def test_a_sound_table_passes():
    """The table that the faults are put into has none of its own."""
    validate("atlas", sound(), PRIVILEGES)


FAULTS = {
    "role-twice": (sound(role("GROUP_READER", title="Other")), "role `GROUP_READER` is defined twice"),
    "title-twice": (
        sound(role("GROUP_X", title="the group_reader")),
        "title `The GROUP_READER` of role `GROUP_READER` also names role `GROUP_X`",
    ),
    "title-is-another-name": (
        sound(role("GROUP_X", title="ORG_OWNER")),
        "title `ORG_OWNER` of role `GROUP_X` also names role `ORG_OWNER`",
    ),
    "unknown-privilege": (
        sound(role("GROUP_X", privileges=("project.fly",))),
        "role `GROUP_X` grants unknown privilege `project.fly`",
    ),
    "unknown-privilege-on-condition": (
        sound(role("GROUP_X", added_by_owner=("project.fly",))),
        "role `GROUP_X` grants unknown privilege `project.fly`",
    ),
    "privilege-of-another-edition": (
        sound(role("ORG_X", privileges=("org.host",))),
        "role `ORG_X` grants `org.host`, which edition `atlas` does not have",
    ),
    "project-role-grants-on-organization": (
        sound(role("GROUP_X", privileges=("org.read",))),
        "role `GROUP_X` of scope project grants `org.read`, which is not",
    ),
    "organization-role-grants-in-project": (
        sound(role("ORG_X", privileges=("project.read",))),
        "role `ORG_X` of scope organization grants `project.read`, which is not",
    ),
    "privilege-twice": (
        sound(role("GROUP_X", privileges=("project.read", "project.read"))),
        "role `GROUP_X` lists privilege `project.read` twice",
    ),
    "privilege-with-and-without-condition": (
        sound(role("GROUP_X", privileges=("project.read",), added_by_owner=("project.read",))),
        "role `GROUP_X` lists privilege `project.read` twice",
    ),
    "condition-on-organization-role": (
        sound(role("ORG_X", added_by_owner=("org.read",))),
        "role `ORG_X` is not a project role and can't depend on who added the holder",
    ),
    "unknown-inclusion": (
        sound(role("GROUP_X", includes=("GROUP_Y",))),
        "role `GROUP_X` includes unknown role `GROUP_Y`",
    ),
    "unknown-inclusion-of-an-included-role": (
        sound(role("GROUP_X", includes=("GROUP_Y",)), GROUP_READER={"includes": ("GROUP_X",)}),
        "role `GROUP_X` includes unknown role `GROUP_Y`",
    ),
    "project-role-includes-organization-role": (
        sound(role("GROUP_X", includes=("ORG_OWNER",))),
        "role `GROUP_X` of scope project includes `ORG_OWNER`, which is not",
    ),
    "organization-role-includes-project-role": (
        sound(role("ORG_X", includes=("GROUP_READER",))),
        "role `ORG_X` of scope organization includes `GROUP_READER`, which is not",
    ),
    "role-includes-itself": (
        sound(role("GROUP_X", includes=("GROUP_X",))),
        "role `GROUP_X` includes itself: GROUP_X > GROUP_X",
    ),
    "roles-include-each-other": (
        sound(GROUP_READER={"includes": ("GROUP_OWNER",)}),
        "role `GROUP_OWNER` includes itself: GROUP_OWNER > GROUP_READER > GROUP_OWNER",
    ),
    "cycle-further-down": (
        sound(
            role("GROUP_X", includes=("GROUP_Y",)),
            role("GROUP_Y", includes=("GROUP_X",)),
            GROUP_READER={"includes": ("GROUP_X",)},
        ),
        "role `GROUP_X` includes itself: GROUP_X > GROUP_Y > GROUP_X",
    ),
    "project-role-reaches-projects": (
        sound(role("GROUP_X", in_projects="GROUP_READER")),
        "role `GROUP_X` is a project role and can't reach beyond its project",
    ),
    "project-role-hands-out-organization-roles": (
        sound(role("GROUP_X", hands_out=HandsOut(organization_roles=True))),
        "role `GROUP_X` is a project role and can't reach beyond its project",
    ),
    "unknown-reach": (
        sound(role("ORG_X", in_projects="GROUP_Y")),
        "role `ORG_X` carries unknown role `GROUP_Y` into projects",
    ),
    "organization-role-as-reach": (
        sound(role("ORG_X", in_projects="ORG_OWNER")),
        "role `ORG_X` carries `ORG_OWNER` into projects, which is not one",
    ),
    "no-owner": (sound()[1:], "edition `atlas` has no role `ORG_OWNER`"),
    "owner-lacks-a-privilege": (
        sound(ORG_OWNER={"privileges": ()}),
        "`ORG_OWNER` does not reach privilege `org.read`",
    ),
    "owner-does-not-reach-projects": (
        sound(ORG_OWNER={"in_projects": None}),
        "`ORG_OWNER` does not reach privilege `project.read`",
    ),
    "owner-holds-on-condition-only": (
        sound(GROUP_OWNER={"privileges": (), "added_by_owner": ("project.write",)}),
        "`ORG_OWNER` does not reach privilege `project.write`",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named(fault):
    """Each fault raises the one sentence that names the row."""
    table, message = FAULTS[fault]
    with pytest.raises(CatalogError, match=f"^{re.escape(message)}$"):
        validate("atlas", table, PRIVILEGES)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_edition_is_never_made(fault):
    """Making an edition validates its table, so nothing can decide by a faulty one."""
    with pytest.raises(CatalogError):
        compile_edition(
            "atlas",
            "Atlas",
            FAULTS[fault][0],
            self_change="no_gain",
            last_project_owner=False,
            privileges=PRIVILEGES,
        )


def test_a_privilege_is_defined_once():
    """One name on two kinds of resource would be two privileges."""
    rows = [Privilege("read", "organization", "", ()), Privilege("read", "project", "", ())]
    with pytest.raises(CatalogError, match=r"^privilege `read` is defined twice$"):
        by_name(rows)
