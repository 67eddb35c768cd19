"""The reference page of roles: current, complete, and readable as Markdown."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from orgward.catalog import EDITIONS, PRIVILEGES
from orgward.catalog.reference import roles_page

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "roles.md"
LINES = roles_page().splitlines()


def section(title, *, until):
    """Give the lines after one heading and before the first line that starts with another."""
    start = LINES.index(title) + 1
    return LINES[start : next(i for i, line in enumerate(LINES) if i > start and line.startswith(until))]


def part_of(edition):
    """Give the lines about one edition."""
    return section(f"## Edition {edition.title} (`{edition.name}`)", until="## ")


def cells(line):
    """Give the cells of a table's row."""
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_the_page_is_current():
    """The file holds what the catalogue says today."""
    hint = "to write it anew: python -m orgward.catalog.reference > docs/reference/roles.md"
    assert PAGE.read_text(encoding="utf-8") == roles_page(), hint


def test_the_module_prints_the_page():
    """The command that the page names writes the page."""
    command = [sys.executable, "-m", "orgward.catalog.reference"]
    printed = subprocess.run(command, check=True, capture_output=True).stdout
    assert printed.decode("utf-8") == roles_page()


@pytest.mark.parametrize("edition", EDITIONS.values(), ids=lambda edition: edition.name)
def test_every_role_has_its_heading(edition):
    """Each role of the edition stands under its own heading, with its API name below."""
    lines = part_of(edition)
    for role in edition.roles.values():
        heading = lines.index(f"### {role.title}")
        assert lines[heading + 2].startswith(f"`{role.name}`, a")
        assert role.description in lines[heading + 2]


@pytest.mark.parametrize("edition", EDITIONS.values(), ids=lambda edition: edition.name)
def test_the_matrix_marks_what_is_granted(edition):
    """A mark stands in the matrix exactly where the look-ups grant the privilege."""
    rows = [line for line in part_of(edition) if line.startswith("| ")]
    marked, columns = {}, []
    for privilege, *marks in map(cells, rows):
        if privilege == "Privilege":
            columns = [cell.strip("`") for cell in marks]
        elif privilege != "---":
            marked |= {(r, privilege.strip("`")): mark for r, mark in zip(columns, marks, strict=True)}
    for role in edition.roles:
        always = edition.privileges_of(role, added_by_owner=False) | edition.in_projects_of(role)
        at_times = edition.privileges_of(role, added_by_owner=True)
        at_times |= edition.in_projects_of(role, added_by_owner=True)
        for privilege in PRIVILEGES:
            expected = "●" if privilege in always else "○" if privilege in at_times else ""
            assert marked.pop((role, privilege), "") == expected, (role, privilege)
    assert marked == {}


def test_every_privilege_is_described():
    """The list of privileges holds each with its description and editions."""
    rows = LINES[LINES.index("## Privileges") :]
    for privilege in PRIVILEGES.values():
        row = next(line for line in rows if line.startswith(f"| `{privilege.name}` |"))
        assert privilege.description in row
        assert all(f"`{edition}`" in row for edition in privilege.editions)


def test_the_page_says_who_hands_out_what():
    """Owner, user administrator and access manager each get their sentence."""
    text = roles_page()
    assert "- Hands out every organization role and every project role.\n" in text
    assert "- Hands out every project role, to others only.\n" in text
    assert "- Hands out every project role but Project Owner.\n" in text
    assert "- In every project of the organization: what Project Stream Processing Owner grants.\n" in text


def test_rows_of_a_table_are_equally_long():
    """Markdown shows a row with a missing cell as text."""
    tables = [[]]
    for line in LINES:
        if line.startswith("|"):
            tables[-1].append(len(cells(line)))
        elif tables[-1]:
            tables.append([])
    assert [set(table) for table in tables if table] == [{len(cells_)} for cells_ in tables_heads()]


def tables_heads():
    """Give the head of each table of the page."""
    return [cells(line) for line in LINES if re.match(r"\| Privilege \|", line)]
