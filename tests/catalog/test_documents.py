"""The three documents that define the roles, statement by statement, transcribed by hand in documents.csv.

A statement's reference is S0-… for Atlas UI Authorization, S1-… for Atlas User Roles and S4-… for Cloud
Manager Roles, counted from the top of the document. Where Atlas User Roles lost a list (S1-40, S1-41, S1-42,
S1-45, S1-47, S1-48, S1-54), the row tells it from public documentation of the role.
"""

from pathlib import Path
from typing import NamedTuple

import pytest

from orgward.catalog import EDITIONS, PRIVILEGES
from tests.catalog.flattened import read


class Statement(NamedTuple):
    """What a document says that a role may and may not do; privileges are separated by blanks."""

    ref: str
    edition: str
    role: str
    says: str
    may: str
    may_not: str


class Case(NamedTuple):
    """One privilege of one statement."""

    ref: str
    edition: str
    role: str
    privilege: str
    allowed: bool


TITLES = {
    "atlas": [
        ("ORG_OWNER", "Organization Owner"),
        ("ORG_GROUP_CREATOR", "Organization Project Creator"),
        ("ORG_BILLING_ADMIN", "Organization Billing Admin"),
        ("ORG_BILLING_READ_ONLY", "Organization Billing Viewer"),
        ("ORG_READ_ONLY", "Organization Read Only"),
        ("ORG_MEMBER", "Organization Member"),
        ("GROUP_OWNER", "Project Owner"),
        ("GROUP_CLUSTER_MANAGER", "Project Cluster Manager"),
        ("GROUP_STREAM_PROCESSING_OWNER", "Project Stream Processing Owner"),
        ("GROUP_DATA_ACCESS_ADMIN", "Project Data Access Admin"),
        ("GROUP_DATA_ACCESS_READ_WRITE", "Project Data Access Read/Write"),
        ("GROUP_DATA_ACCESS_READ_ONLY", "Project Data Access Read Only"),
        ("GROUP_READ_ONLY", "Project Read Only"),
        ("GROUP_SEARCH_INDEX_EDITOR", "Project Search Index Editor"),
    ],
    "cloud_manager": [
        ("ORG_OWNER", "Organization Owner"),
        ("ORG_GROUP_CREATOR", "Organization Project Creator"),
        ("ORG_READ_ONLY", "Organization Read Only"),
        ("ORG_MEMBER", "Organization Member"),
        ("ORG_BILLING_ADMIN", "Organization Billing Admin"),
        ("GROUP_READ_ONLY", "Project Read Only"),
        ("GROUP_USER_ADMIN", "Project User Admin"),
        ("GROUP_DATA_ACCESS_ADMIN", "Project Data Access Admin"),
        ("GROUP_DATA_ACCESS_READ_WRITE", "Project Data Access Read/Write"),
        ("GROUP_DATA_ACCESS_READ_ONLY", "Project Data Access Read Only"),
        ("GROUP_MONITORING_ADMIN", "Project Monitoring Admin"),
        ("GROUP_BACKUP_ADMIN", "Project Backup Admin"),
        ("GROUP_AUTOMATION_ADMIN", "Project Automation Admin"),
        ("GROUP_OWNER", "Project Owner"),
    ],
}

STATEMENTS = read(Path(__file__).parent / "documents.csv", Statement)
CASES = [
    Case(statement.ref, statement.edition, statement.role, privilege, allowed)
    for statement in STATEMENTS
    for privileges, allowed in ((statement.may, True), (statement.may_not, False))
    for privilege in privileges.split()
]


def grants(edition, role, privilege, *, added_by_owner=False):
    """Tell whether the role grants the privilege on its scope, or in projects if that is where it lies."""
    edition = EDITIONS[edition]
    beyond = PRIVILEGES[privilege].resource != edition.roles[role].scope
    look_up = edition.in_projects_of if beyond else edition.privileges_of
    return privilege in look_up(role, added_by_owner=added_by_owner)


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.ref}-{c.role}-{c.privilege}")
def test_the_role_does_what_the_document_says(case):
    """The role grants what the document allows it and nothing that the document denies it."""
    assert grants(case.edition, case.role, case.privilege) is case.allowed


def test_every_role_of_the_documents_has_its_statements():
    """Each role that a document names is held to what the document says of it."""
    named = {(edition, name) for edition, titles in TITLES.items() for name, _ in titles}
    assert {(statement.edition, statement.role) for statement in STATEMENTS} == named
    assert len(CASES) > 300


@pytest.mark.parametrize("edition", EDITIONS)
def test_an_organization_owner_has_all_of_project_owner_in_every_project(edition):
    """S1-07, S4-06, S4-70: the owner's reach is the whole of Project Owner, nothing less and nothing more."""
    reach = EDITIONS[edition].in_projects_of("ORG_OWNER")
    assert reach == EDITIONS[edition].privileges_of("GROUP_OWNER", added_by_owner=False)


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("owner", ["ORG_OWNER", "GROUP_OWNER"])
def test_an_owner_holds_what_any_other_role_of_the_scope_grants(edition, owner):
    """S1-12, S4-07, S4-68: the union of the other roles is part of what an owner holds."""
    edition = EDITIONS[edition]
    held = edition.privileges_of(owner, added_by_owner=False)
    for role in edition.roles.values():
        if role.scope == edition.roles[owner].scope:
            assert edition.privileges_of(role.name, added_by_owner=True) <= held, role.name


def test_read_only_launches_charts_only_where_a_project_owner_added_the_holder():
    """S1-52: the one conditional grant; other roles of the document that launch Charts need no condition."""
    assert not grants("atlas", "GROUP_READ_ONLY", "charts.launch")
    assert grants("atlas", "GROUP_READ_ONLY", "charts.launch", added_by_owner=True)
    assert grants("atlas", "GROUP_DATA_ACCESS_READ_ONLY", "charts.launch")
    conditional = {
        (edition.name, privilege)
        for edition in EDITIONS.values()
        for role in edition.roles
        for privilege in edition.privileges_of(role, added_by_owner=True)
        - edition.privileges_of(role, added_by_owner=False)
    }
    assert conditional == {("atlas", "charts.launch")}


@pytest.mark.parametrize("role", ["ORG_MEMBER", "ORG_GROUP_CREATOR", "ORG_BILLING_ADMIN"])
@pytest.mark.parametrize("edition", EDITIONS)
def test_membership_alone_gives_nothing_in_a_project(edition, role):
    """S1-22, S1-23, S4-15: in a project only the project role counts."""
    assert EDITIONS[edition].in_projects_of(role, added_by_owner=True) == frozenset()


def test_what_differs_between_the_documents_differs_between_the_editions():
    """S1-21 and S4-14: a member reads billing in Cloud Manager only; S1-17 and S4-18: billing alerts."""
    assert not grants("atlas", "ORG_MEMBER", "billing.info.read")
    assert grants("cloud_manager", "ORG_MEMBER", "billing.info.read")
    assert grants("atlas", "ORG_BILLING_ADMIN", "billing.alerts.create")
    assert not grants("cloud_manager", "ORG_BILLING_ADMIN", "billing.alerts.create")


@pytest.mark.parametrize(
    ("edition", "name", "title"),
    [(edition, name, title) for edition, titles in TITLES.items() for name, title in titles],
    ids=lambda text: text,
)
def test_a_role_has_the_names_of_the_documents(edition, name, title):
    """S1-05, S1-25: API name and UI name are one role, which has a description and lies on one scope."""
    role = EDITIONS[edition].role_named(title)
    assert role is EDITIONS[edition].role_named(name)
    assert (role.name, role.title) == (name, title)
    assert role.scope == ("organization" if name.startswith("ORG_") else "project")
    assert role.description.endswith(".")
