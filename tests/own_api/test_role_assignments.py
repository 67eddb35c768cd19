"""Every role that is held with its bounds, those included that have ended; and how ended ones are cleared (rule 6)."""

import csv
from pathlib import Path

import pytest

from tests.directory.company import OWN, Company, accept, done, instant, own_invitations, refused
from tests.directory.joining import approve, asked

READ, WRITE = "GROUP_DATA_ACCESS_READ_ONLY", "GROUP_DATA_ACCESS_READ_WRITE"
ONLY_ROLE = (403, "CANNOT_REMOVE_ALL_USER_ROLES")
START, LATER = "2027-01-15T08:00:10Z", "2027-01-15T08:00:20Z"


@pytest.fixture(params=["atlas", "cloud_manager"])
def company(world, request):
    """Give a company of either edition."""
    return Company.found(world, request.param)


def assignments(company, project="", query="", by=None):
    """List the assignments at the organization or a project."""
    place = f"groups/{project}" if project else f"orgs/{company.id}"
    return done((by or company.ann).get(f"{OWN}/{place}/roles{query}"))["results"]


def assignment(holder, role, state="IN_FORCE", *, kind="user", starts=None, ends=None, by_owner=False):
    """Write an assignment as the list shows it."""
    return {
        "addedByOwner": by_owner,
        "endsAt": ends,
        "holder": {"id": holder, "type": kind},
        "role": role,
        "startsAt": starts,
        "state": state,
    }


def states(company, user, project=""):
    """Give the state of each role of somebody."""
    return {row["role"]: row["state"] for row in assignments(company, project, f"?userId={user}")}


def test_every_holder_is_listed(company):
    """People, keys and teams are listed with their roles, at the organization and at the project alike."""
    project = company.project()
    bob = company.person("bob")
    company.add(project, "bob", READ, by=company.ann)
    key = company.key(READ, project=project)
    body = {"name": "crew", "usernames": ["bob@example.org"]}
    team = done(company.ann.post(f"{company.path}/teams", body))["id"]
    done(company.ann.post(f"/groups/{project}/teams", [{"teamId": team, "roleNames": [WRITE]}]))
    found = assignments(company, project)
    expected = [
        assignment(key.id, READ, kind="api_key", by_owner=True),
        assignment(team, WRITE, kind="team", by_owner=True),
        assignment(company.ann.id, "GROUP_OWNER"),
        assignment(bob.id, READ, by_owner=True),
    ]
    assert sorted(found, key=repr) == sorted(expected, key=repr)
    shown = {(row["holder"]["type"], row["holder"]["id"], row["role"]) for row in assignments(company)}
    assert {("user", company.ann.id, "ORG_OWNER"), ("user", bob.id, "ORG_MEMBER")} < shown
    assert ("api_key", key.id, "ORG_MEMBER") in shown
    assert not any(role.startswith("GROUP_") for _, _, role in shown)


def test_ended_and_scheduled_roles_stay_visible(world, company):
    """Deliver, time: a role is listed before it begins and after it ended, exactly at its bounds."""
    bob = company.person("bob", "ORG_READ_ONLY")
    done(company.bound(bob.id, "ORG_READ_ONLY", starts=10, ends=20))
    seen = []
    for millis in (9_999, 1, 9_999, 1, 10**9):
        world.clock.now += millis
        (row,) = assignments(company, query=f"?userId={bob.id}")
        assert row == assignment(bob.id, "ORG_READ_ONLY", row["state"], starts=START, ends=LATER)
        seen.append(row["state"])
    assert seen == ["SCHEDULED", "IN_FORCE", "IN_FORCE", "ENDED", "ENDED"]
    assert company.roles_of(bob.id) == []


def test_one_holder_is_asked_for(company):
    """`userId`, `teamId` and `apiUserId` pick one holder of that kind; of anybody else the list is empty."""
    project = company.project()
    key = company.key(READ, project=project)
    assert assignments(company, project, f"?apiUserId={key.id}") == [
        assignment(key.id, READ, kind="api_key", by_owner=True)
    ]
    for query in (f"userId={key.id}", f"teamId={key.id}", f"apiUserId={company.ann.id}", f"userId={'f' * 24}"):
        assert assignments(company, project, f"?{query}") == []
    for query in ("userId=x", f"userId={key.id}&teamId={key.id}"):
        refused(company.ann.get(f"{OWN}/groups/{project}/roles?{query}"), 400, "INVALID_QUERY_PARAMETER")


def test_a_long_list_is_read_page_by_page(company):
    """Each assignment stands on one page, whichever end is nearer."""
    for number in range(4):
        company.person(f"p{number}", "ORG_MEMBER", "ORG_READ_ONLY")
    whole = assignments(company)
    assert len(whole) > 8
    pages = [assignments(company, query=f"?itemsPerPage=2&pageNum={n}") for n in range(1, len(whole) // 2 + 2)]
    assert [row for page in pages for row in page] == whole
    assert assignments(company, query="?itemsPerPage=2&pageNum=90") == []


def test_it_needs_the_privilege_to_see_the_people(company):
    """Who may see the users of the organization or the roles of the project sees this list, and nobody else."""
    project, shop = company.project(), company.project("shop")
    bob = company.person("bob", on={project: ["GROUP_READ_ONLY"]})
    assert assignments(company, project, by=bob) == assignments(company, project)
    assert assignments(company, by=bob) == assignments(company)
    refused(bob.get(f"{OWN}/groups/{shop}/roles"), 404, "GROUP_NOT_FOUND")


def test_whoever_sees_these_lists_sees_keys_and_teams():
    """The documents give every role that sees users' roles the keys' and teams', too: the list hides no row."""
    oracle = Path(__file__).parents[1] / "oracle" / "catalogue.csv"
    with oracle.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    def holders(privilege):
        return {(row["edition"], row["role"], row["on"]) for row in rows if row["privilege"] == privilege}

    assert holders("org.users.read") <= holders("org.api_keys.read")
    assert holders("project.user_roles.read") <= holders("project.api_keys.read") & holders("project.teams.read")


# -- clearing what has ended


@pytest.fixture
def with_ended(world, company):
    """Give a project and somebody whose role WRITE there, and ORG_READ_ONLY, have ended beside others in force."""
    project = company.project()
    bob = company.person("bob", "ORG_MEMBER", "ORG_READ_ONLY", on={project: [READ, WRITE]})
    done(company.bound(bob.id, WRITE, project=project, ends=10))
    done(company.bound(bob.id, "ORG_READ_ONLY", ends=10))
    world.clock.advance(seconds=10)
    assert states(company, bob.id, project) == {READ: "IN_FORCE", WRITE: "ENDED"}
    assert states(company, bob.id) == {"ORG_MEMBER": "IN_FORCE", "ORG_READ_ONLY": "ENDED"}
    return project, bob


def test_an_ended_role_is_cleared_by_removing_it(company, with_ended):
    """Deliver, time: an ended role is taken away like one in force."""
    project, bob = with_ended
    done(company.remove_role(bob.id, WRITE, project=project))
    done(company.remove_role(bob.id, "ORG_READ_ONLY"))
    assert states(company, bob.id, project) == {READ: "IN_FORCE"}
    assert states(company, bob.id) == {"ORG_MEMBER": "IN_FORCE"}


def test_an_ended_role_is_cleared_by_a_replacement(company, with_ended):
    """Deliver, time: a replacement that does not name the ended role clears it."""
    project, bob = with_ended
    done(company.change(bob.id, "ORG_MEMBER"))
    path = f"/groups/{project}/users/{bob.id}/roles"
    done(company.ann.put(path, {"groupRoles": [READ]}, accept="application/vnd.atlas.2024-01-01+json"))
    assert states(company, bob.id, project) == {READ: "IN_FORCE"}
    assert states(company, bob.id) == {"ORG_MEMBER": "IN_FORCE"}


def test_an_ended_role_is_given_anew(company, with_ended):
    """A role that is given, or named by a replacement, is in force; no other ended role comes back by the way."""
    project, bob = with_ended
    done(company.add_role(bob.id, "ORG_BILLING_ADMIN"))
    assert states(company, bob.id)["ORG_READ_ONLY"] == "ENDED"
    done(company.add_role(bob.id, "ORG_READ_ONLY"))
    assert states(company, bob.id)["ORG_READ_ONLY"] == "IN_FORCE"
    done(company.add_role(bob.id, "GROUP_READ_ONLY", project=project))
    assert states(company, bob.id, project)[WRITE] == "ENDED"
    path = f"/groups/{project}/users/{bob.id}/roles"
    done(company.ann.put(path, {"groupRoles": [READ, WRITE]}, accept="application/vnd.atlas.2024-01-01+json"))
    assert states(company, bob.id, project) == {READ: "IN_FORCE", WRITE: "IN_FORCE"}


def test_no_bounds_give_an_ended_role_back(company, with_ended):
    """Contract: `{}` removes the bounds of an ended role as of any other."""
    project, bob = with_ended
    done(company.bound(bob.id, WRITE, project=project))
    done(company.bound(bob.id, "ORG_READ_ONLY"))
    assert set(states(company, bob.id, project).values()) == set(states(company, bob.id).values()) == {"IN_FORCE"}


def test_rule_006_the_only_role_in_force_stays(company, with_ended):
    """Rule 6: an ended role beside it does not make the only role in force one of two."""
    project, bob = with_ended
    refused(company.remove_role(bob.id, READ, project=project), *ONLY_ROLE)
    refused(company.remove_role(bob.id, "ORG_MEMBER"), *ONLY_ROLE)
    done(company.add_role(bob.id, "GROUP_READ_ONLY", project=project))
    done(company.remove_role(bob.id, READ, project=project))
    assert states(company, bob.id, project) == {"GROUP_READ_ONLY": "IN_FORCE", WRITE: "ENDED"}


def test_rule_006_a_role_to_come_is_no_other_role(world, company):
    """Rule 6: nor does one that is yet to begin."""
    bob = company.person("bob", "ORG_MEMBER", "ORG_READ_ONLY")
    done(company.bound(bob.id, "ORG_READ_ONLY", starts=10))
    refused(company.remove_role(bob.id, "ORG_MEMBER"), *ONLY_ROLE)
    done(company.remove_role(bob.id, "ORG_READ_ONLY"))
    assert states(company, bob.id) == {"ORG_MEMBER": "IN_FORCE"}


def test_rule_006_where_all_have_ended_one_stays(world, company):
    """Rule 6: of roles that have all ended any may be cleared but the last one."""
    bob = company.person("bob", "ORG_MEMBER", "ORG_READ_ONLY")
    for role in ("ORG_MEMBER", "ORG_READ_ONLY"):
        done(company.bound(bob.id, role, ends=10))
    world.clock.advance(seconds=10)
    done(company.remove_role(bob.id, "ORG_MEMBER"))
    refused(company.remove_role(bob.id, "ORG_READ_ONLY"), *ONLY_ROLE)


def test_an_ended_role_comes_back_by_the_operator(world, company, with_ended):
    """Who is enrolled with a role that has ended holds it again."""
    project, bob = with_ended
    company.person("bob", "ORG_READ_ONLY", on={project: [WRITE]})
    assert set(states(company, bob.id, project).values()) == set(states(company, bob.id).values()) == {"IN_FORCE"}


def test_an_ended_role_comes_back_by_an_invitation(world, company):
    """Who accepts an invitation to a role that they had, and that ended meanwhile, holds it again."""
    project = company.project()
    company.invited("bob", "ORG_READ_ONLY")
    bob = company.outsider("bob")
    (invitation,) = own_invitations(bob)
    done(approve(company.ann, project, asked(company, bob, project), READ))
    done(company.add_role(bob.id, "ORG_READ_ONLY"))
    done(company.bound(bob.id, "ORG_READ_ONLY", ends=10))
    world.clock.advance(seconds=10)
    done(accept(bob, invitation["id"]))
    assert states(company, bob.id) == {"ORG_MEMBER": "IN_FORCE", "ORG_READ_ONLY": "IN_FORCE"}


def test_ended_roles_of_keys_are_given_anew(world, company):
    """A key's role that a change names is in force, whatever bounds it had."""
    key = company.key("ORG_READ_ONLY")
    path = f"{OWN}/orgs/{company.id}/apiKeys/{key.id}/roles/ORG_READ_ONLY"
    done(company.ann.put(path, {"endsAt": instant(world, 10)}))
    world.clock.advance(seconds=10)
    done(company.ann.patch(f"{company.path}/apiKeys/{key.id}", {"roles": ["ORG_READ_ONLY"]}))
    (row,) = assignments(company, query=f"?apiUserId={key.id}")
    assert (row["state"], row["endsAt"]) == ("IN_FORCE", None)
    done(key.get(company.path))
