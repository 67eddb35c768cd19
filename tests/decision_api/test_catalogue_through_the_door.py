"""The catalogue as a running server answers it: every row of tests/oracle/catalogue.csv holds, and nothing else.

For each role of each edition stand a member who was added to the project by its owner, one added by somebody who is
not, and an API key; each privilege of both editions is asked of each on the organization, on the project, and on
another project of the organization.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from tests.matrix.expectation import EDITIONS, GRANTS, KNOWN, MEMBER, ROLES, is_project_role
from tests.matrix.scene import ROOMY
from tests.world import Clock, opened

ADDED_BY_OWNER = "added_by_owner"
READ = "GROUP_READ_ONLY"
NOT_OWNERS = {"atlas": "GROUP_ACCESS_MANAGER", "cloud_manager": "GROUP_USER_ADMIN"}
"""Who adds people to a project without being its owner."""

PRIVILEGES = sorted({grant["privilege"] for grant in GRANTS})
MOST = 1_000
NUMBERS = count(1)


class Holder(NamedTuple):
    """Somebody who holds a role, as a decision names them, with all that they hold."""

    type: str
    id: str
    role: str
    when: str
    roles: frozenset[str]


class Company(NamedTuple):
    """An organization of one edition with two projects, and everybody who is asked about."""

    org: str
    project: str
    other: str
    public_key: str
    private_key: str
    holders: list[Holder]


def address():
    """Give an address that nobody has yet."""
    return f"holder{next(NUMBERS)}@example.org"


def found(world, edition):
    """Make the company."""
    made = world.organization(f"Company {edition}", edition=edition, owner=address())
    owner, projects = world.session(made.owner), []
    for name in ("one", "other"):
        reply = owner.post("/groups", {"name": f"{edition} {name}", "orgId": made.id})
        projects.append(reply.json["id"])
    adder = world.user(address(), projects={projects[0]: [NOT_OWNERS[edition]]})
    holders = [
        holder
        for role in ROLES[edition]
        for holder in holders_of(world, made.id, projects[0], owner, adder, edition, role)
    ]
    return Company(made.id, *projects, made.key.public_key, made.key.private_key, holders)


def holders_of(world, org, project, owner, adder, edition, role) -> Iterator[Holder]:
    """Make those who hold the role."""
    if not is_project_role(edition, role):
        alone = frozenset({role})
        yield Holder("user", world.user(address(), orgs={org: [role]}).id, role, "", alone)
        yield Holder("api_key", key(owner, "orgs", org, role), role, "", alone)
        # An organization role reaches into projects without anybody adding its holder to one; here somebody did.
        user = added(world, owner, org, project, READ, [role])
        yield Holder("user", user, role, ADDED_BY_OWNER, frozenset({role, READ}))
        return
    both = frozenset({role, MEMBER})
    yield Holder("user", added(world, owner, org, project, role), role, ADDED_BY_OWNER, both)
    yield Holder("api_key", key(owner, "groups", project, role), role, ADDED_BY_OWNER, both)
    if role == "GROUP_OWNER":
        # Only an owner makes owners, or the operator, who is none.
        user = world.user(address(), orgs={org: [MEMBER]}, projects={project: [role]}).id
        yield Holder("user", user, role, "", both)
    else:
        yield Holder("user", added(world, adder, org, project, role), role, "", both)


def added(world, caller, org, project, role, org_roles=(MEMBER,)):
    """Add a member of the organization to the project and give their id."""
    username = address()
    world.user(username, orgs={org: org_roles})
    reply = caller.post(f"/groups/{project}/users", {"username": username, "roles": [role]})
    assert reply.status == 201, reply.body
    return reply.json["id"]


def key(owner, place, scope, role):
    """Make an API key with the role and give its id."""
    reply = owner.post(f"/{place}/{scope}/apiKeys", {"desc": role, "roles": [role]})
    assert reply.status == 200, reply.body
    return reply.json["id"]


@pytest.fixture(scope="module")
def companies(tmp_path_factory):
    """Give the URL of a server and the companies in its store, by edition."""
    folder = tmp_path_factory.mktemp("door")
    with opened(folder, limits=ROOMY, clock=Clock(int(time.time() * 1000))) as world:
        made = {edition: found(world, edition) for edition in EDITIONS}
    command = [Path(sys.executable).parent / "orgward", "serve", "--port", "0"]
    environment = {**os.environ, "ORGWARD_STORE": f"sqlite:///{folder}/orgward.db"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as server:
        try:
            url = server.stdout.readline().split()[1]
            yield url, made
        finally:
            server.terminate()


PLACES = {
    "organization": {"organization"},
    "project": {"project", "all_projects"},
    "other": {"all_projects"},
}


def expected(edition, holder, place):
    """Give the privileges that the oracle's rows grant to the holder on this resource."""
    whens = {"", holder.when} if place == "project" else {""}
    return {
        grant["privilege"]
        for grant in GRANTS
        if grant["edition"] == edition
        and grant["role"] in holder.roles
        and grant["on"] in PLACES[place]
        and grant["when"] in whens
    }


def decisions(client, holder, resources):
    """Ask for every privilege on each of the resources and give the answers by place."""
    asked = [(place, privilege) for place in resources for privilege in PRIVILEGES]
    answers = []
    for batch in (asked[i : i + MOST] for i in range(0, len(asked), MOST)):
        body = {
            "subject": {"type": holder.type, "id": holder.id},
            "evaluations": [
                {"action": {"name": privilege}, "resource": resources[place]} for place, privilege in batch
            ],
        }
        reply = client.post("/access/v1/evaluations", json=body)
        assert reply.status_code == 200, reply.text
        answers += reply.json()["evaluations"]
    return dict(zip(asked, answers, strict=True))


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_row_of_the_catalogue_holds_and_nothing_else(companies, edition):
    """A decision is true exactly where the oracle has a row; what the edition lacks is said to be lacking."""
    url, made = companies
    company = made[edition]
    resources = {
        "organization": {"type": "organization", "id": company.org},
        "project": {"type": "project", "id": company.project},
        "other": {"type": "project", "id": company.other},
    }
    auth = httpx.DigestAuth(company.public_key, company.private_key)
    with httpx.Client(base_url=url, auth=auth, timeout=60) as client:
        for holder in company.holders:
            answers = decisions(client, holder, resources)
            for place in resources:
                allowed = {p for p in PRIVILEGES if answers[place, p]["decision"] is True}
                assert allowed == expected(edition, holder, place), (holder, place)
            absent = {p for (_, p), a in answers.items() if a["context"].get("reason") == "not_in_edition"}
            assert absent == set(PRIVILEGES) - KNOWN[edition]


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_row_is_among_what_is_asked(companies, edition):
    """There is a holder for each row of the oracle whose condition holds for them, and nobody stands for two."""
    holders = companies[1][edition].holders
    rows = {(g["role"], g["when"]) for g in GRANTS if g["edition"] == edition}
    assert rows <= {(holder.role, holder.when) for holder in holders}
    assert len({holder.id for holder in holders}) == len(holders)
