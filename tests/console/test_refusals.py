"""What stands where a page can't be shown: what is missing, nothing, a closed gate; and asking for access (6.13)."""

import pytest

from tests.visitor import Visitor


def said(shown):
    """Give what can be read, without the places where an address may break."""
    return shown.words.replace("\u200b", "")


def test_a_refusal_says_what_is_missing_and_who_can_give_it(company):
    """The privilege with its sentence, what one holds, which roles have it, and whom to ask."""
    shown = company.visit(company.reader).get(f"/p/{company.prod}/requests")
    assert shown.status == 403
    assert "You can’t do this on prod" in said(shown)
    assert "project.join_requests.read See who asked to join the project." in said(shown)
    held = said(shown).split("You hold", 1)[1].split("Any of these has it", 1)
    assert "Project Read Only" in held[0]
    assert "Organization Member" not in held[0]
    assert "Project Owner" in held[1]
    assert "carla@nordwind.example Organization Owner" in said(shown)


def test_a_refusal_on_a_project_offers_to_ask(company):
    """The form begins with the smallest role that is enough, and says how much it adds."""
    shown = company.visit(company.reader).get(f"/p/{company.prod}/requests")
    assert f"/p/{company.prod}/ask" in shown.actions
    assert "The smallest role that is enough: 135 privileges more than you have now." in said(shown)


def test_a_refusal_on_an_organization_offers_nothing_to_ask(company):
    """Organization roles are not asked for; whoever can give one remains."""
    shown = company.visit(company.member).post(f"/o/{company.id}/settings/general", {"name": "Other"})
    assert shown.status == 403
    assert "You can’t do this on Nordwind" in said(shown)
    assert "Who can give it" in said(shown)
    assert not any(action.endswith("/ask") for action in shown.actions)


def test_what_is_not_there_and_what_is_not_ones_own_look_alike(company):
    """Word for word, also where one could ask to join."""
    visitor = company.visit(company.stranger)
    foreign, unknown = visitor.get(f"/p/{company.prod}/tags"), visitor.get(f"/p/{'a' * 24}/tags")
    assert (foreign.status, unknown.status) == (404, 404)
    assert foreign.words == unknown.words
    assert "you can ask to join the project" in foreign.words
    assert foreign.text.replace(company.prod, "a" * 24) == unknown.text.replace(
        unknown.hidden("_csrf"), foreign.hidden("_csrf")
    ) or len(foreign.text) == len(unknown.text)


def test_a_form_that_is_only_posted_to_is_no_page(company):
    """Loading its address again shows people the neutral page; programs are told what the address knows."""
    shown = company.visit(company.owner).get(f"/p/{company.prod}/tags/remove")
    assert (shown.status, shown.headers["allow"]) == (405, "POST")
    assert "There is nothing here" in shown.words


def test_without_a_session_a_wrong_address_leads_to_sign_in_or_nowhere(company):
    """Nothing is told of it."""
    shown = Visitor(company.world).get("/nowhere")
    assert shown.status in {303, 404}
    assert "Nordwind" not in shown.text


def test_a_second_factor_that_is_required_leads_to_where_one_sets_it_up(company):
    """The page of the gate has no entries of the organization behind it."""
    assert company.key.patch(f"/orgs/{company.id}/settings", {"multiFactorAuthRequired": True}).status == 200
    shown = company.visit(company.owner).get(f"/o/{company.id}/members")
    assert shown.status == 403
    assert "This organization asks for a second factor" in said(shown)
    assert "/me/security" in shown.links
    assert not any(link.startswith(f"/o/{company.id}/") for link in shown.links)


def test_a_suspended_member_is_told_so(company):
    """Which organization it is they know; nothing else of it is shown."""
    done = company.key.post(f"/api/orgward/v1/orgs/{company.id}/users/{company.member.id}:suspend", accept=None)
    assert done.status == 200
    shown = company.visit(company.member).get(f"/o/{company.id}/members")
    assert shown.status == 403
    assert "You are suspended in this organization" in said(shown)
    assert not any(link.startswith(f"/o/{company.id}/") for link in shown.links)


def test_refusals_speak_german(company):
    """Heading, sentences and the form."""
    visitor = company.visit(company.reader)
    visitor.cookies["orgward-language"] = "de"
    shown = visitor.get(f"/p/{company.prod}/requests")
    for text in ("Das dürfen Sie in prod nicht", "Was fehlt", "Wer es geben kann", "Anfrage senden"):
        assert text in said(shown)


# ---------------------------------------------------------------- asking


def asked(company, project=None):
    """Give the requests that stand at a project."""
    path = f"/api/orgward/v1/groups/{project or company.prod}/joinRequests"
    return company.key.get(path, accept=None).json["results"]


def test_a_request_carries_role_end_and_message(company):
    """It stands with the project, for whoever decides."""
    visitor = company.visit(company.reader)
    fields = {"role": "GROUP_BACKUP_MANAGER", "days": "7", "message": "Covering for Elif."}
    done = visitor.post(f"/p/{company.prod}/ask", fields)
    assert done.location.startswith("/me/invitations")
    assert "Your request is sent." in visitor.follow(done).words
    (request,) = asked(company)
    assert request["roles"] == ["GROUP_BACKUP_MANAGER"]
    assert request["message"] == "Covering for Elif."
    assert request["endsAt"] == "2027-01-22T08:00:00Z"


def test_a_request_may_have_no_end(company):
    """As long as it is needed."""
    company.visit(company.reader).post(f"/p/{company.prod}/ask", {"role": "GROUP_OWNER", "days": "0"})
    assert asked(company)[0]["endsAt"] is None


@pytest.mark.parametrize("days", ["x", "-3", "9999", ""])
def test_another_time_than_offered_is_none(company, days):
    """Whoever decides sets the end anyway."""
    company.visit(company.reader).post(f"/p/{company.prod}/ask", {"role": "GROUP_OWNER", "days": days})
    assert asked(company)[0]["endsAt"] is None


def test_asking_tells_nothing_of_a_project_that_one_does_not_see(company):
    """The page has no roles to choose from, and neither page nor answer differs from those for an unknown one."""
    visitor = company.visit(company.member)
    seen = [visitor.get(f"/p/{project}/ask") for project in (company.prod, "a" * 24)]
    assert seen[0].words == seen[1].words
    assert 'name="role"' not in seen[0].text
    done = [visitor.post(f"/p/{project}/ask", {"message": "Hello"}) for project in (company.prod, "a" * 24)]
    assert [(d.status, d.location) for d in done] == [(303, done[0].location)] * 2
    assert asked(company)[0]["message"] == "Hello"


def test_the_page_for_asking_knows_for_what(company):
    """The roles that have the privilege, the smallest first; an unknown one is passed over."""
    visitor = company.visit(company.reader)
    shown = visitor.get(f"/p/{company.prod}/ask?privilege=backups.restore")
    assert "Ask for access to prod" in said(shown)
    assert shown.text.index("GROUP_BACKUP_RECOVERY_OPERATOR") < shown.text.index('value="GROUP_OWNER"')
    assert visitor.get(f"/p/{company.prod}/ask?privilege=nothing").status == 200


def test_a_message_that_is_too_long_keeps_what_was_written(company):
    """The form is shown again with a sentence above it."""
    shown = company.visit(company.reader).post(
        f"/p/{company.prod}/ask", {"role": "GROUP_BACKUP_MANAGER", "days": "30", "message": "x" * 1001}
    )
    assert shown.status == 400
    assert "x" * 1001 in shown.text
    assert asked(company) == []


def test_a_fault_of_ours_is_told_by_its_number_alone(company, monkeypatch):
    """The page has the number of the request and nothing of what went wrong."""
    monkeypatch.setattr("orgward.console.pages.organizations._row", lambda page, row: 1 / 0)
    shown = company.visit(company.owner).get("/o")
    assert shown.status == 500
    assert "Something went wrong here" in shown.words
    assert "UNEXPECTED_ERROR" in shown.words
    assert "division" not in shown.text
    assert shown.headers["content-security-policy"]


def test_a_refusal_that_can_not_be_shown_is_a_line(company, monkeypatch):
    """Even then nobody sees internals."""
    monkeypatch.setattr("orgward.console.frame.refusals.place_of", lambda page, text: 1 / 0)
    monkeypatch.setattr("orgward.console.frame.refusals._model", lambda page, error: 1 / 0)
    shown = company.visit(company.owner).get("/nowhere/at/all")
    assert shown.status == 500
    assert shown.text.startswith("Something went wrong here; the request is ")
