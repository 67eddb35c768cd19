"""Decisions about teams, and about people by way of them."""

import pytest

from tests.decision_api.conftest import Asker
from tests.directory.company import OWN, Company, done

DELETE, READ = "project.delete", "project.read"
MISSING = {"reason": "missing_privilege", "missing": DELETE}


def context_of(answer, *, decision):
    """Give the context of a decision, which has to be this one, without its revision."""
    assert answer["decision"] is decision, answer
    return {name: value for name, value in answer["context"].items() if name != "revision"}


@pytest.fixture(scope="module")
def project(acme):
    """Give a project in which nobody holds a role."""
    return acme.bare_project("teams")


@pytest.fixture(scope="module")
def bob(acme):
    """Give somebody who is in a team."""
    return acme.person("bob")


@pytest.fixture(scope="module")
def team(acme, bob, project):
    """Give a team that owns the project."""
    return acme.team("crew", bob, on={project: ["GROUP_OWNER"]})


def test_a_team_may_do_what_its_roles_allow(acme, owner, team, project):
    """Subject `team`, by its id: its role on the project is its own."""
    path = {"via": "direct", "role": "GROUP_OWNER", "organizationId": acme.id, "projectId": project}
    context = context_of(owner.ask(("team", team), DELETE, ("project", project)), decision=True)
    assert context == {"paths": [{**path, "teamId": None, "endsAt": None}]}


def test_a_member_may_do_it_by_the_team(acme, owner, team, bob, project):
    """Via `team`, with the team's id."""
    path = {"via": "team", "role": "GROUP_OWNER", "organizationId": acme.id, "projectId": project}
    for asker in (owner, Asker(bob)):
        context = context_of(asker.ask(("user", bob.id), DELETE, ("project", project)), decision=True)
        assert context == {"paths": [{**path, "teamId": team, "endsAt": None}]}


def test_a_team_without_the_privilege_is_told_what_would_do(acme, owner, web):
    """Project roles alone would do, for teams hold no others; who could give one is named."""
    reader = acme.team("readers", on={web: ["GROUP_READ_ONLY"]})
    context = context_of(owner.ask(("team", reader), DELETE, ("project", web)), decision=False)
    assert context["grantors"]
    assert {**context, "grantors": []} == {**MISSING, "roles": ["GROUP_OWNER"], "grantors": []}
    context = context_of(owner.ask(("team", reader), "org.read", ("organization", acme.id)), decision=False)
    assert context == {"reason": "missing_privilege", "missing": "org.read", "roles": [], "grantors": []}


def test_a_team_whose_role_has_ended_is_expired(acme, owner, project):
    """Time counts for teams as for anybody, and for who is in them."""
    dan = acme.person("dan")
    team = acme.team("temps", dan, on={project: ["GROUP_OWNER"]})
    path = f"{OWN}/groups/{project}/teams/{team}/roles/GROUP_OWNER"
    done(acme.ann.put(path, {"endsAt": "2027-01-01T00:00:00Z"}))
    for asked in (("team", team), ("user", dan.id)):
        context = context_of(owner.ask(asked, DELETE, ("project", project)), decision=False)
        assert context["reason"] == "expired"


def test_whoever_is_in_a_team_is_a_grantor_by_it(acme, owner, team, bob, project):
    """An owner by way of a team is among those who could give what somebody misses."""
    eva = acme.person("eva", on={project: ["GROUP_READ_ONLY"]})
    context = context_of(owner.ask(("user", eva.id), DELETE, ("project", project)), decision=False)
    assert bob.id in {grantor["id"] for grantor in context["grantors"]}
    assert team not in {grantor["id"] for grantor in context["grantors"]}


def test_nobody_calls_as_a_team(owner, team, project):
    """What binds a request does not bind a team."""
    for context in ({"mfa": False}, {"ip": "198.51.100.1"}):
        assert owner.ask(("team", team), DELETE, ("project", project), context=context)["decision"] is True


def test_a_team_of_another_organization_is_not_found(world, acme, owner, team, project, web):
    """Teams of others, names of teams, and ids of another kind are all unknown."""
    other = Company.found(world, "atlas", name="Far", owner="far")
    theirs = other.team("theirs", on={other.project(): ["GROUP_OWNER"]})
    for asked in (("team", theirs), ("team", "crew"), ("team", acme.ann.id), ("user", team), ("api_key", team)):
        context = context_of(owner.ask(asked, DELETE, ("project", web)), decision=False)
        assert context == {"reason": "not_found", "missing": DELETE, "roles": [], "grantors": []}


def test_who_may_not_ask_about_others_may_not_ask_about_teams(acme, project, team):
    """Without the privilege to read roles, a team looks like none, even to whoever is in another."""
    ida = acme.person("ida")
    answer = Asker(ida).ask(("team", team), READ, ("project", project))
    assert answer["context"]["reason"] == "not_found"
