"""Rules 96, 97, 99: from groups to roles, against loops that say the same in the plainest way."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from orgward.catalog import EDITIONS
from orgward.directory.mapping import RoleAssignment, RoleMapping, given_by, roles_of
from orgward.kernel.errors import RefusedError

ORG, PROJECTS = "0" * 24, ("1" * 24, "2" * 24)
GROUPS = ("devs", "ops", "Devs", "ops ", "")
GIVEN = st.sampled_from([(ORG, "ORG_MEMBER"), (ORG, "ORG_OWNER"), *((p, "GROUP_READ_ONLY") for p in PROJECTS)])
MAPPINGS = st.lists(st.builds(RoleMapping, st.sampled_from(GROUPS), st.frozensets(GIVEN, max_size=3)), max_size=6)
NAMED = st.lists(st.sampled_from((*GROUPS, "nobody")), max_size=6)
DEFAULTS = st.lists(st.just((ORG, "ORG_READ_ONLY")), max_size=2)


def naive(groups, mappings, default_roles, has_other_role):
    """Say it in loops."""
    found = set()
    for mapping in mappings:
        for group in groups:
            if group == mapping.external_group:
                found = found | set(mapping.given)
    if not found and not has_other_role:
        found = set(default_roles)
    return sorted(found)


@given(NAMED, MAPPINGS, DEFAULTS, st.booleans())
@example(["devs"], [RoleMapping("devs", frozenset({(ORG, "ORG_MEMBER")}))], [(ORG, "ORG_READ_ONLY")], False)  # noqa: FBT003
@example([], [], [(ORG, "ORG_READ_ONLY")], True)  # noqa: FBT003 - as above, in the order of the test's parameters
def test_it_is_what_the_loops_say(groups, mappings, default_roles, has_other_role):
    """Union of the mappings of the groups, and default roles only for those who would have nothing."""
    found = roles_of(groups, mappings, default_roles=default_roles, has_other_role=has_other_role)
    assert sorted(found) == naive(groups, mappings, default_roles, has_other_role)


@given(NAMED, MAPPINGS, DEFAULTS, st.booleans(), st.randoms())
def test_order_and_repeats_mean_nothing(groups, mappings, default_roles, has_other_role, chance):
    """The same groups and mappings in another order, or twice, give the same."""
    options = {"default_roles": default_roles, "has_other_role": has_other_role}
    turned, again = [*groups, *groups], [*mappings, *mappings]
    chance.shuffle(turned)
    chance.shuffle(again)
    assert roles_of(groups, mappings, **options) == roles_of(turned, again, **options)


@given(NAMED, NAMED, MAPPINGS)
def test_more_groups_give_more(groups, others, mappings):
    """Without default roles the roles of groups together are those of each, and none is taken by another group."""
    options = {"default_roles": (), "has_other_role": False}
    both = roles_of([*groups, *others], mappings, **options)
    assert both == roles_of(groups, mappings, **options) | roles_of(others, mappings, **options)


@given(NAMED, MAPPINGS, DEFAULTS)
def test_default_roles_add_nothing_to_others(groups, mappings, default_roles):
    """Somebody with a role of any other kind gets no default role."""
    found = roles_of(groups, mappings, default_roles=default_roles, has_other_role=True)
    assert found == roles_of(groups, mappings, default_roles=(), has_other_role=True)


@given(MAPPINGS)
def test_a_group_is_its_very_name(mappings):
    """No group is another one by its capitals, its spaces, or by being empty."""
    found = roles_of(["devs"], mappings, default_roles=(), has_other_role=True)
    others = [mapping for mapping in mappings if mapping.external_group != "devs"]
    assert roles_of(["devs"], others, default_roles=(), has_other_role=True) == frozenset()
    assert found == {one for mapping in mappings if mapping.external_group == "devs" for one in mapping.given}


ROLES = st.sampled_from(["ORG_MEMBER", "ORG_OWNER", "GROUP_READ_ONLY", "GROUP_OWNER", "NO_ROLE"])
PLACES = st.tuples(st.none() | st.just(ORG), st.none() | st.sampled_from(PROJECTS))
ASSIGNMENTS = st.lists(st.builds(lambda r, place: RoleAssignment(r, *place), ROLES, PLACES), max_size=4)


def fits(found):
    """Say whether a role stands at a scope of its kind, and at one alone (rule 96)."""
    if found.role.startswith("ORG_"):
        return found.org is not None and found.project is None
    return found.role != "NO_ROLE" and found.project is not None and found.org is None


@pytest.mark.parametrize("edition", EDITIONS)
@given(assignments=ASSIGNMENTS)
def test_what_is_given_fits_its_scope(edition, assignments):
    """Each assignment names organization or project as its role has it, and one is of the organization."""
    whole = all(map(fits, assignments)) and any(found.role.startswith("ORG_") for found in assignments)
    try:
        found = given_by(EDITIONS[edition], assignments)
    except RefusedError:
        assert not whole
        return
    assert whole
    assert found == {(one.org or one.project, one.role) for one in assignments}
