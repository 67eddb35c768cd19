"""Why somebody has access: the page and the drawer, who may ask, and the end of every way (design 6.3)."""

import pytest

from tests.visitor import Visitor


def why(who, project, **more):
    """Give the address of the page."""
    action = "".join(f"&{name}={value}" for name, value in more.items())
    return f"/why?subject=user:{who.id}&resource=project:{project}{action}"


@pytest.fixture
def busy(company):
    """Give a company in which Mia reaches prod by a team, by a role of her own and by the organization."""
    key = company.key
    team = [{"teamId": company.team, "roleNames": ["GROUP_CLUSTER_MANAGER"]}]
    assert key.post(f"/groups/{company.prod}/teams", team).status == 200
    added = {"username": "mia@nordwind.example", "roles": ["GROUP_DATA_ACCESS_READ_WRITE"]}
    assert key.post(f"/groups/{company.prod}/users", added).status == 201
    role = {"orgRole": "ORG_READ_ONLY"}
    assert key.post(f"/orgs/{company.id}/users/{company.member.id}:addRole", role).status == 200
    return company


def test_every_path_stands_there_the_strongest_first(busy):
    """Each with what it allows, its steps, since when and by whom."""
    shown = busy.visit(busy.owner).get(why(busy.member, busy.prod))
    assert shown.status == 200
    assert "Why does mia@nordwind.example have access to prod?" in shown.words
    assert "Yes, by 3 paths" in shown.words
    order = [shown.words.index(f"Project {role}") for role in ("Data Access Read/Write", "Cluster Manager")]
    assert order == sorted(order)
    assert "is in the team On-call since" in shown.words
    assert "which holds the role on prod since" in shown.words
    assert "Organization Read Only on Nordwind since" in shown.words
    assert "reaches every project as Project Read Only" in shown.words


def test_what_it_allows_is_counted_by_kind(busy):
    """A privilege of one path names its number, one of all of them says so."""
    shown = busy.visit(busy.owner).get(why(busy.member, busy.prod))
    assert "of 167 privileges" in shown.words
    assert "Clusters 7 of 15" in shown.words
    assert "clusters.pause · by path 2" in shown.words
    assert "project.read · by every path" in shown.words


def test_the_same_question_stands_there_as_a_call(busy):
    """The decision API answers it with the same privilege."""
    shown = busy.visit(busy.owner).get(why(busy.member, busy.prod, action="clusters.pause"))
    assert "POST /access/v1/evaluation" in shown.words
    assert '"name": "clusters.pause"' in shown.words


def test_one_privilege_may_be_asked_about(busy):
    """What is missing stands there with the roles that have it and who can give one."""
    visitor = busy.visit(busy.owner)
    assert "Yes, by 1 path" in visitor.get(why(busy.member, busy.prod, action="clusters.pause")).words
    shown = visitor.get(why(busy.member, busy.prod, action="backups.restore"))
    assert "No: backups.restore is missing" in shown.words
    assert "Project Backup Recovery Operator" in shown.words
    assert "carla@nordwind.example" in shown.words


def test_a_no_says_what_is_missing(company):
    """The roles that would do, the one that adds least first, and the people who can give one."""
    shown = company.visit(company.owner).get(why(company.member, company.prod))
    assert "Does mia@nordwind.example have access to prod?" in shown.words
    assert "No: project.read is missing" in shown.words
    assert "Who can give it" in shown.words
    assert "carla@nordwind.example" in shown.words


def test_what_one_lacks_oneself_one_can_ask_for(company):
    """The link leads to the form with that privilege; about others there is none."""
    mine = company.visit(company.reader).get(why(company.reader, company.prod, action="backups.restore"))
    asking = f"/p/{company.prod}/ask?privilege=backups.restore"
    assert asking in mine.links
    assert (
        asking
        not in company.visit(company.owner).get(why(company.reader, company.prod, action="backups.restore")).links
    )


def test_a_suspended_person_has_no_path(company):
    """The verdict names the suspension, not a missing role."""
    done = company.key.post(f"/api/orgward/v1/orgs/{company.id}/users/{company.reader.id}:suspend", accept=None)
    assert done.status == 200
    shown = company.visit(company.owner).get(why(company.reader, company.prod))
    assert "No: suspended in this organization" in shown.words


def test_a_role_that_has_ended_is_told_to_who_had_it(company):
    """They can't see the project any more, and may still know why."""
    path = f"/api/orgward/v1/groups/{company.prod}/users/{company.reader.id}/roles/GROUP_READ_ONLY"
    assert company.key.put(path, {"endsAt": "2027-01-16T00:00:00Z"}, accept=None).status == 200
    company.world.clock.advance(days=30)
    shown = company.visit(company.reader).get(why(company.reader, company.prod))
    assert shown.status == 200
    assert "No: the role has ended" in shown.words


@pytest.mark.parametrize("resource", ["project:{dev}", f"project:{'a' * 24}", "organization:x", "", "nothing"])
def test_what_one_may_not_see_is_not_there(company, resource):
    """A project that one is not on, and one that does not exist, look alike."""
    resource = resource.format(dev=company.dev)
    visitor = company.visit(company.reader)
    shown = visitor.get(f"/why?subject=user:{company.reader.id}&resource={resource}")
    assert shown.status == 404
    assert shown.words == visitor.get("/nowhere/at/all").words


def test_about_others_asks_who_reads_the_roles_there(company):
    """A reader of the project asks about its people; somebody of another project does not, nor about strangers."""
    reader, member = company.visit(company.reader), company.visit(company.member)
    assert reader.get(why(company.owner, company.prod)).status == 200
    assert member.get(why(company.owner, company.prod)).status == 404
    assert reader.get(why(company.stranger, company.prod)).status == 404
    assert company.visit(company.stranger).get(why(company.stranger, company.prod)).status == 404


def test_a_closed_gate_is_told_and_nothing_else(company):
    """Where a second factor is required, not even one's own access is shown without it."""
    assert company.key.patch(f"/orgs/{company.id}/settings", {"multiFactorAuthRequired": True}).status == 200
    shown = company.visit(company.reader).get(why(company.reader, company.prod))
    assert shown.status == 403
    assert "second factor" in shown.words
    assert "Project Read Only" not in shown.words


def test_keys_and_teams_have_reasons_too(busy):
    """A key holds its role directly, and so does a team."""
    found = busy.key.get(f"/orgs/{busy.id}/apiKeys").json["results"][0]
    visitor = busy.visit(busy.owner)
    shown = visitor.get(f"/why?subject=api_key:{found['id']}&resource=organization:{busy.id}")
    assert "Organization Owner on Nordwind" in shown.words
    team = visitor.get(f"/why?subject=team:{busy.team}&resource=project:{busy.prod}")
    assert "Given to On-call directly" in team.words


def test_the_drawer_opens_over_any_page_of_the_organization(busy):
    """It is the same answer, with the way back to the page as it was, and to the page of its own."""
    here = f"/o/{busy.id}/roles?q=restore"
    shown = busy.visit(busy.owner).get(f"{here}&why=user:{busy.member.id},project:{busy.prod}")
    assert 'role="dialog"' in shown.text
    assert "Yes, by 3 paths" in shown.words
    assert here in shown.links
    assert any(link.startswith("/why?subject=user:") for link in shown.links)


@pytest.mark.parametrize("asked", ["nonsense", "user:x,project:y", "user:{who},project:{dev}", "user:{who}"])
def test_a_drawer_tells_no_more_than_the_page(company, asked):
    """Whatever may not be asked is nothing, and the page below is there all the same."""
    asked = asked.format(who=company.owner.id, dev=company.dev)
    shown = company.visit(company.reader).get(f"/o/{company.id}/roles?why={asked}")
    assert shown.status == 200
    drawer = shown.text.split('id="drawer"')[1].split('id="toasts"')[0]
    assert "There is nothing here" in drawer
    assert "carla" not in drawer
    assert ">dev<" not in drawer


def test_a_page_without_a_session_has_no_drawer(company):
    """The question stands in the address, the answer nowhere."""
    shown = Visitor(company.world).get(f"/signin?why=user:{company.owner.id},project:{company.prod}")
    assert "carla" not in shown.text


def test_names_are_text(company):
    """A name that looks like markup is shown as it is written."""
    company.key.patch(f"/groups/{company.prod}", {"name": "<i>prod</i>"})
    shown = company.visit(company.owner).get(why(company.reader, company.prod))
    assert "<i>prod" not in shown.text


def test_ending_every_way_goes_through_a_check(busy):
    """The check names what is lost; once it is made, no path is left, and what reaches no project stays."""
    visitor, address = busy.visit(busy.owner), why(busy.member, busy.prod)
    fields = {"subject": f"user:{busy.member.id}", "resource": f"project:{busy.prod}", "back": address}
    checked = visitor.check(address, fields)
    assert "End every way of mia@nordwind.example to prod" in checked.words
    assert "Lost" in checked.words
    done = visitor.apply(address, fields)
    assert done.location == address
    assert "No: project.read is missing" in visitor.get(address).words
    roles = busy.key.get(f"/orgs/{busy.id}/users/{busy.member.id}").json["roles"]
    assert roles["orgRoles"] == ["ORG_MEMBER"]


def test_ending_is_offered_to_whoever_can_do_all_of_it(busy):
    """Who may not change the organization's roles sees the paths and no button; posting it is refused in the check."""
    manager = busy.world.user(
        "max@nordwind.example", orgs={busy.id: ["ORG_MEMBER"]}, projects={busy.prod: ["GROUP_ACCESS_MANAGER"]}
    )
    address = why(busy.member, busy.prod)
    assert "Preview ending all 3" in busy.visit(busy.owner).get(address).words
    visitor = busy.visit(manager)
    assert "Preview ending" not in visitor.get(address).words
    assert "Preview ending it" in visitor.get(why(busy.reader, busy.prod)).words
    fields = {"subject": f"user:{busy.member.id}", "resource": f"project:{busy.prod}"}
    visitor.apply(address, fields)
    assert busy.visit(busy.owner).get(address).status == 200
    assert busy.key.get(f"/orgs/{busy.id}/users/{busy.member.id}").json["roles"]["orgRoles"] != ["ORG_MEMBER"]


@pytest.mark.parametrize("resource", ["project:{dev}", "organization:{org}", "project:x", ""])
def test_what_may_not_be_asked_can_not_be_ended(company, resource):
    """The form is as blind as the page; an organization is left on the page of the person."""
    fields = {"subject": f"user:{company.owner.id}", "resource": resource.format(dev=company.dev, org=company.id)}
    assert company.visit(company.member).post("/why", fields).status == 404
