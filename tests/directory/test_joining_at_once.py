"""Rule 58: people of a federation become members without an invitation, however they are brought; nobody else does."""

import pytest

from orgward.app.operator import ProvenDomain
from orgward.engine.layer import Layer
from tests.directory.company import OLD, Company, address, done, own_invitations, refused, set_limits
from tests.directory.joining import approve, asked
from tests.federations import Federated
from tests.scim.conftest import Provider
from tests.silent_changes import silent_changes
from tests.store_checker import check_store

DOMAIN = "acme.example"
HELD = (409, "HELD_BACK_BY_DIRECTORY")


@pytest.fixture(autouse=True)
def _whole(world):
    """See that the store is whole after each test, and that nothing has changed in silence."""
    yield
    assert check_store(world.store.path) == []
    assert silent_changes(world.store.path) == []


@pytest.fixture
def federated(company):
    """Give a company of either edition whose identity provider vouches for a domain."""
    found = Federated.found(company)
    company.world.operate("vouchForDomain", ProvenDomain(domain=DOMAIN, federation=found.id))
    done(associate(found, DOMAIN))
    return found


def associate(federated, *domains):
    """Give the provider these domains."""
    path = f"{federated.path}/identityProviders/{federated.provider}"
    return federated.company.ann.patch(path, {"associatedDomains": list(domains)})


def invited_by_hand(company, who):
    """Bring somebody by hand and say how they stand in the organization."""
    made = done(company.invite(who))
    return made["orgMembershipStatus"]


def test_one_of_the_federation_is_a_member_at_once(company, federated):
    """A new account with a proven address, with every role and team that was given, and no mail."""
    web = company.project("web")
    team = company.team("crew", company.ann)
    body = {
        "username": f"fay@{DOMAIN}", "teamIds": [team],
        "roles": {
            "orgRoles": ["ORG_READ_ONLY"],
            "groupRoleAssignments": [{"groupId": web, "groupRoles": ["GROUP_READ_ONLY"]}],
        },
    }  # fmt: skip
    fay = done(company.ann.post(f"{company.path}/users", body))
    assert (fay["orgMembershipStatus"], fay["roles"]["orgRoles"]) == ("ACTIVE", ["ORG_READ_ONLY"])
    assert company.project_roles_of(web, fay["id"]) == ["GROUP_READ_ONLY"]
    assert fay["id"] in company.users_in(team)
    view = company.world.store.view
    assert view.get("users", fay["id"])["proven_at"] == company.world.clock.now
    assert list(view.find("outbox", user_id=fay["id"])) == []
    assert list(view.find("invitations", user_id=fay["id"])) == []


def test_so_are_those_who_are_added_to_a_project(company, federated):
    """Whoever may add to a project brings one of the federation into it, and into its organization (rule 37)."""
    web = company.project("web")
    done(company.add(web, f"fay@{DOMAIN}"))
    found = company.ann.get(f"/groups/{web}/users").json["results"]
    fay = next(each for each in found if each["username"] == f"fay@{DOMAIN}")
    assert fay["orgMembershipStatus"] == "ACTIVE"
    assert company.roles_of(fay["id"]) == ["ORG_MEMBER"]
    assert company.project_roles_of(web, fay["id"]) == ["GROUP_READ_ONLY"]


def test_so_are_those_of_the_older_generation(company, federated):
    """An invitation of the older operations answers with what it would have given, and there is none."""
    web = company.project("web")
    assignments = [{"groupId": web, "roles": ["GROUP_READ_ONLY"]}]
    body = {"username": f"fay@{DOMAIN}", "roles": ["ORG_MEMBER"], "groupRoleAssignments": assignments}
    made = done(company.ann.post(f"{company.path}/invites", body, accept=OLD))
    assert (made["username"], made["roles"], "id" in made) == (f"fay@{DOMAIN}", ["ORG_MEMBER"], False)
    assert made["groupRoleAssignments"] == [{"groupId": web, "groupRole": "GROUP_READ_ONLY"}]
    assert done(company.ann.get(f"{company.path}/invites", accept=OLD)) == []
    roles = [{"roleName": "ORG_MEMBER", "orgId": company.id}]
    gus = done(company.ann.post("/users", {"username": f"gus@{DOMAIN}", "roles": roles}, accept=OLD))
    assert company.status_of(gus["id"]) == "ACTIVE"


def test_nobody_else_is(company, federated):
    """Another domain, one without a provider, and one that was given up: all of them are asked."""
    company.world.operate("vouchForDomain", ProvenDomain(domain="other.example", federation=federated.id))
    for name in ("fay@other.example", f"fay@sub.{DOMAIN}", "fay@example.org"):
        assert invited_by_hand(company, name) == "PENDING"
    done(associate(federated))
    assert invited_by_hand(company, f"fay@{DOMAIN}") == "PENDING"


@pytest.mark.parametrize("way", ["not wanted", "provider off", "not used"])
def test_only_where_people_sign_in_by_it(company, federated, way):
    """Where the organization wants no instant provisioning, or the provider signs nobody in there, all are asked."""
    if way == "not wanted":
        done(federated.configure(instantUserProvisioningDisabled=True))
    elif way == "provider off":
        done(company.ann.patch(f"{federated.path}/identityProviders/{federated.provider}", {"status": "INACTIVE"}))
    else:
        done(federated.configure(identityProviderId=None))
    assert invited_by_hand(company, f"fay@{DOMAIN}") == "PENDING"


def test_somebody_with_an_account_of_their_own_is_asked(company, federated):
    """An address in the domain brings nobody anywhere whose account is not known to the provider."""
    gus = company.outsider(f"gus@{DOMAIN}")
    assert invited_by_hand(company, f"gus@{DOMAIN}") == "PENDING"
    assert len(own_invitations(gus)) == 1


def test_somebody_whom_the_provider_knows_is_not_asked(company, federated):
    """An account that signs in by the provider joins at once, with what it has."""
    fay = company.outsider(f"fay@{DOMAIN}")
    federated.says(fay)
    assert invited_by_hand(company, f"fay@{DOMAIN}") == "ACTIVE"
    refused(company.invite(f"fay@{DOMAIN}"), 409, "USER_ALREADY_EXISTS")


def test_another_organization_of_the_federation_needs_no_invitation_either(world, company, federated):
    """An account that was made ahead in one of them, and that nobody has signed in to, joins the next."""
    other = Company.found(world, company.edition, name="Other", owner="olga")
    world.user("ann@example.org", orgs={other.id: ["ORG_OWNER"]})
    done(federated.connect(other, company.ann))
    done(federated.configure(other, by=company.ann, identityProviderId=federated.provider))
    fay = done(company.invite(f"fay@{DOMAIN}"))
    assert done(other.invite(f"fay@{DOMAIN}"))["id"] == fay["id"]
    assert other.status_of(fay["id"]) == "ACTIVE"


def test_whoever_may_only_invite_invites(company, federated, monkeypatch):
    """To make somebody a member at once is a privilege of its own."""
    allowed = Layer.check

    def check(self, principal, privilege, scope, now):
        return privilege != "org.users.add" and allowed(self, principal, privilege, scope, now)

    for kind in (Layer, *Layer.__subclasses__()):
        if "check" in vars(kind):
            monkeypatch.setattr(kind, "check", check)
    assert invited_by_hand(company, f"fay@{DOMAIN}") == "PENDING"


def test_roles_and_rooms_are_judged_as_ever(world, company, federated):
    """Who may hand out what, and how many people an organization has room for, hold for those people, too."""
    reader = company.person("reader", "ORG_READ_ONLY")
    assert company.invite(f"fay@{DOMAIN}", by=reader).status == 401
    unheard = company.invite(f"fay@{DOMAIN}", "ORG_UNHEARD_OF")
    refused(unheard, 400, "INVALID_ROLE_FOR_ORG")
    set_limits(world, users_per_organization=2)
    assert company.invite(f"fay@{DOMAIN}").code == "MAX_USERS_PER_ORG_EXCEEDED"


def test_an_earlier_invitation_that_ended_is_cleared_away(company, federated):
    """Whoever let an invitation lapse before the domain was proven is a member with what is given now alone."""
    done(federated.configure(instantUserProvisioningDisabled=True))
    web = company.project("web")
    done(company.invite(f"fay@{DOMAIN}", "ORG_READ_ONLY", on={web: ["GROUP_READ_ONLY"]}))
    company.world.clock.advance(days=31)
    ann = company.world.session(company.ann.id)
    done(ann.patch(federated.place(), {"instantUserProvisioningDisabled": False}))
    fay = done(company.invite(f"fay@{DOMAIN}", by=ann))
    assert (fay["orgMembershipStatus"], fay["roles"]["orgRoles"]) == ("ACTIVE", ["ORG_MEMBER"])
    assert list(company.world.store.view.find("project_members", user_id=fay["id"])) == []


# -- held back by the directory


def held_back(company, who, domain="example.org"):
    """Let the directory bring somebody with an account as inactive, who is invited therefore, and give them."""
    found = company.outsider(who)
    Provider(company.world, company.id, company.ann).user(address(who), active=False)
    return found


def test_nobody_lets_in_whom_the_directory_holds_back(company):
    """Not by hand, by a request, a team, nor an invitation; once the directory says otherwise all is as ever."""
    web, bob = company.project("web"), held_back(company, "bob")
    team = company.team("crew", company.ann)
    request = asked(company, bob, web)
    (invitation,) = own_invitations(bob)
    ways = (
        lambda: company.invite("bob"),
        lambda: company.add(web, "bob"),
        lambda: approve(company.ann, web, request),
        lambda: company.put_in(team, bob.id),
        lambda: company.ann.post(f"{company.path}/teams", {"name": "new", "usernames": [address("bob")]}),
        lambda: bob.post(f"/api/orgward/v1/me/invitations/{invitation['id']}:accept"),
    )
    for way in ways:
        refused(way(), *HELD)
    refused(bob.get(company.path), 404, "ORG_NOT_FOUND")
    scim = Provider(company.world, company.id, company.ann)
    scim.patched(f"/Users/{bob.id}", {"op": "replace", "path": "active", "value": True})
    done(company.put_in(team, bob.id))
    done(approve(company.ann, web, request))
    done(bob.get(company.path))


def test_nobody_reactivates_whom_the_directory_holds_back(company):
    """A member whom the directory calls inactive stays suspended until it says otherwise, or they are removed."""
    bob = company.person("bob")
    scim = Provider(company.world, company.id, company.ann)
    scim.patched(f"/Users/{bob.id}", {"op": "replace", "path": "active", "value": False})
    refused(company.reactivate(bob.id), *HELD)
    refused(company.add(company.project("web"), "bob"), *HELD)
    scim.patched(f"/Users/{bob.id}", {"op": "replace", "path": "active", "value": True})
    done(bob.get(company.path))


def test_an_invitation_that_ended_holds_back_still(company):
    """Who let the term pass is held back on; whoever clears the entry away has decided otherwise."""
    bob = held_back(company, "bob")
    company.world.clock.advance(days=31)
    company.ann = company.world.session(company.ann.id)
    refused(company.invite("bob"), *HELD)
    scim = Provider(company.world, company.id, company.ann)
    assert scim.user(address("bob"))["active"] is True
    assert company.status_of(bob.id) == "PENDING"
