"""`/Groups`: teams that an identity provider makes, fills and empties; what they give is still handed out by people."""

import pytest

from orgward.app.execute import Context
from orgward.catalog import Limits
from orgward.kernel.errors import DeniedError
from tests.directory.company import done
from tests.empty_store import open_world
from tests.scim.conftest import GROUP, Provider, provider_of, refusal

UNKNOWN_ID = "0123456789abcdef01234567"


def ids(team):
    """Give who is in a team."""
    return {member["value"] for member in team.get("members", [])}


@pytest.fixture
def people(provider):
    """Give three members."""
    return [provider.user() for _ in range(3)]


def test_a_team_is_made_filled_and_deleted(provider, people):
    """A team has its name and its people; each of them says which teams they are in."""
    amy, bob, _ = people
    made = provider.done("POST", "/Groups", {"schemas": [GROUP], "displayName": "Cooks", "externalId": "g1"})
    assert (made["displayName"], made["externalId"], ids(made)) == ("Cooks", "g1", set())
    path = f"/Groups/{made['id']}"
    filled = provider.done("PUT", path, {"displayName": "Chefs", "members": [{"value": amy["id"]}]})
    assert (filled["displayName"], ids(filled), "externalId" in filled) == ("Chefs", {amy["id"]}, False)
    assert filled["members"][0]["$ref"] == amy["meta"]["location"]
    (group,) = provider.get(f"/Users/{amy['id']}")["groups"]
    assert (group["value"], group["display"], group["type"]) == (made["id"], "Chefs", "direct")
    assert group["$ref"] == made["meta"]["location"]
    assert "groups" not in provider.get(f"/Users/{bob['id']}")
    assert provider("DELETE", path).status == 204
    assert refusal(provider("GET", path))[0] == 404
    assert "groups" not in provider.get(f"/Users/{amy['id']}")
    assert provider.world.store.view.find("provisioned", org_id=provider.org, kind="Group") == []


def test_a_whole_team_replaces_its_members_at_once(provider, people):
    """A PUT leaves exactly its members, in one command; one that names none leaves them, and an empty list nobody."""
    amy, bob, carl = people
    team = provider.team("Cooks", amy, bob)
    path, revision = f"/Groups/{team['id']}", provider.world.store.snapshot.revision
    members = [{"value": bob["id"]}, {"value": carl["id"], "display": "Carl", "type": "User"}]
    assert ids(provider.done("PUT", path, {"displayName": "Cooks", "members": members})) == {bob["id"], carl["id"]}
    assert provider.world.store.snapshot.revision == revision + 1
    assert ids(provider.done("PUT", path, {"displayName": "Cooks"})) == {bob["id"], carl["id"]}
    assert ids(provider.done("PUT", path, {"displayName": "Cooks", "members": []})) == set()


def test_members_come_and_go(provider, people):
    """Adding somebody who is there, and removing somebody who is not, changes nothing."""
    amy, bob, carl = people
    team = provider.team("Cooks", amy)
    path = f"/Groups/{team['id']}"
    add = {"op": "add", "path": "members", "value": [{"value": amy["id"]}, {"value": bob["id"]}]}
    assert ids(provider.patched(path, add)) == {amy["id"], bob["id"]}
    remove = {"op": "remove", "path": f'members[value eq "{amy["id"]}"]'}
    assert ids(provider.patched(path, remove, remove)) == {bob["id"]}
    as_entra = {"op": "Remove", "path": "members", "value": [{"value": carl["id"]}, {"value": bob["id"]}]}
    assert ids(provider.patched(path, as_entra)) == set()


@pytest.mark.parametrize("stranger", [UNKNOWN_ID, "nonsense", "", "removed", "other"])
def test_only_members_fit_into_a_team(provider, people, stranger):
    """Somebody of another organization is refused like somebody who does not exist: the team itself is there."""
    amy, bob, _ = people
    if stranger == "removed":
        stranger = bob["id"]
        provider.done("DELETE", f"/Users/{bob['id']}")
    elif stranger == "other":
        other = provider_of(provider.world, domain="zoo.example", owner="zoe@example.org", name="Zoo")
        stranger = other.user("zed@zoo.example")["id"]
    team = provider.team("Cooks", amy)
    members = [{"value": amy["id"]}, {"value": stranger}]
    body = {"displayName": "Cooks", "members": members}
    for reply in (
        provider("POST", "/Groups", {**body, "displayName": "Others"}),
        provider("PUT", f"/Groups/{team['id']}", body),
        provider.patch(f"/Groups/{team['id']}", {"op": "add", "path": "members", "value": members}),
    ):
        assert refusal(reply) == (400, "invalidValue")
    assert ids(provider.get(f"/Groups/{team['id']}")) == {amy["id"]}


def test_somebody_invited_stands_in_a_team_until_the_invitation_ends(provider):
    """Whoever is only invited is put into teams, too, and is in none once they can't accept any more."""
    carl = provider.user("carl@else.example")
    team = provider.team("Cooks", carl)
    assert ids(team) == {carl["id"]}
    provider.world.clock.advance(days=31)
    assert ids(provider.get(f"/Groups/{team['id']}")) == set()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, (400, "invalidValue")),
        ({"displayName": ""}, (400, "invalidValue")),
        ({"displayName": "no/slash"}, (400, "invalidValue")),
        ({"displayName": "x" * 65}, (400, "invalidValue")),
        ({"displayName": "Cooks"}, (409, "uniqueness")),
        ({"displayName": "Chefs", "members": "x"}, (400, "invalidValue")),
        ({"displayName": "Chefs", "members": [{"type": "User"}]}, (400, "invalidValue")),
        ({"displayName": "Chefs", "members": [7]}, (400, "invalidValue")),
    ],
    ids=["none", "empty", "slash", "long", "taken", "unknown", "no-value", "number"],
)
def test_what_is_no_team_is_refused(provider, body, expected):
    """A name has to be valid and free, and members are people."""
    provider.team("Cooks")
    team = provider.team("Bakers")
    assert refusal(provider("POST", "/Groups", body)) == expected
    assert refusal(provider("PUT", f"/Groups/{team['id']}", body)) == expected


def test_a_team_that_is_on_a_project_is_not_deleted(provider, people):
    """A team with roles stays: whoever gave them takes them first (rule 70)."""
    team = provider.team("Cooks", people[0])
    project = done(provider.caller.post("/groups", {"name": "web", "orgId": provider.org}))["id"]
    body = [{"teamId": team["id"], "roleNames": ["GROUP_READ_ONLY"]}]
    done(provider.caller.post(f"/groups/{project}/teams", body))
    assert refusal(provider("DELETE", f"/Groups/{team['id']}")) == (409, "")


def test_a_team_gives_its_roles_at_once(provider, people):
    """Who is put into a team has its roles with the next request, and none once they are taken out."""
    amy, bob, _ = people
    team = provider.team("Cooks", amy)
    project = done(provider.caller.post("/groups", {"name": "web", "orgId": provider.org}))["id"]
    body = [{"teamId": team["id"], "roleNames": ["GROUP_READ_ONLY"]}]
    done(provider.caller.post(f"/groups/{project}/teams", body))
    session, path = provider.world.session(bob["id"]), f"/Groups/{team['id']}"
    assert session.get(f"/groups/{project}").status == 404
    provider.patched(path, {"op": "add", "path": "members", "value": [{"value": bob["id"]}]})
    assert session.get(f"/groups/{project}").status == 200
    provider.patched(path, {"op": "remove", "path": f'members[value eq "{bob["id"]}"]'})
    assert session.get(f"/groups/{project}").status == 404


def test_nobody_raises_themself_by_a_team(world):
    """Whoever may not change their own roles can't put themself into a team that has some."""
    made = world.organization("Zoo", edition="cloud_manager", owner="zoe@example.org")
    zoe = Provider(world, made.id, world.session(made.owner))
    team = zoe.team("Keepers")
    project = done(zoe.caller.post("/groups", {"name": "web", "orgId": made.id}))["id"]
    done(zoe.caller.post(f"/groups/{project}/teams", [{"teamId": team["id"], "roleNames": ["GROUP_READ_ONLY"]}]))
    add = {"op": "add", "path": "members", "value": [{"value": made.owner}]}
    assert zoe.patch(f"/Groups/{team['id']}", add).code == "CANNOT_MODIFY_OWN_ROLES"
    assert ids(zoe.get(f"/Groups/{team['id']}")) == set()


@pytest.fixture
def narrow(tmp_path):
    """Give a provider where a team holds two people and an organization three teams."""
    found = open_world(tmp_path, limits=Limits(users_per_team=2, teams_per_organization=3))
    yield provider_of(found)
    found.close()


def test_a_team_holds_so_many(narrow):
    """A team that would be too large is refused; one that is full can be replaced by as many others (rule 143)."""
    people = [narrow.user() for _ in range(4)]
    team = narrow.team("Cooks", *people[:2])
    path = f"/Groups/{team['id']}"
    for reply in (
        narrow.patch(path, {"op": "add", "path": "members", "value": [{"value": people[2]["id"]}]}),
        narrow("PUT", path, {"displayName": "Cooks", "members": [{"value": user["id"]} for user in people[:3]]}),
        narrow("POST", "/Groups", {"displayName": "More", "members": [{"value": user["id"]} for user in people[:3]]}),
    ):
        assert (reply.status, reply.code) == (400, "MAX_USERS_PER_TEAM_EXCEEDED")
        assert "2 users" in reply.json["detail"]
    others = [{"value": user["id"]} for user in people[2:]]
    assert ids(narrow.done("PUT", path, {"displayName": "Cooks", "members": others})) == {u["id"] for u in people[2:]}


def test_a_change_of_a_team_costs_so_much(provider, people):
    """What would look at values too often, or holds too many, is refused, and nothing has changed."""
    team = provider.team("Cooks", *people)
    change = {"op": "add", "path": "members", "value": [{"value": f"{n:024x}"} for n in range(1_900)]}
    terms = " or ".join(f'value eq "x{n}"' for n in range(9))
    choose = {"op": "remove", "path": f"members[{terms}]"}
    assert refusal(provider.patch(f"/Groups/{team['id']}", change, *[choose] * 100)) == (400, "tooMany")
    assert refusal(provider.patch(f"/Groups/{team['id']}", *[change] * 5)) == (400, "tooMany")
    assert provider.get(f"/Groups/{team['id']}") == team


def test_there_are_so_many_teams(narrow):
    """An organization has only so many teams (rule 144)."""
    for name in ("A", "B", "C"):
        narrow.team(name)
    assert narrow("POST", "/Groups", {"displayName": "D"}).code == "MAX_TEAMS_PER_ORG_EXCEEDED"


def test_each_act_needs_its_own_privilege(provider, people, monkeypatch):
    """Whoever may only fill teams renames none, and takes nobody out: each part of a change is asked for."""
    amy, bob, _ = people
    team = provider.team("Cooks", amy)
    path, granted = f"/Groups/{team['id']}", {"org.teams.members.add"}

    def authorized_on(context, privileges, resource):
        if not granted & {*privileges}:
            raise DeniedError(privileges, ())

    monkeypatch.setattr(Context, "authorized_on", authorized_on)
    rename = {"op": "replace", "path": "displayName", "value": "Chefs"}
    take = {"op": "remove", "path": f'members[value eq "{amy["id"]}"]'}
    add = {"op": "add", "path": "members", "value": [{"value": bob["id"]}]}
    for changes, missing in (([rename], "org.teams.rename"), ([take], "org.teams.members.remove"), ([add, rename], "")):
        reply = provider.patch(path, *changes)
        assert refusal(reply) == (403, "")
        assert missing in reply.json["detail"]
    assert ids(provider.patched(path, add)) == {amy["id"], bob["id"]}
