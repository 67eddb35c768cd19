"""Verification of the log: whatever is changed behind Orgward's back shows."""

import json

import pytest

from orgward.app.operator import NewUser
from orgward.store import audit
from orgward.store.audit import ANCHORS, export, verify, write_anchor
from orgward.store.log import COLUMNS, hash_of
from orgward.store.sqlite import connect
from tests.empty_store import open_world


@pytest.fixture
def world(tmp_path):
    """Open a world whose log has some rows of two organizations."""
    found = open_world(tmp_path)
    acme = found.organization()
    found.organization("Other", owner="zoe@example.org")
    for number in range(3):
        acme.key.post("/groups", {"name": f"project {number}", "orgId": acme.id})
    yield found
    found.close()


def change(world, sql, *values):
    """Change the file of the store as somebody with a database tool would."""
    connection = connect(world.store.path)
    connection.execute(sql, values)
    connection.close()


def problems(world):
    """Give what verification finds."""
    return verify(world.store).problems


def last(world):
    """Give the last revision."""
    return world.store.snapshot.revision


def cut(world, count, *, with_head):
    """Cut rows from the end of the log, and set the store's own head back if asked for."""
    end = last(world) - count
    change(world, "DELETE FROM log WHERE revision > ?", end)
    if with_head:
        for name in ("revision", "hash"):
            sql = f"UPDATE meta SET value = (SELECT {name} FROM log WHERE revision = ?) WHERE name = ?"  # noqa: S608
            change(world, sql, end, name)
        sql = (
            "UPDATE chains SET (revision, hash) = (SELECT revision, hash FROM log WHERE log.org_id = chains.org_id"
            " ORDER BY revision DESC LIMIT 1)"
        )
        change(world, sql)


def test_an_untouched_log_is_verified(world):
    """A log that nobody touched has no problem, and the report names its head."""
    report = verify(world.store)
    assert report.problems == []
    assert (report.revision, report.anchored) == (last(world), None)
    assert f"{report.revision} {report.hash}" == write_anchor(world.store)


def test_an_empty_log_is_verified(tmp_path):
    """A store without any row verifies, before and after it was anchored."""
    world = open_world(tmp_path)
    assert problems(world) == []
    write_anchor(world.store)
    assert problems(world) == []
    world.close()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("org_id", None), ("at", 5), ("actor_kind", "user"), ("actor_id", "mallory"), ("credential", "x"),
        ("action", "getOrg"), ("target", "y"), ("request_id", "z"), ("outcome", "refused"), ("body", b"{}"),
        ("deltas", b"[]"), ("previous", "0" * 64), ("org_previous", "f" * 64), ("hash", "f" * 64),
    ],
)  # fmt: skip
def test_a_changed_column_is_found(world, column, value):
    """Every column is under the hash."""
    change(world, f"UPDATE log SET {column} = ? WHERE revision = 2", value)  # noqa: S608
    assert any("revision 2" in problem for problem in problems(world))


@pytest.mark.parametrize("revision", [1, 3])
def test_a_row_cut_out_is_found(world, revision):
    """A gap is named."""
    change(world, "DELETE FROM log WHERE revision = ?", revision)
    assert f"revisions {revision} to {revision} are missing" in problems(world)


def test_rows_cut_from_the_end_are_found(world):
    """The store's head tells of rows that are gone."""
    cut(world, 2, with_head=False)
    assert any("head" in problem for problem in problems(world))


def test_rows_cut_with_the_head_leave_what_they_changed(world):
    """With the head set back the tables still hold what no log row says."""
    cut(world, 2, with_head=True)
    found = problems(world)
    assert found
    assert all("stands in no log row" in problem for problem in found)


def test_rows_cut_with_head_and_tables_are_found_by_an_anchor(world):
    """Whoever sets back head and tables too is found by the anchor, and only by it."""
    anchors = write_anchor(world.store)
    cut(world, 1, with_head=True)
    for table in ("projects", "assignments", "project_members"):
        names = {"projects": "id", "assignments": "scope_id", "project_members": "project_id"}
        change(world, f"DELETE FROM {table} WHERE {names[table]} IN (SELECT MAX(id) FROM projects)")  # noqa: S608
    found = [problem for problem in problems(world) if "anchored" in problem]
    assert found == [f"revision {anchors.split()[0]} is anchored, the log ends at revision {last(world) - 1}"]


def test_an_inserted_row_is_found(world):
    """A row that was not written with the key fits nowhere, at the end or between."""
    copied = "SELECT revision + 1, {rest} FROM log ORDER BY revision DESC LIMIT 1"
    rest = "org_id, at, actor_kind, actor_id, credential, action, target, request_id, outcome, body, deltas, hash"
    change(world, f"INSERT INTO log {copied.format(rest=rest + ', org_previous, hash')}")
    found = problems(world)
    assert any(f"revision {last(world) + 1} was changed" in problem for problem in found)
    assert any("head" in problem for problem in found)


def test_two_rows_in_each_others_place_are_found(world):
    """Reordered rows do not follow each other."""
    for before, after in ((3, 300), (4, 3), (300, 4)):
        change(world, "UPDATE log SET revision = ? WHERE revision = ?", after, before)
    found = problems(world)
    assert any("revision 3" in problem for problem in found)
    assert any("revision 4" in problem for problem in found)


@pytest.mark.parametrize(("column", "where"), [("previous", ""), ("org_previous", " in organization")])
def test_a_row_of_another_history_is_found(world, column, where):
    """A row with a hash of its own that is right still has to follow the rows before it, in both chains."""
    change(world, f"UPDATE log SET {column} = ? WHERE revision = 4", "a" * 64)  # noqa: S608
    values = world.store.reader.execute(f"SELECT {', '.join(COLUMNS)} FROM log WHERE revision = 4").fetchone()  # noqa: S608
    change(world, "UPDATE log SET hash = ? WHERE revision = 4", hash_of(values[:-1], world.store.keyring.log_key))
    assert any(f"revision 4 does not follow the row before it{where}" in problem for problem in problems(world))


def test_a_role_given_without_the_log_is_found(world):
    """A row of a table that no log row says is found, so is one that was changed or deleted."""
    change(world, "UPDATE organizations SET edition = 'cloud_manager' WHERE name = 'Acme'")
    change(world, "UPDATE assignments SET ends = 5 WHERE holder_kind = 'user' AND role = 'ORG_OWNER'")
    change(world, "DELETE FROM api_keys")
    found = " ".join(problems(world))
    assert "of `organizations` was changed" in found
    assert "of `assignments` was changed" in found
    assert "of `api_keys` is missing" in found


def test_personal_data_changed_without_the_log_is_found(world):
    """Rows of sealed tables are held against their commitments."""
    change(world, "UPDATE person_data SET username = 'mallory@example.org' WHERE username LIKE 'zoe@%'")
    (found,) = problems(world)
    assert "of `person_data` was changed" in found


def test_a_chain_head_is_held_against_the_log(world):
    """The table of chain heads can't be edited either."""
    change(world, "UPDATE chains SET revision = 1")
    assert any("chain of organization" in problem for problem in problems(world))


def test_a_forged_anchor_is_found(world):
    """An anchor that the log does not bear out, and a line that is none, are named."""
    write_anchor(world.store)
    file = world.store.path.parent / ANCHORS
    file.write_text(file.read_text() + f"2 {'a' * 64}\nnonsense\n")
    assert sorted(problems(world)) == ["line 3 of `anchors` is no anchor", "revision 2 is not what its anchor says"]


def test_a_log_after_erasure_is_verified(world):
    """Erasing a person leaves the chain whole (contract.md, CLI)."""
    world.operate("enrolUser", NewUser(username="gone@example.org"))
    world.erase("gone@example.org")
    assert problems(world) == []


def test_verification_is_paged(world, monkeypatch):
    """Pages of one row give the same report as large ones."""
    whole = verify(world.store)
    monkeypatch.setattr(audit, "_PAGE", 1)
    monkeypatch.setattr(audit, "_SELECT", audit._SELECT.replace("LIMIT 1000", "LIMIT 1"))  # noqa: SLF001
    assert verify(world.store) == whole
    assert len(list(export(world.store))) == last(world)


def test_the_export_is_the_log(world):
    """Each line is a row with its body and deltas as JSON, in order."""
    rows = [json.loads(line) for line in export(world.store)]
    assert [row["revision"] for row in rows] == list(range(1, last(world) + 1))
    assert rows[0]["action"] == "bootstrap"
    assert rows[0]["body"]["name"] == "Acme"
    assert isinstance(rows[0]["deltas"], list)
