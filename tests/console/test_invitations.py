"""Invitations as lists: what became of each, sent again, changed, withdrawn, cleared away; on a project too (46-56)."""

import csv
import io
import re

import pytest

from orgward.app.mail import Dispatcher, FolderCarrier, MailSettings, RefusedMessageError
from tests.mailbox import links_to

OWN = "/api/orgward/v1"
PENDING = "pia@nordwind.example"
IN_LIST = "pia@ nordwind.example"
"""The address as a list may break it."""


@pytest.fixture
def path(company):
    """Give the address of the list."""
    return f"/o/{company.id}/invitations"


@pytest.fixture
def visitor(company):
    """Give the owner in front of the console."""
    return company.visit(company.owner)


def invite(company, address=PENDING, roles=("ORG_MEMBER",), projects=(), teams=()):
    """Invite somebody, and give the invitation's id."""
    given = [{"groupId": project, "groupRoles": list(names)} for project, names in projects]
    body = {"username": address, "roles": {"orgRoles": list(roles), "groupRoleAssignments": given}}
    made = company.key.post(f"/orgs/{company.id}/users", {**body, "teamIds": list(teams)})
    assert made.status == 201, made.json
    return ids(company)[address]


def ids(company):
    """Give the id of each open invitation by address."""
    rows = company.key.get(f"/orgs/{company.id}/invites", accept=None).json
    return {row["username"]: row["id"] for row in rows}


def one(company, invitation):
    """Give an invitation as the API shows it."""
    return company.key.get(f"/orgs/{company.id}/invites/{invitation}", accept=None)


def decline(company, caller, invitation):
    """Let somebody turn an invitation down."""
    assert caller.post(f"{OWN}/me/invitations/{invitation}:decline").status == 200


def refuse_mail(world, monkeypatch):
    """Let the mail server refuse for good what waits to be sent."""

    def send(self, message, row):
        raise RefusedMessageError(550, b"5.1.1 no such user")

    monkeypatch.setattr(FolderCarrier, "send", send)
    Dispatcher(world.door, MailSettings.of({}, world.store.path.parent, "https://orgward.test")).send_waiting()
    monkeypatch.undo()


def counts(shown):
    """Give the number on each tab."""
    found = re.findall(r"(All|Pending|Expired|Failed|Declined) (\d+)", shown.words)
    return {name: int(number) for name, number in found[:5]}


# ---------------------------------------------------------------- the list


def test_each_state_stands_with_its_date_or_reason(company, world, visitor, path, monkeypatch):
    """Until when it is open, since when it is not, why no mail arrived, and that somebody declined."""
    invite(company, "eva@nordwind.example")
    links_to(world, "eva@nordwind.example")
    world.clock.advance(days=31)
    decline(company, company.stranger, invite(company, "sam@elsewhere.example"))
    invite(company, "fay@nordwind.example")
    refuse_mail(world, monkeypatch)
    invite(company)
    shown = visitor.get(path)
    assert counts(shown) == {"All": 4, "Pending": 1, "Expired": 1, "Failed": 1, "Declined": 1}
    for said in ("Pending until", "Expired on", "Failed Mailbox does not exist", "Declined by the invited person"):
        assert said in shown.words
    for tab, address in (("expired", "eva@"), ("failed", "fay@"), ("declined", "sam@"), ("pending", "pia@")):
        found = visitor.get(f"{path}?tab={tab}").words
        assert address in found
        assert sum(each in found for each in ("eva@", "fay@", "sam@", "pia@")) == 1


def test_what_an_invitation_brings(company, visitor, path):
    """Organization roles, one project by name, one team by name, more of them as a number."""
    invite(company, projects=[(company.prod, ["GROUP_READ_ONLY"])], teams=[company.team])
    invite(company, "pam@nordwind.example", projects=[(each, ["GROUP_OWNER"]) for each in (company.prod, company.dev)])
    shown = visitor.get(path).words
    assert "prod as Read Only, team On-call" in shown
    assert "2 projects" in shown


def test_it_is_searched_and_filtered(company, visitor, path):
    """By the beginning of the address, by who invited, by project; what finds nothing says which filters to remove."""
    invite(company, projects=[(company.prod, ["GROUP_READ_ONLY"])])
    second = company.world.user("olga@nordwind.example", orgs={company.id: ["ORG_OWNER"]})
    body = {"username": "quinn@nordwind.example", "roles": {"orgRoles": ["ORG_MEMBER"]}}
    assert second.post(f"/orgs/{company.id}/users", body).status == 201
    for query, found, left_out in (
        ("q=qui", "quinn@", "pia@"),
        (f"by={second.id}", "quinn@", "pia@"),
        (f"project={company.prod}", "pia@", "quinn@"),
    ):
        shown = visitor.get(f"{path}?{query}").words
        assert found in shown
        assert left_out not in shown
    assert "Nothing matches “zzz”" in visitor.get(f"{path}?q=zzz").words


def test_pages_follow_each_other(company, visitor, path):
    """Twenty-five stand on a page; a place that is none shows the first one."""
    for number in range(27):
        invite(company, f"p{number:02}@nordwind.example")
    first = visitor.get(path)
    assert "1–25 of 27" in first.words
    after = next(href for href in first.links if "after=" in href)
    assert "26–27 of 27" in visitor.get(after).words
    assert "1–25 of 27" in visitor.get(f"{path}?after=nonsense").words


def test_the_file_holds_what_the_list_shows(company, visitor, path):
    """With the filter, and a line each."""
    invite(company, projects=[(company.prod, ["GROUP_READ_ONLY"])], teams=[company.team])
    sent = visitor.get(f"{path}.csv?tab=pending")
    (row,) = csv.DictReader(io.StringIO(sent.text))
    assert (row["username"], row["state"], row["roles"]) == (PENDING, "PENDING", "ORG_MEMBER")
    assert (row["groupRoleAssignments"], row["teams"]) == ("prod=GROUP_READ_ONLY", "On-call")
    assert len(list(csv.DictReader(io.StringIO(visitor.get(f"{path}.csv?tab=failed").text)))) == 0


def test_nobody_is_invited(visitor, path):
    """The list says what it is for, and where to begin."""
    shown = visitor.get(path)
    assert "Nobody is invited at the moment." in shown.words
    assert any(link.endswith("/members/invite") for link in shown.links)


@pytest.mark.parametrize(("who", "status"), [("member", 403), ("stranger", 404)])
def test_it_needs_the_right_to_read_invitations(company, path, who, status):
    """A member is told what is missing; to a stranger there is nothing."""
    assert company.visit(getattr(company, who)).get(path).status == status


def test_controls_are_there_for_whoever_may_use_them(old_company):
    """Who only reads the organization of this edition sees the list, and nothing to do."""
    watcher = old_company.world.user("wim@nordwind.example", orgs={old_company.id: ["ORG_READ_ONLY"]})
    invite(old_company)
    path = f"/o/{old_company.id}/invitations"
    shown = old_company.visit(watcher).get(path)
    assert IN_LIST in shown.words
    assert path not in shown.actions
    assert "Invite people" not in shown.words
    refused = old_company.visit(watcher).post(path, {"do": "resend", "id": ids(old_company)[PENDING]})
    assert refused.status == 403


# ---------------------------------------------------------------- sending again, withdrawing


def test_sending_again_makes_another_link(company, world, visitor, path):
    """The old link is worthless at once."""
    invitation = invite(company)
    (old,) = links_to(world, PENDING)
    world.clock.advance(seconds=1)
    done = visitor.follow(visitor.post(path, {"do": "resend", "id": invitation}))
    assert f"The invitation to {PENDING} is on its way again." in done.words
    links = links_to(world, PENDING)
    assert len(links) == 2
    setup = {"password": "correct-horse-43", "firstName": "Pia", "lastName": "P"}
    assert world.nobody.post(f"{OWN}/accounts:setup", {"token": old, **setup}).status == 404
    assert world.nobody.post(f"{OWN}/accounts:setup", {"token": links[1], **setup}).status == 201


def test_all_expired_are_sent_again_at_once(company, world, visitor, path):
    """Those that are open, and those that were answered, are left alone."""
    for name in ("eva", "eve"):
        invite(company, f"{name}@nordwind.example")
    world.clock.advance(days=31)
    visitor.cookies["orgward"] = world.session(company.owner.id).token
    invite(company)
    assert "Send 2 expired again" in visitor.get(path).words
    done = visitor.follow(visitor.post(f"{path}?tab=expired", {"do": "resend", "all": "1"}))
    assert "2 invitations are on their way again." in done.words
    assert counts(done)["Expired"] == 0
    sent = {each: len(links_to(world, each)) for each in ("eva@nordwind.example", "eve@nordwind.example", PENDING)}
    assert sent == {"eva@nordwind.example": 1, "eve@nordwind.example": 1, PENDING: 1}


def test_an_answered_invitation_is_not_sent_again(company, visitor, path):
    """Of several the others are sent, and the list says how many were not."""
    declined = invite(company, "sam@elsewhere.example")
    decline(company, company.stranger, declined)
    alone = visitor.post(path, {"do": "resend", "id": declined})
    assert alone.status == 409
    shown = visitor.post(path, {"do": "resend", "id": [declined, invite(company)]})
    assert shown.status == 409
    assert "1 invitation is on its way again." in shown.words
    assert "1 was not sent" in shown.words


def test_one_is_withdrawn_at_once(company, world, visitor, path):
    """Its link opens nothing any more."""
    invitation = invite(company)
    (link,) = links_to(world, PENDING)
    done = visitor.follow(visitor.post(path, {"do": "delete", "id": invitation}))
    assert f"The invitation to {PENDING} is gone." in done.words
    assert one(company, invitation).status == 404
    setup = {"token": link, "password": "correct-horse-43", "firstName": "Pia", "lastName": "P"}
    assert world.nobody.post(f"{OWN}/accounts:setup", setup).status == 404


def test_several_are_withdrawn_through_a_check(company, visitor, path):
    """The check names them; nothing is gone before."""
    chosen = [invite(company), invite(company, "pam@nordwind.example")]
    checked = visitor.check(path, {"do": "delete", "id": chosen})
    assert "Cancel 2 invitations" in checked.words
    assert "pam@nordwind.example" in checked.words
    assert len(ids(company)) == 2
    done = visitor.follow(visitor.apply(path, {"do": "delete", "id": chosen}))
    assert "2 invitations are gone." in done.words
    assert ids(company) == {}


def test_what_is_over_is_cleared_away(company, world, visitor, path):
    """Rule 54: a declined one and one whose time is over can be cleared; they are in no list then."""
    declined = invite(company, "sam@elsewhere.example", projects=[(company.prod, ["GROUP_READ_ONLY"])])
    decline(company, company.stranger, declined)
    lapsed = invite(company)
    world.clock.advance(days=31)
    visitor.cookies["orgward"] = world.session(company.owner.id).token
    for invitation in (declined, lapsed):
        assert visitor.post(path, {"do": "delete", "id": invitation}).status == 303
    assert counts(visitor.get(path)) in ({}, dict.fromkeys(("All", "Pending", "Expired", "Failed", "Declined"), 0))
    listed = company.key.get(f"/orgs/{company.id}/users?orgMembershipStatuses=INVITATION_REJECTED").json["results"]
    assert listed == []


@pytest.mark.parametrize(
    "fields", [{}, {"do": "resend"}, {"do": "nonsense", "id": "a" * 24}, {"do": "delete", "id": "x"}]
)
def test_what_names_nothing_does_nothing(visitor, path, fields):
    """A form that somebody made up is answered like one about nothing."""
    assert visitor.post(path, fields).status in {404, 409}


def test_invitations_of_others_can_not_be_touched(company, world, visitor, path):
    """They look unknown, and no address is told."""
    other = world.organization("Heron", owner="hal@heron.example")
    made = other.key.post(
        f"/orgs/{other.id}/users", {"username": "zoe@heron.example", "roles": {"orgRoles": ["ORG_MEMBER"]}}
    )
    assert made.status == 201
    foreign = other.key.get(f"/orgs/{other.id}/invites", accept=None).json[0]["id"]
    own = invite(company)
    for do in ("resend", "delete"):
        shown = visitor.post(path, {"do": do, "id": foreign})
        assert shown.status == 404
        assert "zoe@heron.example" not in shown.words
    checked = visitor.post(path, {"do": "delete", "id": [own, foreign]})
    assert "zoe" not in visitor.follow(checked).words
    assert visitor.get(f"{path}/{foreign}").status == 404


# ---------------------------------------------------------------- what it is to bring


def test_what_an_invitation_brings_is_changed_through_a_check(company, visitor, path):
    """Roles of organization and projects, and teams; before and after stand in the check."""
    invitation = invite(company, projects=[(company.prod, ["GROUP_READ_ONLY"])])
    page = f"{path}/{invitation}"
    shown = visitor.get(page)
    assert 'value="ORG_MEMBER" checked' in shown.text
    assert f'<option value="{company.prod}" selected>' in shown.text
    fields = {
        "roles": ["ORG_READ_ONLY"],
        "project": [company.dev, "", company.dev],
        "role": ["GROUP_OWNER", "", "GROUP_BACKUP_MANAGER"],
        "teams": [company.team],
    }
    checked = visitor.check(page, fields)
    for said in ("Organization Member", "Organization Read Only", "on prod", "on dev", "Team: On-call."):
        assert said in checked.words
    done = visitor.follow(visitor.apply(page, fields))
    assert f"The invitation of {PENDING} is changed." in done.words
    found = one(company, invitation).json
    assert (found["roles"], found["teamIds"]) == (["ORG_READ_ONLY"], [company.team])
    assert {(each["groupId"], each["groupRole"]) for each in found["groupRoleAssignments"]} == {
        (company.dev, "GROUP_OWNER"),
        (company.dev, "GROUP_BACKUP_MANAGER"),
    }


@pytest.mark.parametrize(
    "fields",
    [
        {"roles": []},
        {"roles": ["GROUP_OWNER"]},
        {"roles": ["ORG_MEMBER"], "project": ["x"], "role": ["GROUP_OWNER"]},
        {"roles": ["ORG_MEMBER"], "project": [""], "role": ["GROUP_OWNER"]},
        {"roles": ["ORG_MEMBER"], "teams": ["a" * 24]},
    ],
)
def test_what_can_not_be_brought_is_refused_in_the_form(company, visitor, path, fields):
    """The form comes back, and the invitation stays as it was."""
    invitation = invite(company)
    shown = visitor.post(f"{path}/{invitation}", fields)
    assert shown.status >= 400
    assert one(company, invitation).json["roles"] == ["ORG_MEMBER"]


def test_an_answered_invitation_can_not_be_changed(company, visitor, path):
    """The page says so."""
    invitation = invite(company, "sam@elsewhere.example")
    decline(company, company.stranger, invitation)
    assert "was answered, or its time is over" in visitor.get(f"{path}/{invitation}").words


def test_more_rows_and_teams_are_asked_for_without_losing_anything(company, visitor, path):
    """The form is shown again with what was chosen."""
    page = f"{path}/{invite(company)}"
    fields = {"roles": ["ORG_READ_ONLY"], "project": [company.prod], "role": ["GROUP_OWNER"], "more": "1"}
    shown = visitor.post(page, fields)
    assert shown.status == 200
    assert 'value="ORG_READ_ONLY" checked' in shown.text
    assert f'<option value="{company.prod}" selected>' in shown.text


# ---------------------------------------------------------------- on a project


def test_a_project_tells_of_its_own_roles_alone(company):
    """Whoever owns one project sees who is invited to it, and nothing of what else they are to get."""
    owner = company.world.user(
        "otto@nordwind.example", orgs={company.id: ["ORG_MEMBER"]}, projects={company.prod: ["GROUP_OWNER"]}
    )
    invite(
        company, roles=["ORG_BILLING_ADMIN"], teams=[company.team],
        projects=[(company.prod, ["GROUP_READ_ONLY"]), (company.dev, ["GROUP_BACKUP_MANAGER"])],
    )  # fmt: skip
    elsewhere = invite(company, "dot@nordwind.example", projects=[(company.dev, ["GROUP_OWNER"])])
    visitor, path = company.visit(owner), f"/p/{company.prod}/invitations"
    shown = visitor.get(path).words
    assert IN_LIST in shown
    assert "Read Only" in shown
    for hidden in ("Billing", "Backup Manager", "On-call", "dot@nordwind.example"):
        assert hidden not in shown
    (row,) = csv.DictReader(io.StringIO(visitor.get(f"{path}.csv").text))
    assert (row["roles"], row["groupRoleAssignments"], row["teams"]) == ("", "prod=GROUP_READ_ONLY", "")
    for do in ("resend", "delete"):
        refused = visitor.post(path, {"do": do, "id": elsewhere})
        assert refused.status == 404
        assert "dot@" not in refused.words
    both = visitor.post(path, {"do": "delete", "id": [elsewhere, ids(company)[PENDING]]})
    assert both.status == 303
    assert set(ids(company)) == {PENDING, "dot@nordwind.example"}


def test_a_project_is_taken_out_of_an_invitation(company):
    """The invitation to the organization stays; its roles here are gone."""
    invitation = invite(company, projects=[(each, ["GROUP_READ_ONLY"]) for each in (company.prod, company.dev)])
    visitor, path = company.visit(company.owner), f"/p/{company.prod}/invitations"
    assert visitor.post(path, {"do": "delete", "id": invitation}).location == path
    assert {each["groupId"] for each in one(company, invitation).json["groupRoleAssignments"]} == {company.dev}


def test_roles_on_a_project_are_changed_through_a_check(company):
    """Of the invitation only what it brings here."""
    invitation = invite(company, projects=[(company.prod, ["GROUP_READ_ONLY"])])
    page = f"/p/{company.prod}/invitations/{invitation}"
    visitor = company.visit(company.owner)
    assert 'value="GROUP_READ_ONLY" checked' in visitor.get(page).text
    checked = visitor.check(page, {"roles": ["GROUP_BACKUP_MANAGER"]})
    assert "Project Backup Manager" in checked.words
    assert visitor.apply(page, {"roles": ["GROUP_BACKUP_MANAGER"]}).location == f"/p/{company.prod}/invitations"
    given = one(company, invitation).json["groupRoleAssignments"]
    assert given == [{"groupId": company.prod, "groupRole": "GROUP_BACKUP_MANAGER"}]


def test_one_to_a_project_alone_is_sent_again_from_either_list(old_company, world):
    """In this edition an invitation may be to a project alone; the organization's list knows where it belongs."""
    made = old_company.owner.post(
        f"/groups/{old_company.prod}/users", {"username": PENDING, "roles": ["GROUP_READ_ONLY"]}
    )  # fmt: skip
    assert made.status == 201, made.json
    visitor, path = old_company.visit(old_company.owner), f"/o/{old_company.id}/invitations"
    shown = visitor.get(path)
    assert IN_LIST in shown.words
    invitation = shown.hidden("id")
    assert f"/p/{old_company.prod}/invitations/{invitation}" in shown.links
    for url in (path, f"/p/{old_company.prod}/invitations"):
        assert "on its way again" in visitor.follow(visitor.post(url, {"do": "resend", "id": invitation})).words
    assert len(links_to(world, PENDING)) == 1
    assert visitor.post(path, {"do": "delete", "id": invitation}).status == 303
    assert IN_LIST not in visitor.get(path).words
