"""What happens in an organization for its events to be looked at."""

from datetime import UTC, datetime

from tests.wire.calls import TAGS, Scene


def raise_recorded_events(scene: Scene) -> str:
    """Let happen what the recorded feed of an organization shows, and return when it began."""
    begun = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    do, org, project = scene.owner.done, f"/orgs/{scene.org}", scene.new_project()
    team = scene.new_team()
    do("POST", f"/groups/{project}/teams", [{"teamId": team, "roleNames": ["GROUP_READ_ONLY"]}])
    do("PATCH", f"/groups/{project}/teams/{team}", {"roleNames": ["GROUP_OWNER"]})
    do("DELETE", f"/groups/{project}/teams/{team}")
    do("PATCH", f"{org}/teams/{team}", {"name": scene.name("team")})
    do("DELETE", f"{org}/teams/{team}")
    do("PATCH", f"/groups/{project}", {"tags": TAGS})
    do("DELETE", f"/groups/{project}")
    do("POST", f"{org}/invites", {"username": scene.username(), "roles": ["ORG_MEMBER"]})
    key = scene.new_key()["id"]
    do("PATCH", f"{org}/apiKeys/{key}", {"desc": "changed"})
    address = scene.new_entry(key)
    do("DELETE", f"{org}/apiKeys/{key}/accessList/{address}")
    do("DELETE", f"{org}/apiKeys/{key}")
    return begun


def raise_other_events(scene: Scene) -> str:
    """Let happen what no recording shows, and return the project in which most of it did."""
    do, org = scene.owner.done, f"/orgs/{scene.org}"
    project, member = scene.new_project(), scene.new_member()
    here = f"/groups/{project}"
    username = do("GET", f"{org}/users/{member}")["username"]
    do("POST", f"{here}/users", {"username": username, "roles": ["GROUP_READ_ONLY"]})
    do("POST", f"{here}/users/{member}:addRole", {"groupRole": "GROUP_OWNER"})
    do("DELETE", f"{here}/users/{member}")
    scene.new_project_invitation(project)
    do("PATCH", here, {"name": scene.name("project"), "tags": TAGS, "withDefaultAlertsSettings": False})
    do("PATCH", f"{here}/settings", {"isDataExplorerEnabled": False, "isExtendedStorageSizesEnabled": True})
    do("PATCH", f"{here}/limits/atlas.project.security.databaseAccess.users", {"value": 90})
    key = scene.new_key()["id"]
    do("POST", f"{here}/apiKeys/{key}", [{"roles": ["GROUP_READ_ONLY"]}])
    do("PATCH", f"{org}/settings", {"restrictEmployeeAccess": True, "securityContact": scene.username()})
    do("DELETE", f"{org}/users/{member}")
    return project
