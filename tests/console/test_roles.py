"""The roles of an edition as pages: the matrix, one role, two beside each other (design 6.10)."""

import csv
import io
import re

import pytest

from orgward.catalog import EDITIONS


def cells(shown, role):
    """Give the numbers in the row of a role, by the name of the cell."""
    row = re.search(rf'<tr role="row" id="{role}">(.*?)</tr>', shown.text, re.DOTALL)[1]
    found = dict(re.findall(r'<span class="ow-sr">([^<:]*): (\d+ of \d+)</span>', row))
    return {kind: n for kind, n in found.items() if not n.startswith("0 ")}


def said(shown):
    """Give what can be read, without the places where an address may break."""
    return shown.words.replace("\u200b", "")


def rows_of(shown):
    """Give the rows of a file of comma-separated values."""
    return list(csv.DictReader(io.StringIO(shown.text)))


def test_the_matrix_has_a_row_for_each_project_role(company):
    """26 roles and 167 privileges in 14 groups, as the catalogue has them."""
    shown = company.visit(company.member).get(f"/o/{company.id}/roles")
    assert shown.status == 200
    assert "26 project roles, 167 privileges in 14 groups" in shown.words
    assert len(re.findall(r'<tr role="row" id="GROUP_', shown.text)) == 26


def test_a_cell_counts_what_the_role_gives(company):
    """Backup Manager gives 8 of the 9 privileges on backups, the owner all of them."""
    shown = company.visit(company.member).get(f"/o/{company.id}/roles")
    assert cells(shown, "GROUP_BACKUP_MANAGER")["Backups"] == "8 of 9"
    assert cells(shown, "GROUP_OWNER")["Backups"] == "9 of 9"
    assert "Data Explorer" not in cells(shown, "GROUP_READ_ONLY")


def test_what_the_least_role_gives_is_faded_unless_asked_otherwise(company):
    """Project Read Only gives 2 on backups, which is no news in any other role."""
    visitor = company.visit(company.member)
    faded = visitor.get(f"/o/{company.id}/roles")
    whole = visitor.get(f"/o/{company.id}/roles?fade=off")
    assert faded.text.count("ow-cell-same") > 100
    assert whole.text.count("ow-cell-same") == 0


def test_the_organization_roles_stand_beside(company, old_company):
    """Seven in one edition, five in the other, which has nine project roles."""
    shown = company.visit(company.member).get(f"/o/{company.id}/roles?scope=organization")
    assert 'id="ORG_OWNER"' in shown.text
    assert 'id="GROUP_OWNER"' not in shown.text
    older = old_company.visit(old_company.member).get(f"/o/{old_company.id}/roles")
    assert "9 project roles, 92 privileges" in older.words
    assert "GROUP_AUTOMATION_ADMIN" in older.text


def test_searching_a_privilege_leaves_only_what_has_a_hit(company):
    """Of all roles, those that can restore; of all groups, that of backups."""
    shown = company.visit(company.member).get(f"/o/{company.id}/roles?q=restore")
    assert {*re.findall(r'<tr role="row" id="(\w+)"', shown.text)} == {
        "GROUP_OWNER", "GROUP_BACKUP_MANAGER", "GROUP_BACKUP_RECOVERY_OPERATOR",
    }  # fmt: skip
    assert set(cells(shown, "GROUP_OWNER")) == {"Backups"}


def test_searching_a_role_finds_it_by_its_name(company):
    """A word that stands in no privilege is one of a role's name."""
    shown = company.visit(company.member).get(f"/o/{company.id}/roles?q=resilience")
    assert re.findall(r'<tr role="row" id="(\w+)"', shown.text) == ["GROUP_CLUSTER_RESILIENCE_TESTER"]


def test_a_search_that_finds_nothing_says_so(company):
    """What was searched for is repeated as text, never as markup."""
    shown = company.visit(company.member).get(f"/o/{company.id}/roles?q=<b>zzz</b>")
    assert "No role and no privilege matches" in shown.words
    assert "<b>zzz" not in shown.text


def test_groups_are_columns_that_can_be_chosen(company):
    """Only the chosen ones are shown."""
    shown = company.visit(company.member).get(f"/o/{company.id}/roles?group=alerts&group=network")
    assert set(cells(shown, "GROUP_OWNER")) == {"Alerts", "Network"}


def test_a_role_opens_below_its_row(company):
    """Each privilege stands there with its sentence and its code."""
    visitor = company.visit(company.member)
    shown = visitor.get(f"/o/{company.id}/roles?open=GROUP_BACKUP_CREATOR&in=backups")
    assert "Take a snapshot now." in shown.words
    assert "backups.snapshots.create" in shown.words
    assert "backups.restore" not in shown.words


def test_the_file_of_the_matrix_has_a_line_for_each_privilege_of_each_role(company):
    """It holds what the catalogue holds, and follows the search."""
    visitor = company.visit(company.member)
    everything = rows_of(visitor.get(f"/o/{company.id}/roles.csv"))
    edition = EDITIONS["atlas"]
    expected = {
        (role.name, privilege)
        for role in edition.roles.values()
        if role.scope == "project"
        for privilege in edition.privileges_of(role.name, added_by_owner=False)
    }
    assert {(row["role"], row["privilege"]) for row in everything} == expected
    few = rows_of(visitor.get(f"/o/{company.id}/roles.csv?q=restore"))
    assert {row["privilege"] for row in few} == {"backups.restore", "backups.manage"}


@pytest.mark.parametrize("path", ["roles", "roles.csv", "roles/GROUP_OWNER", "roles/compare", "roles/compare.csv"])
def test_whose_edition_it_is_only_members_know(company, path):
    """Somebody else is answered as if there were no such organization."""
    assert company.visit(company.stranger).get(f"/o/{company.id}/{path}").status == 404
    assert company.visit(company.member).get(f"/o/{company.id}/{path}").status == 200


def test_the_page_of_a_role_says_what_it_is(company):
    """What it is for, what it includes, which roles its holders may give."""
    shown = company.visit(company.member).get(f"/o/{company.id}/roles/GROUP_ACCESS_MANAGER")
    for said in ("Project Access Manager", "GROUP_ACCESS_MANAGER", "Project Read Only", "every project role but"):
        assert said in shown.words
    assert "43 of 167" in shown.words


def test_an_organization_role_says_what_it_is_in_projects(company):
    """An owner of the organization is Project Owner in each; a member nothing."""
    visitor = company.visit(company.member)
    assert "In every project Project Owner" in visitor.get(f"/o/{company.id}/roles/ORG_OWNER").words
    assert "there only project roles count" in visitor.get(f"/o/{company.id}/roles/ORG_MEMBER").words


@pytest.mark.parametrize("name", ["GROUP_BACKUP_ADMIN", "Project Owner", "nothing", "group_owner"])
def test_a_role_that_the_edition_does_not_have_is_not_there(company, name):
    """Other spellings are no address."""
    assert company.visit(company.owner).get(f"/o/{company.id}/roles/{name}").status == 404


def test_who_holds_a_role_is_told_where_one_may_look(company):
    """The owner sees who reads prod; a member who is on no project sees nobody."""
    path = f"/o/{company.id}/roles/GROUP_READ_ONLY"
    assert "rob@nordwind.example prod" in said(company.visit(company.owner).get(path))
    assert "rob@nordwind.example" not in said(company.visit(company.member).get(path))


def test_two_roles_are_compared(company):
    """By default only what one of them gives and the other does not is shown."""
    visitor, pair = company.visit(company.member), "a=GROUP_DATA_ACCESS_READ_WRITE&b=GROUP_DATA_ACCESS_ADMIN"
    shown = visitor.get(f"/o/{company.id}/roles/compare?{pair}")
    assert "54 In both 0 Only in A 14 Only in B" in shown.words
    assert "data_explorer.collections.drop" in shown.words
    assert "data_explorer.collections.create" not in shown.words
    whole = visitor.get(f"/o/{company.id}/roles/compare?{pair}&show=all")
    assert "data_explorer.collections.create" in whole.words


def test_the_file_of_a_comparison_says_who_gives_what(company):
    """True and false stand for each role."""
    pair = "a=GROUP_DATA_ACCESS_READ_WRITE&b=GROUP_DATA_ACCESS_ADMIN"
    rows = rows_of(company.visit(company.member).get(f"/o/{company.id}/roles/compare.csv?{pair}"))
    assert len(rows) == 14
    assert {(row["inA"], row["inB"]) for row in rows} == {("false", "true")}


def test_a_role_of_the_organization_compares_by_what_it_gives_everywhere(company):
    """Project Owner and Organization Owner give the same in projects; the one gives more besides."""
    shown = company.visit(company.member).get(f"/o/{company.id}/roles/compare?a=GROUP_OWNER&b=ORG_OWNER")
    assert "167 In both 0 Only in A 71 Only in B" in shown.words


def test_a_role_that_is_not_there_can_not_be_compared(company):
    """It is not found, whichever of the two it is."""
    visitor = company.visit(company.member)
    for query in ("a=nothing", "b=GROUP_BACKUP_ADMIN"):
        assert visitor.get(f"/o/{company.id}/roles/compare?{query}").status == 404


def test_the_roles_speak_german(company):
    """Sentences and heads are translated, names of roles are not."""
    visitor = company.visit(company.member)
    visitor.cookies["orgward-language"] = "de"
    shown = visitor.get(f"/o/{company.id}/roles/GROUP_BACKUP_CREATOR")
    assert "Project Backup Creator" in shown.words
    assert "Was sie gibt" in shown.words
    assert "Personen und Teams" in shown.words
