"""Every page of the console at an address that shows something: for the pictures, and for the tests of all pages."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from tests.pictured.company import OWN, Company
from tests.pictured.story import NORDWIND

GRACE: Final = "Grace Nakamura"
LUKAS: Final = "Lukas Brandt"
YARA: Final = "Yara Haddou"
HENRIK: Final = "Henrik Vogel"
NOBODY: Final = ""
Steps = Callable[[Any], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A page as somebody sees it: who, where, and after which steps.

    `is_drawn` if the design has a picture of it. `changes` if its steps change something. `height` is that of the
    window of which a picture is taken; without it the picture is as high as the page.
    """

    name: str
    page: str
    path: str
    who: str = GRACE
    steps: Steps | None = None
    status: int = 200
    is_drawn: bool = False
    changes: bool = False
    height: int | None = None
    language: str = "en"


def views(company: Company) -> list[View]:
    """Return all views, those whose steps change something last."""
    parts = (
        _gate,
        _account,
        _organization,
        _members,
        _teams,
        _keys,
        _accounts,
        _understood,
        _settings,
        _federation,
        _project,
        _on_project,
    )
    found = [view for part in parts for view in part(company)]
    return sorted(found, key=lambda view: view.changes)


def go(page: Any, view: View, host: str) -> int:
    """Go where the view is and take its steps; return the status of the last answer."""
    answers: list[int] = []
    page.on("response", lambda got: got.request.is_navigation_request() and answers.append(got.status))
    page.set_default_timeout(10_000)
    page.goto(host + view.path)
    if view.steps is not None:
        view.steps(page)
        page.wait_for_load_state()
    return answers[-1]


def _org(company: Company) -> str:
    return f"/o/{company.orgs[NORDWIND]}"


def _prod(company: Company) -> str:
    return f"/p/{company.projects['prod']}"


def _gate(company: Company) -> Iterator[View]:
    company.ask(
        company.world.nobody, "POST", f"{OWN}/accounts:requestReset", {"username": company.address("Zoë Peters")}
    )
    company.ask(company.of("Willem Mori"), "POST", f"{OWN}/me/address", {"username": "w.mori@nordwind.example"})
    links = {page: company.link(address, page) for page, address in (
        ("setup", "greta.wallin@nordwind.example"), ("reset", company.address("Zoë Peters")),
        ("verify", "w.mori@nordwind.example"),
    )}  # fmt: skip

    def written(page: Any, name: str = GRACE) -> None:
        page.fill("input[name=username]", company.address(name))
        page.fill("input[name=password]", "sixteen letters!")
        page.evaluate("document.activeElement.blur()")

    def half_way(page: Any) -> None:
        page.fill("input[name=username]", company.address("Elif Demir"))
        page.fill("input[name=password]", "seven lakes and a ferry")
        page.click("form[action='/signin'] button[type=submit]")

    yield View(name="sign-in-by-provider", page="showFederatedSignIn", path="/signin/federated", who=NOBODY)
    yield View(name="signin", page="showSignIn", path="/signin", who=NOBODY, steps=written, is_drawn=True, height=980)
    yield View(name="second-step", page="showSecondStep", path="/signin", who=NOBODY, steps=half_way)
    yield View(name="reset-request", page="showResetRequest", path="/reset", who=NOBODY)
    yield View(name="reset", page="showReset", path=f"/reset/{links['reset']}", who=NOBODY)
    yield View(name="setup", page="showSetup", path=f"/setup/{links['setup']}", who=NOBODY)
    yield View(name="verify", page="showVerify", path=f"/verify/{links['verify']}", who=NOBODY)
    yield View(name="home", page="showHome", path="/", who="Oskar Marchetti")


def _account(company: Company) -> Iterator[View]:
    factors = company.ask(company.of(GRACE), "GET", f"{OWN}/me/factors")["results"]
    begun = company.ask(company.of(YARA), "POST", f"{OWN}/me/factors/totp", {"name": "Phone"})

    yield View(name="device", page="showDevice", path="/device")
    yield View(name="inbox", page="showMyInvitations", path="/me/invitations", is_drawn=True)
    yield View(name="my-access", page="showMyAccess", path="/me/access", who="Ines Almeida")
    yield View(name="profile", page="showMyProfile", path="/me/profile")
    yield View(name="account-end", page="showMyEnd", path="/me/profile/delete", who="Ines Almeida")
    yield View(name="security", page="showMySecurity", path="/me/security")
    yield View(name="address", page="showMyAddress", path="/me/security/address")
    yield View(name="factor", page="showMyFactor", path=f"/me/security/factors/{factors[0]['id']}")
    yield View(name="passkey", page="showNewPasskey", path="/me/security/passkey")
    yield View(name="password", page="showMyPassword", path="/me/security/password")
    yield View(name="recovery-codes", page="showMyRecoveryCodes", path="/me/security/recovery")
    yield View(name="totp", page="showNewTotp", path="/me/security/totp", who=YARA)
    yield View(name="totp-code", page="showTotpCode", path=f"/me/security/totp/{begun['id']}", who=YARA)
    yield View(name="sessions", page="showMySessions", path="/me/sessions")
    yield View(name="prove", page="showProof", path="/prove?next=/me/security")


def _organization(company: Company) -> Iterator[View]:
    org = _org(company)
    invitation = _invitation(company, "t.sorensen@nordwind.example")

    yield View(name="organizations", page="showOrganizations", path="/o")
    yield View(name="new-organization", page="showNewOrganization", path="/o/new")
    yield View(name="projects", page="showProjects", path=f"{org}/projects")
    yield View(name="new-project", page="showNewProject", path=f"{org}/projects/new")
    yield View(name="invitation", page="showInvitation", path=f"{org}/invitations/{invitation}")
    yield View(name="invitation-file", page="showInvitationFile", path=f"{org}/invitations/csv", steps=_file_chosen)
    yield View(
        name="invitations", page="showInvitations", path=f"{org}/invitations/csv", steps=_file_sent, is_drawn=True,
        changes=True,
    )  # fmt: skip


def _invitation(company: Company, address: str) -> str:
    org = company.orgs[NORDWIND]
    found = company.ask(company.of(GRACE), "GET", f"/orgs/{org}/invites?username={address}")
    return str(found[0]["id"])


_FILE: Final = """address,role,team
a.lindholm@nordwind.example,ORG_MEMBER,Platform
b.amari@nordwind.example,ORG_MEMBER,Platform
ben.okafor@nordwind.example,ORG_MEMBER,
c.oduya@nordwind.example,ORG_MEMBER,Data
t.sorensen(at)nordwind.example,ORG_MEMBER,
d.petit@nordwind.example,ORG_MEMBER,
it@nordwind.example,ORG_MEMBER,Plattform
e.sandberg@nordwind.example,ORG_MEMBER,
"""


def _file_chosen(page: Any) -> None:
    upload = {"name": "new-starters.csv", "mimeType": "text/csv", "buffer": _FILE.encode()}
    page.set_input_files("main input[type=file]", upload)
    page.click("main form[enctype] button[type=submit]")


def _file_sent(page: Any) -> None:
    _file_chosen(page)
    page.click("main form[action$='/invitations'] button[type=submit]")


def _members(company: Company) -> Iterator[View]:
    org, people = _org(company), company.people
    ann, prod = people["Ann Keller"], company.projects["prod"]
    two = f"id={ann}&id={people['David Lindqvist']}"
    list_ = f"{org}/members?state=active&state=pending"

    def chosen(page: Any) -> None:
        for name in ("Ann Keller", "David Lindqvist"):
            page.check(f".ow-select-row[value='{people[name]}']")

    yield View(name="members", page="showMembers", path=list_, steps=chosen, is_drawn=True)
    yield View(
        name="why", page="showMembers", path=f"{list_}&why=user:{ann},project:{prod}", is_drawn=True, height=980
    )  # fmt: skip
    yield View(name="why-page", page="showWhy", path=f"/why?subject=user:{ann}&resource=project:{prod}")
    yield View(name="invite", page="showInviting", path=f"{org}/members/invite")
    yield View(name="member-selection", page="showMemberSelection", path=f"{org}/members/bulk?{two}&do=roles")
    yield View(name="member", page="showMember", path=f"{org}/members/{ann}")
    yield View(name="member-roles", page="showMemberRoles", path=f"{org}/members/{ann}/roles")
    yield View(name="member-teams", page="showMemberTeams", path=f"{org}/members/{ann}/teams")


def _teams(company: Company) -> Iterator[View]:
    org, team = _org(company), company.teams["On-call"]

    yield View(name="teams", page="showTeams", path=f"{org}/teams")
    yield View(name="new-team", page="showNewTeam", path=f"{org}/teams/new")
    yield View(name="team-add", page="showTeamAdding", path=f"{org}/teams/add?team={team}")
    yield View(name="team", page="showTeam", path=f"{org}/teams/{team}")
    yield View(name="team-name", page="showTeamName", path=f"{org}/teams/{team}/rename")


def _keys(company: Company) -> Iterator[View]:
    org, key = _org(company), company.key_ids["billing-report"]
    data_lake = company.projects["data-lake"]

    def made(page: Any) -> None:
        page.fill("main input[name=desc]", "nightly-export")
        page.check("main input[name=roles][value=ORG_MEMBER]")
        page.click("main form .ow-card-foot button.ow-primary")
        page.click("form.ow-sticky button.ow-primary")

    yield View(name="keys-list", page="showKeys", path=f"{org}/keys")
    yield View(name="new-key", page="showNewKey", path=f"{org}/keys/new")
    three = "&".join(f"id={each}" for each in list(company.key_ids.values())[:3])
    yield View(name="key-selection", page="showKeySelection", path=f"{org}/keys/bulk?{three}")
    yield View(name="key", page="showKey", path=f"{org}/keys/{key}")
    yield View(name="key-roles", page="showKeyRoles", path=f"{org}/keys/{key}/roles")
    yield View(name="key-project", page="showKeyProject", path=f"{org}/keys/{key}/project?project={data_lake}")
    yield View(name="keys", page="showKeys", path=f"{org}/keys/new", steps=made, is_drawn=True, changes=True)


def _accounts(company: Company) -> Iterator[View]:
    client, here = company.accounts["inventory-reader"], f"{_org(company)}/accounts"
    there = f"/p/{company.projects['data-lake']}/accounts"

    def made(page: Any) -> None:
        page.fill("main input[name=name]", "nightly-export")
        page.fill("main input[name=description]", "Writes reports")
        page.check("main input[name=roles][value=ORG_MEMBER]")
        page.click("main form .ow-card-foot button.ow-primary")
        page.click("form.ow-sticky button.ow-primary")

    yield View(name="accounts", page="showServiceAccounts", path=here)
    one = client.rpartition("_")[2]
    yield View(name="account-selection", page="showAccountSelection", path=f"{here}/bulk?id={one}")
    yield View(name="new-account", page="showNewServiceAccount", path=f"{here}/new")
    yield View(name="account", page="showServiceAccount", path=f"{here}/{client}")
    yield View(name="account-roles", page="showServiceAccountRoles", path=f"{here}/{client}/roles")
    yield View(name="account-secret", page="showServiceAccounts", path=f"{here}/new", steps=made, changes=True)
    yield View(name="project-accounts", page="showProjectServiceAccounts", path=there)
    yield View(name="new-project-account", page="showNewProjectServiceAccount", path=f"{there}/new")
    adding = f"/p/{company.projects['prod']}/accounts/add"
    yield View(name="project-account-add", page="showProjectServiceAccountAdding", path=adding)
    yield View(name="project-account", page="showProjectServiceAccount", path=f"{there}/{client}")
    yield View(name="project-account-roles", page="showProjectServiceAccountRoles", path=f"{there}/{client}/roles")


def _understood(company: Company) -> Iterator[View]:
    org = _org(company)
    projects = "&".join(f"project={company.projects[project]}" for project in ("data-lake", "sandbox"))
    shown = f"{projects}&sel=user:{company.people['Ines Almeida']}"
    two = "a=GROUP_DATA_ACCESS_READ_WRITE&b=GROUP_DATA_ACCESS_ADMIN"

    yield View(name="graph", page="showGraph", path=f"{org}/graph?{shown}", is_drawn=True)
    yield View(
        name="who-can",
        page="showWhoCan",
        path=f"{org}/who-can?privilege=backups.restore&on=project:{company.projects['prod']}",
    )
    yield View(name="matrix", page="showRoles", path=f"{org}/roles", is_drawn=True)
    yield View(name="role", page="showRole", path=f"{org}/roles/GROUP_CLUSTER_MANAGER")
    yield View(name="compare", page="showComparison", path=f"{org}/roles/compare?{two}", is_drawn=True)
    yield View(name="activity", page="showActivity", path=f"{org}/activity", steps=_first_opened, is_drawn=True)
    yield View(name="search", page="showSearch", path=f"/search?in={company.orgs[NORDWIND]}&q=ka")


def _first_opened(page: Any) -> None:
    page.click("main .ow-entry-through a")


def _settings(company: Company) -> Iterator[View]:
    settings = f"{_org(company)}/settings"

    def wrong(page: Any) -> None:
        page.fill("main input[name=name]", "Nordwind/Logistics")
        page.click("main form .ow-card-foot button[type=submit]")

    yield View(name="settings", page="showSettings", path=f"{settings}/general", steps=wrong, status=400, is_drawn=True)
    yield View(name="settings-security", page="showSecuritySettings", path=f"{settings}/security")
    yield View(name="settings-sessions", page="showSessionsSettings", path=f"{settings}/sessions")
    yield View(name="settings-addresses", page="showAddressesSettings", path=f"{settings}/addresses")
    yield View(name="settings-danger", page="showDangerSettings", path=f"{settings}/danger")


def _federation(company: Company) -> Iterator[View]:
    """Yield the pages about a federation, of an organization of its own: no other picture tells of it."""
    henrik = company.of(HENRIK)
    org = company.ask(henrik, "POST", "/orgs", {"name": "Nordwind Harbour"})["organization"]["id"]
    federation = company.ask(henrik, "POST", f"{OWN}/orgs/{org}/federation")["id"]
    here = f"/federationSettings/{federation}"
    body = {"displayName": "Nordwind login", "issuerUri": "https://login.nordwind.example", "clientId": "orgward"}
    provider = company.ask(henrik, "POST", f"{here}/identityProviders", {**body, "groupsClaim": "teams"})["id"]
    place = f"{here}/connectedOrgConfigs/{org}"
    company.ask(henrik, "PATCH", place, {"identityProviderId": provider, "postAuthRoleGrants": ["ORG_MEMBER"]})
    company.ask(henrik, "POST", f"{OWN}{here}/domains", {"domain": "nordwind.example"})
    quay = company.ask(henrik, "POST", "/groups", {"name": "quay", "orgId": org})["id"]
    given = [{"orgId": org, "role": "ORG_READ_ONLY"}, {"groupId": quay, "role": "GROUP_BACKUP_MANAGER"}]
    body = {"externalGroupName": "harbour-masters", "roleAssignments": given}
    mapping = company.ask(henrik, "POST", f"{place}/roleMappings", body)["id"]
    base = f"/o/{org}/settings/federation"

    yield View(name="federation", page="showFederationSettings", path=base, who=HENRIK)
    yield View(name="providers", page="showIdentityProviders", path=f"{base}/providers", who=HENRIK)
    yield View(name="new-provider", page="showNewIdentityProvider", path=f"{base}/providers/new", who=HENRIK)
    yield View(name="provider", page="showIdentityProvider", path=f"{base}/providers/{provider}", who=HENRIK)
    yield View(name="domains", page="showFederationDomains", path=f"{base}/domains", who=HENRIK)
    yield View(name="mappings", page="showRoleMappings", path=f"{base}/mappings", who=HENRIK)
    yield View(name="new-mapping", page="showNewRoleMapping", path=f"{base}/mappings/new", who=HENRIK, language="de")
    yield View(name="mapping", page="showRoleMapping", path=f"{base}/mappings/{mapping}", who=HENRIK)


def _project(company: Company) -> Iterator[View]:
    prod, ann = _prod(company), company.people["Ann Keller"]
    refused = f"{prod}/access/{ann}/roles"

    def selected(page: Any) -> None:
        for name in ("Ann Keller", "Katarzyna Zielinska"):
            page.check(f".ow-select-row[value='{company.people[name]}']")
        page.click(".ow-bulk button[formaction$='/access/roles']")

    yield View(name="access", page="showAccess", path=f"{prod}/access", is_drawn=True)
    yield View(name="add-people", page="showAddPeople", path=f"{prod}/access/add")
    yield View(name="access-selection", page="showRolesOfPeople", path=f"{prod}/access", steps=selected)
    yield View(name="access-of-person", page="showAccessOfPerson", path=f"{prod}/access/{ann}")
    yield View(name="access-ends", page="showEndsOfPerson", path=f"{prod}/access/{ann}/ends")
    yield View(name="access-roles", page="showRolesOfPerson", path=refused)
    yield View(name="ask", page="showAsking", path=f"{prod}/ask?privilege=project.users.update_roles", who=LUKAS)
    refusal = {"page": "showRefusal", "path": refused, "who": LUKAS, "status": 403, "is_drawn": True}
    yield View(name="refusal", **refusal)
    yield View(name="refusal_de", language="de", **refusal)


def _on_project(company: Company) -> Iterator[View]:
    prod, team = _prod(company), company.teams["Tracking"]
    requests = company.ask(company.of(GRACE), "GET", f"{OWN}/groups/{company.projects['prod']}/joinRequests")["results"]
    key = company.key_ids["load-test"]
    form = f"{prod}/teams/{team}"

    def reduced(page: Any) -> None:
        page.uncheck("main input[name=roles][value=GROUP_OWNER]")
        page.check("main input[name=roles][value=GROUP_DATA_ACCESS_READ_WRITE]")
        page.click("main form .ow-card-foot button[type=submit]")

    yield View(name="project-teams", page="showProjectTeams", path=f"{prod}/teams")
    yield View(name="new-project-team", page="showNewProjectTeam", path=f"{prod}/teams/new")
    yield View(name="project-team", page="showProjectTeam", path=form)
    yield View(name="preview", page="showChange", path=form, steps=reduced, is_drawn=True)
    invited = _invitation(company, "greta.wallin@nordwind.example")
    yield View(name="project-invitation", page="showProjectInvitation", path=f"{prod}/invitations/{invited}")
    yield View(name="project-invitations", page="showProjectInvitations", path=f"{prod}/invitations")
    yield View(name="requests", page="showRequests", path=f"{prod}/requests")
    yield View(name="request", page="showRequest", path=f"{prod}/requests/{requests[0]['id']}")
    yield View(name="project-keys", page="showProjectKeys", path=f"{prod}/keys")
    yield View(name="project-key", page="showProjectKey", path=f"{prod}/keys/{key}")
    yield View(name="new-project-key", page="showNewProjectKey", path=f"{prod}/keys/new")
    yield View(name="project-key-add", page="showProjectKeyAdding", path=f"{prod}/keys/add")
    yield View(name="tags", page="showTags", path=f"{prod}/tags")
    yield View(name="project-activity", page="showProjectActivity", path=f"{prod}/activity")
    yield View(name="project-who-can", page="showProjectWhoCan", path=f"{prod}/who-can?privilege=clusters.delete")
    yield View(name="project-settings", page="showProjectSettings", path=f"{prod}/settings/general")
    yield View(name="project-danger", page="showProjectDanger", path=f"{prod}/settings/danger")
