"""`check`, `why`, `holders`, `roles` and `audit`."""

import pytest
from typer.testing import CliRunner

from orgward.cli.main import app
from tests.cli.conftest import CommandLine
from tests.world import Caller, opened


@pytest.fixture
def acme(orgward):
    """Make an organization with a reader in it."""
    made = orgward.bootstrap()
    org = made["organizationId"]
    orgward.json("users", "create", "--username", "bob@example.org", "--organization", org, "--role", "ORG_READ_ONLY")
    return made


def test_check_exits_with_0_or_1(orgward, acme):
    """Allowed exits with 0, denied with 1."""
    where = f"organization:{acme['organizationId']}"
    allowed = orgward("check", "user:bob@example.org", "org.read", where)
    assert (allowed.exit_code, allowed.stdout) == (0, "allowed\n")
    denied = orgward("check", "user:bob@example.org", "org.delete", where)
    assert (denied.exit_code, denied.stdout) == (1, "denied: missing_privilege\n")


@pytest.mark.parametrize("command", ["check", "why"])
def test_json_is_the_decision_of_the_decision_api(orgward, acme, command):
    """Both commands print the AuthZEN decision object."""
    where = f"organization:{acme['organizationId']}"
    allowed = orgward.json(command, "user:bob@example.org", "org.read", where)
    assert allowed["decision"] is True
    assert allowed["context"]["revision"].isdecimal()
    assert set(allowed["context"]["paths"][0]) == {"via", "role", "organizationId", "projectId", "teamId", "endsAt"}
    denied = orgward.json(command, "user:bob@example.org", "org.delete", where, code=1)
    assert denied["decision"] is False
    assert set(denied["context"]) == {"revision", "reason", "missing", "roles", "grantors"}
    assert {"type": "user", "id": acme["userId"], "username": "ann@example.org"} in denied["context"]["grantors"]


@pytest.fixture
def crew(tmp_path, acme):
    """Give a team that reads a project, with its project."""
    with opened(tmp_path) as world:
        key = Caller(world, acme["publicKey"], acme["privateKey"])
        org = acme["organizationId"]
        project = key.post("/groups", {"name": "web", "orgId": org}).json["id"]
        body = {"name": "crew", "usernames": ["bob@example.org"]}
        team = key.post(f"/orgs/{org}/teams", body).json["id"]
        given = [{"teamId": team, "roleNames": ["GROUP_DATA_ACCESS_READ_WRITE"]}]
        assert key.post(f"/groups/{project}/teams", given).status == 200
    return team, project


def test_a_team_is_asked_about_by_its_id(orgward, crew):
    """`team:ID` is a subject like others; whoever is in it may do the same, by the team."""
    team, project = crew
    where, action = f"project:{project}", "data_explorer.documents.update"
    assert orgward("check", f"team:{team}", action, where).exit_code == 0
    assert orgward("check", f"team:{team}", "project.delete", where).exit_code == 1
    (path,) = orgward.json("why", "user:bob@example.org", action, where)["context"]["paths"]
    assert (path["via"], path["teamId"]) == ("team", team)
    assert team in orgward("why", "user:bob@example.org", action, where).stdout.replace("\n", "")
    held = orgward.json("holders", action, where)
    assert "bob@example.org" in {holder["username"] for holder in held}
    assert team not in {holder["id"] for holder in held}


def test_why_says_it_in_words(orgward, acme):
    """Paths, or what is missing, the roles that would do, and who could grant one."""
    where = f"organization:{acme['organizationId']}"
    allowed = orgward("why", "user:bob@example.org", "org.read", where)
    assert allowed.exit_code == 0
    assert "organization_role  ORG_READ_ONLY" in allowed.stdout
    denied = orgward("why", "user:bob@example.org", "org.delete", where)
    assert denied.exit_code == 1
    for part in ("missing org.delete", "ORG_OWNER", "ann@example.org"):
        assert part in denied.stdout


@pytest.mark.parametrize(
    ("principal", "action"),
    [("user:who@example.org", "org.read"), ("team:" + "a" * 24, "org.read"), ("user:bob@example.org", "org.fly")],
)
def test_what_is_unknown_is_denied(orgward, acme, principal, action):
    """Unknown people, teams and actions are denied as not_found."""
    found = orgward.json("check", principal, action, f"organization:{acme['organizationId']}", code=1)
    assert found["context"]["reason"] == "not_found"


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "bob", "org.read", "organization:" + "a" * 24],
        ["check", "user:bob@example.org", "org.read", "cluster:a"],
        ["check", "user:", "org.read", "organization:a"],
        ["check", "user:bob@example.org", "org.read"],
        ["holders", "org.fly", "organization:" + "a" * 24],
        ["holders", "org.read", "here"],
    ],
)
def test_wrong_usage_exits_with_2(orgward, arguments):
    """Ends of a question have the form kind:name."""
    assert orgward(*arguments).exit_code == 2


def test_holders_lists_users_and_keys(orgward, acme):
    """Every holder stands there with type, id and name; keys go by their public half."""
    where = f"organization:{acme['organizationId']}"
    found = orgward.json("holders", "org.read", where)
    assert [(holder["type"], holder["username"]) for holder in found] == sorted(
        [("api_key", acme["publicKey"]), ("user", "ann@example.org"), ("user", "bob@example.org")],
        key=lambda pair: (pair[0], [h["id"] for h in found if h["username"] == pair[1]]),
    )
    assert {holder["username"] for holder in orgward.json("holders", "org.delete", where)} == {
        acme["publicKey"],
        "ann@example.org",
    }
    assert "bob@example.org" in orgward("holders", "org.read", where).stdout


def test_holders_of_nothing(orgward):
    """An unknown resource is refused."""
    refusal = orgward.refusal("holders", "org.read", "organization:" + "a" * 24)
    assert refusal["errorCode"] == "ORG_NOT_FOUND"


def test_roles_are_listed_and_shown(orgward):
    """All roles of both editions, or one by API or UI name."""
    listed = orgward.json("roles")
    assert {role["edition"] for role in listed} == {"atlas", "cloud_manager"}
    for name in ("GROUP_READ_ONLY", "Project Read Only"):
        shown = orgward.json("roles", name)
        assert (shown["name"], shown["scope"]) == ("GROUP_READ_ONLY", "project")
        assert "project.read" in shown["privileges"]
    assert "Project Read Only" in orgward("roles", "GROUP_READ_ONLY").stdout
    assert orgward.refusal("roles", "GROUP_KING")["errorCode"] == "ROLE_NOT_FOUND"


@pytest.mark.parametrize(
    "arguments",
    [["roles"], ["audit", "verify"], ["audit", "anchor"], ["audit", "export"]],
    ids=" ".join,
)
def test_reading_commands_make_an_absent_store(tmp_path, arguments):
    """Every command works on an absent store, and twice."""
    orgward = CommandLine(f"sqlite:///{tmp_path}/new/orgward.db")
    for _ in range(2):
        assert orgward(*arguments).exit_code == 0


def test_audit_anchor_prints_what_it_appends(orgward, acme, tmp_path):
    """`anchor` prints revision and hash and appends the same line; verification then names the revision."""
    printed = orgward("audit", "anchor").stdout
    assert (tmp_path / "anchors").read_text() == printed
    revision, digest = printed.split()
    found = orgward.json("audit", "verify")
    assert found["verified"] is True
    assert (found["revision"], found["hash"], found["anchored"]) == (int(revision), digest, int(revision))


def test_audit_verify_exits_with_1_where_something_was_changed(orgward, acme, tmp_path):
    """A problem is printed, and the command fails."""
    orgward("audit", "anchor")
    with (tmp_path / "anchors").open("a") as file:
        file.write(f"1 {'0' * 64}\n")
    result = orgward("audit", "verify")
    assert result.exit_code == 1
    assert "problem: revision 1 is not what its anchor says" in result.stdout
    assert orgward.json("audit", "verify", code=1)["verified"] is False


def test_a_store_url_of_another_kind_is_a_usage_error():
    """Only sqlite:/// URLs are known so far."""
    assert CommandLine("mysql://host/db")("roles").exit_code == 2


def test_the_store_is_named_by_the_environment(orgward, acme, monkeypatch):
    """ORGWARD_STORE names the store where --store does not."""
    monkeypatch.setenv("ORGWARD_STORE", orgward.url)
    arguments = ["check", "user:bob@example.org", "org.read", f"organization:{acme['organizationId']}"]
    assert CliRunner().invoke(app, arguments).exit_code == 0
