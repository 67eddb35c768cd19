"""An edition: its look-ups, its rules, and who hands out what."""

import dataclasses

import pytest

from orgward.catalog import EDITIONS, PRIVILEGES
from orgward.catalog.edition import compile_edition
from orgward.catalog.privileges import Privilege, by_name
from orgward.catalog.role import HandsOut, Role

ATLAS = EDITIONS["atlas"]
CLOUD = EDITIONS["cloud_manager"]


def small_edition():
    """Give an edition of five roles: a chain of two inclusions, a condition and a reach."""
    privileges = by_name(
        Privilege(name, resource, "", ("atlas",))
        for name, resource in [("org.read", "organization"), ("read", "project"), ("write", "project")]
    )
    roles = [
        Role(
            name="ORG_OWNER",
            title="Owner",
            scope="organization",
            description="",
            privileges=("org.read",),
            in_projects="WRITER",
        ),
        Role(name="GUEST", title="Guest", scope="project", description="", added_by_owner=("write",)),
        Role(
            name="READER",
            title="Reader",
            scope="project",
            description="",
            includes=("GUEST",),
            privileges=("read",),
        ),
        Role(
            name="WRITER",
            title="Writer",
            scope="project",
            description="",
            includes=("READER",),
            privileges=("write",),
        ),
        Role(
            name="ORG_AUDITOR",
            title="Auditor",
            scope="organization",
            description="",
            includes=("ORG_OWNER",),
            in_projects="READER",
        ),
    ]
    return compile_edition(
        "atlas", "Small", roles, self_change="no_gain", last_project_owner=False, privileges=privileges
    )


def test_included_privileges_are_held():
    """A role holds what the roles that it includes hold, however far away."""
    assert small_edition().privileges_of("WRITER", added_by_owner=False) == {"read", "write"}


def test_a_condition_is_inherited_with_the_role():
    """What an included role holds on condition is held on the same condition."""
    edition = small_edition()
    assert edition.privileges_of("READER", added_by_owner=False) == {"read"}
    assert edition.privileges_of("READER", added_by_owner=True) == {"read", "write"}


def test_what_an_included_organization_role_carries_into_projects_is_carried_too():
    """The reach of a role is its own and that of the roles that it includes."""
    edition = small_edition()
    assert edition.in_projects_of("ORG_AUDITOR") == {"read", "write"}
    assert edition.in_projects_of("WRITER") == frozenset()


def test_roles_granting_names_the_unconditional_first_and_keeps_the_table_order():
    """Reader and Guest write on condition only, so they come last though they stand earlier in the table."""
    assert small_edition().roles_granting("write") == (
        "ORG_OWNER",
        "WRITER",
        "ORG_AUDITOR",
        "GUEST",
        "READER",
    )


def test_nobody_grants_what_the_edition_does_not_have():
    """A privilege of the other edition, or of none, is granted by no role."""
    assert ATLAS.roles_granting("hosts.add") == ()
    assert CLOUD.roles_granting("clusters.create") == ()
    assert ATLAS.roles_granting("made.up") == ()
    assert "hosts.add" not in ATLAS.all_privileges
    assert "hosts.add" in CLOUD.all_privileges


@pytest.mark.parametrize(
    "text",
    [
        "GROUP_DATA_ACCESS_READ_WRITE",
        "Project Data Access Read/Write",
        "Project Data Access Read Write",
        " project data access  read/write ",
    ],
)
def test_a_role_is_found_by_either_name(text):
    """Rule 10: API name and UI name resolve to the same role, whatever the case and the blanks."""
    for edition in EDITIONS.values():
        assert edition.role_named(text) is edition.roles["GROUP_DATA_ACCESS_READ_WRITE"]


@pytest.mark.parametrize("text", ["", "Owner", "GROUP_OWNER_", "Project Overlord"])
def test_other_names_are_no_roles(text):
    """Part of a name is not the name."""
    assert ATLAS.role_named(text) is None


def test_an_edition_knows_only_its_own_roles():
    """Project User Admin is a role of Cloud Manager, Project Access Manager one of Atlas."""
    assert ATLAS.role_named("Project User Admin") is None
    assert CLOUD.role_named("Project Access Manager") is None
    with pytest.raises(KeyError):
        ATLAS.privileges_of("GROUP_USER_ADMIN", added_by_owner=False)


def test_the_editions_differ_in_their_rules():
    """Rules 33 and 36: in Cloud Manager nobody changes their own roles, and a project keeps an owner."""
    assert (CLOUD.self_change, CLOUD.last_project_owner) == ("never", True)
    assert (ATLAS.self_change, ATLAS.last_project_owner) == ("no_gain", False)
    assert [(key, edition.name) for key, edition in EDITIONS.items()] == [
        ("atlas", "atlas"),
        ("cloud_manager", "cloud_manager"),
    ]


def test_nothing_of_the_catalogue_can_be_changed():
    """Tables and rows are read-only: no code path can hand out a privilege by accident."""
    with pytest.raises(TypeError):
        EDITIONS["mine"] = ATLAS
    with pytest.raises(TypeError):
        ATLAS.roles["MINE"] = ATLAS.roles["ORG_OWNER"]
    with pytest.raises(TypeError):
        PRIVILEGES["mine"] = PRIVILEGES["org.read"]
    with pytest.raises(dataclasses.FrozenInstanceError):
        ATLAS.roles["ORG_MEMBER"].privileges = ("org.delete",)


def test_an_edition_is_itself_only():
    """An edition serves as a key; one made of the same rows is another."""
    assert {ATLAS: "atlas"}[EDITIONS["atlas"]] == "atlas"
    assert small_edition() != small_edition()


HOLDERS = {
    "ORG_OWNER": HandsOut(organization_roles=True, project_roles="all", to_self=True),
    "GROUP_OWNER": HandsOut(project_roles="all", to_self=True),
    "GROUP_USER_ADMIN": HandsOut(project_roles="all", to_self=False),
    "GROUP_ACCESS_MANAGER": HandsOut(project_roles="all_but_owner", to_self=True),
}


@pytest.mark.parametrize("edition", EDITIONS)
def test_roles_are_handed_out_by_these_holders_only(edition):
    """Owners and the two roles for access hand out roles; every other role hands out none."""
    for role in EDITIONS[edition].roles.values():
        assert role.hands_out == HOLDERS.get(role.name, HandsOut()), role.name


@pytest.mark.parametrize(
    ("holder", "role", "covered"),
    [
        ("ORG_OWNER", "ORG_OWNER", True),
        ("ORG_OWNER", "ORG_MEMBER", True),
        ("ORG_OWNER", "GROUP_OWNER", True),
        ("GROUP_OWNER", "GROUP_OWNER", True),
        ("GROUP_OWNER", "GROUP_READ_ONLY", True),
        ("GROUP_OWNER", "ORG_MEMBER", False),
        ("GROUP_USER_ADMIN", "GROUP_OWNER", True),
        ("GROUP_USER_ADMIN", "ORG_OWNER", False),
        ("GROUP_ACCESS_MANAGER", "GROUP_READ_ONLY", True),
        ("GROUP_ACCESS_MANAGER", "GROUP_ACCESS_MANAGER", True),
        ("GROUP_ACCESS_MANAGER", "GROUP_OWNER", False),
        ("GROUP_ACCESS_MANAGER", "ORG_MEMBER", False),
        ("GROUP_READ_ONLY", "GROUP_READ_ONLY", False),
        ("ORG_MEMBER", "ORG_MEMBER", False),
    ],
)
def test_a_holder_hands_out_what_is_covered(holder, role, covered):
    """What a holder may give and take follows from the two roles alone."""
    edition = ATLAS if holder in ATLAS.roles else CLOUD
    assert edition.roles[holder].hands_out.covers(edition.roles[role]) is covered


@pytest.mark.parametrize("edition", EDITIONS)
def test_who_changes_roles_of_project_users_hands_some_out(edition):
    """A role that may change roles of a project's users or teams has something to give, and the reverse."""
    edition = EDITIONS[edition]
    for role in edition.roles.values():
        held = edition.privileges_of(role.name, added_by_owner=False) | edition.in_projects_of(role.name)
        assert ("project.users.update_roles" in held) is (role.hands_out.project_roles != "none"), role.name
