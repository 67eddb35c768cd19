"""The search: what is found, of what one may see; and questions that lead to who can do it (design 4)."""

import pytest


def said(shown):
    """Give what can be read of the results, without the places where an address may break."""
    return shown.words.replace("\u200b", "").rsplit("Keyboard", 1)[0]


@pytest.fixture
def url(company):
    """Give the address of the search in the organization."""
    return f"/search?in={company.id}&q="


def test_people_teams_projects_and_keys_are_found(company, url):
    """By the beginning of a name or address; each leads to its page."""
    visitor = company.visit(company.owner)
    assert f"/o/{company.id}/members/{company.member.id}" in visitor.get(f"{url}mia").links
    assert f"/o/{company.id}/teams/{company.team}" in visitor.get(f"{url}on-call").links
    assert f"/p/{company.prod}" in visitor.get(f"{url}prod").links
    found = visitor.get(f"{url}{company.key.public_key}")
    assert any(link.startswith(f"/o/{company.id}/keys/") for link in found.links)


def test_service_accounts_are_found(company, url):
    """By a word of their name or by their client id; whoever may not read them finds none, here or in activity."""
    body = {"name": "nightly-export", "description": "d", "roles": ["ORG_MEMBER"], "secretExpiresAfterHours": 240}
    client = company.owner.post(f"/orgs/{company.id}/serviceAccounts", body).json["clientId"]
    visitor = company.visit(company.owner)
    for text in ("night", client):
        assert f"/o/{company.id}/accounts/{client}" in visitor.get(f"{url}{text}").links
        assert not any("/accounts/" in link for link in company.visit(company.member).get(f"{url}{text}").links)
    activity = f"/o/{company.id}/activity?q=nightly"
    assert "nothing" not in visitor.get(activity).words.lower()
    assert "carla@nordwind.example" in visitor.get(activity).text.split('id="list"')[1]
    assert "nightly-export" not in company.visit(company.member).get(activity).words


def test_roles_and_privileges_are_found(company, url):
    """A role by its name, a privilege by a word of its sentence; the one leads to its page, the other to who can."""
    shown = company.visit(company.owner).get(f"{url}restore")
    assert f"/o/{company.id}/who-can?privilege=backups.restore" in shown.links
    shown = company.visit(company.owner).get(f"{url}backup+man")
    assert f"/o/{company.id}/roles/GROUP_BACKUP_MANAGER" in shown.links


def test_only_what_one_may_see_is_found(company, url):
    """A member on no project finds none of them."""
    assert f"/p/{company.prod}" not in company.visit(company.member).get(f"{url}prod").links
    assert f"/p/{company.prod}" in company.visit(company.reader).get(f"{url}prod").links
    assert f"/p/{company.dev}" not in company.visit(company.reader).get(f"{url}dev").links


def test_somebody_else_s_organization_is_not_searched(company, url):
    """Naming it is like naming none."""
    other = company.world.organization("Südwind", owner="sam@elsewhere.example")
    shown = company.visit(company.stranger).get(f"{url}mia")
    assert shown.status == 200
    assert "mia@nordwind.example" not in said(shown)
    assert f"/o/{other.id}/members/{company.stranger.id}" in company.visit(company.stranger).get(f"{url}sam").links


def test_without_an_organization_all_of_ones_own_are_searched(company):
    """Under the name of each."""
    company.world.organization("Südwind", owner="carla@nordwind.example")
    shown = company.visit(company.owner).get("/search?q=carla")
    assert said(shown).count("carla@nordwind.example") >= 2
    assert "Südwind" in said(shown)
    assert "/search?q=carla" in company.visit(company.owner).get(f"/search?in={company.id}&q=carla").links


@pytest.mark.parametrize("q", ["", "m", " "])
def test_one_letter_finds_nothing(company, url, q):
    """It would find half of everybody."""
    shown = company.visit(company.owner).get(f"{url}{q}")
    assert "Type two letters or more." in said(shown)


def test_nothing_found_says_so(company, url):
    """What was searched for is text."""
    shown = company.visit(company.owner).get(f"{url}<b>zzz")
    assert "Nothing that you may see matches" in said(shown)
    assert "<b>zzz" not in shown.text


def test_the_bar_gets_few_of_each_and_the_way_to_all(company, url):
    """Five of each kind."""
    for number in range(8):
        company.world.user(f"nina{number}@nordwind.example", orgs={company.id: ["ORG_MEMBER"]})
    visitor = company.visit(company.owner)
    few, every = visitor.get(f"{url}nina&few=1"), visitor.get(f"{url}nina")
    people = f"/o/{company.id}/members/"
    assert sum(link.startswith(people) for link in few.links) == 5
    assert sum(link.startswith(people) for link in every.links) == 8
    assert f"/search?in={company.id}&q=nina" in few.links


@pytest.mark.parametrize(
    ("q", "privilege"),
    [
        ("who can restore prod", "restore"),
        ("Who can delete on prod?", "delete"),
        ("wer darf löschen in prod", "l%C3%B6schen"),
        ("who can start a restore PROD", "start%20a%20restore"),
    ],
)
def test_who_can_leads_to_the_answer(company, url, q, privilege):
    """The last words may name a project."""
    shown = company.visit(company.owner).get(f"{url}{q.replace(' ', '+').replace('?', '%3F')}")
    assert shown.location == f"/p/{company.prod}/who-can?privilege={privilege}"


def test_who_can_without_a_project_asks_the_organization(company, url):
    """So does one that the viewer may not ask about."""
    shown = company.visit(company.owner).get(f"{url}who+can+invite+somebody")
    assert shown.location == f"/o/{company.id}/who-can?privilege=invite%20somebody"
    shown = company.visit(company.member).get(f"{url}who+can+restore+prod")
    assert shown.location == f"/o/{company.id}/who-can?privilege=restore%20prod"


def test_a_gate_that_is_closed_hides_what_is_behind_it(company, url):
    """Where a second factor is required, nothing is found without it."""
    assert company.key.patch(f"/orgs/{company.id}/settings", {"multiFactorAuthRequired": True}).status == 200
    assert "mia@nordwind.example" not in said(company.visit(company.owner).get(f"{url}mia"))
