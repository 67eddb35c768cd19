"""Teams: the list, one team with its people and projects, made, renamed, filled, emptied and deleted."""

import csv
import io
import re

import pytest


@pytest.fixture
def teams(company):
    """Give the address of the list."""
    return f"/o/{company.id}/teams"


@pytest.fixture
def owner(company):
    """Give the owner in front of the console."""
    return company.visit(company.owner)


@pytest.fixture
def tracking(company):
    """Make a second team, on prod."""
    made = company.key.post(f"/orgs/{company.id}/teams", {"name": "Tracking", "usernames": ["rob@nordwind.example"]})
    put_on(company, made.json["id"], company.prod, "GROUP_READ_ONLY")
    return made.json["id"]


def put_on(company, team, project, *roles):
    """Put a team on a project."""
    made = company.key.post(f"/groups/{project}/teams", [{"teamId": team, "roleNames": roles}])
    assert made.status == 200, made.json


def people(company, team):
    """Give the addresses of the people of a team, as the API has them."""
    found = company.key.get(f"/orgs/{company.id}/teams/{team}/users").json["results"]
    return sorted(user["username"] for user in found)


def team_names(company):
    """Give the names of all teams, as the API has them."""
    return [team["name"] for team in company.key.get(f"/orgs/{company.id}/teams").json["results"]]


def listed(shown):
    """Give the names of the rows of a list."""
    found = re.findall(r'<(?:a|span) class="ow-name"[^>]*>([^<]*)<', shown.text)
    return [text.replace("\u200b", "") for text in found]


# -- the list


def test_the_list_shows_people_and_projects(teams, owner, tracking):
    """Each team stands with how many people it has, and its roles with the project that they are on."""
    shown = owner.get(teams)
    assert listed(shown) == ["On-call", "Tracking"]
    assert "Project Read Only , on prod" in shown.words
    assert f"{teams}/{tracking}" in shown.links


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=rack", ["Tracking"]),
        ("q=nothing", []),
        ("project=PROD", ["Tracking"]),
        ("empty=1", ["Vacant"]),
        ("sort=-name", ["Vacant", "Tracking", "On-call"]),
        ("sort=-people", ["On-call", "Tracking", "Vacant"]),
    ],
)
def test_filters_narrow_the_list(company, teams, owner, tracking, query, found):
    """By a part of the name, by project, by whether anybody is in it; sorted by name or size."""
    made = company.key.post(f"/orgs/{company.id}/teams", {"name": "Vacant", "usernames": ["rob@nordwind.example"]})
    here = f"/orgs/{company.id}/teams/{made.json['id']}"
    assert company.key.post(f"{here}:removeUser", {"id": company.reader.id}).status == 200
    company.key.post(f"/orgs/{company.id}/teams/{company.team}:addUser", {"id": company.reader.id})
    assert listed(owner.get(f"{teams}?{query.replace('PROD', company.prod)}")) == found


def test_a_project_is_told_only_to_whoever_may_see_its_teams(company, teams, owner, tracking):
    """Somebody who reads one project learns nothing of a team's roles on another."""
    put_on(company, tracking, company.dev, "GROUP_OWNER")
    shown = company.visit(company.reader).get(teams)
    assert "on prod" in shown.words
    assert "on dev" not in company.visit(company.member).get(teams).words
    only = company.visit(company.member).get(f"{teams}?project={company.dev}")
    assert "on dev" not in only.words
    assert "on dev" in owner.get(teams).words


def test_without_teams_the_page_says_what_they_are_for(company, teams, owner):
    """An empty list leads to the form, for whoever may make one."""
    assert company.key.delete(f"/orgs/{company.id}/teams/{company.team}").status == 204
    assert "No teams yet. A team gives many people the same role on a project." in owner.get(teams).words
    assert f"{teams}/new" in owner.get(teams).links
    assert f"{teams}/new" not in company.visit(company.member).get(teams).links


def test_the_file_has_all_teams(teams, owner, tracking):
    """Each with its people counted, and its roles on projects."""
    shown = owner.get(f"{teams}.csv")
    found = {line["name"]: line for line in csv.DictReader(io.StringIO(shown.text))}
    assert found["Tracking"]["projects"] == "prod: GROUP_READ_ONLY"
    assert (found["On-call"]["users"], found["On-call"]["projects"]) == ("1", "")


# -- one team


def test_a_team_shows_its_people(company, teams, owner):
    """Each with state, since when, and by whom they were put there."""
    shown = owner.get(f"{teams}/{company.team}")
    assert listed(shown) == ["mia@nordwind.example"]
    assert "Active" in shown.words
    assert listed(owner.get(f"{teams}/{company.team}?q=ro")) == []
    assert listed(owner.get(f"{teams}/{company.team}?state=pending")) == []


def test_a_team_shows_its_projects(company, teams, owner, tracking):
    """Each with its roles, and what can be done there; further ones that it can be put on stand below."""
    shown = owner.get(f"{teams}/{tracking}?tab=projects")
    assert listed(shown) == ["prod", "dev"]
    assert f"/p/{company.prod}/teams/{tracking}" in shown.links
    assert f"/p/{company.prod}/teams/{tracking}/remove" in shown.actions
    assert f"/p/{company.dev}/teams/new?team={tracking}&q=Tracking" in shown.links
    chosen = owner.get(f"/p/{company.dev}/teams/new?team={tracking}&q=Tracking")
    assert f'value="{tracking}" checked' in chosen.text


def test_projects_that_are_not_seen_are_left_out(company, teams, tracking):
    """Whoever may not see the teams of a project is told that there may be more."""
    put_on(company, tracking, company.dev, "GROUP_OWNER")
    only_prod = {company.prod: ["GROUP_READ_ONLY"]}
    viewer = company.world.user("ivy@nordwind.example", orgs={company.id: ["ORG_MEMBER"]}, projects=only_prod)
    shown = company.visit(viewer).get(f"{teams}/{tracking}?tab=projects")
    assert listed(shown) == ["prod"]
    assert "Only projects are listed whose teams you may see." in shown.words
    assert not any(company.prod in action for action in shown.actions)


def test_people_and_projects_of_a_team_have_files(company, teams, owner, tracking):
    """Those of the filters, with since when and by whom; of projects only those that one may know of."""
    page = f"{teams}/{tracking}"
    assert f"{page}/people.csv?q=rob" in owner.get(f"{page}?q=rob").links
    (row,) = csv.DictReader(io.StringIO(owner.get(f"{page}/people.csv").text))
    assert (row["id"], row["username"], row["state"]) == (company.reader.id, "rob@nordwind.example", "active")
    assert row["since"]
    assert list(csv.DictReader(io.StringIO(owner.get(f"{page}/people.csv?q=zz").text))) == []
    assert f"{page}/projects.csv" in owner.get(f"{page}?tab=projects").links
    (row,) = csv.DictReader(io.StringIO(owner.get(f"{page}/projects.csv").text))
    assert (row["id"], row["name"], row["roles"]) == (company.prod, "prod", "GROUP_READ_ONLY")
    member = company.visit(company.member)
    assert "prod" not in member.get(f"{page}/projects.csv").text
    for part in ("people", "projects"):
        assert company.visit(company.stranger).get(f"{page}/{part}.csv").status == 404
        assert owner.get(f"{teams}/{'a' * 24}/{part}.csv").status == 404


@pytest.mark.parametrize("team", ["a" * 24, "foreign"])
def test_a_team_that_is_not_here_has_no_page(company, teams, owner, team):
    """Unknown teams and those of other organizations look alike."""
    other = company.world.organization("Other", owner="olga@other.example")
    foreign = other.key.post(f"/orgs/{other.id}/teams", {"name": "Theirs", "usernames": ["olga@other.example"]})
    shown = owner.get(f"{teams}/{foreign.json['id'] if team == 'foreign' else team}")
    assert shown.status == 404
    assert "Theirs" not in shown.words


# -- made, renamed, deleted


def test_a_team_is_made_at_once(company, teams, owner):
    """It gives nobody anything yet; a search finds people, and those chosen before stay chosen."""
    found = owner.post(f"{teams}/new", {"name": "Data", "people": company.reader.id, "find": "mi", "do": "find"})
    assert listed(found) == []
    assert 'value="Data"' in found.text
    assert f'value="{company.reader.id}" checked' in found.text
    assert f'value="{company.member.id}"' in found.text
    done = owner.post(f"{teams}/new", {"name": "Data", "people": [company.reader.id, company.member.id]})
    shown = owner.follow(done)
    assert "The team Data is there." in shown.words
    assert listed(shown) == ["mia@nordwind.example", "rob@nordwind.example"]


@pytest.mark.parametrize(
    ("name", "has_people", "says"),
    [
        ("On-call", True, "A team named On-call exists already."),
        ("<script>", True, "<script> can’t be the name of a team."),
        ("Data", False, "A team needs at least one person."),
    ],
)
def test_a_form_of_a_team_says_what_is_wrong(company, teams, owner, name, has_people, says):
    """The reason stands at its field, and what was written stays."""
    shown = owner.post(f"{teams}/new", {"name": name, "people": [company.member.id] if has_people else []})
    assert 400 <= shown.status < 500
    assert says in shown.words
    assert "<script>" not in shown.text.split("<body")[1].split("ow-toasts")[0]
    assert team_names(company) == ["On-call"]


def test_a_team_is_renamed_at_once(company, teams, owner):
    """A name that another team has is refused at its field."""
    company.key.post(f"/orgs/{company.id}/teams", {"name": "Tracking", "usernames": ["rob@nordwind.example"]})
    refused = owner.post(f"{teams}/{company.team}/rename", {"name": "Tracking"})
    assert refused.status == 409
    assert "A team named Tracking exists already." in refused.words
    shown = owner.follow(owner.post(f"{teams}/{company.team}/rename", {"name": "Duty"}))
    assert "The team is called Duty now." in shown.words
    assert team_names(company) == ["Duty", "Tracking"]


def test_a_team_is_deleted_through_a_check(company, teams, owner):
    """The check says that only a team on no project can go."""
    checked = owner.check(f"{teams}/{company.team}/delete")
    assert "Delete the team On-call" in checked.words
    done = owner.follow(owner.apply(f"{teams}/{company.team}/delete"))
    assert "The team On-call is deleted." in done.words
    assert team_names(company) == []


# -- people in and out


def test_people_are_added_through_a_check(company, teams, owner, tracking):
    """The check tells what they gain by it; who is in the team already is not found."""
    form = f"{teams}/add"
    found = owner.post(form, {"team": tracking, "find": "ro", "do": "find"})
    assert company.reader.id not in found.text
    fields = {"team": tracking, "people": company.member.id, "do": "check"}
    checked = owner.check(form, fields)
    assert "mia@nordwind.example" in checked.words.replace("\u200b", "")
    assert "by team: Project Read Only , Tracking" in checked.words
    done = owner.follow(owner.apply(form, fields))
    assert "1 person joins Tracking." in done.words
    assert people(company, tracking) == ["mia@nordwind.example", "rob@nordwind.example"]


def test_people_are_added_to_several_teams(company, teams, owner, tracking):
    """Each team gets those who are not in it yet."""
    chosen = owner.post(f"{teams}/add", {"team": [company.team, tracking], "do": "choose"})
    assert "Add people to On-call and Tracking" in chosen.words
    people_chosen = [company.member.id, company.reader.id]
    owner.apply(f"{teams}/add", {"team": [company.team, tracking], "people": people_chosen, "do": "check"})
    assert people(company, company.team) == people(company, tracking)


def test_people_are_taken_out_through_a_check(company, teams, owner, tracking):
    """The check tells what they lose."""
    company.key.post(f"/orgs/{company.id}/teams/{tracking}:addUser", {"id": company.member.id})
    checked = owner.check(f"{teams}/{tracking}/remove", {"id": company.member.id})
    assert "Leaves the team Tracking." in checked.words
    assert "Take away " in checked.words
    done = owner.follow(owner.apply(f"{teams}/{tracking}/remove", {"id": company.member.id}))
    assert "1 person is out of Tracking." in done.words
    assert people(company, tracking) == ["rob@nordwind.example"]


def test_only_what_is_allowed_is_shown(company, teams):
    """A member without rights sees teams and people, and nothing that could be done about them."""
    visitor = company.visit(company.member)
    for url in (teams, f"{teams}/{company.team}", f"{teams}/{company.team}?tab=projects"):
        shown = visitor.get(url)
        assert shown.status == 200
        assert not any("/teams" in action for action in shown.actions)
        assert not any(link.endswith(("/new", "/rename")) or "/add" in link for link in shown.links)


@pytest.mark.parametrize("path", ["new", "add", "{team}/rename", "{team}/delete", "{team}/remove"])
def test_what_is_not_allowed_is_refused(company, teams, path):
    """Whoever posts a form without the right is told which one is missing, and nothing is done."""
    url = f"{teams}/{path.format(team=company.team)}"
    fields = {"name": "Duty", "people": company.reader.id, "team": company.team, "id": company.member.id}
    shown = company.visit(company.member).post(url, fields)
    assert shown.status == 403
    assert "org.teams." in shown.words
    assert team_names(company) == ["On-call"]
    assert people(company, company.team) == ["mia@nordwind.example"]


def test_in_the_other_edition_the_same_pages_work(old_company):
    """An owner of a Cloud Manager organization makes a team and fills it."""
    owner, teams = old_company.visit(old_company.owner), f"/o/{old_company.id}/teams"
    owner.post(f"{teams}/new", {"name": "Data", "people": old_company.reader.id})
    assert listed(owner.get(teams)) == ["Data", "On-call"]
    owner.apply(f"{teams}/add", {"team": old_company.team, "people": old_company.reader.id, "do": "check"})
    assert people(old_company, old_company.team) == ["mia@nordwind.example", "rob@nordwind.example"]
