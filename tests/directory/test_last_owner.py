"""Rules 34 to 36, and the contract's "Last owner": checked wherever one could disappear."""

import pytest

from tests.directory.company import done, refused

DEMOTED = (403, "CANNOT_DEMOTE_LAST_ORG_OWNER")
DELETED = (403, "CANNOT_DELETE_LAST_ADMIN")


def _not_counting(company, kind):
    """Put somebody next to Ann who has the owner role and does not count."""
    if kind == "nobody":
        return
    if kind == "a key":
        company.key("ORG_OWNER")
    elif kind == "somebody invited":
        company.invited("pia", "ORG_OWNER")
    elif kind == "somebody suspended":
        done(company.suspend(company.person("sue", "ORG_OWNER").id))
    elif kind == "somebody with an end":
        done(company.bound(company.person("eve", "ORG_OWNER").id, "ORG_OWNER", ends=3600))
    elif kind == "somebody whose time has not come":
        done(company.bound(company.person("lea", "ORG_OWNER").id, "ORG_OWNER", starts=3600))


KINDS = [
    "nobody",
    "a key",
    "somebody invited",
    "somebody suspended",
    "somebody with an end",
    "somebody whose time has not come",
]


@pytest.mark.parametrize("kind", KINDS)
def test_rule_034_last_owner_cannot_be_demoted(company, kind):
    """Rule 34: beside keys, invited, suspended and bounded owners, the last lasting one can't be demoted."""
    _not_counting(company, kind)
    refused(company.change(company.ann.id, "ORG_MEMBER", by=company.owner_key), *DEMOTED)
    assert company.roles_of(company.ann.id) == ["ORG_OWNER"]


@pytest.mark.parametrize("kind", KINDS)
def test_rule_034_last_owner_cannot_be_removed(company, kind):
    """Rule 34: nor can they be removed from the organization."""
    _not_counting(company, kind)
    refused(company.remove(company.ann.id, by=company.owner_key), *DELETED)
    assert company.status_of(company.ann.id) == "ACTIVE"


def test_rule_034_last_owner_cannot_be_demoted_role_by_role(company):
    """Rule 34: nor can the one role be taken beside others that are kept."""
    done(company.add_role(company.ann.id, "ORG_READ_ONLY", by=company.owner_key))
    refused(company.remove_role(company.ann.id, "ORG_OWNER", by=company.owner_key), *DEMOTED)


def test_rule_034_last_owner_cannot_be_suspended(company):
    """Contract: nor suspended."""
    refused(company.suspend(company.ann.id, by=company.owner_key), *DELETED)
    done(company.ann.get(company.path))


@pytest.mark.parametrize("bounds", [{"ends": 60}, {"starts": 60}, {"starts": -60, "ends": 60}])
def test_rule_034_last_owner_is_given_no_end(company, bounds):
    """Contract: nor given an end, nor a start to come."""
    refused(company.bound(company.ann.id, "ORG_OWNER", by=company.owner_key, **bounds), *DEMOTED)


def test_rule_034_last_owner_may_have_begun_before(company):
    """Contract: a start that has passed takes nothing away."""
    done(company.bound(company.ann.id, "ORG_OWNER", starts=-60, by=company.owner_key))


def test_rule_034_last_owner_cannot_be_erased(world, company):
    """Contract: nor erased as an account."""
    from orgward.kernel.errors import RefusedError  # noqa: PLC0415

    with pytest.raises(RefusedError) as refusal:
        world.erase("ann@example.org")
    assert refusal.value.code == "CANNOT_DELETE_LAST_ADMIN"
    company.person("bob", "ORG_OWNER")
    world.erase("ann@example.org")


def test_rule_034_with_a_second_owner_the_first_may_go(company):
    """Rule 34: a second active owner is enough for the first to be demoted, suspended or removed."""
    bob = company.person("bob", "ORG_OWNER")
    done(company.change(company.ann.id, "ORG_MEMBER", by=bob))
    done(company.change(company.ann.id, "ORG_OWNER", by=bob))
    done(company.suspend(company.ann.id, by=bob))
    done(company.reactivate(company.ann.id, by=bob))
    assert company.remove(company.ann.id, by=bob).status == 204


def test_rule_035_the_last_owner_does_not_leave(company):
    """Rule 35: a member may leave only if another owner remains."""
    refused(company.remove(company.ann.id), *DELETED)
    company.person("bob", "ORG_OWNER")
    assert company.remove(company.ann.id).status == 204


def test_rule_036_in_cloud_manager_the_last_project_owner_stays(cloud):
    """Rule 36: the last direct Project Owner can't be removed, demoted, bounded or suspended, nor leave."""
    project = cloud.bare_project()
    bob = cloud.person("bob", on={project: ["GROUP_OWNER"]})
    refused(cloud.remove(bob.id, project=project), *DELETED)
    refused(cloud.remove(bob.id, project=project, by=bob), *DELETED)
    refused(cloud.remove(bob.id), *DELETED)
    done(cloud.add_role(bob.id, "GROUP_READ_ONLY", project=project))
    refused(cloud.remove_role(bob.id, "GROUP_OWNER", project=project), *DELETED)
    refused(cloud.bound(bob.id, "GROUP_OWNER", project=project, ends=60), *DELETED)
    refused(cloud.suspend(bob.id), *DELETED)


def test_rule_036_in_cloud_manager_somebody_is_promoted_first(cloud):
    """Rule 36: after somebody else was promoted, the sole Project Owner may leave."""
    project = cloud.bare_project()
    bob = cloud.person("bob", on={project: ["GROUP_OWNER"]})
    carl = cloud.person("carl", on={project: ["GROUP_READ_ONLY"]})
    done(cloud.add_role(carl.id, "GROUP_OWNER", project=project, by=bob))
    assert cloud.remove(bob.id, project=project, by=bob).status == 204


def test_rule_036_in_cloud_manager_a_project_of_a_key_may_have_no_owner(cloud):
    """Rule 36: a project that never had a person as owner blocks nobody."""
    project = cloud.bare_project()
    bob = cloud.person("bob", on={project: ["GROUP_READ_ONLY"]})
    assert cloud.remove(bob.id, project=project).status == 204


def test_rule_036_in_atlas_the_last_project_owner_may_go(atlas):
    """Rule 36: in Atlas a project needs no direct owner, for the organization's owners remain."""
    project = atlas.bare_project()
    bob = atlas.person("bob", on={project: ["GROUP_OWNER"]})
    assert atlas.remove(bob.id, project=project).status == 204


def test_rule_036_deleting_the_project_needs_no_owner_left(cloud):
    """Rule 36: a project may be deleted with its last owner on it."""
    project = cloud.bare_project()
    bob = cloud.person("bob", on={project: ["GROUP_OWNER"]})
    assert bob.delete(f"/groups/{project}").status == 202
