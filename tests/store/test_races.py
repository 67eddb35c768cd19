"""Concurrency, through the door: limits are never passed, an owner always remains, nothing is lost."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier

import pytest

from orgward.admin_api.projects import CreateProjectBody
from orgward.admin_api.user_bodies import OrgRoleBody, OrgUserBody, OrgUserRolesBody
from orgward.app.execute import Call
from orgward.app.operation import REGISTRY
from orgward.catalog import Limits
from orgward.kernel.errors import DeniedError, NotFoundError, OrgwardError, RefusedError
from orgward.kernel.principal import Principal
from orgward.store.audit import verify
from tests.empty_store import open_world
from tests.store_checker import check_store

CLIENTS = 64

CREATES = """
import json, sys
from orgward.app.execute import Call, Door
from orgward.app.operation import REGISTRY
from orgward.app.operator import NewUser
from orgward.kernel.principal import Principal
from orgward.store.opening import Store
url, org, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
made = []
for number in range(count):
    store = Store.open(url, clock=lambda: 1)
    body = NewUser(username=f"cli{number}@example.org", organizations={org: ["ORG_MEMBER"]})
    call = Call(REGISTRY["enrolUser"], Principal("operator", "cli"), body=body)
    made.append(Door(store).write(call).result(60).result["userId"])
    store.close()
print(json.dumps(made))
"""


@dataclass
class NoQuery:
    """A query without parameters."""

    parsed: object


def _open(folder, **limits):
    return open_world(folder, limits=Limits(**limits))


def submit_all(door, calls):
    """Submit every call from a thread of its own, all at once; give results and refusals in order."""
    barrier = Barrier(len(calls))

    def run(call):
        barrier.wait(30)
        try:
            return door.write(call).result(60).result
        except OrgwardError as error:
            return error

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def _refusals(results):
    return [found for found in results if isinstance(found, OrgwardError)]


def invitation(owner, org, number):
    """Give the call that invites one more person."""
    body = OrgUserBody(username=f"guest{number}@example.org", roles=OrgUserRolesBody(org_roles=["ORG_MEMBER"]))
    return Call(REGISTRY["createOrgUser"], Principal("user", owner), {"orgId": org}, body=body)


def test_row_33_sixty_four_clients_do_not_invite_past_the_limit(tmp_path):
    """Row 33, rule 142: of 64 invitations sent at once, as many go through as there is room for."""
    world = _open(tmp_path, users_per_organization=20)
    org = world.organization()
    results = submit_all(world.door, [invitation(org.owner, org.id, n) for n in range(CLIENTS)])
    refused = _refusals(results)
    assert {type(found) for found in refused} == {RefusedError}
    assert {found.code for found in refused} == {"MAX_USERS_PER_ORG_EXCEEDED"}
    assert len(results) - len(refused) == 19
    assert world.store.view.count("members", org_id=org.id, state="pending") == 19
    assert check_store(world.store.path) == []
    world.close()


def test_row_33_sixty_four_clients_do_not_invite_one_person_twice(tmp_path):
    """Row 33, rule 52: of 64 invitations of one address, one goes through."""
    world = _open(tmp_path)
    org = world.organization()
    results = submit_all(world.door, [invitation(org.owner, org.id, 0) for _ in range(CLIENTS)])
    assert len(_refusals(results)) == CLIENTS - 1
    assert len(world.store.view.find("invitations", org_id=org.id)) == 1
    assert check_store(world.store.path) == []
    world.close()


def test_row_33_sixty_four_clients_do_not_make_projects_past_the_limit(tmp_path):
    """Row 33, rule 145: of 64 projects made at once, as many are made as the organization may hold."""
    world = _open(tmp_path, projects_per_organization=10)
    org = world.organization()

    class Query:
        values = {"projectOwnerId": ""}  # noqa: RUF012 - read once

    def call(number):
        body = CreateProjectBody(name=f"project {number}", org_id=org.id)
        values = {"orgId": org.id}
        return Call(REGISTRY["createGroup"], Principal("user", org.owner), values, body=body, query=NoQuery(Query))

    results = submit_all(world.door, [call(number) for number in range(CLIENTS)])
    assert {found.code for found in _refusals(results)} == {"MAX_GROUPS_PER_ORG_EXCEEDED"}
    assert world.store.view.count("projects", org_id=org.id) == 10
    assert check_store(world.store.path) == []
    world.close()


@pytest.mark.parametrize("owners", [2, 8])
def test_row_33_owners_who_demote_each_other_leave_one(tmp_path, owners):
    """Row 33, rule 34: whatever order the demotions come in, an owner remains."""
    world = _open(tmp_path)
    org = world.organization()
    both = {org.id: ["ORG_OWNER", "ORG_MEMBER"]}
    people = [org.owner, *(world.user(f"owner{n}@example.org", orgs=both).id for n in range(owners - 1))]
    everybody = [Principal("user", person) for person in people]
    add = Call(
        REGISTRY["addOrgUserRole"], everybody[-1], {"orgId": org.id, "userId": org.owner},
        body=OrgRoleBody(org_role="ORG_MEMBER"),
    )  # fmt: skip
    world.door.write(add).result(30)
    demotion = REGISTRY["removeOrgUserRole"]
    calls = [
        Call(demotion, by, {"orgId": org.id, "userId": person}, body=OrgRoleBody(org_role="ORG_OWNER"))
        for by in everybody
        for person in people
        if person != by.id
    ]
    results = submit_all(world.door, calls)
    left = [person for person in people if world.store.snapshot.check(person, "org.delete", org.id, world.clock.now)]
    assert len(left) >= 1
    assert len(_refusals(results)) == len(calls) - (owners - len(left))
    assert {type(found) for found in _refusals(results)} <= {DeniedError, RefusedError, NotFoundError}
    assert check_store(world.store.path) == []
    world.close()


def test_a_command_line_in_a_loop_beside_a_store_under_load(tmp_path):
    """A second process that opens, writes and closes in a loop loses nothing, and neither does the first."""
    world = _open(tmp_path)
    org = world.organization()
    command = [sys.executable, "-c", CREATES, f"sqlite:///{world.store.path}", org.id, "10"]
    prelude = "from orgward.cli.faces import declare_everything; declare_everything()\n"
    command[2] = prelude + command[2]
    root = Path(__file__).parents[2]
    invited = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        while process.poll() is None:
            futures = [world.door.write(invitation(org.owner, org.id, invited + n)) for n in range(8)]
            assert all(future.result(60) for future in futures)
            invited += 8
            if invited > 450:
                break
        made = json.loads(process.stdout.read())
    assert process.returncode == 0
    world.store.follow()
    members = {row["user_id"] for row in world.store.view.find("members", org_id=org.id, state="active")}
    assert set(made) <= members
    assert all(world.store.snapshot.check(user, "org.read", org.id, world.clock.now) for user in made)
    assert world.store.view.count("members", org_id=org.id, state="pending") == invited
    assert verify(world.store).problems == []
    assert check_store(world.store.path) == []
    world.close()
