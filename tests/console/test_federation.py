"""Federation in the settings: founded, used, providers, domains, role mappings with their checks, and mapped chips."""

import csv
import io
import re

import pytest

from tests.federations import Federated


@pytest.fixture
def owner(company):
    """Give the owner in front of the console."""
    return company.visit(company.owner)


@pytest.fixture
def base(company):
    """Give the address of the pages."""
    return f"/o/{company.id}/settings/federation"


@pytest.fixture
def federated(company, owner, base):
    """Give the company in a federation, founded in the console, with a provider that it uses."""
    assert owner.post(base, {"do": "found"}).location.startswith(base)
    found = Federated(_Api(company), company.key.get(f"/orgs/{company.id}/federationSettings").json["id"], "")
    fields = {"idpType": "WORKFORCE", "displayName": "Login", "issuerUri": "https://idp.example", "clientId": "orgward"}
    owner.follow(owner.post(f"{base}/providers/new", {**fields, "groupsClaim": "roles"}))
    (made,) = company.key.get(f"{found.path}/identityProviders").json["results"]
    found.provider = made["id"]
    owner.apply(base, {"do": "use", "provider": made["id"], "joins": "on"})
    return found


class _Api:
    """A company as the helpers for federations know one: its owner calls the API with the key."""

    def __init__(self, company):
        self.id, self.ann, self.world = company.id, company.key, company.world

    def outsider(self, name):
        """Make an account that is in no organization."""
        return self.world.user(name)


def mapping_fields(company, **more):
    """Give the fields of a mapping of the people called `devs`: a role here, and one on prod."""
    project = {"project": [company.prod, ""], "role": ["GROUP_READ_ONLY", ""]}
    return {"name": "devs", "roles": ["ORG_MEMBER"], **project, **more}


def test_without_a_federation_there_is_one_to_found(company, owner, base):
    """Whoever may is offered to found one; a plain member has no such page."""
    assert "in no federation" in owner.get(base).words
    assert company.visit(company.member).get(base).status == 403
    assert company.visit(company.stranger).get(base).status == 404


def test_the_organization_sets_what_it_uses(company, owner, base, federated):
    """Provider, default roles, joining and listed domains go through a check and stand in the form afterwards."""
    fields = {"do": "use", "provider": federated.provider, "roles": ["ORG_READ_ONLY"], "restricted": "on",
              "domains": "a.example\nb.example"}  # fmt: skip
    assert "Organization Read Only" in owner.check(base, fields).words
    owner.apply(base, fields)
    kept = company.key.get(federated.place()).json
    assert (kept["postAuthRoleGrants"], kept["domainAllowList"]) == (["ORG_READ_ONLY"], ["a.example", "b.example"])
    assert kept["instantUserProvisioningDisabled"] is kept["domainRestrictionEnabled"] is True
    assert "a.example\nb.example" in owner.get(base).text
    refused = owner.post(base, {**fields, "domains": "no domain at all!"})
    assert (refused.status, "no domain" in refused.words) == (400, True)


def test_a_domain_is_claimed_proven_and_given_up(company, owner, base, federated):
    """The page shows the record, says when it is not there yet, and what is proven then."""
    page = f"{base}/domains"
    owner.follow(owner.post(page, {"domain": "nordwind.example"}))
    proof = re.search(r"orgward-domain-verification=[\w-]+", owner.get(page).text)[0]
    company.world.door.txt_records = lambda domain: []
    refused = owner.post(page, {"do": "verify", "domain": "nordwind.example"})
    assert (refused.status, "was not found" in refused.words) == (400, True)
    company.world.door.txt_records = lambda domain: [proof]
    shown = owner.follow(owner.post(page, {"do": "verify", "domain": "nordwind.example"}))
    assert "Proven" in shown.words
    owner.follow(owner.post(page, {"do": "remove", "domain": "nordwind.example"}))
    assert "No domain yet" in owner.get(page).words


def test_a_provider_is_changed_by_way_of_a_check(company, owner, base, federated):
    """The form is filled in; a secret is kept and never shown; the end tells what ends with it."""
    page = f"{base}/providers/{federated.provider}"
    shown = owner.get(page)
    assert "https://idp.example" in shown.text
    assert "Without a secret" in shown.words
    owner.follow(owner.post(page, {"do": "secret", "secret": "very secret"}))
    shown = owner.get(page)
    assert "very secret" not in shown.text
    assert "A secret is kept" in shown.words
    owner.apply(page, {"displayName": "Other", "issuerUri": "https://idp.example", "clientId": "orgward"})
    assert "Other" in owner.get(f"{base}/providers").words
    owner.follow(owner.post(page, {"do": "keys"}))
    owner.apply(page, {"do": "delete"})
    assert "No identity provider yet" in owner.get(f"{base}/providers").words
    assert owner.get(page).status == 404


def test_the_check_of_a_mapping_says_who_gains_and_who_loses(company, owner, base, federated):
    """Nothing is saved blind: the check tells whom it is about, and afterwards they have the roles."""
    bob = federated.arrive("bob@nordwind.example", "devs")
    checked = owner.check(f"{base}/mappings/new", mapping_fields(company))
    assert bob.id in checked.words  # who is no member yet has no name here
    owner.apply(f"{base}/mappings/new", mapping_fields(company))
    assert company.key.get(f"/orgs/{company.id}/users/{bob.id}").json["roles"]["orgRoles"] == ["ORG_MEMBER"]
    shown = owner.get(f"{base}/mappings")
    assert "devs" in shown.words
    assert "Read Only , on prod" in shown.words
    page = next(link for link in shown.links if re.search(r"/mappings/[0-9a-f]{24}$", link))
    owner.apply(page, mapping_fields(company, roles=["ORG_READ_ONLY"], project=[], role=[]))
    assert company.key.get(f"/orgs/{company.id}/users/{bob.id}").json["roles"]["orgRoles"] == ["ORG_READ_ONLY"]
    assert "bob@nordwind.example" in owner.check(f"{page}/delete").words.replace("\u200b", "")
    owner.apply(f"{page}/delete")
    assert company.key.get(f"/orgs/{company.id}/users/{bob.id}").status == 404


def test_mappings_are_searched_and_exported(company, owner, base, federated):
    """The search finds part of a name in any capitals, and the file holds what the list holds."""
    for name in ("Developers", "Operators"):
        federated.mapped(name, "ORG_MEMBER")
    shown = owner.get(f"{base}/mappings?q=DEVEL")
    assert ("Developers" in shown.words, "Operators" in shown.words) == (True, False)
    lines = owner.get(f"{base}/mappings.csv?q=devel").text.splitlines()
    assert len(lines) == 2
    assert lines[1].split(",")[1:] == ["Developers", "Nordwind: ORG_MEMBER"]


def test_a_role_by_mapping_says_so_and_has_no_remove_control(company, owner, base, federated):
    """Its chip has the glyph of a link and the mapping's name; forms keep it and offer neither end nor removal."""
    federated.mapped("devs", "ORG_MEMBER", on={company.prod: ["GROUP_READ_ONLY"]})
    bob = federated.arrive("bob@nordwind.example", "devs")
    for page in (f"/o/{company.id}/members", f"/p/{company.prod}/access", f"/o/{company.id}/members/{bob.id}"):
        shown = owner.get(page)
        assert "ow-chip-mapping" in shown.text, page
        assert "devs" in shown.words, page
    form = owner.get(f"/o/{company.id}/members/{bob.id}/roles").text
    assert 'value="ORG_MEMBER"' not in re.sub(r'<input[^>]*type="hidden"[^>]*>', "", form)
    assert "ow-chip-mapping" in form
    form = owner.get(f"/p/{company.prod}/access/{bob.id}/roles").text
    assert 'value="GROUP_READ_ONLY"' not in re.sub(r'<input[^>]*type="hidden"[^>]*>', "", form)
    why = owner.get(f"/p/{company.prod}/access/{bob.id}")
    assert "by the role mapping of devs" in why.words


def test_an_organization_role_by_mapping_reaches_projects_as_such(company, owner, base, federated):
    """There it is the project role that it comes to, by the role and the mapping that are behind it."""
    federated.mapped("devs", "ORG_READ_ONLY")
    bob = federated.arrive("bob@nordwind.example", "devs")
    shown = owner.get(f"/p/{company.prod}/access?source=inherited&q=bob")
    assert "Read Only , Organization Read Only, devs" in shown.words
    why = owner.get(f"/p/{company.prod}/access/{bob.id}").words
    assert "reaches every project as Project Read Only" in why
    assert "by the role mapping of devs" in why


def test_an_organization_role_by_mapping_is_in_ones_own_file_once(company, federated):
    """It stands with the organization, and not once more with a project that a role of one's own leads to."""
    federated.mapped("devs", "ORG_READ_ONLY", on={company.prod: ["GROUP_OWNER"]})
    visitor = company.visit(federated.arrive("bob@nordwind.example", "devs"))
    lines = csv.DictReader(io.StringIO(visitor.get("/me/access.csv").text))
    assert [(line["projectName"], line["role"], line["via"]) for line in lines] == [
        ("", "ORG_READ_ONLY", "mapping"),
        ("prod", "GROUP_OWNER", "mapping"),
    ]


def test_who_may_not_read_mappings_is_not_told_their_names(company, owner, federated):
    """A member sees that a role is held by mapping, and not by which one."""
    federated.mapped("top secret project", "ORG_MEMBER", on={company.prod: ["GROUP_READ_ONLY"]})
    federated.arrive("bob@nordwind.example", "top secret project")
    shown = company.visit(company.reader).get(f"/p/{company.prod}/access")
    assert "top secret project" not in shown.text


@pytest.mark.parametrize("part", ["", "/providers", "/providers/new", "/domains", "/mappings", "/mappings/new"])
def test_pages_are_there_in_german(company, owner, base, federated, part):
    """Each page is whole in the other language, with and without something to show."""
    owner.post("/preferences", {"lang": "de", "next": "/"})
    shown = owner.get(base + part)
    assert shown.status == 200
    assert "Verbund" in shown.words


def test_another_organizations_mapping_is_unknown(world, company, owner, base, federated):
    """A mapping or provider of another organization has no page here."""
    other = world.organization("Other", owner="olga@elsewhere.example")
    theirs = Federated(_Api(_Elsewhere(world, other)), "", "")
    theirs.id = other.key.post(f"/api/orgward/v1/orgs/{other.id}/federation").json["id"]
    mapping = theirs.mapped("devs", "ORG_MEMBER")
    assert owner.get(f"{base}/mappings/{mapping}").status == 404
    provider = theirs.describe().json["id"]
    assert owner.get(f"{base}/providers/{provider}").status == 404


class _Elsewhere:
    """Another organization with its key."""

    def __init__(self, world, organization):
        self.world, self.id, self.key = world, organization.id, organization.key
