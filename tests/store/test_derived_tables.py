"""Facets of members and origins of rows follow every command, and a store from before them gets them by migrating."""

import sqlite3
from contextlib import closing

import pytest
from alembic import command

from orgward.kernel.delta import Delta
from orgward.store import migrate as migrating
from orgward.store.audit import verify
from orgward.store.migrate import migrate
from orgward.store.reads.origins import Origin, origins_of
from tests.empty_store import open_world
from tests.store.commands import ORG, assignment, dropped, organization, project, refusal, submission, write
from tests.store_checker import check_store

USER = "b" * 24
DERIVED = ("member_facets", "origins")


def member(org=ORG, user=USER, state="active", **columns):
    """Give the delta that makes `user` a member."""
    row = {
        "org_id": org, "user_id": user, "state": state, "suspended": False, "created_at": 0, "invitation_id": None,
        "expires_at": None, "added_by": None, **columns,
    }  # fmt: skip
    return Delta("members", (org, user), row)


def person(first="Ann", last="Müller", address="Ann@Example.org", user=USER):
    """Give the delta that names `user`."""
    row = {
        "id": user, "username": address, "username_key": address.casefold(), "first_name": first, "last_name": last,
        "country": "ZZ", "salt": "00",
    }  # fmt: skip
    return Delta("person_data", (user,), row)


def account(seen=None, user=USER):
    """Give the delta that makes `user` an account."""
    row = {"id": user, "created_at": 0, "account_at": 0, "proven_at": 0, "last_auth_at": seen}
    return Delta("users", (user,), row)


def factor(number, kind, *, is_active=True, user=USER):
    """Give the delta that gives `user` a second factor."""
    key = f"{number:024x}"
    row = {
        "id": key, "user_id": user, "kind": kind, "name": kind, "is_active": is_active, "secret": "",
        "credential_key": None, "counter": 0, "created_at": 0, "used_at": None, "salt": "00",
    }  # fmt: skip
    return Delta("second_factors", (key,), row)


def facets(store, org=ORG):
    """Give the facets of everybody in `org`."""
    rows = store.view.rows("SELECT facet, value FROM member_facets WHERE org_id = :org", {"org": org})
    return {facet: sorted(value for name, value in rows if name == facet) for facet, _ in rows}


def faults(store):
    """Give what the checker finds wrong with what is derived."""
    return [fault for fault in check_store(store.path) if fault.startswith(("facet", "origin"))]


def test_a_member_is_found_by_name_and_address_whatever_the_accents(store):
    """Names are folded as people search; whoever has none is sorted by address."""
    write(store, account(), person(), member())
    assert facets(store) == {
        "name": ["ann muller"], "last": ["muller"], "address": ["ann@example.org"], "seen": ["0" * 15],
        "factor": ["none"],
    }  # fmt: skip
    write(store, person(first="", last=""))
    assert facets(store)["name"] == ["ann@example.org"]
    assert "last" not in facets(store)
    assert faults(store) == []


def test_facets_follow_sign_in_and_second_factors(store):
    """The last sign-in is a facet, and each kind of factor that is active; recovery codes are no factor."""
    write(store, account(), person(), member())
    write(store, account(seen=1_800_000_000_000), factor(1, "totp", is_active=False), factor(2, "recovery"))
    assert (facets(store)["seen"], facets(store)["factor"]) == (["001800000000000"], ["none"])
    write(store, factor(1, "totp"), factor(3, "passkey"), factor(4, "passkey"))
    assert facets(store)["factor"] == ["passkey", "totp"]
    write(store, dropped(factor(1, "totp")), dropped(factor(3, "passkey")))
    assert facets(store)["factor"] == ["passkey"]
    write(store, dropped(factor(4, "passkey")))
    assert facets(store)["factor"] == ["none"]
    assert faults(store) == []


def test_facets_follow_the_membership(store):
    """Somebody invited stands by the address alone; who declined keeps the address; who leaves keeps nothing."""
    write(store, account(), person(), member(state="pending", expires_at=9), member(org="c" * 24))
    assert facets(store) == {"name": ["ann@example.org"], "address": ["ann@example.org"], "seen": [""]}
    write(store, member(suspended=True))
    assert facets(store)["state"] == ["suspended"]
    write(store, member(state="rejected"))
    assert facets(store) == {"address": ["ann@example.org"]}
    write(store, dropped(member()))
    assert facets(store) == {}
    assert facets(store, "c" * 24)["factor"] == ["none"]
    assert faults(store) == []


def test_erasing_leaves_no_facet(tmp_path):
    """Whoever is erased is in no list any more, under whatever name; and the log still verifies."""
    world = open_world(tmp_path)
    acme = world.organization()
    world.user("bob@example.org", orgs={acme.id: ["ORG_MEMBER"]})
    world.erase("bob@example.org")
    rows = world.store.view.rows("SELECT value FROM member_facets WHERE facet = 'address'", {})
    assert rows == [("ann@example.org",)]
    assert (check_store(world.store.path), verify(world.store).problems) == ([], [])
    world.close()


def test_an_origin_is_the_command_by_which_a_row_began(place, store):
    """A row that changes keeps its origin, one that is made again gets another, one that is dropped has none."""
    key = assignment(USER).key
    write(store, organization(), assignment(USER), actor="ann")
    began = place.clock.now
    place.clock.advance(days=1)
    write(store, assignment(USER), actor="bob")
    assert origins_of(store.view, "assignments", [key, ("x", "y", "z")]) == {key: Origin(1, began, "operator", "ann")}
    write(store, dropped(assignment(USER)), assignment(USER), actor="carl")
    assert origins_of(store.view, "assignments", [key]) == {key: Origin(3, place.clock.now, "operator", "carl")}
    write(store, assignment(USER), dropped(assignment(USER)))
    assert origins_of(store.view, "assignments", [key]) == {}
    assert origins_of(store.view, "assignments", []) == {}
    assert faults(store) == []


@pytest.mark.parametrize("command", ["refused", "tried"])
def test_what_was_not_done_leaves_nothing_derived(store, command):
    """A refused command and a trial leave neither facets nor origins."""

    def change_and_refuse(tx):
        store._writer._applied(submission(project(1), person(), member()).run(tx))  # noqa: SLF001 - as far as one gets
        refusal(tx)

    tried = submission(project(1), person(), member(), run=change_and_refuse if command == "refused" else None)
    tried.is_trial = command == "tried"
    store.submit(tried).exception(30)
    assert [store.view.rows(f"SELECT COUNT(*) FROM {table}", {})[0][0] for table in DERIVED] == [0, 0]  # noqa: S608
    assert faults(store) == []


def test_a_store_from_before_gets_facets_and_origins(tmp_path, monkeypatch):
    """Whatever commands would have kept is there after migrating, of members in every state."""
    (tmp_path / "here").mkdir()
    world = open_world(tmp_path / "here")
    acme = world.organization()
    ann = world.session(acme.owner)
    bob = world.user("bob@example.org", orgs={acme.id: ["ORG_MEMBER"]})
    ann.post(f"/orgs/{acme.id}/users", {"username": "pia@example.org", "roles": {"orgRoles": ["ORG_MEMBER"]}})
    ann.post("/groups", {"name": "web", "orgId": acme.id})
    gone = ann.post("/groups", {"name": "gone", "orgId": acme.id}).json["id"]
    ann.delete(f"/groups/{gone}")
    ann.patch(f"/orgs/{acme.id}/users/{bob.id}", {"roles": {"orgRoles": ["ORG_READ_ONLY"]}})
    world.close()
    new, old = tmp_path / "here" / "orgward.db", tmp_path / "orgward.db"
    upgrade = command.upgrade
    with monkeypatch.context() as patched:
        patched.setattr(command, "upgrade", lambda config, _: upgrade(config, "0002"))
        migrate(old)
    with closing(sqlite3.connect(old)) as connection:
        connection.execute("ATTACH ? AS new", (str(new),))
        names = [name for (name,) in connection.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")]
        for name in names:
            if name not in {"alembic_version", "counters"}:
                columns = ", ".join(column for _, column, *_ in connection.execute(f"PRAGMA main.table_info({name})"))
                connection.execute(f"INSERT INTO {name} SELECT {columns} FROM new.{name}")  # noqa: S608 - our own tables
        connection.commit()
        migrate(old)
        for name in DERIVED:
            rows = [set(connection.execute(f"SELECT * FROM {where}.{name}")) for where in ("main", "new")]  # noqa: S608
            assert rows[0] == rows[1] != set()
    assert migrating.is_current(old)
