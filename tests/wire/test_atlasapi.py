"""The PyPI package `atlasapi` as it is, against a running server.

It knows no versions (`Accept: */*`), ends paths with a slash, says `True` in queries, and takes the address of the
server and the root of the API from its environment. It raises an error of its own for each status, with the body.
What of it does not work here is named below: what it asks for below `/api/atlas/v1.0` or about things that are
served later, and where it fails by itself whatever the server answers.
"""

import importlib
import importlib.metadata
import importlib.util
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.requirements_of_tests import require
from tests.wire.calls import TAGS
from tests.wire.test_errors import MEMBERS, NOBODYS_ID

pytestmark = pytest.mark.client

VERSION = "2.0.11"


@pytest.fixture(scope="module")
def package(live):
    """Import the package as its users do: the server and the root of the API stand in the environment."""
    require(importlib.util.find_spec("atlasapi"), "atlasapi is not there", installable=True)
    assert importlib.metadata.version("atlasapi") == VERSION
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BASE_URL", live.url)
        patch.setenv("URI_STUB", "/api/atlas/v2")
        found = importlib.import_module("atlasapi.atlas")
    assert live.url == found.Settings.BASE_URL
    return found


@pytest.fixture
def client(package, scene):
    """Return what makes a client for a project, with the owner key or another."""

    def made(project=None, key=scene.owner_key):
        return package.Atlas(key.public_key, key.private_key, project or scene.project)

    return made


@pytest.fixture
def at(package):
    """Return what gives the address of one of the package's own resources, with these values in it."""
    resources, url = package.Settings.api_resources, package.Settings.BASE_URL
    return lambda area, name, **values: url + resources[area][name].format(**values)


# -- organizations


def test_organizations_are_read(client, scene):
    """All of them, one by name in whatever case, one by id."""
    organizations = client().Organizations
    (expected,) = scene.owner.done("GET", "/orgs")["results"]
    found = [
        *organizations.organizations,
        organizations.organization_by_name("wIRE"),
        organizations.organization_by_id(scene.org),
    ]
    for one in found:
        assert (one.id, one.name, one.is_deleted) == (expected["id"], expected["name"], False)
        assert one.links[0] == expected["links"][0]


def test_organizations_are_not_counted(client):
    """A fault of the package: it reads a member `TotalCount`, so it counts none wherever it asks."""
    assert client().Organizations.count == 0


def test_projects_of_an_organization_are_read(client, scene):
    """Up to 500 of them on one page."""
    found = list(client().Organizations.get_all_projects_for_org(scene.org))
    expected = scene.owner.done("GET", f"/orgs/{scene.org}/groups?itemsPerPage=500")["results"]
    assert [one.id for one in found] == [item["id"] for item in expected]
    assert {one.org_id for one in found} == {scene.org}


# -- projects


def test_projects_are_read(client, scene):
    """All on the first page, one by name, one by id; each with the time of its creation."""
    projects, expected = client().Projects, scene.owner.done("GET", f"/groups/{scene.project}")
    assert {one.id for one in projects.projects} >= {scene.project, scene.other_project}
    for one in (projects.project_by_name(expected["name"]), projects.project_by_id(scene.project)):
        assert (one.id, one.name, one.org_id) == (scene.project, expected["name"], scene.org)
        assert one.created_date == datetime.fromisoformat(expected["created"])
        assert one.cluster_count == 0


def test_people_of_a_project_are_read(client, scene):
    """Those who were added, with names, addresses and roles."""
    project = scene.new_project()
    member = scene.new_member(project)
    projects = client(project).Projects
    (user,) = projects.get_project_users()
    assert (user.id, user.email_address, user.first_name) == (member, user.username, "A")
    assert {role["roleName"] for role in user.roles if role.get("groupId") == project} == {
        "GROUP_DATA_ACCESS_ADMIN",
        "GROUP_READ_ONLY",
    }
    assert projects.user_count() == 1


def test_people_by_team_and_by_organization_are_read(client, scene):
    """`flattenTeams=True` brings the people of the project's teams, `includeOrgUsers=True` its readers from above."""
    project, in_team = scene.new_project(), scene.new_member()
    direct = scene.new_member(project)
    scene.owner.done("POST", f"/groups/{project}/teams", [_assigned(scene.new_team(in_team), "GROUP_READ_ONLY")])
    projects = client(project).Projects

    def ids(**options):
        found = {user.id for user in projects.get_project_users(**options)}
        assert len(found) == projects.user_count(**options)
        return found

    assert ids() == {direct}
    assert ids(flatten_teams=True) == {direct, in_team}
    assert ids(include_org_users=True) >= {direct, scene.user}
    assert ids(flatten_teams=True, include_org_users=True) >= {direct, in_team, scene.user}


def _assigned(team, *roles):
    """Return an item of the body that gives a team roles in a project."""
    return {"teamId": team, "roleNames": list(roles)}


def test_teams_of_a_project_are_read(client, scene):
    """Each team with its roles, for the client's own project and for another."""
    project, team = scene.new_project(), scene.new_team()
    scene.owner.done("POST", f"/groups/{project}/teams", [_assigned(team, "GROUP_READ_ONLY", "GROUP_OWNER")])
    for found in (client(project).Projects.get_project_teams(), client().Projects.get_project_teams(project)):
        (one,) = found
        assert (one.team_id, sorted(one.roles)) == (team, ["GROUP_OWNER", "GROUP_READ_ONLY"])


def test_settings_of_a_project_are_read(client, scene):
    """The five switches that the package knows are what the server says."""
    found, expected = client().Projects.settings, scene.owner.done("GET", f"/groups/{scene.project}/settings")
    assert (
        found.is_collect_db_stats,
        found.is_data_explorer,
        found.is_performance_advisor,
        found.is_realtime_perf,
        found.is_schema_advisor,
    ) == (
        expected["isCollectDatabaseSpecificsStatisticsEnabled"],
        expected["isDataExplorerEnabled"],
        expected["isPerformanceAdvisorEnabled"],
        expected["isRealtimePerformancePanelEnabled"],
        expected["isSchemaAdvisorEnabled"],
    )


# -- events


def test_events_are_read(client, package, scene):
    """All of a project's, those of one type, and those since a time, with who did it."""
    project = scene.new_project()
    events, expected = client(project).Events, scene.owner.done("GET", f"/groups/{project}/events")["results"]
    ids, newest = [event["id"] for event in expected], expected[0]
    (first, *_) = found = events.all
    assert [one.id for one in found] == ids
    assert (first.event_type.name, first.group_id) == (newest["eventTypeName"], project)
    assert first.created_date == datetime.fromisoformat(newest["created"])
    assert first.event_dict["publicKey"] == scene.owner_key.public_key
    assert first.as_dict()["id"] == first.id
    kind, never = first.event_type, package.AtlasEventTypes.PEER_CREATED
    assert [one.id for one in events.all_by_type(kind)] == [
        e["id"] for e in expected if e["eventTypeName"] == kind.name
    ]
    assert events.all_by_type(never) == []
    now, hour = datetime.now(UTC), timedelta(hours=1)
    for time in (now, now.replace(tzinfo=None)):  # it writes them as they are: with a plus not escaped, or no offset
        assert [one.id for one in events.since(time - hour)] == ids
        assert first.id in {one.id for one in events.since_by_type(time - hour, kind)}
        assert events.since(time + hour) == events.since_by_type(time + hour, kind) == []


def test_an_event_that_it_does_not_know(client, scene):
    """A fault of the package: a type of event that is newer than it ends the list."""
    project = scene.new_project()
    scene.owner.done("PATCH", f"/groups/{project}", {"tags": TAGS})
    with pytest.raises(KeyError, match="GROUP_TAGS_MODIFIED"):
        client(project).Events.all  # noqa: B018 - reading it asks the server


# -- what it writes, by its own resources and bodies: it has no method for it


def test_a_project_is_made_and_deleted(client, package, scene, at):
    """Its body for a new project is taken; the same name again is its conflict."""
    network, name = client().network, scene.name("by-atlasapi")
    body = package.Project.for_create(name, scene.org).create_dict
    made = network.post(at("Projects", "Projects that the authenticated user can access"), body)
    one = at("Projects", "Project by group_id", GROUP_ID=made["id"])
    assert network.get(at("Projects", "Project by group name", GROUP_NAME=name)) == network.get(one)
    with pytest.raises(package.ErrAtlasConflict) as refused:
        network.post(at("Projects", "Projects that the authenticated user can access"), body)
    assert refused.value.details["errorCode"] == "GROUP_ALREADY_EXISTS"
    assert network.patch(one, {"name": f"{name}-renamed"})["name"] == f"{name}-renamed"
    assert network.delete(one) == {"deleted": True}
    assert scene.owner.get(f"/groups/{made['id']}").status_code == 404


def test_a_team_is_made_and_taken_off_a_project(client, package, scene, at):
    """Its body for a new team is taken, and the team leaves the project again."""
    network, project = client().network, scene.new_project()
    username = scene.owner.done("GET", f"/orgs/{scene.org}/users/{scene.member}")["username"]
    body = package.Team.for_create(scene.org, scene.name("team"), [username]).as_create_dict
    team = network.post(f"{at('Organizations', 'Org by org_id', ORG_ID=scene.org)}/teams", body)
    teams = at("Projects", "Project teams by group_id", GROUP_ID=project)
    assert network.post(teams, [_assigned(team["id"], "GROUP_READ_ONLY")])["totalCount"] == 1
    off = "Remove the specified Atlas team from the specified project."
    assert network.delete(at("Projects", off, GROUP_ID=project, TEAM_ID=team["id"])) == {"deleted": True}
    assert network.get(teams)["results"] == []


def test_somebody_is_removed_from_a_project(client, scene, at):
    """Whoever is taken off the project stays in the organization."""
    project = scene.new_project()
    member = scene.new_member(project)
    one = at("Projects", "Remove Atlas Users assigned to project", GROUP_ID=project, USER_ID=member)
    assert client().network.delete(one) == {"deleted": True}
    assert scene.owner.done("GET", f"/groups/{project}/users")["results"] == []
    assert scene.owner.get(f"/orgs/{scene.org}/users/{member}").status_code == 200


def test_its_other_resources_are_read(client, scene, at):
    """Users of an organization, invitations to a project, and keys: it has addresses for them and no methods."""
    network, get = client().network, scene.owner.done
    users = network.get_big(at("Organizations", "Atlas Users associated to Org", ORGS_ID=scene.org))
    assert users == get("GET", f"/orgs/{scene.org}/users/?itemsPerPage=500", accept="*/*")
    invited = network.get(at("Projects", "Pending invitations to the project associated ", GROUP_ID=scene.project))
    assert scene.project_invitation in {one["id"] for one in invited}
    keys = network.get(
        at("Organization API Keys", "Get all Organization API Keys associated with org", GROUP_ID=scene.org)
    )
    assert keys == get("GET", f"/orgs/{scene.org}/apiKeys")
    one = at("Organization API Keys", "Get one Organization API Key", ORG_ID=scene.org, API_KEY_ID=scene.key)
    assert network.get(one) == get("GET", f"/orgs/{scene.org}/apiKeys/{scene.key}")
    of_project = at("Project API Keys", "Get All API Keys Assigned to Project", GROUP_ID=scene.project)
    assert network.get(of_project) == get("GET", f"/groups/{scene.project}/apiKeys")


# -- refusals


def attempt(atlas, name, arguments):
    """Call a method of an area of the client, or read a property, and return all that it gives."""
    area, _, member = name.partition(".")
    found = getattr(getattr(atlas, area), member)
    found = found(*arguments) if callable(found) else found
    return list(found) if isinstance(found, Iterator) else found


@pytest.mark.parametrize(
    ("name", "arguments", "error", "code"),
    [
        ("Organizations.organization_by_id", (NOBODYS_ID,), "NotFound", "ORG_NOT_FOUND"),
        ("Organizations.organization_by_id", ("malformed",), "BadRequest", "PATH_PARAM_PARSE_ERROR"),
        ("Organizations.get_all_projects_for_org", (NOBODYS_ID,), "NotFound", "ORG_NOT_FOUND"),
        ("Projects.project_by_id", (NOBODYS_ID,), "NotFound", "GROUP_NOT_FOUND"),
        ("Projects.project_by_name", ("unheard of",), "NotFound", "GROUP_NAME_NOT_FOUND"),
        ("Projects.user_count", (NOBODYS_ID,), "NotFound", "GROUP_NOT_FOUND"),
        ("Projects.get_project_users", (NOBODYS_ID, True, True), "NotFound", "GROUP_NOT_FOUND"),
        ("Projects.get_project_teams", (NOBODYS_ID,), "NotFound", "GROUP_NOT_FOUND"),
    ],
)
def test_a_refusal_is_raised_with_its_body(client, package, name, arguments, error, code):
    """Each status is an error of the package, and it carries the error object."""
    with pytest.raises(getattr(package, f"ErrAtlas{error}")) as refused:
        attempt(client(), name, arguments)
    assert refused.value.details["errorCode"] == code
    assert refused.value.details.keys() >= MEMBERS


def test_a_missing_role_and_a_wrong_key_are_unauthorized(client, package, scene, at):
    """Both are 401; the body says which."""
    made = scene.new_key(("ORG_MEMBER",))
    member = replace(scene.owner_key, public_key=made["publicKey"], private_key=made["privateKey"])
    stranger = replace(member, private_key="wrong")
    for key, code in ((member, "USER_UNAUTHORIZED"), (stranger, "UNEXPECTED_ERROR")):
        with pytest.raises(package.ErrAtlasUnauthorized) as refused:
            client(key=key).network.patch(at("Organizations", "Org by org_id", ORG_ID=scene.org), {"name": "Mine"})
        assert refused.value.details["errorCode"] == code


def test_faults_of_the_package(client, package, at):
    """Three parts of it work nowhere: noted here, so that nobody looks for the cause in the server."""
    with pytest.raises(ModuleNotFoundError, match="awspublicranges"):
        importlib.import_module("atlasapi.api_keys")  # a dependency that it does not declare
    one = "One Pending invitation to the project associated"
    assert at("Projects", one, GROUP_ID="g", INVITATION_ID="i").endswith("/groups/g/invitesi")  # a slash too few
    with pytest.raises(TypeError, match="ErrPagination"):  # the error for a page that is refused takes no cause
        list(package.DatabaseUsersGetAll(client(), 1, 10))


# -- the rest of it, by name

_ITEM = SimpleNamespace(as_dict={}, as_create_dict=dict, as_update_dict=dict, getSpecs=dict)
"""Stands for any object of the package that a method makes a body of."""

_HOST = SimpleNamespace(hostname="db.example", port=27017)

LATER = {
    "CloudBackups.cancel_snapshot_restore_request": ("Cluster0", "1"),
    "CloudBackups.create_snapshot_for_cluster": ("Cluster0",),
    "CloudBackups.get_backup_snapshot_for_cluster": ("Cluster0", "1"),
    "CloudBackups.get_backup_snapshots_for_cluster": ("Cluster0",),
    "CloudBackups.get_snapshot_restore_requests": ("Cluster0",),
    "Clusters.create_basic_rs": ("Cluster0",),
    "Clusters.create_cluster": (_ITEM,),
    "Clusters.delete_cluster": ("Cluster0", True),
    "Clusters.get_all_clusters": (),
    "Clusters.get_single_cluster": ("Cluster0",),
    "Clusters.get_single_cluster_advanced_options": ("Cluster0",),
    "Clusters.get_single_cluster_as_obj": ("Cluster0",),
    "Clusters.modify_cluster_advanced_options": ("Cluster0", _ITEM),
    "Clusters.modify_cluster_tls": ("Cluster0", None),
    "Clusters.pause_cluster": ("Cluster0",),
    "Clusters.test_failover": ("Cluster0",),
}
"""What it asks for below the root that it was told, and what is not served yet, each with arguments."""

BELOW_V1 = {
    "Alerts.acknowledge_an_alert": (NOBODYS_ID, None),
    "Alerts.acknowledge_an_alert_forever": (NOBODYS_ID,),
    "Alerts.get_all_alerts": (),
    "Alerts.get_an_alert": (NOBODYS_ID,),
    "Alerts.unacknowledge_an_alert": (NOBODYS_ID,),
    "DatabaseUsers.create_a_database_user": (_ITEM,),
    "DatabaseUsers.delete_a_database_user": ("app",),
    "DatabaseUsers.get_a_single_database_user": ("app",),
    "DatabaseUsers.get_all_database_users": (),
    "DatabaseUsers.update_a_database_user": ("app", _ITEM),
    "Hosts.get_log_for_host": (_HOST,),
    "Hosts.get_loglines_for_host": (_HOST,),
    "MaintenanceWindows.current_config": (),
    "MaintenanceWindows.defer": (),
    "MaintenanceWindows.set_config": (_ITEM,),
    "Whitelist.create_whitelist_entry": ("192.0.2.1", "comment"),
    "Whitelist.delete_a_whitelist_entry": ("192.0.2.1",),
    "Whitelist.get_all_whitelist_entries": (),
    "Whitelist.get_whitelist_entry": ("192.0.2.1",),
}
"""What it asks for below `/api/atlas/v1.0`, wherever it was told that the API is."""

SAYS_SO_ITSELF = {
    "CloudBackups.is_existing_snapshot": (("Cluster0", "1"), False),
    "CloudBackups.request_snapshot_restore": (("Cluster0", "1", "Cluster1"), ValueError),
    "Clusters.is_existing_cluster": (("Cluster0",), False),
    "Clusters.modify_cluster": (("Cluster0", {}), ValueError),
    "Hosts.fill_host_list": ((), TypeError),
    "Hosts.get_measurement_for_hosts": ((), ValueError),
}
"""What makes something else of a 404, with the answer or the error that it makes."""

ASKS_NOBODY = {
    "Hosts.cluster_list", "Hosts.get_logs_for_cluster", "Hosts.get_logs_for_project", "Hosts.host_list_by_cluster",
    "Hosts.host_list_primaries", "Hosts.host_list_secondaries", "Hosts.host_names", "Hosts.update_host_list",
}  # fmt: skip
"""What goes through the hosts that were listed before, of which there are none."""

NEEDS_A_CLUSTER = {"CloudBackups.request_snapshot_restore_to_group", "Clusters.modify_cluster_instance_size"}
"""What first does what other methods here do, and then needs a second client or a size of a machine."""


def code_of(refused, name):
    """Return the code that a refusal brought, where the method called `name` looks at the body at all."""
    details = refused.value.details
    if name.partition(".")[2].startswith("delete"):
        assert details == {"deleted": True}  # whatever came of it
        return None
    return json.loads(details.getvalue())["errorCode"] if "log" in name else details["errorCode"]


@pytest.mark.parametrize("name", LATER)
def test_what_is_not_served_is_not_found(client, package, name):
    """Whatever is asked for about clusters and the like is refused in the usual shape."""
    with pytest.raises(package.ErrAtlasNotFound) as refused:
        attempt(client(), name, LATER[name])
    assert code_of(refused, name) in {"RESOURCE_NOT_FOUND", None}


@pytest.mark.parametrize("name", BELOW_V1)
def test_what_is_below_version_1_is_gone(client, package, name):
    """The package has no error of its own for a version that is gone, but hands on what says so."""
    with pytest.raises(package.ErrAtlasServerErrors) as refused:
        attempt(client(), name, BELOW_V1[name])
    assert (refused.value.code, code_of(refused, name)) in {(410, "VERSION_GONE"), (410, None)}


@pytest.mark.parametrize("name", SAYS_SO_ITSELF)
def test_what_is_not_served_is_not_there(client, name):
    """Some methods turn the 404 into an answer or an error of their own."""
    arguments, expected = SAYS_SO_ITSELF[name]
    if expected is False:
        assert attempt(client(), name, arguments) is False
    else:
        with pytest.raises(expected):
            attempt(client(), name, arguments)


def test_its_whole_surface_is_named_here(client):
    """Every public method and property of the client is called above, or stands in a list with what it gets."""
    areas = {name: type(area) for name, area in vars(client()).items() if type(area).__qualname__.startswith("Atlas.")}
    surface = {f"{area}.{name}" for area, kind in areas.items() for name in vars(kind) if not name.startswith("_")}
    served = surface - LATER.keys() - BELOW_V1.keys() - SAYS_SO_ITSELF.keys() - ASKS_NOBODY - NEEDS_A_CLUSTER
    assert {name.split(".")[0] for name in served} == {"Events", "Organizations", "Projects"}
    text = Path(__file__).read_text(encoding="utf-8")
    assert [name for name in served if f".{name.split('.')[1]}" not in text] == []
    assert surface - served == surface & {*LATER, *BELOW_V1, *SAYS_SO_ITSELF, *ASKS_NOBODY, *NEEDS_A_CLUSTER}
