"""Attacks by way of a moving project: rows 4, 19, 23, 24 and 33 of our list, tried on the one command with two ends."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from orgward.catalog import EDITIONS
from tests.directory.company import Company, address, done, log_rows, refused
from tests.store_checker import check_store

READ = "GROUP_READ_ONLY"


def moved(who, project, org, shown=None):
    """Ask for the move, with a key of the destination beside where one is shown."""
    body = {"destinationOrgId": org}
    if shown is not None:
        body |= {"destinationOrgPublicApiKey": shown.public_key, "destinationOrgPrivateApiKey": shown.private_key}
    return who.post(f"/groups/{project}:migrate", body)


@pytest.fixture
def away(world, company):
    """Give another company of the edition, which `ann` is not in."""
    return Company.found(world, company.edition, name="Globex", owner="gus")


def test_row_23_both_ends_are_judged(world, company, away):
    """Row 23: owning the organization of the path gives nothing in that of the body, whatever else one is there."""
    project = company.project()
    lesser = [role for role in EDITIONS[away.edition].roles.values() if role.scope == "organization"]
    for role in lesser:
        if role.name != "ORG_OWNER":
            name = f"mover-{role.name.lower()}"
            company.person(name, "ORG_OWNER")
            mover = world.user(address(name), orgs={away.id: [role.name]})
            refused(moved(mover, project, away.id), 401, "USER_UNAUTHORIZED")
    refused(moved(company.ann, project, away.id), 404, "ORG_NOT_FOUND")
    assert done(company.ann.get(f"/groups/{project}"))["orgId"] == company.id


def test_row_23_nobody_fetches_a_project(world, company, away):
    """Row 23: owning the destination is not enough to take a project there, nor is owning the project."""
    project = company.project()
    refused(moved(away.ann, project, away.id), 404, "GROUP_NOT_FOUND")
    refused(moved(away.owner_key, project, away.id), 404, "GROUP_NOT_FOUND")
    company.person("boss", on={project: ["GROUP_OWNER"]})
    boss = world.user("boss@example.org", orgs={away.id: ["ORG_OWNER"]})
    refused(moved(boss, project, away.id), 401, "USER_UNAUTHORIZED")


def test_row_24_a_key_of_a_third_organization_opens_nothing(world, company, away):
    """Row 24: the shown key counts in its own organization alone, whoever owns it."""
    third = Company.found(world, company.edition, name="Third", owner="tom")
    project = company.project()
    for shown in (third.owner_key, company.owner_key):
        for who in (company.owner_key, company.ann):
            refused(moved(who, project, away.id, shown), 404, "ORG_NOT_FOUND")
    member = away.key("ORG_MEMBER")
    refused(moved(company.owner_key, project, away.id, member), 401, "USER_UNAUTHORIZED")


def test_row_19_a_moved_project_leaves_nobody_behind_with_access(world, company, away):
    """Row 19: direct roles of people apart, every way in that led through the old organization is closed at once."""
    project = company.project()
    people = {role: company.person(role.lower(), role) for role in ("ORG_OWNER", "ORG_READ_ONLY")}
    teamed = company.person("teamed")
    ops = done(company.ann.post(f"{company.path}/teams", {"name": "ops", "usernames": [address("teamed")]}))["id"]
    done(company.ann.post(f"/groups/{project}/teams", [{"teamId": ops, "roleNames": ["GROUP_OWNER"]}]))
    keys = [company.key("GROUP_OWNER", project=project), company.key("ORG_OWNER"), company.owner_key]
    callers = [*people.values(), teamed, *keys]
    assert [caller.get(f"/groups/{project}").status for caller in callers] == [200] * len(callers)
    world.user("ann@example.org", orgs={away.id: ["ORG_OWNER"]})
    done(moved(company.ann, project, away.id))
    for caller in callers:
        refused(caller.get(f"/groups/{project}"), 404, "GROUP_NOT_FOUND")
        refused(caller.patch(f"/groups/{project}", {"name": "mine"}), 404, "GROUP_NOT_FOUND")
        assert project not in [item["id"] for item in done(caller.get("/groups"))["results"]]
    again = [{"teamId": ops, "roleNames": [READ]}]
    refused(company.ann.post(f"/groups/{project}/teams", again), 404, "TEAM_NOT_IN_ORG")
    assert check_store(world.store.path) == []


def test_row_04_moving_raises_nobody(world, company, away):
    """Row 4: whoever comes along with a project is a plain member there, and owns nothing that they did not own."""
    project = company.project()
    bob = company.person("bob", "ORG_OWNER", on={project: [READ]})
    world.user("ann@example.org", orgs={away.id: ["ORG_OWNER"]})
    done(moved(company.ann, project, away.id))
    assert away.roles_of(bob.id) == ["ORG_MEMBER"]
    refused(bob.patch(away.path, {"name": "mine"}), 401, "USER_UNAUTHORIZED")
    refused(bob.patch(f"/groups/{project}", {"name": "mine"}), 401, "USER_UNAUTHORIZED")


def test_row_33_two_moves_at_once_come_to_one_place(world, company, away):
    """Row 33: of moves to several places at once each is judged where the one before has left the project."""
    third = Company.found(world, company.edition, name="Third", owner="tom")
    for org in (away, third):
        world.user("ann@example.org", orgs={org.id: ["ORG_OWNER"]})
    project = company.project()
    company.person("bob", on={project: [READ]})
    places = [away.id, third.id, company.id] * 4
    with ThreadPoolExecutor(6) as pool:
        replies = list(pool.map(lambda org: moved(company.ann, project, org), places))
    assert {reply.status for reply in replies} <= {200, 400}
    rows = [row for row in log_rows(world) if row["action"] == "migrateGroup" and row["outcome"] == "done"]
    assert len(rows) == sum(reply.status == 200 for reply in replies) > 0
    way = [(row["body"]["from"], row["body"]["to"]) for row in rows]
    assert [start for start, _ in way] == [company.id, *(end for _, end in way[:-1])]
    assert done(company.ann.get(f"/groups/{project}"))["orgId"] == way[-1][1]
    assert check_store(world.store.path) == []


def test_row_22_a_moved_project_shows_no_secret(world, company, away):
    """Row 22: neither the answer nor the log holds a half of the shown key that was not public."""
    project = company.project()
    reply = moved(company.owner_key, project, away.id, away.owner_key)
    assert reply.status == 200
    assert away.owner_key.private_key.encode() not in reply.body
    assert away.owner_key.private_key not in str(log_rows(world))
