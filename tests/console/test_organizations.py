"""Where one begins: the first page, the list of organizations, founding one (design 3)."""

import csv
import io

import pytest


def test_the_first_page_is_the_only_organization(company):
    """Whoever is in one goes there."""
    assert company.visit(company.owner).get("/").location == f"/o/{company.id}"


def test_the_first_page_is_the_organization_of_last_time(company):
    """Of several, the one that this browser was in last; before any, the list."""
    other = company.world.organization("Südwind", owner="carla@nordwind.example")
    visitor = company.visit(company.owner)
    assert visitor.get("/").location == "/o"
    visitor.get(f"/o/{other.id}/roles")
    assert visitor.get("/").location == f"/o/{other.id}"
    visitor.get(f"/p/{company.prod}/tags")
    assert visitor.get("/").location == f"/o/{company.id}"


@pytest.mark.parametrize("value", ["x", "a.b.c", "a" * 24, ""])
def test_a_made_up_memory_leads_nowhere_else(company, value):
    """The cookie names places, and only those that one is in count."""
    visitor = company.visit(company.owner)
    visitor.cookies["orgward-places"] = value
    assert visitor.get("/").location == f"/o/{company.id}"


def test_whoever_is_in_none_is_told_what_to_do(company):
    """An invitation, or an organization of one's own."""
    visitor = company.visit(company.stranger)
    shown = visitor.get("/")
    assert shown.status == 200
    assert "You belong to no organization yet." in shown.words
    assert "sam@elsewhere.example" in shown.words.replace("\u200b", "")
    assert {"/me/invitations", "/o/new"} <= {*shown.links}


def test_whoever_is_invited_goes_to_the_inbox(company):
    """What waits for an answer comes first."""
    body = {"username": "sam@elsewhere.example", "roles": ["GROUP_READ_ONLY"]}
    assert company.key.post(f"/groups/{company.prod}/users", body).status == 201
    assert company.visit(company.stranger).get("/").location == "/me/invitations"


def test_the_list_has_every_organization_with_ones_roles(company):
    """By name, the last used ones before; who else is in it only where one may see that."""
    company.world.organization("Anker", owner="carla@nordwind.example", edition="cloud_manager")
    visitor = company.visit(company.owner)
    visitor.get(f"/o/{company.id}/roles")
    shown = visitor.get("/o")
    assert "Last used Nordwind" in shown.words
    table = shown.words.split("Your roles", 1)[1]
    assert table.index("Anker") < table.index("Nordwind")
    assert "Owner" in table
    assert "Cloud Manager" in table


def test_the_list_is_searched(company):
    """By any part of the name; what finds nothing says so."""
    for number in range(7):
        company.world.organization(f"Hafen {number}", owner="carla@nordwind.example")
    visitor = company.visit(company.owner)
    assert "Hafen 3" not in visitor.get("/o?q=nord").words.split("Your roles")[1]
    assert "No organization matches “zzz”." in visitor.get("/o?q=zzz").words
    assert "<b>x" not in visitor.get("/o?q=<b>x").text


def test_somebody_else_s_organizations_are_not_listed(company):
    """Nor those that one has left or is only invited to."""
    assert "Nordwind" not in company.visit(company.stranger).get("/o").text


def test_founding_an_organization_makes_one_its_owner(company):
    """Any person may; the edition is chosen once."""
    visitor = company.visit(company.stranger)
    done = visitor.post("/o/new", {"name": "Werft", "edition": "cloud_manager"})
    org = done.location.removeprefix("/o/")
    shown = visitor.get(f"/o/{org}/roles")
    assert shown.status == 200
    assert "9 project roles" in shown.words
    assert "Werft is there." in shown.words


@pytest.mark.parametrize("name", ["", "   ", "x" * 65, "a/b"])
def test_a_name_that_can_not_be_is_refused_with_what_was_written(company, name):
    """Nothing is founded."""
    visitor = company.visit(company.stranger)
    shown = visitor.post("/o/new", {"name": name, "edition": "atlas"})
    assert shown.status == 400
    assert 'role="alert"' in shown.text or "ow-error" in shown.text
    assert "You belong to no organization yet." in visitor.get("/").words


def test_the_list_of_organizations_has_a_file(company):
    """One's own that are searched for, with one's roles; how many people are there only where one may see them."""
    company.world.organization("Südwind", owner="carla@nordwind.example")
    visitor = company.visit(company.owner)
    assert "/o.csv?q=nord" in visitor.get("/o?q=nord").links
    rows = list(csv.DictReader(io.StringIO(visitor.get("/o.csv").text)))
    assert [(row["name"], row["orgRoles"]) for row in rows] == [("Nordwind", "ORG_OWNER"), ("Südwind", "ORG_OWNER")]
    (row,) = csv.DictReader(io.StringIO(visitor.get("/o.csv?q=nord").text))
    assert (row["id"], row["people"], row["projects"]) == (company.id, "3", "2")
    assert list(csv.DictReader(io.StringIO(company.visit(company.stranger).get("/o.csv").text))) == []


def test_ones_own_sessions_have_a_file(company):
    """Each with where it is from; and nobody else's."""
    visitor = company.visit(company.owner)
    assert "/me/sessions.csv" in visitor.get("/me/sessions").links
    rows = list(csv.DictReader(io.StringIO(visitor.get("/me/sessions.csv").text)))
    assert [row["current"] for row in rows].count("true") == 1
    others = csv.DictReader(io.StringIO(company.visit(company.member).get("/me/sessions.csv").text))
    assert {row["id"] for row in rows} & {row["id"] for row in others} == set()
