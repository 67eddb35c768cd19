"""My access: organizations and projects with roles and their sources, the file of them, and leaving."""

import csv
import io

import pytest

from orgward.console.pages import my_access

PAGE = "/me/access"
OWN = "/api/orgward/v1"


def test_each_role_stands_with_its_source(company):
    """Direct, by team, and by the organization."""
    put = company.key.post(f"/groups/{company.dev}/teams", [{"teamId": company.team, "roleNames": ["GROUP_OWNER"]}])
    assert put.status == 200
    shown = company.visit(company.member).get(PAGE)
    assert "by team: Project Owner" in shown.words
    assert "On-call" in shown.words
    assert "organization role: Organization Member" in shown.words
    assert "direct: Project Read Only" in company.visit(company.reader).get(PAGE).words


def test_what_reaches_every_project_is_said_once(company):
    """An owner's projects are not listed one by one where nothing but the organization role reaches them."""
    watcher = company.world.user("wim@nordwind.example", orgs={company.id: ["ORG_READ_ONLY"]})
    shown = company.visit(watcher).get(PAGE).words
    assert "Every project" in shown
    assert "prod" not in shown.split()


def test_nobody_sees_the_organizations_of_others(company):
    """Somebody in no organization sees none."""
    shown = company.visit(company.stranger).get(PAGE)
    assert "You belong to no organization yet." in shown.words
    assert "Nordwind" not in shown.words


def test_a_search_finds_organizations_by_their_projects(company, world):
    """What the search does not find is left out; a search that finds nothing says so."""
    other = world.organization("Heron", owner="hal@heron.example")
    made = other.key.post(
        f"/orgs/{other.id}/users", {"username": "rob@nordwind.example", "roles": {"orgRoles": ["ORG_MEMBER"]}}
    )
    assert made.status == 201
    invitation = company.reader.get(f"{OWN}/me/invitations").json["results"][0]["id"]
    assert company.reader.post(f"{OWN}/me/invitations/{invitation}:accept").status == 200
    visitor = company.visit(company.reader)
    assert "Heron" in visitor.get(PAGE).words
    found = visitor.get(f"{PAGE}?q=PROD")
    assert f'id="{company.id}"' in found.text
    assert f'id="{other.id}"' not in found.text
    assert "Nothing matches “zzz”" in visitor.get(f"{PAGE}?q=zzz").words


def test_the_file_holds_every_role_with_its_way(company):
    """One line a role: where, which, and by what."""
    sent = company.visit(company.reader).get(f"{PAGE}.csv")
    assert sent.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(sent.text)))
    assert {(row["organizationName"], row["projectName"], row["role"], row["via"]) for row in rows} == {
        ("Nordwind", "", "ORG_MEMBER", "organization_role"),
        ("Nordwind", "prod", "GROUP_READ_ONLY", "direct"),
    }


def test_leaving_an_organization_goes_through_its_check(company):
    """The check says what would be lost; then one is out."""
    visitor = company.visit(company.reader)
    checked = visitor.check(PAGE, {"organization": company.id})
    assert "Leave Nordwind" in checked.words or "Take away" in checked.words
    assert len(company.reader.get(f"{OWN}/me").json["organizations"]) == 1
    done = visitor.follow(visitor.apply(PAGE, {"organization": company.id}))
    assert "You have left Nordwind." in done.words
    assert company.reader.get(f"{OWN}/me").json["organizations"] == []


def test_the_check_of_leaving_tells_of_keys_that_stay(company):
    """A key outlives its maker."""
    second = company.world.user("olga@nordwind.example", orgs={company.id: ["ORG_OWNER"]})
    made = second.post(f"/orgs/{company.id}/apiKeys", {"desc": "nightly", "roles": ["ORG_READ_ONLY"]})
    assert made.status == 200, made.json
    visitor = company.visit(second)
    assert "nightly" in visitor.get(PAGE).words
    assert "nightly" in visitor.check(PAGE, {"organization": company.id}).words


def test_service_accounts_that_one_made_are_shown(company):
    """They outlive their maker as keys do, and the check of leaving says so."""
    second = company.world.user("olga@nordwind.example", orgs={company.id: ["ORG_OWNER"]})
    body = {"name": "exporter", "description": "d", "roles": ["ORG_READ_ONLY"], "secretExpiresAfterHours": 240}
    client = second.post(f"/orgs/{company.id}/serviceAccounts", body).json["clientId"]
    visitor = company.visit(second)
    assert f"/o/{company.id}/accounts/{client}" in visitor.get(PAGE).links
    checked = visitor.check(PAGE, {"organization": company.id})
    assert "A service account outlives its maker." in checked.words
    assert "exporter was made by olga@nordwind.example and keeps its roles." in checked.words


def test_many_keys_stand_on_several_pages(company, monkeypatch):
    """Each page has its own keys, and leads to the one before and after."""
    monkeypatch.setattr(my_access, "_KEYS", 2)
    second = company.world.user("olga@nordwind.example", orgs={company.id: ["ORG_OWNER"]})
    for name in ("nightly", "weekly", "monthly"):
        made = second.post(f"/orgs/{company.id}/apiKeys", {"desc": name, "roles": ["ORG_READ_ONLY"]})
        assert made.status == 200, made.json
    visitor = company.visit(second)
    first = visitor.get(PAGE)
    (later,) = [link for link in first.links if link.endswith("#keys")]
    last = visitor.get(later.split("#")[0])
    shown = [[name for name in ("nightly", "weekly", "monthly") if name in page.words] for page in (first, last)]
    assert sorted(len(names) for names in shown) == [1, 2]
    assert {name for names in shown for name in names} == {"nightly", "weekly", "monthly"}
    (earlier,) = [link for link in last.links if link.endswith("#keys")]
    assert visitor.get(earlier.split("#")[0]).words == first.words


def test_the_last_owner_does_not_leave(company):
    """The page says why, and nothing is kept."""
    shown = company.visit(company.owner).post(PAGE, {"organization": company.id})
    assert shown.status >= 400
    assert company.owner.get(f"{OWN}/me").json["organizations"] != []


def test_leaving_a_project(company):
    """Who was added to a project leaves it alone."""
    visitor = company.visit(company.reader)
    done = visitor.follow(visitor.apply(PAGE, {"project": company.prod}))
    assert "You have left prod." in done.words
    mine = company.reader.get(f"{OWN}/me").json
    assert (len(mine["organizations"]), mine["projects"]) == (1, [])


@pytest.mark.parametrize("field", ["organization", "project"])
def test_what_one_is_not_in_can_not_be_left(company, field):
    """A place that is there and one that is not are answered alike, and named to nobody."""
    visitor = company.visit(company.stranger)
    place = company.id if field == "organization" else company.prod
    there, nowhere = visitor.post(PAGE, {field: place}), visitor.post(PAGE, {field: "a" * 24})
    assert (there.status, nowhere.status) == (404, 404)
    assert there.words == nowhere.words
    assert "Nordwind" not in there.words
