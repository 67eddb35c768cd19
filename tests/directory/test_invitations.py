"""Rules 46 to 57, 59 and 60: invitations; teams (56) have their own tests, and 58 needs federation."""

from contextlib import closing

import pytest

from orgward.catalog import Limits
from tests.directory.company import (
    OLD,
    OWN,
    Company,
    accept,
    address,
    decline,
    done,
    own_invitations,
    refused,
    token_mailed,
)
from tests.empty_store import open_world

DAYS_30 = 30


def test_rule_046_a_person_sees_their_own_pending_invitations(world, company):
    """Rule 46: somebody sees the invitations of every organization to them, and accepts each."""
    other = Company.found(world, "atlas", name="Other", owner="olga")
    bob, project = company.outsider("bob"), company.project()
    first, second = company.invited("bob", on={project: ["GROUP_OWNER"]}), other.invited("bob")
    assert {found["id"] for found in own_invitations(bob)} == {first, second}
    done(accept(bob, first))
    assert [found["id"] for found in own_invitations(bob)] == [second]
    assert [found["id"] for found in own_invitations(bob, "ACCEPTED")] == [first]


def test_rule_046_nobody_sees_somebody_elses(company):
    """Rule 46: an invitation shows to whom it is sent, and can't be answered by anybody else."""
    bob, carl = company.outsider("bob"), company.outsider("carl")
    invitation = company.invited("bob")
    assert own_invitations(carl) == []
    refused(accept(carl, invitation), 404, "INVITATION_NOT_FOUND")
    refused(decline(carl, invitation), 404, "INVITATION_NOT_FOUND")
    assert [found["id"] for found in own_invitations(bob)] == [invitation]


def test_rule_047_an_invitation_says_what_it_gives_and_for_how_long(world, company):
    """Rule 47: an invitation shows organization, projects, roles, who sent it and when, and when it ends."""
    bob, project = company.outsider("bob"), company.project()
    invitation = company.invited("bob", "ORG_READ_ONLY", on={project: ["GROUP_OWNER"]})
    assert own_invitations(bob) == [
        {
            "id": invitation,
            "organizationId": company.id,
            "organizationName": "Acme",
            "roles": ["ORG_READ_ONLY"],
            "projects": [{"projectId": project, "projectName": "web", "roles": ["GROUP_OWNER"]}],
            "invitedBy": address("ann"),
            "createdAt": "2027-01-15T08:00:00Z",
            "expiresAt": "2027-02-14T08:00:00Z",
            "state": "PENDING",
        }
    ]


def test_rule_048_an_invitation_lives_for_thirty_days(world, company):
    """Rule 48: until the last millisecond of thirty days it can be accepted, then no more."""
    bob, carl = company.outsider("bob"), company.outsider("carl")
    first, second = company.invited("bob"), company.invited("carl")
    world.clock.now += DAYS_30 * 86_400_000 - 1
    done(accept(bob, first))
    world.clock.now += 1
    refused(accept(carl, second), 409, "INVITATION_NOT_PENDING")
    refused(decline(carl, second), 409, "INVITATION_NOT_PENDING")
    assert own_invitations(carl) == []
    assert [found["id"] for found in own_invitations(carl, "EXPIRED")] == [second]
    assert company.status_of(carl.id) == "INVITATION_EXPIRED"


def test_rule_049_access_begins_on_acceptance(company):
    """Rule 49: until it is accepted an invitation gives nothing; then it gives all at once."""
    bob, project = company.outsider("bob"), company.project()
    invitation = company.invited("bob", "ORG_OWNER", on={project: ["GROUP_OWNER"]})
    refused(bob.get(company.path), 404, "ORG_NOT_FOUND")
    refused(bob.get(f"/groups/{project}"), 404, "GROUP_NOT_FOUND")
    assert not company.allows(bob, "org.read", company.id)
    done(accept(bob, invitation))
    done(bob.patch(company.path, {"name": "Bob's"}))
    done(bob.get(f"/groups/{project}"))
    assert company.project_roles_of(project, bob.id) == ["GROUP_OWNER"]


def test_rule_049_a_declined_invitation_gives_nothing(company):
    """Rule 49: whoever turns an invitation down is not in, and can't change their mind."""
    bob = company.outsider("bob")
    invitation = company.invited("bob", "ORG_OWNER")
    done(decline(bob, invitation))
    assert company.status_of(bob.id) == "INVITATION_REJECTED"
    refused(accept(bob, invitation), 409, "INVITATION_NOT_PENDING")
    refused(bob.get(company.path), 404, "ORG_NOT_FOUND")


def test_rule_050_one_invitation_carries_every_project(company):
    """Rule 50: an invitation to an organization carries the roles of all its projects."""
    web, shop, bob = company.project("web"), company.project("shop"), company.outsider("bob")
    invitation = company.invited("bob", on={web: ["GROUP_OWNER"], shop: ["GROUP_READ_ONLY", "GROUP_DATA_ACCESS_ADMIN"]})
    done(accept(bob, invitation))
    assert company.project_roles_of(web, bob.id) == ["GROUP_OWNER"]
    assert company.project_roles_of(shop, bob.id) == ["GROUP_DATA_ACCESS_ADMIN", "GROUP_READ_ONLY"]


def test_rule_052_the_four_states(world, company):
    """Rule 52: a member is ACTIVE, invited ones PENDING, INVITATION_EXPIRED or INVITATION_REJECTED."""
    active, expired = company.person("active"), company.outsider("expired")
    company.invited("expired")
    world.clock.advance(days=DAYS_30)
    rejected, pending = company.outsider("rejected"), company.outsider("pending")
    done(decline(rejected, company.invited("rejected")))
    company.invited("pending")
    found = [company.status_of(user.id) for user in (active, pending, expired, rejected)]
    assert found == ["ACTIVE", "PENDING", "INVITATION_EXPIRED", "INVITATION_REJECTED"]


def test_rule_052_whoever_is_in_or_invited_is_a_conflict(company):
    """Rule 52: inviting somebody ACTIVE or PENDING is a conflict, however the address is written."""
    company.person("bob")
    company.invited("carl")
    for name in ("bob@example.org", "carl@example.org", "CARL@Example.org", "\uff43arl@example.org"):
        refused(company.invite(name), 409, "USER_ALREADY_EXISTS")


@pytest.mark.parametrize("end", ["expired", "rejected", "cancelled"])
def test_rule_052_inviting_again_replaces_the_entry(world, company, end):
    """Rule 52: inviting somebody again whose invitation ended replaces it, and the old one is gone."""
    web, shop, bob = company.project("web"), company.project("shop"), company.outsider("bob")
    old = company.invited("bob", "ORG_OWNER", on={web: ["GROUP_OWNER"]})
    if end == "expired":
        world.clock.advance(days=DAYS_30)
    elif end == "rejected":
        done(decline(bob, old))
    else:
        done(company.remove(bob.id))
    new = company.invited("bob", "ORG_READ_ONLY", on={shop: ["GROUP_READ_ONLY"]})
    assert company.status_of(bob.id) == "PENDING"
    assert [found["id"] for found in own_invitations(bob)] == [new]
    assert company.project_user(web, bob.id) is None
    assert accept(bob, old).status in {404, 409}
    assert company.ann.post(f"{OWN}/orgs/{company.id}/invitations/{old}:resend").status in {404, 409}
    done(accept(bob, new))
    assert company.roles_of(bob.id) == ["ORG_READ_ONLY"]
    assert company.project_user(web, bob.id) is None


def test_rule_053_pending_people_gain_and_lose_roles_before_acceptance(company):
    """Rule 53: roles of somebody pending are added, removed and replaced, and accepted as they stand then."""
    web, shop, bob = company.project("web"), company.project("shop"), company.outsider("bob")
    invitation = company.invited("bob", on={web: ["GROUP_READ_ONLY"]})
    done(company.add_role(bob.id, "ORG_READ_ONLY"))
    done(company.remove_role(bob.id, "ORG_MEMBER"))
    assert company.roles_of(bob.id) == ["ORG_READ_ONLY"]
    if company.edition == "atlas":
        done(company.add(shop, "bob", "GROUP_OWNER"))
    done(company.add_role(bob.id, "GROUP_DATA_ACCESS_ADMIN", project=web))
    done(company.remove_role(bob.id, "GROUP_READ_ONLY", project=web))
    assert company.project_roles_of(web, bob.id) == ["GROUP_DATA_ACCESS_ADMIN"]
    done(accept(bob, invitation))
    assert company.roles_of(bob.id) == ["ORG_READ_ONLY"]
    assert company.project_roles_of(web, bob.id) == ["GROUP_DATA_ACCESS_ADMIN"]


def test_rule_053_a_pending_person_keeps_one_role(company):
    """Rules 6 and 53: the only role of an invitation can't be taken either."""
    project, bob = company.project(), company.outsider("bob")
    company.invited("bob", on={project: ["GROUP_READ_ONLY"]})
    refused(company.remove_role(bob.id, "ORG_MEMBER"), 403, "CANNOT_REMOVE_ALL_USER_ROLES")
    refused(company.remove_role(bob.id, "GROUP_READ_ONLY", project=project), 403, "CANNOT_REMOVE_ALL_USER_ROLES")


def test_rule_053_replacing_everything_of_an_invitation(company):
    """Rule 53: a replacement takes projects out of an invitation and puts others in."""
    web, shop, bob = company.project("web"), company.project("shop"), company.outsider("bob")
    invitation = company.invited("bob", on={web: ["GROUP_OWNER"]})
    given = [{"groupId": shop, "groupRoles": ["GROUP_OWNER"]}]
    roles = {"orgRoles": ["ORG_BILLING_ADMIN"], "groupRoleAssignments": given}
    done(company.ann.patch(f"{company.path}/users/{bob.id}", {"roles": roles}))
    assert company.project_user(web, bob.id) is None
    done(accept(bob, invitation))
    assert company.roles_of(bob.id) == ["ORG_BILLING_ADMIN"]
    assert company.project_roles_of(shop, bob.id) == ["GROUP_OWNER"]
    assert company.project_user(web, bob.id) is None


def test_rule_053_removing_a_pending_person_cancels_the_invitation(company):
    """Rule 53: removing somebody pending from the organization cancels their invitation."""
    project, bob = company.project(), company.outsider("bob")
    invitation = company.invited("bob", on={project: ["GROUP_OWNER"]})
    assert company.remove(bob.id).status == 204
    refused(accept(bob, invitation), 404, "INVITATION_NOT_FOUND")
    assert company.user(bob.id) is None
    assert company.project_user(project, bob.id) is None


@pytest.mark.parametrize("end", ["expired", "rejected"])
def test_rule_053_expired_and_rejected_people_are_not_in_the_organization(world, company, end):
    """Rule 53: whoever let an invitation expire, or turned it down, can be given no roles."""
    project, bob = company.project(), company.outsider("bob")
    invitation = company.invited("bob", on={project: ["GROUP_OWNER"]})
    if end == "expired":
        world.clock.advance(days=DAYS_30)
    else:
        done(decline(bob, invitation))
    refused(company.add_role(bob.id, "ORG_OWNER"), 404, "USER_NOT_FOUND")
    refused(company.change(bob.id, "ORG_OWNER"), 404, "USER_NOT_FOUND")
    refused(company.add_role(bob.id, "GROUP_OWNER", project=project), 404, "USER_NOT_FOUND")
    listed = done(company.ann.get(f"{company.path}/users"))["results"]
    assert bob.id not in {user["id"] for user in listed}


def test_rule_053_removing_an_expired_person_ends_the_invitation(world, company):
    """Rule 53: an expired invitation can't be sent again after its person was removed."""
    bob = company.outsider("bob")
    invitation = company.invited("bob")
    world.clock.advance(days=DAYS_30)
    assert company.remove(bob.id).status == 204
    reply = company.ann.post(f"{OWN}/orgs/{company.id}/invitations/{invitation}:resend")
    refused(reply, 404, "INVITATION_NOT_FOUND")
    assert company.user(bob.id) is None


def test_rule_054_an_accepted_invitation_cannot_be_cancelled(company):
    """Rule 54: neither in the organization nor in a project."""
    project, bob = company.project(), company.outsider("bob")
    invitation = company.invited("bob", on={project: ["GROUP_OWNER"]})
    done(accept(bob, invitation))
    there = company.ann.delete(f"{company.path}/invites/{invitation}", accept=OLD)
    refused(there, 400, "CANNOT_DELETE_ORG_INVITATION")
    there = company.ann.delete(f"/groups/{project}/invites/{invitation}", accept=OLD)
    refused(there, 400, "CANNOT_DELETE_GROUP_INVITATION")
    assert company.status_of(bob.id) == "ACTIVE"


def test_rule_054_a_declined_one_is_cleared_away(company):
    """Rule 54: by the organization or by a project; nothing of it is left, and it is unknown to everybody."""
    project, bob = company.project(), company.outsider("bob")
    for path in (f"/groups/{project}/invites", f"{company.path}/invites"):
        invitation = company.invited("bob", on={project: ["GROUP_OWNER"]})
        done(decline(bob, invitation))
        assert company.status_of(bob.id) == "INVITATION_REJECTED"
        assert company.ann.delete(f"{path}/{invitation}", accept=OLD).status == 204
    assert company.user(bob.id) is None
    refused(company.ann.get(f"{company.path}/invites/{invitation}", accept=OLD), 404, "INVITATION_NOT_FOUND")


def test_rule_054_an_open_one_can_be(company):
    """Rule 54: an open invitation is cancelled, and then unknown to everybody."""
    bob = company.outsider("bob")
    invitation = company.invited("bob")
    assert company.ann.delete(f"{company.path}/invites/{invitation}", accept=OLD).status == 204
    refused(accept(bob, invitation), 404, "INVITATION_NOT_FOUND")
    refused(company.ann.delete(f"{company.path}/invites/{invitation}", accept=OLD), 404, "INVITATION_NOT_FOUND")
    assert own_invitations(bob, "CANCELLED") == []


def test_rule_055_organization_invitations_are_the_owners(company):
    """Rule 55: only an owner of the organization sends, changes, sends again and cancels them."""
    invitation = company.invited("bob")
    project = company.project()
    boss = company.person("boss", on={project: ["GROUP_OWNER"]})
    for clerk in (company.person("creator", "ORG_GROUP_CREATOR"), boss):
        attempts = [
            company.invite("carl", by=clerk),
            clerk.post(f"{company.path}/invites", {"username": "carl@example.org"}, accept=OLD),
            clerk.patch(f"{company.path}/invites/{invitation}", {"roles": ["ORG_OWNER"]}, accept=OLD),
            clerk.delete(f"{company.path}/invites/{invitation}", accept=OLD),
            clerk.post(f"{OWN}/orgs/{company.id}/invitations/{invitation}:resend"),
        ]
        assert [(a.status, a.code) for a in attempts] == [(401, "USER_UNAUTHORIZED")] * len(attempts)


def test_rule_055_project_invitations_are_the_project_owners(company):
    """Rule 55: Project Owner, in Cloud Manager User Admin too, sends, changes and cancels a project's."""
    project = company.project()
    senders = ["GROUP_OWNER", "GROUP_USER_ADMIN"] if company.edition == "cloud_manager" else ["GROUP_OWNER"]
    for role in senders:
        boss = company.person(f"boss-{role.lower()}", on={project: [role]})
        body = {"username": "new@example.org", "roles": ["GROUP_READ_ONLY"]}
        invitation = done(boss.post(f"/groups/{project}/invites", body, accept=OLD))["id"]
        change = {"roles": ["GROUP_OWNER"]}
        done(boss.patch(f"/groups/{project}/invites/{invitation}", change, accept=OLD))
        assert boss.delete(f"/groups/{project}/invites/{invitation}", accept=OLD).status == 204
    bob = company.person("bob", on={project: ["GROUP_READ_ONLY"]})
    body = {"username": "new@example.org", "roles": ["GROUP_READ_ONLY"]}
    refused(bob.post(f"/groups/{project}/invites", body, accept=OLD), 401, "USER_UNAUTHORIZED")


def test_rule_056_an_invitation_carries_organization_and_project_roles(company):
    """Rule 56: both generations carry organization roles and per-project roles; an unknown team is refused."""
    project = company.project()
    body = {
        "username": "bob@example.org",
        "roles": ["ORG_READ_ONLY"],
        "groupRoleAssignments": [{"groupId": project, "roles": ["GROUP_OWNER"]}],
    }
    shown = done(company.ann.post(f"{company.path}/invites", body, accept=OLD))
    assert shown["roles"] == ["ORG_READ_ONLY"]
    assert shown["groupRoleAssignments"] == [{"groupId": project, "groupRole": "GROUP_OWNER"}]
    body = {"username": "carl@example.org", "teamIds": ["f" * 24]}
    refused(company.ann.post(f"{company.path}/invites", body, accept=OLD), 404, "TEAM_NOT_IN_ORG")


def test_rule_057_invited_people_are_listed_after_members(company):
    """Rule 57: invited people stand in the list as pending, after the members."""
    company.invited("aaron")
    company.person("zoe")
    listed = done(company.ann.get(f"{company.path}/users"))["results"]
    assert [user["orgMembershipStatus"] for user in listed] == ["ACTIVE", "ACTIVE", "PENDING"]


def test_rule_060_whoever_has_no_account_makes_one_by_the_link(world, company):
    """Rule 60: the link of an invitation makes the account; accepting is an act of its own."""
    invitation = company.invited("new", "ORG_READ_ONLY")
    body = {"token": token_mailed(world, "new"), "password": "correct horse", "firstName": "N", "lastName": "N"}
    session = done(world.nobody.post(f"{OWN}/accounts:setup", body))
    new = world.session(session["userId"])
    refused(new.get(company.path), 404, "ORG_NOT_FOUND")
    assert [found["id"] for found in own_invitations(new)] == [invitation]
    done(accept(new, invitation))
    done(new.get(company.path))


class TestSending:
    """Rule 59: invitations are sent at a limited rate."""

    def test_rule_059_a_mailbox_gets_so_many_within_an_hour(self, tmp_path):
        """Whoever sends them, one person is not written to without end; an hour later it is well again."""
        limits = Limits(invitations_to_person_an_hour=3)
        with closing(open_world(tmp_path, limits=limits)) as world:
            company = Company.found(world, "atlas")
            invitation = company.invited("pia")
            resend = f"{OWN}/orgs/{company.id}/invitations/{invitation}:resend"
            done(company.ann.post(f"{resend}?dryRun=true"))
            assert [company.ann.post(resend).status for _ in range(2)] == [200, 200]
            refused(company.ann.post(resend), 400, "RATE_LIMITED_IP")
            refused(company.ann.post(f"{resend}?dryRun=true"), 400, "RATE_LIMITED_IP")
            company.invited("bob")
            world.clock.advance(seconds=3_600)
            done(company.ann.post(resend))

    def test_rule_059_a_sender_sends_so_many_within_an_hour(self, tmp_path):
        """To however many people; what was refused for another reason does not count."""
        with closing(open_world(tmp_path, limits=Limits(invitations_by_sender_an_hour=2))) as world:
            company = Company.found(world, "atlas")
            company.invited("pia")
            assert company.invite("pia").status == 409
            company.invited("bob")
            refused(company.invite("carl"), 400, "RATE_LIMITED_IP")
            assert company.invite("carl", by=company.owner_key).status == 201
