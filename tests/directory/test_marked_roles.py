"""What the mark of a mapped role means to everything that changes roles by hand (rules 97, 98, 105)."""

import pytest

from orgward.kernel.delta import Delta
from orgward.kernel.instants import FOREVER
from orgward.store.log import Entry
from orgward.store.writer import Outcome, Submission
from tests.directory.company import done, refused

READ = "GROUP_READ_ONLY"
HELD = (400, "ROLE_HELD_BY_MAPPING")


def map_role(company, user, scope, role):
    """Give a role as a mapping does."""
    row = {
        "holder_id": user, "scope_id": scope, "role": role, "holder_kind": "user", "org_id": company.id, "starts": 0,
        "ends": FOREVER, "added_by_owner": False, "mapped": True,
    }  # fmt: skip
    entry = Entry("mapRole", scope, company.id, "operator", "tester")
    given = Outcome([Delta("assignments", (user, scope, role), row)])
    company.world.store.submit(Submission(entry, lambda _: given)).result(9)


@pytest.fixture
def bob(company):
    """A project's owner who also reads it by a mapping, and the whole organization by another."""
    project = company.project()
    bob = company.person("bob", on={project: ["GROUP_OWNER"]})
    map_role(company, bob.id, project, READ)
    map_role(company, bob.id, company.id, "ORG_READ_ONLY")
    return bob, project


def test_nobody_changes_it_by_hand(company, bob):
    """Taking it away, replacing it, and giving it an end are refused; other roles beside it come and go."""
    who, project = bob
    refused(company.remove_role(who.id, "ORG_READ_ONLY"), *HELD)
    refused(company.change(who.id, "ORG_MEMBER"), *HELD)
    refused(company.bound(who.id, READ, project=project, ends=3_600), *HELD)
    refused(company.remove(who.id, project=project), *HELD)
    done(company.add_role(who.id, "ORG_GROUP_CREATOR"))
    done(company.change(who.id, "ORG_READ_ONLY"))
    assert done(who.get(f"/groups/{project}"))["id"] == project


def test_it_goes_with_the_member_and_with_the_project(company, bob):
    """Whoever is removed from the organization loses it; a project that is deleted takes it along."""
    who, project = bob
    done(company.ann.delete(f"/groups/{project}"))
    done(company.remove(who.id))
    assert company.world.store.view.find("assignments", holder_id=who.id) == []


def test_it_stays_behind_when_the_project_moves(world, company, bob):
    """A project that moves leaves mapped roles behind: they belong to the federation of the organization it leaves."""
    who, project = bob
    other = type(company).found(world, company.edition, name="Other", owner="ann")
    done(company.ann.post(f"/groups/{project}:migrate", {"destinationOrgId": other.id}))
    left = company.world.store.view.find("assignments", holder_id=who.id, scope_id=project)
    assert [row["role"] for row in left] == ["GROUP_OWNER"]


def test_a_mapped_owner_is_an_owner(company):
    """Rule 98: the last other owner may go while somebody owns the organization by a mapping."""
    cyd = company.person("cyd")
    map_role(company, cyd.id, company.id, "ORG_OWNER")
    done(company.change(company.ann.id, "ORG_MEMBER", by=cyd))
