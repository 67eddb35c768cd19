"""The npm package `mongodb-atlas-api-client` as it is, against a running server.

It knows no versions: its Accept is plain JSON. It does not look at the status either: a refusal comes back as the
parsed body, and whatever deletes something answers true. So every result is looked at twice, as the client saw it
and as it stands in the server afterwards.
"""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.requirements_of_tests import require
from tests.wire.test_errors import MEMBERS, NOBODYS_ID

pytestmark = pytest.mark.client

PACKAGE = "mongodb-atlas-api-client"
VERSION = "4.19.0"
CACHE = Path(__file__).parents[2] / ".cache" / "npm-client"
SCRIPT = Path(__file__).with_name("npm_client.cjs")
NEWER = {
    "httpOptions": {"headers": {"Accept": "application/vnd.atlas.2025-02-19+json", "Content-Type": "application/json"}}
}


@pytest.fixture(scope="module")
def package():
    """Install the package once, outside of what is in version control, and return its folder."""
    require(shutil.which("node") and shutil.which("npm"), "node and npm are not there", installable=True)
    folder = CACHE / "node_modules" / PACKAGE
    if not (folder / "package.json").is_file():
        CACHE.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--prefix", CACHE, "--no-save", "--no-audit", "--no-fund", "--ignore-scripts"]
        done = subprocess.run(
            [*command, f"{PACKAGE}@{VERSION}"], capture_output=True, text=True, check=False, timeout=180
        )
        require(done.returncode == 0, f"npm could not install {PACKAGE}: {done.stderr[-300:]}", installable=True)
    assert json.loads((folder / "package.json").read_text(encoding="utf-8"))["version"] == VERSION
    return folder


@pytest.fixture
def run(package, scene):
    """Return what makes calls one after another in one process of node, and gives all that it says."""

    def made(calls, project, key):
        options = {
            "module": str(package), "baseUrl": f"{scene.live.url}/api/atlas/v2", "calls": calls,
            "publicKey": key.public_key, "privateKey": key.private_key, "projectId": project,
        }  # fmt: skip
        done = subprocess.run(
            ["node", SCRIPT], input=json.dumps(options), capture_output=True, text=True, check=True, timeout=120
        )
        return json.loads(done.stdout)

    return made


@pytest.fixture
def drive(run, scene):
    """Return what makes calls one after another and gives their results by name."""
    return lambda *calls, project=None, key=scene.owner_key: run(calls, project, key)["results"]


def test_organizations_are_read(drive, scene):
    """The list, one of them, its projects and its users, page by page."""
    found = drive(
        ["all", "organization.getAll"],
        ["named", "organization.getAll", {"name": "Wire", "includeCount": False, "itemsPerPage": 1}],
        ["one", "organization.getById", scene.org],
        ["projects", "organization.getAllProjectsForOrganization", scene.org, {"itemsPerPage": 2, "pageNum": 1}],
        ["users", "organization.getAllUsersForOrganization", scene.org],
        ["newer", "organization.getAllUsersForOrganization", scene.org, NEWER],
    )
    get = scene.owner.done
    assert found["all"] == get("GET", "/orgs")
    assert [item["id"] for item in found["named"]["results"]] == [scene.org]
    assert "totalCount" not in found["named"]
    assert found["one"] == get("GET", f"/orgs/{scene.org}")
    assert found["projects"] == get("GET", f"/orgs/{scene.org}/groups?itemsPerPage=2&pageNum=1")
    assert len(found["projects"]["results"]) == 2
    assert found["users"]["results"][0]["emailAddress"]
    assert found["users"] == get("GET", f"/orgs/{scene.org}/users", accept="application/json")
    assert found["newer"] == get("GET", f"/orgs/{scene.org}/users")


def test_an_organization_is_renamed_and_invited_to(drive, scene):
    """The new name and the invitation stand in the server."""
    made = scene.live.world.organization("Before", owner=scene.username())
    owner, username = scene.live.owner(made), scene.username()
    found = drive(
        ["renamed", "organization.rename", made.id, {"name": "After"}],
        ["invited", "organization.invite", made.id, {"username": username, "roles": ["ORG_MEMBER", "ORG_READ_ONLY"]}],
        ["refused", "organization.invite", made.id, {"username": "no address", "roles": ["ORG_MEMBER"]}],
        key=made.key,
    )
    assert found["renamed"] == owner.done("GET", f"/orgs/{made.id}")
    assert found["renamed"]["name"] == "After"
    invitation = found["invited"]
    assert (invitation["username"], invitation["roles"]) == (username, ["ORG_MEMBER", "ORG_READ_ONLY"])
    assert invitation["inviterUsername"] == made.key.public_key
    assert owner.done("GET", f"/orgs/{made.id}/invites") == [invitation]
    assert found["refused"]["errorCode"] == "INVALID_EMAIL_ADDRESS"


def test_an_organization_is_deleted(drive, scene):
    """An empty one goes, and its key with it; one with projects stays, though the client says true of both."""
    made = scene.live.world.organization("To go", owner=scene.username())
    found = drive(["gone", "organization.delete", made.id], ["after", "organization.getById", made.id], key=made.key)
    assert found["gone"] is True
    assert found["after"]["error"] == 401
    assert drive(["kept", "organization.delete", scene.org]) == {"kept": True}
    assert scene.owner.done("GET", f"/orgs/{scene.org}")["isDeleted"] is False


def test_projects_are_made_read_and_deleted(drive, scene):
    """A project from its creation to its end, by id and by name."""
    name = scene.name("by-npm")
    found = drive(
        ["made", "project.create", {"name": name, "orgId": scene.org}],
        ["again", "project.create", {"name": name, "orgId": scene.org}],
        ["one", "project.getById", "$made.id"],
        ["named", "project.getByName", name],
        ["all", "project.getAll", {"itemsPerPage": 500}],
    )
    made = found["made"]
    assert (made["name"], made["orgId"], made["clusterCount"]) == (name, scene.org, 0)
    assert found["again"]["errorCode"] == "GROUP_ALREADY_EXISTS"
    assert found["one"] == found["named"] == scene.owner.done("GET", f"/groups/{made['id']}")
    assert found["all"] == scene.owner.done("GET", "/groups?itemsPerPage=500")
    assert made["id"] in {item["id"] for item in found["all"]["results"]}
    found = drive(["gone", "project.delete", made["id"]], ["after", "project.getById", made["id"]])
    assert found["gone"] is True
    assert (found["after"]["error"], found["after"]["errorCode"]) == (404, "GROUP_NOT_FOUND")
    assert scene.owner.get(f"/groups/{made['id']}").status_code == 404


def test_people_of_a_project_are_read_and_removed(drive, scene):
    """The users of the client's own project in both generations; who is removed is gone from the server."""
    project = scene.new_project()
    member = scene.new_member(project)
    found = drive(
        ["users", "atlasUser.getAll", {"itemsPerPage": 5}],
        ["newer", "atlasUser.getAll", NEWER],
        ["removed", "project.removeUserFromProject", project, member],
        ["after", "atlasUser.getAll"],
        project=project,
    )
    (user,) = found["users"]["results"]
    assert user["id"] == member
    assert user["emailAddress"] == user["username"]
    held = {role["roleName"] for role in user["roles"] if role.get("groupId") == project}
    assert held == {"GROUP_DATA_ACCESS_ADMIN", "GROUP_READ_ONLY"}
    assert found["newer"]["results"][0]["roles"] == ["GROUP_DATA_ACCESS_ADMIN", "GROUP_READ_ONLY"]
    assert (found["removed"], found["after"]["results"], found["after"]["totalCount"]) == (True, [], 0)
    assert scene.owner.get(f"/groups/{project}/users/{member}").status_code == 404
    assert scene.owner.get(f"/orgs/{scene.org}/users/{member}").status_code == 200


def test_teams_are_given_roles_in_a_project(drive, scene):
    """The reply is the project's teams after the change, in any case the same as the list."""
    project, team, other = scene.new_project(), scene.new_team(), scene.new_team()
    roles = [{"teamId": team, "roleNames": ["GROUP_READ_ONLY"]}, {"teamId": other, "roleNames": ["GROUP_OWNER"]}]
    found = drive(
        ["none", "project.getTeamsByProjectId", project],
        ["assigned", "project.assignTeams", project, roles],
        ["all", "project.getTeamsByProjectId", project],
        ["again", "project.assignTeams", project, roles[:1]],
    )
    assert (found["none"]["results"], found["none"]["totalCount"]) == ([], 0)
    assert found["assigned"]["results"] == found["all"]["results"]
    assert {item["teamId"]: item["roleNames"] for item in found["all"]["results"]} == {
        team: ["GROUP_READ_ONLY"],
        other: ["GROUP_OWNER"],
    }
    assert found["all"] == scene.owner.done("GET", f"/groups/{project}/teams")
    assert found["again"]["errorCode"] == "TEAM_EXISTS_IN_GROUP"


def test_people_are_read_and_made(drive, scene):
    """One by id and by address, and a new one with an invitation."""
    username = scene.owner.done("GET", f"/orgs/{scene.org}/users/{scene.member}")["username"]
    body = {
        "username": scene.username(), "password": "correct horse 7", "firstName": "A", "lastName": "B",
        "country": "IE", "mobileNumber": "2125550100", "roles": [{"orgId": scene.org, "roleName": "ORG_MEMBER"}],
    }  # fmt: skip
    found = drive(
        ["one", "atlasUser.getById", scene.member],
        ["named", "atlasUser.getByName", username],
        ["made", "atlasUser.create", body],
        ["again", "atlasUser.create", body],
        ["changed", "atlasUser.update", scene.member, {"roles": []}],
    )
    assert found["one"] == found["named"] == scene.owner.done("GET", f"/users/{scene.member}")
    assert (found["one"]["id"], found["one"]["username"]) == (scene.member, username)
    assert (found["made"]["username"], found["made"]["roles"]) == (body["username"], [])  # invited, and no more
    invited = scene.owner.done("GET", f"/orgs/{scene.org}/invites")
    assert body["username"] in {invitation["username"] for invitation in invited}
    assert found["again"]["errorCode"] == "USER_ALREADY_EXISTS"
    assert found["changed"]["errorCode"] == "METHOD_NOT_ALLOWED"  # the Admin API has no such operation


def test_events_are_read(drive, scene):
    """Those of the organization and of the client's own project, by id and by filters."""
    project = scene.new_project()
    get = scene.owner.done
    own, whole = get("GET", f"/groups/{project}/events"), get("GET", f"/orgs/{scene.org}/events")
    kind, one, other = own["results"][0]["eventTypeName"], own["results"][0]["id"], whole["results"][0]["id"]
    found = drive(
        ["own", "event.getAll"],
        ["of its kind", "event.getAll", {"eventType": kind, "includeCount": True, "itemsPerPage": 1}],
        ["future", "event.getAll", {"minDate": "2100-01-01T00:00:00Z"}],
        ["one", "event.get", one],
        ["whole", "event.getAllByOrganizationId", scene.org],
        ["other", "event.getByOrganizationId", scene.org, other],
        ["none", "event.get", NOBODYS_ID],
        project=project,
    )
    assert found["own"] == own
    assert [event["eventTypeName"] for event in found["of its kind"]["results"]] == [kind]
    assert found["of its kind"]["totalCount"] > 0
    assert found["future"]["results"] == []
    assert (found["one"]["id"], found["one"]["eventTypeName"]) == (one, kind)
    assert found["whole"]["results"] == whole["results"]
    assert found["other"]["id"] == other
    assert (found["none"]["error"], found["none"].keys() >= MEMBERS) == (404, True)


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (["x", "organization.getById", NOBODYS_ID], "ORG_NOT_FOUND"),
        (["x", "project.getById", NOBODYS_ID], "GROUP_NOT_FOUND"),
        (["x", "project.getByName", "unheard of"], "GROUP_NAME_NOT_FOUND"),
        (["x", "project.getById", "malformed"], "PATH_PARAM_PARSE_ERROR"),
        (["x", "organization.rename", NOBODYS_ID, {"name": "x"}], "ORG_NOT_FOUND"),
        (["x", "project.create", {"name": "x", "orgId": NOBODYS_ID}], "ORG_NOT_FOUND"),
        (["x", "atlasUser.getById", NOBODYS_ID], "USER_NOT_FOUND"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[1],
)  # fmt: skip
def test_a_refusal_comes_back_as_its_body(drive, call, code):
    """The client does not throw: it returns the error object, whole."""
    found = drive(call)["x"]
    assert found["errorCode"] == code
    assert found.keys() >= MEMBERS


LATER = {
    "alert.acknowledge": ["1", {}], "alert.get": ["1"], "alert.getAll": [],
    "atlasSearch.create": ["c", {}], "atlasSearch.delete": ["c", "1"], "atlasSearch.get": ["c", "1"],
    "atlasSearch.getAll": ["c", "d", "e"], "atlasSearch.getAllAnalyzers": ["c"], "atlasSearch.update": ["c", "1", {}],
    "atlasSearch.upsertAnalyzer": ["c", []],
    "cloudBackup.createSnapshotRestoreJob": ["c", {}], "cloudBackup.getAllReplicaSetCloudBackups": ["c"],
    "cloudBackup.getReplicaSetCloudBackup": ["c", "1"], "cloudBackup.getSnapshotRestoreJob": ["c", "1"],
    "cloudProviderAccess.create": [{}], "cloudProviderAccess.delete": ["AWS", "1"],
    "cloudProviderAccess.getAll": [], "cloudProviderAccess.update": ["1", {}],
    "cluster.create": [{}], "cluster.delete": ["c"], "cluster.get": ["c"], "cluster.getAdvanceConfiguration": ["c"],
    "cluster.getAll": [], "cluster.testPrimaryFailOver": ["c"], "cluster.update": ["c", {}],
    "cluster.updateAdvanceConfiguration": ["c", {}],
    "customDbRole.create": [{}], "customDbRole.delete": ["r"], "customDbRole.get": ["r"], "customDbRole.getAll": [],
    "customDbRole.update": ["r", {}],
    "dataLake.create": [{}], "dataLake.delete": ["d"], "dataLake.get": ["d"], "dataLake.getAll": [],
    "dataLake.getLogsStream": ["d"], "dataLake.update": ["d", {}],
    "projectAccesslist.create": [[]], "projectAccesslist.delete": ["192.0.2.0%2F24"],
    "projectAccesslist.get": ["192.0.2.0%2F24"], "projectAccesslist.getAll": [], "projectAccesslist.update": [[]],
    "projectWhitelist.create": [[]], "projectWhitelist.delete": ["192.0.2.0%2F24"],
    "projectWhitelist.get": ["192.0.2.0%2F24"], "projectWhitelist.getAll": [], "projectWhitelist.update": [[]],
    "user.create": [{}], "user.delete": ["u"], "user.get": ["u"], "user.getAll": [], "user.update": ["u", {}],
}  # fmt: skip
"""What the client can ask for that is not served yet, or not any more by the Admin API itself, with arguments."""


def test_what_is_not_served_is_not_found(drive, scene):
    """Each answers with a 404 of the usual shape; what deletes says true all the same, and a stream has its status."""
    found = drive(*([name, name, *arguments] for name, arguments in LATER.items()), project=scene.project)
    wrong = {}
    for name, answer in found.items():
        if name.endswith(".delete"):
            expected = answer is True
        elif name.endswith("Stream"):
            expected = answer == {"status": 404}
        else:
            expected = (answer["error"], answer["errorCode"]) == (404, "RESOURCE_NOT_FOUND")
        wrong |= {} if expected else {name: answer}
    assert wrong == {}


def test_its_whole_surface_is_named_here(run, scene):
    """Every function of the client is called above, or stands in the list of what comes later."""
    surface = set(run([], None, scene.owner_key)["surface"])
    assert LATER.keys() <= surface
    assert {name.split(".")[0] for name in surface - LATER.keys()} == {"atlasUser", "event", "organization", "project"}
    text = Path(__file__).read_text(encoding="utf-8")
    assert [name for name in surface - LATER.keys() if f'"{name}"' not in text] == []
