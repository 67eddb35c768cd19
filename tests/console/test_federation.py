"""Federation in the settings: founded, used, providers, domains, role mappings with their checks, and mapped chips."""

import csv
import io
import re

import pytest

from orgward.app.federated_sign_in import CALLBACK
from tests.federations import Federated
from tests.visitor import ORIGIN


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
    owner.apply(page, {"do": "remove", "domain": "nordwind.example", "typed": "nordwind.example"})
    assert "No domain yet" in owner.get(page).words
    owner.follow(owner.post(page, {"domain": "nordwind.example"}))
    assert "was given up" in owner.follow(owner.post(page, {"do": "remove", "domain": "nordwind.example"})).words


def test_a_proven_domain_is_given_up_by_way_of_a_check_once_it_was_typed(company, owner, base, federated):
    """One click takes nobody's way in: the page asks for the name, and the check says by whom nobody signs in then."""
    page, provider = f"{base}/domains", f"{federated.path}/identityProviders/{federated.provider}"
    federated.prove("suedwind.example")
    assert company.key.patch(provider, {"associatedDomains": ["suedwind.example"]}).status == 200
    shown = owner.get(page)
    assert 'value="remove"' not in shown.text
    asked = next(link for link in shown.links if "end=suedwind.example" in link)
    assert "Type suedwind.example to confirm" in owner.get(asked.partition("#")[0]).words
    fields = {"do": "remove", "domain": "suedwind.example"}
    refused = owner.post(page, {**fields, "typed": "suedwind"})
    assert (refused.status, "Type suedwind.example to confirm." in refused.words) == (400, True)
    checked = owner.check(page, {**fields, "typed": "suedwind.example"})
    assert "Login speaks for addresses at suedwind.example no more" in checked.words
    assert company.key.get(provider).json["associatedDomains"] == ["suedwind.example"]
    denied = company.visit(company.member).post(page, {**fields, "typed": "suedwind"})
    assert (denied.status, "suedwind.example" in denied.words) == (403, False)
    owner.apply(page, {**fields, "typed": "suedwind.example"})
    assert company.key.get(provider).json["associatedDomains"] == []


def test_the_check_of_a_providers_end_names_people(company, owner, base, federated):
    """Whom the end of a provider or of the federation concerns has a name there, and a place."""
    federated.mapped("devs", "ORG_READ_ONLY")
    bob = federated.arrive("bob@nordwind.example", "devs")
    for page in (f"{base}/providers/{federated.provider}", base):
        checked = owner.check(page, {"do": "delete"})
        assert "bob@nordwind.example" in checked.words.replace("\u200b", ""), page
        assert bob.id not in checked.text
        assert "on Nordwind" in checked.words


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


def test_the_redirect_uri_to_register_is_shown_with_a_provider(company, owner, base, federated):
    """It is there to be copied before a provider is added and afterwards, as sign-in sends it; programs have none."""
    uri = f"{ORIGIN}{CALLBACK}"
    for page in (f"{base}/providers/new", f"{base}/providers/{federated.provider}"):
        shown = owner.get(page)
        assert f'id="callback">{uri}</code>' in shown.text
        assert 'data-copy="callback"' in shown.text
    programs = federated.describe(idpType="WORKLOAD", clientId=None, audience="orgward").json["id"]
    assert uri not in owner.get(f"{base}/providers/{programs}").text


def test_providers_and_domains_are_exported(company, owner, base, federated):
    """The files hold what the lists hold: no secret, and the record of a domain until it is proven."""
    owner.follow(owner.post(f"{base}/providers/{federated.provider}", {"do": "secret", "secret": "very secret"}))
    for name in ("providers", "domains"):
        assert company.visit(company.member).get(f"{base}/{name}.csv").status == 403
    assert f"{base}/providers.csv" in owner.get(f"{base}/providers").links
    text = owner.get(f"{base}/providers.csv").text
    (line,) = csv.DictReader(io.StringIO(text))
    assert (line["id"], line["displayName"], line["idpType"]) == (federated.provider, "Login", "WORKFORCE")
    assert (line["issuerUri"], line["used"]) == ("https://idp.example", "true")
    assert "secret" not in text

    owner.follow(owner.post(f"{base}/domains", {"domain": "nordwind.example"}))
    assert f"{base}/domains.csv" in owner.get(f"{base}/domains").links
    (line,) = csv.DictReader(io.StringIO(owner.get(f"{base}/domains.csv").text))
    assert (line["domain"], line["state"], line["verifiedAt"]) == ("nordwind.example", "PENDING", "")
    assert line["record"].startswith("orgward-domain-verification=")
    company.world.door.txt_records = lambda domain: [line["record"]]
    owner.follow(owner.post(f"{base}/domains", {"do": "verify", "domain": "nordwind.example"}))
    (line,) = csv.DictReader(io.StringIO(owner.get(f"{base}/domains.csv").text))
    assert (line["state"], line["record"], bool(line["verifiedAt"])) == ("VERIFIED", "", True)


def test_the_check_of_a_mapping_says_who_gains_and_who_loses(company, owner, base, federated):
    """Nothing is saved blind: the check tells whom it is about, and afterwards they have the roles."""
    bob = federated.arrive("bob@nordwind.example", "devs")
    sent = owner.post(f"{base}/mappings/new", mapping_fields(company))
    checked, file = owner.get(sent.location), owner.get(f"{sent.location}/affected.csv")
    for told in (checked, file):
        assert "Somebody outside Nordwind" in told.words
        assert bob.id not in told.text
        assert "bob@" not in told.text.replace("\u200b", "")
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


def test_the_check_of_a_mapping_says_which_one_gives_a_role(company, owner, base, federated):
    """A chip has the name that the mapping will have, beside the other one's; the old name is gone."""
    federated.mapped("all", "ORG_MEMBER")
    federated.arrive("bob@nordwind.example", "devs", "all")
    checked = owner.check(f"{base}/mappings/new", mapping_fields(company, roles=["ORG_READ_ONLY"]))
    head, told = checked.words.split("Afterwards")[:2]
    assert "Project Read Only , on prod" in head
    for chip in ("Organization Read Only , devs", "Organization Member , all", "Project Read Only , devs"):
        assert chip in told
    assert "default role" not in checked.words
    made = federated.mapped("devs", "ORG_READ_ONLY", on={company.prod: ["GROUP_READ_ONLY"]})
    fields = mapping_fields(company, name="ops", roles=["ORG_READ_ONLY"])
    told = owner.check(f"{base}/mappings/{made}", fields).words.split("Afterwards")[1]
    assert "Organization Member , all" in told
    assert "devs" not in told


def test_the_check_of_default_roles_calls_them_so(company, owner, base, federated):
    """Somebody to whom no mapping gives a role has the default ones, under that name."""
    federated.arrive("bob@nordwind.example", "devs")
    federated.mapped("devs", "ORG_READ_ONLY")
    fields = {"do": "use", "provider": federated.provider, "roles": ["ORG_MEMBER"], "joins": "on"}
    owner.apply(base, fields)
    (page,) = {link for link in owner.get(f"{base}/mappings").links if re.search(r"/mappings/[0-9a-f]{24}$", link)}
    assert "Organization Member , default role" in owner.check(f"{page}/delete").words


def test_the_check_of_a_mappings_end_says_what_is_kept(company, owner, base, federated):
    """Whoever remains a member by another mapping does not have nothing afterwards; each role has its project."""
    federated.mapped("all", "ORG_MEMBER")
    made = federated.mapped("devs", "ORG_MEMBER", on={company.prod: ["GROUP_READ_ONLY"]})
    federated.arrive("bob@nordwind.example", "devs", "all")
    checked = owner.check(f"{base}/mappings/{made}/delete")
    head, told = checked.words.split("Afterwards")[:2]
    assert "Project Read Only , on prod" in head
    assert "on Nordwind" in told
    assert "Member , all" in told


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


def test_whoever_joined_by_signing_in_is_said_to_have(company, owner, base, federated):
    """Nobody brought them and nobody was erased: membership and roles come from signing in at the provider."""
    federated.mapped("devs", "ORG_READ_ONLY", on={company.prod: ["GROUP_OWNER"]})
    bob = federated.arrive("bob@nordwind.example", "devs")
    shown = owner.get(f"/o/{company.id}/members/{bob.id}")
    assert shown.words.count("by signing in at Login") >= 3
    assert "erased" not in shown.words
    assert "by a role mapping, double" in shown.words
    why = owner.get(f"/p/{company.prod}/access/{bob.id}").words
    assert "by signing in" in why
    assert "erased" not in why
    owner.apply(base, {"do": "use", "provider": "", "joins": "on"})
    federated.mapped("all", "ORG_MEMBER")
    assert "erased" not in owner.get(f"/o/{company.id}/members").words


def test_the_feed_says_what_a_sign_in_has_done(company, owner, federated):
    """Roles that followed from groups were given by a sign-in, and by nobody who was erased."""
    federated.mapped("engineers", "ORG_MEMBER")
    federated.arrive("newcomer@nordwind.example", "engineers")
    shown = owner.get(f"/o/{company.id}/activity").words
    assert "A sign-in" in shown
    assert "A person who was erased" not in shown


def test_people_of_a_connected_organization_are_named_to_whoever_sees_them(world, company, owner, base, federated):
    """Who is a member there alone has a name in the check for those who are, too."""
    other = world.organization("Südwind", owner="sue@suedwind.example")
    joined = world.user("erin@nordwind.example", orgs={company.id: ["ORG_OWNER"], other.id: ["ORG_OWNER"]})
    assert federated.connect(other, joined).status in {200, 201}
    bob = federated.arrive("bob@nordwind.example", "devs")
    invited = {"username": "bob@nordwind.example", "roles": {"orgRoles": ["ORG_MEMBER"]}}
    assert other.key.post(f"/orgs/{other.id}/users", invited).status == 201
    for visitor, said in ((company.visit(joined), "bob@nordwind.example"), (owner, "Somebody outside Nordwind")):
        checked = visitor.check(f"{base}/mappings/new", mapping_fields(company))
        assert said in checked.words.replace("\u200b", "")
        assert bob.id not in checked.text


def test_the_graph_tells_mappings_from_other_ways(company, owner, federated):
    """Their lines and chips are marked, they are found by their source, and nobody else's ways are."""
    federated.mapped("devs", "ORG_READ_ONLY", on={company.prod: ["GROUP_OWNER"]})
    federated.arrive("bob@nordwind.example", "devs")
    url = f"/o/{company.id}/graph"
    shown = owner.get(f"{url}?q=bob")
    assert "ow-edge-mapping" in shown.text.split("ow-legend")[0]
    assert "ow-chip-mapping" in shown.text
    assert shown.words.count("Role mapping of devs") == 2
    assert "ow-edge-mapping" not in owner.get(f"{url}?q=rob").text.split("ow-legend")[0]
    assert 'class="mapping' in owner.get(f"{url}.svg?q=bob").text

    def people(query):
        lines = csv.DictReader(io.StringIO(owner.get(f"{url}.csv?{query}").text))
        return {(line["username"].split("@")[0], line["role"], line["via"]) for line in lines}

    mapped = {("bob", "ORG_READ_ONLY", "mapping"), ("bob", "GROUP_OWNER", "mapping")}
    assert people("source=mapping") == mapped
    assert {who for who, *_ in people("source=direct")} == {"rob"}
    assert {who for who, *_ in people("source=organization_role")} == {"carla"}
    assert people("source=mapping&role=GROUP_OWNER") == {("bob", "GROUP_OWNER", "mapping")}
    assert "bob" not in owner.get(f"{url}?source=direct").words
    assert "bob" not in owner.get(f"{url}?source=organization_role").words
    plain = company.visit(company.reader).get(f"{url}?q=bob").words
    assert ("Role mapping" in plain, "devs" in plain) == (True, False)


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
