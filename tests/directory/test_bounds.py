"""Contract, "Beyond Atlas' API": when a role that is held begins and ends."""

import pytest

from tests.directory.company import OWN, done, instant, refused

MINUTE = 60


def test_the_truth_is_starts_now_ends(world, company):
    """A role counts from the millisecond that it starts, and no more from the one that it ends."""
    project = company.project()
    bob = company.person("bob", on={project: ["GROUP_OWNER"]})
    done(company.bound(bob.id, "GROUP_OWNER", project=project, starts=10, ends=20))
    seen = {}
    for offset in (-1, 0, 9_999, 10_000):
        world.clock.now = 1_800_000_000_000 + 10_000 + offset
        seen[offset] = bob.get(f"/groups/{project}").status
    assert seen == {-1: 404, 0: 200, 9_999: 200, 10_000: 404}


def test_an_organization_role_reaches_into_projects_for_its_time(world, company):
    """Who is owner of the organization for an hour owns its projects for an hour."""
    project, bob = company.project(), company.person("bob", "ORG_OWNER", "ORG_MEMBER")
    done(company.bound(bob.id, "ORG_OWNER", ends=3600))
    done(bob.get(f"/groups/{project}"))
    world.clock.advance(seconds=3600)
    refused(bob.get(f"/groups/{project}"), 404, "GROUP_NOT_FOUND")
    done(bob.get(company.path))


def test_whoever_has_no_role_in_force_is_still_in_the_organization(world, company):
    """A member without a role in force is in: 401 on the organization, 404 on its projects."""
    project, bob = company.project(), company.person("bob", "ORG_READ_ONLY")
    done(company.bound(bob.id, "ORG_READ_ONLY", ends=MINUTE))
    world.clock.advance(seconds=MINUTE)
    refused(bob.get(company.path), 401, "USER_UNAUTHORIZED")
    refused(bob.get(f"/groups/{project}"), 404, "GROUP_NOT_FOUND")


def test_replies_list_roles_in_force(world, company):
    """Replies in the shape of Atlas list the roles in force and no others."""
    project = company.project()
    both = ["GROUP_OWNER", "GROUP_READ_ONLY"]
    bob = company.person("bob", "ORG_READ_ONLY", "ORG_MEMBER", on={project: both})
    done(company.bound(bob.id, "ORG_READ_ONLY", starts=MINUTE))
    done(company.bound(bob.id, "GROUP_READ_ONLY", project=project, ends=MINUTE))
    assert company.roles_of(bob.id) == ["ORG_MEMBER"]
    assert company.project_roles_of(project, bob.id) == both
    world.clock.advance(seconds=MINUTE)
    assert company.roles_of(bob.id) == ["ORG_MEMBER", "ORG_READ_ONLY"]
    assert company.project_roles_of(project, bob.id) == ["GROUP_OWNER"]


def test_no_bounds_are_no_bounds(world, company):
    """`{}` removes the bounds; the answer says what stands."""
    bob = company.person("bob", "ORG_READ_ONLY")
    shown = done(company.bound(bob.id, "ORG_READ_ONLY", starts=10, ends=20))
    assert shown == {"role": "ORG_READ_ONLY", "startsAt": "2027-01-15T08:00:10Z", "endsAt": "2027-01-15T08:00:20Z"}
    assert done(company.bound(bob.id, "ORG_READ_ONLY")) == {"role": "ORG_READ_ONLY", "startsAt": None, "endsAt": None}
    world.clock.advance(days=300)
    assert company.roles_of(bob.id) == ["ORG_READ_ONLY"]


def test_a_role_that_is_not_held_is_unknown(company):
    """Bounds of a role that is not held, or of somebody who is not there, are 404."""
    project, bob = company.project(), company.person("bob")
    refused(company.bound(bob.id, "ORG_OWNER", ends=MINUTE), 404, "ROLE_NOT_HELD")
    refused(company.bound(bob.id, "GROUP_OWNER", project=project, ends=MINUTE), 404, "USER_NOT_FOUND")
    refused(company.bound("f" * 24, "ORG_OWNER", ends=MINUTE), 404, "USER_NOT_FOUND")


@pytest.mark.parametrize(("starts", "ends"), [(20, 10), (10, 10)])
def test_an_end_before_the_start_is_malformed(company, starts, ends):
    """An end before the start is 400, and changes nothing."""
    bob = company.person("bob", "ORG_READ_ONLY")
    refused(company.bound(bob.id, "ORG_READ_ONLY", starts=starts, ends=ends), 400, "INVALID_DATE_RANGE")
    assert company.roles_of(bob.id) == ["ORG_READ_ONLY"]


NO_TIMES = ["tomorrow", "2027-01-15T08:00:00", "2027-13-01T00:00:00Z", "9999-12-31T23:59:59-23:00"]


@pytest.mark.parametrize("text", NO_TIMES)
def test_a_time_needs_its_form_and_its_offset(company, text):
    """A time that is no RFC 3339 time with an offset is 400."""
    bob = company.person("bob", "ORG_READ_ONLY")
    path = f"{OWN}/orgs/{company.id}/users/{bob.id}/roles/ORG_READ_ONLY"
    assert company.ann.put(path, {"endsAt": text}).status == 400
    assert company.ann.put(path, {"endsOn": instant(company.world, 60)}).status == 400


def test_bounds_of_a_key(world, company):
    """A key's roles have bounds, too, in the organization and in a project."""
    project = company.project()
    key = company.key("GROUP_READ_ONLY", project=project)
    until = {"endsAt": instant(world, MINUTE)}
    done(company.ann.put(f"{OWN}/groups/{project}/apiKeys/{key.id}/roles/GROUP_READ_ONLY", until))
    done(company.ann.put(f"{OWN}/orgs/{company.id}/apiKeys/{key.id}/roles/ORG_MEMBER", until))
    done(key.get(f"/groups/{project}"))
    world.clock.advance(seconds=MINUTE)
    refused(key.get(f"/groups/{project}"), 404, "GROUP_NOT_FOUND")
    refused(key.get(company.path), 401, "USER_UNAUTHORIZED")


def test_bounds_need_the_privilege_that_changes_the_role(company):
    """Whoever may not change a role may not bound it."""
    project = company.project()
    bob = company.person("bob", "ORG_READ_ONLY", on={project: ["GROUP_READ_ONLY"]})
    carl = company.person("carl", on={project: ["GROUP_READ_ONLY"]})
    refused(company.bound(bob.id, "ORG_READ_ONLY", ends=MINUTE, by=carl), 401, "USER_UNAUTHORIZED")
    refused(company.bound(bob.id, "GROUP_READ_ONLY", project=project, ends=MINUTE, by=carl), 401, "USER_UNAUTHORIZED")


def test_a_replacement_keeps_the_bounds_of_what_stays(world, company):
    """Adding a second role leaves the first one's end where it was."""
    bob = company.person("bob", "ORG_READ_ONLY")
    done(company.bound(bob.id, "ORG_READ_ONLY", ends=MINUTE))
    done(company.add_role(bob.id, "ORG_MEMBER"))
    world.clock.advance(seconds=MINUTE)
    assert company.roles_of(bob.id) == ["ORG_MEMBER"]
