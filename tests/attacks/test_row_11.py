"""Row 11: a migration gives nobody anything, and takes nothing from anybody."""

import base64
import sqlite3
from contextlib import closing
from itertools import count

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from orgward.catalog import EDITIONS, PRIVILEGES
from orgward.kernel.instants import FOREVER
from orgward.store.opening import Store
from tests.reference_model import model
from tests.world import START

OLDER = ("0001", "0002", "0003")
IDS = (f"{number:024x}" for number in count(1))


def made_at(path, version):
    """Make the tables that a store had in this version."""
    config = Config()
    config.set_main_option("script_location", "orgward.store:migrations")
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, version)
    engine.dispose()


def insert(connection, table, **row):
    """Write a row, with what the table has beside it left empty."""
    columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
    values = [row.get(name, 0 if kind.startswith(("BIG", "INT", "BOOL")) else "") for _, name, kind, *_ in columns]
    places = ", ".join("?" * len(values))
    connection.execute(f"INSERT INTO {table} VALUES ({places})", values)  # noqa: S608 - names of our own tables


def assigned(world, holder, scope, role):
    """Give a role in the model, added by an owner, without an end."""
    world.assignments.append(model.Assignment(holder, scope, role, added_by_owner=True))


def everybody():
    """Give a world in which each role of both editions is held by somebody: a member, a key, and a team's member."""
    world = model.World()
    for edition in EDITIONS.values():
        org, project = next(IDS), next(IDS)
        world.organizations[org], world.projects[project] = edition.name, org
        for role in edition.roles.values():
            user, key, team = next(IDS), next(IDS), next(IDS)
            scope = org if role.scope == "organization" else project
            world.users.add(user)
            world.states[org, user] = "suspended" if role.name == "ORG_BILLING_ADMIN" else "active"
            world.api_keys[key] = org
            assigned(world, user, scope, role.name)
            assigned(world, key, scope, role.name)
            if scope == project:
                member = next(IDS)
                world.users.add(member)
                world.states[org, member] = "active"
                world.teams[team] = org
                world.team_members.add((member, team))
                assigned(world, team, project, role.name)
    return world


def written(connection, world):
    """Write the world as rows of the older store."""
    for org, edition in world.organizations.items():
        insert(connection, "organizations", id=org, name=org, edition=edition)
    for project, org in world.projects.items():
        insert(connection, "projects", id=project, org_id=org, name=project, tags="[]")
    for key, org in world.api_keys.items():
        insert(connection, "api_keys", id=key, org_id=org, public_key=key[-8:])
    for team, org in world.teams.items():
        insert(connection, "teams", id=team, org_id=org, name=team)
    for (org, user), state in world.states.items():
        insert(connection, "members", org_id=org, user_id=user, state="active", suspended=state == "suspended")
    for user, team in world.team_members:
        insert(connection, "team_members", user_id=user, team_id=team, org_id=world.teams[team])
    for holder, scope, role, *_ in world.assignments:
        kind = "user" if holder in world.users else "team" if holder in world.teams else "api_key"
        insert(
            connection, "assignments", holder_id=holder, scope_id=scope, role=role, holder_kind=kind,
            org_id=model.organization_of(world, scope), ends=FOREVER, added_by_owner=1,
        )  # fmt: skip


@pytest.mark.parametrize("version", OLDER)
def test_row_11_a_migration_changes_nobodys_access(tmp_path, monkeypatch, version):
    """What everybody may do is the same after the store of an older version was opened: no more, and no less."""
    path, world = tmp_path / "orgward.db", everybody()
    monkeypatch.setenv("ORGWARD_KEY", base64.urlsafe_b64encode(bytes(32)).decode())
    made_at(path, version)
    with closing(sqlite3.connect(path)) as connection:
        written(connection, world)
        connection.commit()
    store = Store.open(f"sqlite:///{path}", clock=lambda: START)
    try:
        for principal in (*world.users, *world.api_keys):
            for resource in (*world.organizations, *world.projects):
                held = {p for p in PRIVILEGES if store.snapshot.check(principal, p, resource, START)}
                assert held == model.held(world, principal, resource, START), (principal, resource)
    finally:
        store.close()
