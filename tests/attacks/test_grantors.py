"""Whom a refusal names as able to help: nobody whom the asker could not see anyhow (contract.md, Decisions)."""

import pytest

from orgward.decision_api import decide
from tests.decision_api.conftest import Asker
from tests.directory.company import Company, done
from tests.service_accounts import id_of, new_account

RENAME, DELETE = "org.rename", "project.delete"


@pytest.fixture
def atlas(world):
    """Give a company whose owners are a person, a key and a service account."""
    company = Company.found(world, "atlas")
    company.robot = id_of(new_account(company.ann, company.path, "ORG_OWNER"))
    return company


@pytest.fixture
def keeper(atlas):
    """Give the id of the key that owns the organization."""
    return atlas.world.store.view.find("api_keys", public_key=atlas.owner_key.public_key)[0]["id"]


def named_to(caller, subject, action, resource):
    """Give the ids of those who could grant what the subject lacks, as the caller is told."""
    answer = Asker(caller).ask(subject, action, resource)
    assert answer["decision"] is False
    return {grantor["id"] for grantor in answer["context"]["grantors"]}


def test_a_service_account_is_named_to_whoever_sees_service_accounts(atlas, keeper):
    """A member sees people and keys of the organization, and no service accounts; a reader sees all three."""
    liv, rea = atlas.person("liv"), atlas.person("rea", "ORG_READ_ONLY")
    here = ("organization", atlas.id)
    assert liv.get(f"{atlas.path}/serviceAccounts").status in {401, 403}
    assert named_to(liv, ("user", liv.id), RENAME, here) == {atlas.ann.id, keeper}
    done(rea.get(f"{atlas.path}/serviceAccounts"))
    assert named_to(rea, ("user", liv.id), RENAME, here) == {atlas.ann.id, keeper, atlas.robot}


def test_a_user_admin_of_a_project_is_told_of_no_service_account(world):
    """In `cloud_manager` it sees people and keys of its project, and no service accounts."""
    company = Company.found(world, "cloud_manager")
    project = company.project()
    robot = id_of(new_account(company.ann, f"/groups/{project}", "GROUP_OWNER"))
    gus = company.person("gus", on={project: ["GROUP_USER_ADMIN"]})
    rea = company.person("rea", "ORG_READ_ONLY")
    asked = ("user", gus.id), DELETE, ("project", project)
    assert robot not in named_to(gus, *asked)
    assert robot in named_to(rea, *asked)


def test_what_is_not_on_the_project_is_named_to_whoever_sees_it(atlas, keeper):
    """A member of one project is told of its service accounts, not of those of the organization."""
    project = atlas.project()
    here = id_of(new_account(atlas.ann, f"/groups/{project}", "GROUP_OWNER"))
    bob = atlas.person("bob", on={project: ["GROUP_READ_ONLY"]})
    asked = ("user", bob.id), DELETE, ("project", project)
    assert named_to(bob, *asked) == {atlas.ann.id, keeper, here}
    assert named_to(atlas.person("rea", "ORG_READ_ONLY"), *asked) == {atlas.ann.id, keeper, here, atlas.robot}


def test_keys_alone_show_nobody(atlas, monkeypatch):
    """Whoever may read API keys and not the members is told of nobody, machines included."""
    liv = atlas.person("liv")
    done(liv.get(f"{atlas.path}/apiKeys"))
    # No role of either edition reads keys and not people; so here reading people takes an owner.
    monkeypatch.setitem(decide._READING["organization"], "user", "org.delete")  # noqa: SLF001 - the table itself
    assert named_to(liv, ("user", liv.id), RENAME, ("organization", atlas.id)) == set()


def test_nobody_is_named_through_a_closed_gate(atlas):
    """Whoever is kept out by a gate may ask about themself, and is told of nobody else."""
    liv = atlas.person("liv")
    done(atlas.owner_key.patch(f"{atlas.path}/settings", {"multiFactorAuthRequired": True}))
    assert named_to(liv, ("user", liv.id), RENAME, ("organization", atlas.id)) == set()
