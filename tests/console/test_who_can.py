"""Who may do something: people and keys with their paths, filters, the file, and who may ask (design 6.4)."""

import csv
import io

import pytest


def said(shown):
    """Give what can be read, without the places where an address may break."""
    return shown.words.replace("\u200b", "")


def rows_of(shown):
    """Give the rows of a file of comma-separated values."""
    return list(csv.DictReader(io.StringIO(shown.text)))


@pytest.fixture
def team_on_prod(company):
    """Put the team on prod, so that Mia reads it by the team."""
    body = [{"teamId": company.team, "roleNames": ["GROUP_READ_ONLY"]}]
    assert company.key.post(f"/groups/{company.prod}/teams", body).status == 200
    return company


def test_everybody_who_may_stands_there_with_the_ways(team_on_prod):
    """The owner by the organization and by the project that a key of theirs made, Mia by the team, Rob directly."""
    company = team_on_prod
    shown = company.visit(company.owner).get(f"/p/{company.prod}/who-can?privilege=project.read")
    assert shown.status == 200
    assert "carla@nordwind.example inherited from the organization: , Project Owner" not in said(shown)
    for name, way in [
        ("carla@nordwind.example", "Organization Owner"),
        ("mia@nordwind.example", "On-call"),
        ("rob@nordwind.example", "Project Read Only"),
    ]:
        after = said(shown).split("By which paths", 1)[1].split(name, 1)[1]
        assert way in after[:160], name
    assert "sam@elsewhere.example" not in said(shown)


def test_fewer_may_do_more(team_on_prod):
    """Only the owner can delete the project."""
    company = team_on_prod
    shown = company.visit(company.owner).get(f"/p/{company.prod}/who-can?privilege=project.delete")
    assert "carla@nordwind.example" in said(shown)
    assert "mia@nordwind.example" not in said(shown)


def test_an_end_stands_beside(company):
    """Of somebody whose only role ends it is known until when they may."""
    path = f"/api/orgward/v1/groups/{company.prod}/users/{company.reader.id}/roles/GROUP_READ_ONLY"
    assert company.key.put(path, {"endsAt": "2027-03-01T00:00:00Z"}, accept=None).status == 200
    shown = company.visit(company.owner).get(f"/p/{company.prod}/who-can?privilege=project.read&q=rob")
    assert "1 Mar 2027" in said(shown)
    assert "no end" not in said(shown)


def test_a_word_leads_to_the_privileges_that_it_fits(company):
    """One that fits only one privilege is as good as its name."""
    visitor = company.visit(company.owner)
    several = visitor.get(f"/p/{company.prod}/who-can?privilege=restore")
    assert "Start or cancel a restore. backups.restore" in said(several)
    assert "privilege=backups.restore" in " ".join(several.links)
    assert "Who holds" not in said(several)
    one = visitor.get(f"/p/{company.prod}/who-can?privilege=cancel+restore")
    assert "Who holds backups.restore on prod" in said(one)


def test_a_word_that_fits_nothing_says_so(company):
    """It is repeated as text."""
    shown = company.visit(company.owner).get(f"/p/{company.prod}/who-can?privilege=<b>zzz")
    assert "No privilege fits" in said(shown)
    assert "<b>zzz" not in shown.text


def test_the_organization_asks_about_itself_and_its_projects(company):
    """A privilege of projects needs one of them; an organization's is about the organization whatever was chosen."""
    visitor, url = company.visit(company.owner), f"/o/{company.id}/who-can"
    assert "Who holds org.users.remove on Nordwind" in said(visitor.get(f"{url}?privilege=org.users.remove"))
    assert "Choose a project" in said(visitor.get(f"{url}?privilege=backups.restore"))
    chosen = visitor.get(f"{url}?privilege=backups.restore&on=project:{company.prod}")
    assert "Who holds backups.restore on prod" in said(chosen)
    back = visitor.get(f"{url}?privilege=org.users.remove&on=project:{company.prod}")
    assert "Who holds org.users.remove on Nordwind" in said(back)


def test_a_project_that_one_may_not_ask_about_is_none(company):
    """A member of no project can choose none, and naming one shows nothing of it."""
    shown = company.visit(company.member).get(
        f"/o/{company.id}/who-can?privilege=backups.restore&on=project:{company.prod}"
    )
    assert shown.status == 200
    assert "There is no project whose roles you may see." in said(shown)
    assert "rob@nordwind.example" not in said(shown)


def test_people_are_searched_and_filtered_by_source(team_on_prod):
    """By the beginning of a name or address, and by the kind of the way."""
    company = team_on_prod
    visitor, url = company.visit(company.owner), f"/p/{company.prod}/who-can?privilege=project.read"

    def names(query):
        text = said(visitor.get(url + query)).split("By which paths", 1)
        return {name for name in ("carla", "mia", "rob") if len(text) > 1 and f"{name}@" in text[1]}

    assert names("") == {"carla", "mia", "rob"}
    assert names("&q=mi") == {"mia"}
    assert names("&source=team") == {"mia"}
    assert names("&source=team&source=direct") == {"mia", "rob"} | names("&source=direct")
    assert names("&source=organization_role") == {"carla"}
    assert names("&q=zzz") == set()


def test_keys_stand_beside_the_people_for_whoever_may_see_them(company):
    """The owner's key may do everything; it has a tab of its own."""
    visitor, url = company.visit(company.owner), f"/p/{company.prod}/who-can?privilege=project.delete"
    assert "API keys 1" in said(visitor.get(url))
    shown = visitor.get(f"{url}&tab=keys")
    assert company.key.public_key in said(shown)


def test_the_file_has_a_line_for_each_way(team_on_prod):
    """People first, keys last, each way with its role."""
    company = team_on_prod
    url = f"/p/{company.prod}/who-can.csv?privilege=project.read"
    rows = rows_of(company.visit(company.owner).get(url))
    ways = {(row["username"], row["via"], row["role"]) for row in rows}
    assert ("mia@nordwind.example", "team", "GROUP_READ_ONLY") in ways
    assert ("rob@nordwind.example", "direct", "GROUP_READ_ONLY") in ways
    assert ("carla@nordwind.example", "organization_role", "ORG_OWNER") in ways
    assert rows[-1]["kind"] == "api_key"
    assert rows_of(company.visit(company.owner).get(f"/p/{company.prod}/who-can.csv")) == []


def test_the_file_of_the_organization_follows_its_question(company):
    """With a project chosen it is about that project."""
    visitor, url = company.visit(company.owner), f"/o/{company.id}/who-can.csv"
    rows = rows_of(visitor.get(f"{url}?privilege=project.read&on=project:{company.prod}"))
    assert "rob@nordwind.example" in {row["username"] for row in rows}
    assert rows_of(visitor.get(f"{url}?privilege=project.read")) == []


def test_many_are_listed_page_by_page(company):
    """Each page goes on where the one before ended, by name; nobody is shown twice."""
    for number in range(30):
        company.world.user(
            f"p{number:02d}@nordwind.example", orgs={company.id: ["ORG_MEMBER"]},
            projects={company.prod: ["GROUP_READ_ONLY"]},
        )  # fmt: skip
    visitor, url = company.visit(company.owner), f"/p/{company.prod}/who-can?privilege=project.read"
    first = visitor.get(url)
    assert "1–25 of 32" in said(first)
    second = visitor.get(next(link for link in first.links if "after=" in link))
    assert "26–32 of 32" in said(second)
    listed = [name for shown in (first, second) for name in said(shown).split() if name.startswith("p")]
    numbers = [name for name in dict.fromkeys(listed) if name.endswith("@nordwind.example")]
    assert numbers == sorted(numbers)
    assert len(numbers) == 30


@pytest.mark.parametrize("path", ["/p/{prod}/who-can", "/p/{prod}/who-can.csv"])
def test_who_does_not_read_the_roles_of_a_project_does_not_ask(company, path):
    """A member who is not on it gets what anybody would."""
    path = path.format(prod=company.prod)
    assert company.visit(company.member).get(path).status == 404
    assert company.visit(company.reader).get(path).status == 200


def test_a_plain_role_of_the_old_edition_reads_no_roles(old_company):
    """There a role may see the project without seeing who holds what: it gets the refusal, not the list."""
    company = old_company
    there = {company.prod: ["GROUP_DATA_ACCESS_READ_ONLY"]}
    plain = company.world.user("pia@nordwind.example", orgs={company.id: ["ORG_MEMBER"]}, projects=there)
    shown = company.visit(plain).get(f"/p/{company.prod}/who-can")
    assert shown.status == 403
    assert "project.user_roles.read" in said(shown)
