"""`bootstrap`, `users create` and `users erase`, as contract.md has them."""

import json
import os
import pwd
import re
from pathlib import Path

import pytest

from orgward.store.audit import verify
from orgward.store.opening import Store
from tests.cli.conftest import CommandLine
from tests.empty_store import open_world


def test_bootstrap_prints_what_it_made(orgward, monkeypatch):
    """The members are exactly the contract's; the set-up link stands below ORGWARD_URL."""
    monkeypatch.setenv("ORGWARD_URL", "https://orgward.example/")
    made = orgward.bootstrap()
    assert list(made) == ["organizationId", "userId", "username", "publicKey", "privateKey", "setupUrl"]
    assert made["username"] == "ann@example.org"
    assert re.fullmatch(r"https://orgward\.example/setup/[\w-]{22,}", made["setupUrl"])


def test_bootstrap_on_an_absent_store_makes_it(tmp_path):
    """An absent store is created and migrated, with its key beside it, readable by its owner alone."""
    folder = tmp_path / "new" / "place"
    CommandLine(f"sqlite:///{folder}/orgward.db").bootstrap()
    assert (folder / "orgward.key").stat().st_mode & 0o777 == 0o600


def test_bootstrap_makes_an_organization_each_time(orgward):
    """Repeated, it makes another organization and reuses the account."""
    first, second = orgward.bootstrap(), orgward.bootstrap()
    assert first["organizationId"] != second["organizationId"]
    assert first["userId"] == second["userId"]
    assert first["publicKey"] != second["publicKey"]


def test_the_owner_and_the_key_own_it(orgward):
    """Both the owner and the key hold ORG_OWNER."""
    made = orgward.bootstrap(edition="cloud_manager")
    where = f"organization:{made['organizationId']}"
    for who in (f"user:{made['username']}", f"api_key:{made['publicKey']}"):
        found = orgward.json("check", who, "org.delete", where)
        assert found["context"]["paths"][0]["role"] == "ORG_OWNER"


def test_people_read_the_same(orgward):
    """Without --json each member stands on a line."""
    result = orgward("bootstrap", "--organization", "Acme", "--owner", "ann@example.org")
    assert result.exit_code == 0
    assert "publicKey: " in result.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["bootstrap"],
        ["bootstrap", "--organization", "Acme"],
        ["bootstrap", "--organization", "Acme", "--owner", "ann@example.org", "--edition", "other"],
        ["users", "create"],
        ["users", "create", "--username", "b@example.org", "--role", "ORG_OWNER"],
        ["users", "create", "--username", "b@example.org", "--organization", "a" * 24],
        ["users", "create", "--username", "b@example.org", "--project", "a" * 24],
        ["users", "create", "--username", "b@example.org", "--project", "=GROUP_OWNER"],
        ["users", "erase"],
        ["fly"],
    ],
)
def test_wrong_usage_exits_with_2(orgward, arguments):
    """Missing and unknown options are usage errors."""
    assert orgward(*arguments).exit_code == 2


def test_a_refusal_exits_with_3_and_prints_the_error_object(orgward):
    """With --json the error object goes to the standard error, and nothing to the output."""
    refusal = orgward.refusal("bootstrap", "--organization", "Acme", "--owner", "no address")
    assert refusal["errorCode"] == "INVALID_EMAIL_ADDRESS"
    assert {"detail", "error", "errorCode", "parameters", "reason"} <= set(refusal)
    plain = orgward("bootstrap", "--organization", "Acme", "--owner", "no address")
    assert (plain.exit_code, plain.stdout) == (3, "")
    assert "INVALID_EMAIL_ADDRESS" in plain.stderr


def test_users_create_without_a_key(orgward):
    """Without --api-key both halves of the key are null."""
    org = orgward.bootstrap()["organizationId"]
    made = orgward.json(
        "users", "create", "--username", "bob@example.org", "--organization", org, "--role", "ORG_READ_ONLY"
    )
    assert list(made) == ["userId", "username", "publicKey", "privateKey"]
    assert (made["username"], made["publicKey"], made["privateKey"]) == ("bob@example.org", None, None)
    orgward.json("check", f"user:{made['userId']}", "org.read", f"organization:{org}")


def test_users_create_with_a_key_of_the_same_roles(orgward):
    """The key is a principal of its own with the same roles."""
    org = orgward.bootstrap()["organizationId"]
    roles = ["--role", "ORG_READ_ONLY", "--role", "ORG_GROUP_CREATOR"]
    made = orgward.json("users", "create", "--username", "bob@example.org", "--organization", org, *roles, "--api-key")
    for who in (f"user:{made['userId']}", f"api_key:{made['publicKey']}"):
        orgward.json("check", who, "org.projects.create", f"organization:{org}")
        orgward.json("check", who, "org.delete", f"organization:{org}", code=1)


def test_users_create_pairs_organizations_with_roles(orgward):
    """Each --organization goes with its --role."""
    first, second = (orgward.bootstrap(name)["organizationId"] for name in ("One", "Two"))
    pairs = ["--organization", first, "--role", "ORG_OWNER", "--organization", second, "--role", "ORG_READ_ONLY"]
    orgward.json("users", "create", "--username", "bob@example.org", *pairs)
    orgward.json("check", "user:bob@example.org", "org.delete", f"organization:{first}")
    orgward.json("check", "user:bob@example.org", "org.delete", f"organization:{second}", code=1)
    orgward.json("check", "user:bob@example.org", "org.read", f"organization:{second}")


def test_users_create_in_a_project_joins_its_organization(tmp_path):
    """A project's organization is joined as ORG_MEMBER where it is not given; repeated it changes nothing."""
    world = open_world(tmp_path)
    acme = world.organization()
    project = acme.key.post("/groups", {"name": "web", "orgId": acme.id}).json["id"]
    orgward = CommandLine(f"sqlite:///{tmp_path}/orgward.db")
    create = ["users", "create", "--username", "bob@example.org", "--project", f"{project}=GROUP_READ_ONLY"]
    assert orgward.json(*create)["userId"] == orgward.json(*create)["userId"]
    # Beside an open store: what the command did is seen by the next request.
    (bob,) = [u for u in acme.key.get(f"/orgs/{acme.id}/users").json["results"] if u["username"] == "bob@example.org"]
    assert bob["roles"]["orgRoles"] == ["ORG_MEMBER"]
    assert orgward.json(*create, "--api-key")["publicKey"]
    world.close()


def test_a_key_for_two_organizations_is_a_usage_error(orgward):
    """--api-key with more than one organization exits with 2 and makes nothing."""
    first, second = (orgward.bootstrap(name)["organizationId"] for name in ("One", "Two"))
    pairs = ["--organization", first, "--role", "ORG_OWNER", "--organization", second, "--role", "ORG_OWNER"]
    assert orgward("users", "create", "--username", "bob@example.org", *pairs, "--api-key").exit_code == 2
    assert orgward.json("check", "user:bob@example.org", "org.read", f"organization:{first}", code=1)


def test_an_unknown_organization_is_refused(orgward):
    """An id that nothing has is refused by the rules, not by the usage."""
    pair = ["--organization", "a" * 24, "--role", "ORG_OWNER"]
    assert orgward.refusal("users", "create", "--username", "b@example.org", *pair)["errorCode"] == "ORG_NOT_FOUND"


def test_erasing_leaves_no_trace_in_the_files(orgward, tmp_path):
    """Afterwards address and name are in no file of the store, and the log verifies."""
    orgward.bootstrap()
    orgward.json("users", "create", "--username", "very.unusual@example.org")
    assert "very.unusual" in _bytes_of(tmp_path)
    orgward.json("users", "erase", "--username", "very.unusual@example.org")
    assert "very.unusual" not in _bytes_of(tmp_path)
    store = Store.open(orgward.url, clock=lambda: 0)
    assert verify(store).problems == []
    store.close()


def _bytes_of(folder: Path):
    return "".join(file.read_bytes().decode("latin-1") for file in folder.iterdir() if file.is_file())


def test_the_operator_is_audited_by_the_system_account(orgward):
    """Every write of the command line is logged with the operator's account."""
    orgward.bootstrap()
    line = orgward("audit", "export").stdout.splitlines()[0]
    row = json.loads(line)
    assert (row["actor_kind"], row["actor_id"]) == ("operator", pwd.getpwuid(os.getuid()).pw_name)
