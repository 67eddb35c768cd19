"""Rules 58, 96-99: what people hold by the groups of their identity provider, from sign-in to sign-in."""

import pytest

from tests.directory.company import Company, accept, address, done, refused, set_limits
from tests.scim.conftest import Provider

pytestmark = pytest.mark.usefixtures("whole")

MAPPED = (400, "ROLE_HELD_BY_MAPPING")


def direct(company, user, scope):
    """Give the roles that somebody holds somewhere, each with whether a mapping gives it."""
    rows = company.world.store.view.find("assignments", holder_id=user, scope_id=scope)
    return {row["role"]: row["mapped"] for row in rows}


def test_several_groups_give_what_all_of_them_give(company, federated):
    """Who signs in holds the union of the mappings of their groups, in the organization and on projects (97)."""
    web, app = company.project("web"), company.project("app")
    federated.mapped("devs", "ORG_MEMBER", on={web: ["GROUP_READ_ONLY"]})
    federated.mapped("ops", "ORG_READ_ONLY", on={web: ["GROUP_DATA_ACCESS_READ_ONLY"], app: ["GROUP_READ_ONLY"]})
    federated.mapped("sales", "ORG_OWNER")
    bob = federated.arrive("bob", "devs", "ops", "unheard of")
    assert company.status_of(bob.id) == "ACTIVE"
    assert direct(company, bob.id, company.id) == {"ORG_MEMBER": True, "ORG_READ_ONLY": True}
    assert direct(company, bob.id, web) == {"GROUP_DATA_ACCESS_READ_ONLY": True, "GROUP_READ_ONLY": True}
    assert direct(company, bob.id, app) == {"GROUP_READ_ONLY": True}
    done(bob.get(f"/groups/{web}"))


def test_leaving_a_group_takes_its_roles_at_the_next_sign_in(company, federated):
    """What no group gives any more is gone, and what another one gives stays (97)."""
    web = company.project("web")
    federated.mapped("devs", "ORG_MEMBER", on={web: ["GROUP_READ_ONLY"]})
    federated.mapped("ops", "ORG_MEMBER")
    bob = federated.arrive("bob", "devs", "ops")
    federated.says(bob, "ops")
    assert direct(company, bob.id, company.id) == {"ORG_MEMBER": True}
    assert company.project_user(web, bob.id) is None
    refused(bob.get(f"/groups/{web}"), 404, "GROUP_NOT_FOUND")


def test_who_is_left_with_nothing_is_no_member(company, federated):
    """Somebody who was a member by mapping alone leaves with their last group, and comes back with it."""
    federated.mapped("devs", "ORG_MEMBER")
    bob = federated.arrive("bob", "devs")
    team = company.team("crew", bob)
    federated.says(bob)
    assert company.user(bob.id) is None
    assert company.users_in(team) == []
    refused(bob.get(company.path), 404, "ORG_NOT_FOUND")
    federated.says(bob, "devs")
    assert company.status_of(bob.id) == "ACTIVE"


def test_default_roles_are_for_those_without_any(company, federated):
    """No mapping and no other role: the default role; a mapping or a role by hand: none (97, 99)."""
    done(federated.configure(postAuthRoleGrants=["ORG_READ_ONLY"]))
    mapping = federated.mapped("devs", "ORG_MEMBER")
    bob, dora = federated.arrive("bob"), federated.arrive("dora", "devs")
    carl = company.person("carl", "ORG_MEMBER")
    federated.says(carl)
    assert direct(company, bob.id, company.id) == {"ORG_READ_ONLY": True}
    assert direct(company, dora.id, company.id) == {"ORG_MEMBER": True}
    assert direct(company, carl.id, company.id) == {"ORG_MEMBER": False}
    done(federated.unmap(mapping))
    assert direct(company, dora.id, company.id) == {"ORG_READ_ONLY": True}


def test_a_role_by_hand_stays_so(company, federated):
    """What somebody holds by hand is not made a mapping's, and stays when the mapping goes."""
    web = company.project("web")
    carl = company.person("carl", "ORG_MEMBER", on={web: ["GROUP_READ_ONLY"]})
    mapping = federated.mapped("devs", "ORG_MEMBER", "ORG_READ_ONLY", on={web: ["GROUP_READ_ONLY"]})
    federated.says(carl, "devs")
    assert direct(company, carl.id, company.id) == {"ORG_MEMBER": False, "ORG_READ_ONLY": True}
    done(federated.unmap(mapping))
    assert direct(company, carl.id, company.id) == {"ORG_MEMBER": False}
    assert direct(company, carl.id, web) == {"GROUP_READ_ONLY": False}


def test_a_project_role_by_hand_keeps_its_holder_a_member(company, federated):
    """Who was a member by mapping and has a project role by hand stays, as a plain member (rule 37)."""
    web = company.project("web")
    mapping = federated.mapped("devs", "ORG_READ_ONLY")
    bob = federated.arrive("bob", "devs")
    done(company.add(web, "bob", "GROUP_READ_ONLY"))
    done(federated.unmap(mapping))
    assert direct(company, bob.id, company.id) == {"ORG_MEMBER": False}
    done(bob.get(f"/groups/{web}"))


def test_nobody_changes_by_hand_what_a_mapping_gives(company, federated):
    """Roles by mapping are neither taken, bounded nor replaced by hand; removing the person is no such thing."""
    web = company.project("web")
    federated.mapped("devs", "ORG_MEMBER", on={web: ["GROUP_READ_ONLY"]})
    bob = federated.arrive("bob", "devs")
    refused(company.change(bob.id, "ORG_READ_ONLY"), *MAPPED)
    refused(company.bound(bob.id, "ORG_MEMBER", ends=60), *MAPPED)
    refused(company.remove(bob.id, project=web), *MAPPED)
    done(company.add_role(bob.id, "ORG_READ_ONLY"))
    assert direct(company, bob.id, company.id) == {"ORG_MEMBER": True, "ORG_READ_ONLY": False}
    done(company.remove(bob.id))
    assert company.user(bob.id) is None


def test_a_mapping_works_with_the_next_request(company, federated):
    """Made, changed and deleted, a mapping is applied at once to whoever was in the group when they signed in."""
    web = company.project("web")
    federated.mapped("people", "ORG_MEMBER")
    bob = federated.arrive("bob", "devs", "people")
    refused(bob.get(f"/groups/{web}"), 404, "GROUP_NOT_FOUND")
    mapping = federated.mapped("devs", "ORG_MEMBER", on={web: ["GROUP_READ_ONLY"]})
    done(bob.get(f"/groups/{web}"))
    done(federated.remap(mapping, "ops", "ORG_MEMBER", on={web: ["GROUP_READ_ONLY"]}))
    refused(bob.get(f"/groups/{web}"), 404, "GROUP_NOT_FOUND")
    done(federated.remap(mapping, "devs", "ORG_READ_ONLY"))
    assert direct(company, bob.id, company.id) == {"ORG_MEMBER": True, "ORG_READ_ONLY": True}
    done(federated.unmap(mapping))
    assert direct(company, bob.id, company.id) == {"ORG_MEMBER": True}


def test_silence_on_groups_changes_nothing(company, federated):
    """Where a provider does not tell of groups, they are those of the sign-in before; that is warned of (98)."""
    web = company.project("web")
    federated.mapped("devs", "ORG_READ_ONLY", on={web: ["GROUP_READ_ONLY"]})
    bob = federated.arrive("bob", "devs")
    assert federated.is_silent(bob) == ["GROUPS_NOT_TOLD"]
    assert direct(company, bob.id, company.id) == {"ORG_READ_ONLY": True}
    done(bob.get(f"/groups/{web}"))
    carl = company.outsider("carl@example.org")
    assert federated.is_silent(carl) == ["GROUPS_NOT_TOLD"]
    refused(carl.get(company.path), 404, "ORG_NOT_FOUND")
    assert federated.says(bob) == []
    refused(bob.get(company.path), 404, "ORG_NOT_FOUND")


def test_without_mappings_nobody_waits_for_groups(company, federated):
    """Default roles need no groups, so silence is nothing to warn of there (99)."""
    done(federated.configure(postAuthRoleGrants=["ORG_READ_ONLY"]))
    bob = company.outsider("bob@example.org")
    assert federated.is_silent(bob) == []
    assert direct(company, bob.id, company.id) == {"ORG_READ_ONLY": True}


def test_a_provider_that_names_no_groups_gives_none(company, federated):
    """Once who people are alone decides, what groups gave is gone at once, and default roles stay."""
    federated.mapped("devs", "ORG_READ_ONLY")
    done(federated.configure(postAuthRoleGrants=["ORG_MEMBER"]))
    bob, carl = federated.arrive("bob", "devs"), federated.arrive("carl")
    path = f"{federated.path}/identityProviders/{federated.provider}"
    done(company.ann.patch(path, {"authorizationType": "USER"}))
    for who in (bob, carl):
        assert direct(company, who.id, company.id) == {"ORG_MEMBER": True}
    federated.mapped("devs of old", "ORG_READ_ONLY")
    assert company.world.store.view.find("identity_groups", user_id=bob.id) == []
    done(company.ann.patch(path, {"authorizationType": "GROUP"}))
    assert direct(company, bob.id, company.id) == {"ORG_MEMBER": True}


def test_instant_provisioning_can_be_disabled(company, federated):
    """Who is no member joins by signing in, unless the organization does not want that (58)."""
    federated.mapped("devs", "ORG_MEMBER")
    done(federated.configure(instantUserProvisioningDisabled=True))
    bob = federated.arrive("bob", "devs")
    assert company.user(bob.id) is None
    done(federated.configure(instantUserProvisioningDisabled=False))
    federated.says(bob, "devs")
    assert company.status_of(bob.id) == "ACTIVE"


def test_somebody_invited_is_in_at_once(company, federated):
    """A mapping needs no invitation; one that waits can be answered still, and adds what it gives (58)."""
    bob = company.outsider("bob")
    invitation = company.invited("bob", "ORG_READ_ONLY")
    federated.mapped("devs", "ORG_MEMBER")
    federated.says(bob, "devs")
    assert company.status_of(bob.id) == "ACTIVE"
    done(accept(bob, invitation))
    assert direct(company, bob.id, company.id) == {"ORG_MEMBER": True, "ORG_READ_ONLY": False}


def test_somebody_suspended_stays_so(company, federated):
    """What a provider says gives nobody back what they were suspended from."""
    federated.mapped("devs", "ORG_MEMBER")
    bob = federated.arrive("bob", "devs")
    done(company.suspend(bob.id))
    federated.says(bob, "devs")
    refused(bob.get(company.path), 403, "USER_SUSPENDED")


def test_somebody_held_back_joins_suspended(company, federated):
    """What a provider says by SCIM of somebody invited is not lifted by their signing in, only by the same word."""
    bob, scim = company.outsider("bob"), Provider(company.world, company.id, company.ann)
    scim.user(address("bob"), active=False)
    federated.mapped("devs", "ORG_MEMBER")
    federated.says(bob, "devs")
    refused(bob.get(company.path), 403, "USER_SUSPENDED")
    assert scim.patched(f"/Users/{bob.id}", {"op": "replace", "path": "active", "value": True})["active"] is True
    done(bob.get(company.path))


def test_the_last_owner_stays_at_sign_in(world, company, federated):
    """A removal that would leave no owner does not happen, everything else does, and it is told (98)."""
    web = company.project("web")
    federated.mapped("chiefs", "ORG_OWNER", on={web: ["GROUP_READ_ONLY"]})
    bob = federated.arrive("bob", "chiefs")
    done(company.change(company.ann.id, "ORG_MEMBER", by=bob))
    assert federated.says(bob) == ["CANNOT_DEMOTE_LAST_ORG_OWNER"]
    assert direct(company, bob.id, company.id) == {"ORG_OWNER": True}
    assert direct(company, bob.id, web) == {}
    world.user("ann@example.org", orgs={company.id: ["ORG_OWNER"]})
    assert federated.says(bob) == []
    assert company.user(bob.id) is None


def test_the_last_owner_stays_in_a_command(company, federated):
    """A mapping that alone makes the last owner is neither changed nor deleted (98)."""
    mapping = federated.mapped("chiefs", "ORG_OWNER")
    bob = federated.arrive("bob", "chiefs")
    carl = company.key("ORG_OWNER")
    done(company.change(company.ann.id, "ORG_MEMBER", by=bob))
    for reply in (
        federated.unmap(mapping, by=carl),
        federated.remap(mapping, "others", "ORG_OWNER", by=carl),
        federated.configure(by=carl, identityProviderId=None),
        carl.delete(f"{federated.path}/identityProviders/{federated.provider}"),
        carl.delete(federated.path),
    ):
        refused(reply, 403, "CANNOT_DEMOTE_LAST_ORG_OWNER")
    assert direct(company, bob.id, company.id) == {"ORG_OWNER": True}


def test_nobody_raises_themself_by_a_mapping(company, federated):
    """The effect counts: whoever is in the group can't give themself more by mapping it (contract, self-change)."""
    web = company.project("web")
    federated.mapped("people", "ORG_OWNER")
    bob = federated.arrive("bob", "people", "devs")
    if company.edition == "cloud_manager":
        refused(federated.map("devs", "ORG_READ_ONLY", by=bob), 400, "CANNOT_MODIFY_OWN_ROLES")
    else:
        done(federated.map("devs", "ORG_READ_ONLY", on={web: ["GROUP_READ_ONLY"]}, by=bob))
    done(federated.map("others", "ORG_OWNER", by=bob))


def test_a_change_too_large_is_refused_whole(world, company, federated):
    """A command that would change more rows than any may is refused and changes nothing."""
    mapping = federated.mapped("devs", "ORG_MEMBER")
    people = [federated.arrive(f"bob{i}", "devs") for i in range(3)]
    set_limits(world, rows_by_mapping=5)
    refused(federated.unmap(mapping), 400, "MAPPING_CHANGES_TOO_MUCH")
    assert [company.status_of(each.id) for each in people] == ["ACTIVE"] * 3


def test_a_full_organization_takes_nobody_in(world, company, federated):
    """The limits of members hold for those who come by mapping, at sign-in and in commands (142)."""
    federated.mapped("devs", "ORG_MEMBER")
    set_limits(world, users_per_organization=2)
    bob, carl = company.outsider("bob"), company.outsider("carl")
    assert federated.says(bob, "devs", "ops") == []
    assert federated.says(carl, "devs", "ops") == ["MAX_USERS_PER_ORG_EXCEEDED"]
    assert company.user(carl.id) is None
    assert federated.says(company.outsider("dora"), "ops") == []
    refused(federated.map("ops", "ORG_MEMBER"), 400, "MAX_USERS_PER_ORG_EXCEEDED")


def test_organizations_of_a_provider_are_apart(world, company, federated):
    """Each connected organization has its own mappings, and one that uses no provider, or another, gives nothing."""
    other = Company.found(world, company.edition, name="Other", owner="olga")
    olga_here = world.user("olga@example.org", orgs={company.id: ["ORG_OWNER"]})
    done(federated.connect(other, by=olga_here))
    federated.mapped("devs", "ORG_MEMBER")
    path = f"{federated.place(other)}/roleMappings"
    body = {"externalGroupName": "devs", "roleAssignments": federated.given("ORG_READ_ONLY", org=other.id)}
    done(other.ann.post(path, body))
    bob = federated.arrive("bob", "devs")
    assert other.user(bob.id) is None
    done(federated.configure(other, identityProviderId=federated.provider))
    federated.says(bob, "devs")
    assert direct(company, bob.id, company.id) == {"ORG_MEMBER": True}
    assert direct(company, bob.id, other.id) == {"ORG_READ_ONLY": True}
    second = done(federated.describe())["id"]
    done(federated.configure(other, identityProviderId=second))
    assert other.user(bob.id) is None
    assert company.status_of(bob.id) == "ACTIVE"


def test_a_deleted_project_is_in_no_mapping(company, federated):
    """What a mapping gave on a project goes with the project, and the mapping names it no more."""
    web = company.project("web")
    mapping = federated.mapped("devs", "ORG_MEMBER", on={web: ["GROUP_READ_ONLY"]})
    bob = federated.arrive("bob", "devs")
    done(company.ann.delete(f"/groups/{web}"))
    shown = done(company.ann.get(f"{federated.place()}/roleMappings/{mapping}"))
    assert shown["roleAssignments"] == [{"orgId": company.id, "role": "ORG_MEMBER"}]
    assert federated.says(bob, "devs") == []


def test_a_decision_names_the_mapping(company, federated):
    """A decision says that it is a mapping which allows."""
    federated.mapped("devs", "ORG_MEMBER")
    bob = federated.arrive("bob", "devs")
    question = {
        "subject": {"type": "user", "id": bob.id},
        "action": {"name": "org.read"},
        "resource": {"type": "organization", "id": company.id},
    }
    found = done(company.owner_key("POST", "/access/v1/evaluation", question, accept=None))
    assert {path["via"] for path in found["context"]["paths"]} == {"mapping"}
