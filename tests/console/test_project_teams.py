"""Teams on a project: put on, given other roles, taken off, each through its check (rules 66-69)."""

import pytest


@pytest.fixture
def path(company):
    """Give the address of the page."""
    return f"/p/{company.prod}/teams"


def roles(company):
    """Give the roles of each team on the project, as the API has them."""
    found = company.key.get(f"/groups/{company.prod}/teams").json["results"]
    return {team["teamId"]: team["roleNames"] for team in found}


def put_on(company, *names):
    """Put the team on the project."""
    made = company.key.post(f"/groups/{company.prod}/teams", [{"teamId": company.team, "roleNames": names}])
    assert made.status == 200, made.json


def test_a_team_is_put_on_through_a_check(company, path):
    """The check tells whom it concerns and what they gain; only then the team is on the project."""
    visitor = company.visit(company.owner)
    shown = visitor.get(f"{path}/new")
    assert f'value="{company.team}"' in shown.text
    fields = {"team": company.team, "roles": ["GROUP_READ_ONLY", "GROUP_BACKUP_MANAGER"]}
    checked = visitor.check(f"{path}/new", fields)
    assert "mia@" in checked.words
    assert "Backup Manager" in checked.words
    assert roles(company) == {}
    done = visitor.follow(visitor.apply(f"{path}/new", fields))
    assert "The team is on the project." in done.words
    assert roles(company) == {company.team: ["GROUP_BACKUP_MANAGER", "GROUP_READ_ONLY"]}


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"roles": "GROUP_READ_ONLY"}, "Choose a team."),
        ({"team": "nonsense", "roles": "GROUP_READ_ONLY"}, "Choose a team."),
        ({"team": "a" * 24, "roles": "GROUP_READ_ONLY"}, "There is nothing here"),
        ({"team": "TEAM"}, "role"),
        ({"team": "TEAM", "roles": "ORG_OWNER"}, "role"),
        ({"team": "TEAM", "roles": "GROUP_MADE_UP"}, "role"),
    ],
)
def test_a_form_that_can_not_be_done_says_why(company, path, fields, says):
    """It is shown again with what was chosen, and no check is made."""
    named = {name: company.team if value == "TEAM" else value for name, value in fields.items()}
    shown = company.visit(company.owner).post(f"{path}/new", named)
    assert shown.status in {400, 403, 404}
    assert says in shown.words
    assert roles(company) == {}


def test_the_roles_of_a_team_are_changed_through_a_check(company, path):
    """The form begins with the roles that it has; it has exactly those chosen afterwards."""
    put_on(company, "GROUP_READ_ONLY")
    visitor = company.visit(company.owner)
    shown = visitor.get(f"{path}/{company.team}")
    assert 'value="GROUP_READ_ONLY" checked' in shown.text
    visitor.apply(f"{path}/{company.team}", {"roles": "GROUP_CLUSTER_MANAGER"})
    assert roles(company) == {company.team: ["GROUP_CLUSTER_MANAGER"]}


def test_a_team_is_taken_off_through_a_check(company, path):
    """The check tells what its people lose."""
    put_on(company, "GROUP_READ_ONLY")
    visitor = company.visit(company.owner)
    checked = visitor.check(f"{path}/{company.team}/remove")
    assert "mia@" in checked.words
    visitor.apply(f"{path}/{company.team}/remove")
    assert roles(company) == {}


def test_an_access_manager_neither_gives_nor_takes_the_owner_role(company, world, path):
    """It is not offered; a team that has it keeps it while its other roles change."""
    put_on(company, "GROUP_OWNER", "GROUP_READ_ONLY")
    placed = {"orgs": {company.id: ["ORG_MEMBER"]}, "projects": {company.prod: ["GROUP_ACCESS_MANAGER"]}}
    visitor = company.visit(world.user("ari@nordwind.example", **placed))
    shown = visitor.get(f"{path}/{company.team}")
    assert 'type="checkbox" id="roles' in shown.text
    assert 'value="GROUP_OWNER" checked' not in shown.text
    assert shown.hidden("kept") == "GROUP_OWNER"
    visitor.apply(f"{path}/{company.team}", {"kept": "GROUP_OWNER", "roles": "GROUP_BACKUP_MANAGER"})
    assert roles(company) == {company.team: ["GROUP_BACKUP_MANAGER", "GROUP_OWNER"]}
    refused = visitor.post(f"{path}/{company.team}", {"roles": "GROUP_BACKUP_MANAGER"})
    assert refused.status == 403
    assert roles(company) == {company.team: ["GROUP_BACKUP_MANAGER", "GROUP_OWNER"]}


def test_a_reader_sees_teams_and_changes_none(company, path):
    """The list has no menu for them; pages and forms behind it are refused."""
    put_on(company, "GROUP_READ_ONLY")
    visitor = company.visit(company.reader)
    shown = visitor.get(path)
    assert "On-call" in shown.words
    assert [link for link in shown.links if link.startswith(f"{path}/")] == []
    assert [action for action in shown.actions if action.startswith(f"{path}/")] == []
    for form in (f"{path}/new", f"{path}/{company.team}"):
        assert visitor.get(form).status == 403
    sent = visitor.post(f"{path}/{company.team}/remove")
    assert sent.status == 403 or visitor.get(sent.location).status == 403
    assert roles(company) == {company.team: ["GROUP_READ_ONLY"]}


def test_a_stranger_learns_nothing_of_teams(company, path):
    """Page, forms and checks look as those of a project that is not there."""
    put_on(company, "GROUP_READ_ONLY")
    visitor = company.visit(company.stranger)
    assert visitor.get(path).status == 404
    assert visitor.post(f"{path}/new", {"team": company.team, "roles": "GROUP_READ_ONLY"}).status == 404
    sent = visitor.post(f"{path}/{company.team}/remove")
    shown = visitor.get(sent.location) if sent.location else sent
    assert shown.status == 404
    assert "On-call" not in shown.words


def test_a_team_that_is_not_on_the_project_has_no_form(company, path):
    """Its address is that of nothing."""
    assert company.visit(company.owner).get(f"{path}/{company.team}").status == 404


def test_filters_narrow_the_list(company, path):
    """By name and by role; what is asked for in vain can be taken away again."""
    put_on(company, "GROUP_READ_ONLY")
    visitor = company.visit(company.owner)
    assert "1–1 of 1" in visitor.get(f"{path}?q=on-c&role=GROUP_READ_ONLY").words
    nothing = visitor.get(f"{path}?q=xyz")
    assert "Nothing matches “xyz”" in nothing.words
    assert path in nothing.links
    assert "Nothing matches" in visitor.get(f"{path}?role=GROUP_OWNER").words


def test_the_file_holds_what_the_list_shows(company, path):
    """A line a team, under the names of the API."""
    put_on(company, "GROUP_READ_ONLY", "GROUP_BACKUP_MANAGER")
    visitor = company.visit(company.reader)
    lines = visitor.get(f"{path}.csv").text.split("\r\n")
    assert lines[0] == "teamId,name,usersCount,roleNames"
    assert lines[1] == f"{company.team},On-call,1,GROUP_BACKUP_MANAGER GROUP_READ_ONLY"
    assert visitor.get(f"{path}.csv?q=xyz").text.count("\r\n") == 1


def test_the_editions_own_roles_are_offered(old_company):
    """In Cloud Manager a team is put on with a role that Atlas does not have."""
    path = f"/p/{old_company.prod}/teams"
    visitor = old_company.visit(old_company.owner)
    shown = visitor.get(f"{path}/new")
    assert 'value="GROUP_MONITORING_ADMIN"' in shown.text
    assert 'value="GROUP_CLUSTER_MANAGER"' not in shown.text
    visitor.apply(f"{path}/new", {"team": old_company.team, "roles": "GROUP_MONITORING_ADMIN"})
    assert roles(old_company) == {old_company.team: ["GROUP_MONITORING_ADMIN"]}
