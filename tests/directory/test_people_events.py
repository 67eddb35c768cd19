"""Rules 49-56, 64, 141: what happens to people is told in each scope that it happens in, and no address with it."""

import json
from functools import partial

import pytest

from tests.directory.company import OWN, accept, address, decline, done, log_rows
from tests.directory.telling import OLD, OTHER, READ, new_team, patch, raised, told


class TestInvitations:
    """People are invited, and the invitation is changed, withdrawn, turned down, accepted."""

    def test_rule_141_an_invitation_is_told_in_each_scope(self, company):
        """To the organization, and to each project that it names; nothing in it is an address."""
        project = company.project()
        events = raised(company, partial(company.invite, "bob", on={project: [READ]}))
        user = company.world.store.view.find("person_data", username_key=address("bob"))[0]["id"]
        assert events == [
            {"type": "INVITED_TO_ORG", "orgId": company.id, "targetUserId": user},
            {"type": "INVITED_TO_GROUP", "orgId": company.id, "groupId": project, "targetUserId": user},
        ]

    def test_rule_141_accepting_is_joining(self, company):
        """The organization and the project, by whom it was for."""
        project, bob = company.project(), company.outsider("bob")
        invitation = company.invited("bob", on={project: [READ]})
        assert told(company, partial(accept, bob, invitation), "groupId", "targetUserId") == [
            ("JOINED_ORG", None, bob.id),
            ("JOINED_GROUP", project, bob.id),
        ]

    def test_rule_141_an_invitation_that_comes_to_nothing_is_told(self, company):
        """Withdrawn, turned down, or ended by removing whom it was for: alike."""
        project, bob = company.project(), company.outsider("bob")
        ended = [("ORG_INVITATION_DELETED", bob.id), ("GROUP_INVITATION_DELETED", bob.id)]
        invitation = company.invited("bob", on={project: [READ]})
        withdraw = partial(company.ann.delete, f"{company.path}/invites/{invitation}")
        assert told(company, withdraw, "targetUserId") == ended
        declined = company.invited("bob", on={project: [READ]})
        assert told(company, partial(decline, bob, declined), "targetUserId") == ended
        company.invited("bob", on={project: [READ]})
        assert told(company, partial(company.remove, bob.id), "targetUserId") == ended

    def test_rule_141_sending_again_is_told(self, company):
        """It has a new term, once time has gone on; expired or not."""
        invitation = company.invited("bob")
        company.world.clock.advance(days=40)
        again = partial(company.ann.post, f"{OWN}/orgs/{company.id}/invitations/{invitation}:resend")
        assert told(company, again) == [("INVITED_TO_ORG",)]

    def test_rule_052_inviting_anew_after_the_term_is_told(self, company):
        """The old invitation comes to nothing, and a new one goes out."""
        project = company.project()
        company.invited("bob", on={project: [READ]})
        company.world.clock.advance(days=40)
        found = told(company, partial(company.invite, "bob", on={project: [READ]}))
        assert sorted(found) == [("INVITED_TO_GROUP",), ("INVITED_TO_ORG",), ("ORG_INVITATION_DELETED",)]

    def test_rule_053_changing_what_an_invitation_gives_is_told(self, company):
        """Other roles at a scope, a project more, a project less; the same again is no change."""
        web, shop = company.project("web"), company.project("shop")
        invitation = company.invited("bob", on={web: [READ]})

        def amend(roles, *projects):
            given = [{"groupId": project, "roles": [READ]} for project in projects]
            body = {"roles": roles, "groupRoleAssignments": given}
            path = f"{company.path}/invites/{invitation}"
            return told(company, partial(company.ann.patch, path, body, accept=OLD), "groupId", "roles")

        assert amend(["ORG_MEMBER"], web) == []
        assert amend(["ORG_READ_ONLY"], web) == [("USER_ROLES_CHANGED_AUDIT", None, ["ORG_READ_ONLY"])]
        assert amend(["ORG_READ_ONLY"], web, shop) == [("INVITED_TO_GROUP", shop, None)]
        assert amend(["ORG_READ_ONLY"], shop) == [("GROUP_INVITATION_DELETED", web, None)]

    def test_rule_141_an_invitation_to_a_project_alone_is_told_there(self, cloud):
        """It is sent, and it ends, beside one to the organization that still stands."""
        project, bob = cloud.project(), address("bob")
        cloud.invited("bob")
        invite = partial(cloud.ann.post, f"/groups/{project}/invites", {"username": bob, "roles": [READ]})
        assert told(cloud, invite, "groupId") == [("INVITED_TO_GROUP", project)]
        (invitation,) = done(cloud.ann.get(f"/groups/{project}/invites", accept=OLD))
        withdraw = partial(cloud.ann.delete, f"/groups/{project}/invites/{invitation['id']}")
        assert told(cloud, withdraw, "groupId") == [("GROUP_INVITATION_DELETED", project)]


class TestMembers:
    """Members get other roles, are suspended, and go."""

    def test_rule_141_other_roles_are_told_once_for_each_scope(self, company):
        """The organization and each project by itself; who is new on a project is told by that alone."""
        web, shop = company.project("web"), company.project("shop")
        bob = company.person("bob", on={web: [READ]})
        given = [{"groupId": web, "groupRoles": [READ, OTHER]}, {"groupId": shop, "groupRoles": [READ]}]
        body = {"roles": {"orgRoles": ["ORG_READ_ONLY"], "groupRoleAssignments": given}}
        change = partial(company.ann.patch, f"{company.path}/users/{bob.id}", body)
        assert told(company, change, "groupId", "targetUserId", "roles") == [
            ("JOINED_GROUP", shop, bob.id, None),
            ("USER_ROLES_CHANGED_AUDIT", None, bob.id, ["ORG_READ_ONLY"]),
            ("USER_ROLES_CHANGED_AUDIT", web, bob.id, [OTHER, READ]),
        ]
        assert told(company, change) == []

    @pytest.mark.parametrize(
        ("verb", "on_project", "in_organization"),
        [("add_role", "GROUP_OWNER", "ORG_OWNER"), ("remove_role", OTHER, "ORG_READ_ONLY")],
    )
    def test_rule_141_giving_and_taking_a_role_is_told(self, company, verb, on_project, in_organization):
        """In the organization and on a project."""
        project, change = company.project(), getattr(company, verb)
        bob = company.person("bob", "ORG_MEMBER", "ORG_READ_ONLY", on={project: [READ, OTHER]})
        found = told(company, partial(change, bob.id, on_project, project=project), "groupId")
        assert found == [("USER_ROLES_CHANGED_AUDIT", project)]
        found = told(company, partial(change, bob.id, in_organization), "groupId")
        assert found == [("USER_ROLES_CHANGED_AUDIT", None)]

    def test_rule_141_bounds_of_a_role_are_told(self, company):
        """When a role ends is part of what it gives."""
        bob = company.person("bob", "ORG_MEMBER", "ORG_READ_ONLY")
        bound = partial(company.bound, bob.id, "ORG_READ_ONLY", ends=60)
        assert told(company, bound) == [("USER_ROLES_CHANGED_AUDIT",)]
        assert told(company, bound) == []

    def test_rule_141_suspending_is_told_as_a_change_of_roles(self, company):
        """There is no other name for it; that it is one stands in the log's event."""
        bob = company.person("bob")
        about = ("targetUserId", "suspended")
        assert told(company, partial(company.suspend, bob.id), *about) == [("USER_ROLES_CHANGED_AUDIT", bob.id, True)]
        found = told(company, partial(company.reactivate, bob.id), *about)
        assert found == [("USER_ROLES_CHANGED_AUDIT", bob.id, False)]

    def test_rule_039_removing_a_member_is_told_in_every_scope(self, company):
        """The organization, the project and the team."""
        project = company.project()
        bob = company.person("bob", on={project: [READ]})
        operators = new_team(company, "bob")
        assert told(company, partial(company.remove, bob.id), "groupId", "teamId", "targetUserId") == [
            ("REMOVED_FROM_ORG", None, None, bob.id),
            ("REMOVED_FROM_GROUP", project, None, bob.id),
            ("REMOVED_FROM_TEAM", None, operators, bob.id),
        ]

    def test_rule_141_coming_to_and_leaving_a_project_is_told(self, company):
        """Whoever is in the organization is on it at once; leaving by oneself is told alike."""
        project, bob = company.project(), company.person("bob")
        about = ("groupId", "targetUserId")
        assert told(company, partial(company.add, project, "bob"), *about) == [("JOINED_GROUP", project, bob.id)]
        leave = partial(bob.post, f"{OWN}/me/projects/{project}:leave")
        assert told(company, leave, *about) == [("REMOVED_FROM_GROUP", project, bob.id)]

    def test_erasing_is_told_and_leaves_no_address(self, company):
        """What somebody loses by it is told; their address and name are in no row of the log and of the index."""
        project = company.project()
        bob = company.person("bob", on={project: [READ]})
        company.world.erase(address("bob"))
        events = log_rows(company.world)[-1]["body"]["events"]
        assert [(event["type"], event["targetUserId"]) for event in events] == [
            ("REMOVED_FROM_ORG", bob.id),
            ("REMOVED_FROM_GROUP", bob.id),
        ]
        assert "example.org" not in json.dumps([row["body"] for row in log_rows(company.world)])


class TestTeams:
    """Teams are made, filled, put on projects and deleted."""

    def test_rule_141_making_renaming_and_deleting_is_told(self, company):
        """Who is in it is told before, as the Admin API tells it."""
        bob = company.person("bob")
        body = {"name": "operators", "usernames": [address("bob")]}
        events = raised(company, partial(company.ann.post, f"{company.path}/teams", body))
        made = events[0]["teamId"]
        assert events == [
            {"type": "JOINED_TEAM", "orgId": company.id, "teamId": made, "targetUserId": bob.id},
            {"type": "TEAM_CREATED", "orgId": company.id, "teamId": made},
        ]
        place = f"{company.path}/teams/{made}"
        assert told(company, patch(company, place, name="watch"), "teamId") == [("TEAM_NAME_CHANGED", made)]
        assert told(company, patch(company, place, name="watch")) == []
        assert told(company, partial(company.ann.delete, place), "teamId", "targetUserId") == [
            ("REMOVED_FROM_TEAM", made, bob.id),
            ("TEAM_DELETED", made, None),
        ]

    def test_rule_141_who_comes_and_goes_is_told(self, company):
        """One person each."""
        company.person("bob")
        carl, made = company.person("carl"), new_team(company, "bob")
        place = f"{company.path}/teams/{made}"
        assert told(company, partial(company.ann.post, f"{place}:addUser", {"id": carl.id}), "targetUserId") == [
            ("JOINED_TEAM", carl.id)
        ]
        found = told(company, partial(company.ann.delete, f"{place}/users/{carl.id}"), "targetUserId")
        assert found == [("REMOVED_FROM_TEAM", carl.id)]

    def test_rule_141_roles_on_a_project_are_told(self, company):
        """Put on it, given others, bounded, taken off it."""
        project = company.project()
        company.person("bob")
        made = new_team(company, "bob")
        here, place = f"/groups/{project}/teams", f"/groups/{project}/teams/{made}"
        about = ("groupId", "teamId", "roles")
        add = partial(company.ann.post, here, [{"teamId": made, "roleNames": [READ]}])
        assert told(company, add, *about) == [("TEAM_ADDED_TO_GROUP", project, made, [READ])]
        change = patch(company, place, roleNames=[READ, OTHER])
        assert told(company, change, *about) == [("TEAM_ROLES_MODIFIED", project, made, [OTHER, READ])]
        bounds = f"{OWN}/groups/{project}/teams/{made}/roles/{OTHER}"
        bound = partial(company.ann.put, bounds, {"endsAt": "2030-01-01T00:00:00Z"})
        assert told(company, bound) == [("TEAM_ROLES_MODIFIED",)]
        assert told(company, partial(company.ann.delete, place), *about) == [
            ("TEAM_REMOVED_FROM_GROUP", project, made, [])
        ]

    def test_rule_053_somebody_invited_joins_a_team_by_accepting(self, company):
        """Until then they are invited to it; who turns the invitation down was never in it."""
        company.person("bob")
        carl, made = company.outsider("carl"), new_team(company, "bob")
        body = {"username": address("carl"), "roles": {"orgRoles": ["ORG_MEMBER"]}, "teamIds": [made]}
        invite = partial(company.ann.post, f"{company.path}/users", body)
        assert told(company, invite, "teamId") == [("INVITED_TO_ORG", None), ("INVITED_TO_TEAM", made)]
        first = company.invitation_of("carl")
        assert told(company, partial(decline, carl, first)) == [("ORG_INVITATION_DELETED",)]
        done(invite())
        second = company.invitation_of("carl")
        assert told(company, partial(accept, carl, second), "teamId", "targetUserId") == [
            ("JOINED_ORG", None, carl.id),
            ("JOINED_TEAM", made, carl.id),
        ]

    def test_rule_053_somebody_invited_may_be_taken_out_of_a_team(self, company):
        """The invitation goes on without it."""
        company.person("bob")
        made = new_team(company, "bob")
        body = {"username": address("carl"), "roles": {"orgRoles": ["ORG_MEMBER"]}, "teamIds": [made]}
        carl = done(company.ann.post(f"{company.path}/users", body))["id"]
        out = partial(company.ann.delete, f"{company.path}/teams/{made}/users/{carl}")
        assert told(company, out, "targetUserId") == [("REMOVED_FROM_TEAM", carl)]


class TestJoinRequests:
    """Somebody asks to join a project."""

    def test_rule_064_asking_and_the_answer_are_told(self, company):
        """Approval is joining, too; asking again before the answer is no news."""
        project, bob = company.project(), company.outsider("bob")
        about, place = ("groupId", "targetUserId"), f"{OWN}/groups/{project}/joinRequests"
        ask = partial(bob.post, place, {"message": "please"})
        assert told(company, ask, *about) == [("REQUESTED_TO_JOIN_GROUP", project, bob.id)]
        assert told(company, ask) == []

        def answer(verb, body=None):
            (request,) = done(company.ann.get(place))["results"]
            return told(company, partial(company.ann.post, f"{place}/{request['id']}:{verb}", body), *about)

        assert answer("deny") == [("JOIN_GROUP_REQUEST_DENIED_AUDIT", project, bob.id)]
        done(ask())
        assert answer("approve", {"roles": [READ]}) == [
            ("JOIN_GROUP_REQUEST_APPROVED_AUDIT", project, bob.id),
            ("JOINED_ORG", None, bob.id),
            ("JOINED_GROUP", project, bob.id),
        ]

    def test_asking_to_join_what_is_not_there_is_told_nowhere(self, company):
        """There is no feed that it could be shown in."""
        bob = company.outsider("bob")
        assert told(company, partial(bob.post, f"{OWN}/groups/{'0' * 24}/joinRequests", {})) == []
