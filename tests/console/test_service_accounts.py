"""Service accounts in the console: lists, one account's page, secrets seen once, roles, addresses, the end (72-83)."""

import csv
import io
import re

import pytest

OWN = "/api/orgward/v1"
NEW = {"name": "nightly-export", "description": "writes reports", "roles": ["ORG_MEMBER"], "hours": "720"}


@pytest.fixture
def visitor(company):
    """Give the owner in front of the console."""
    return company.visit(company.owner)


def account_in(company, place, *roles, name="terraform"):
    """Make an account and give it as it was shown."""
    body = {"name": name, "description": "applies plans", "roles": list(roles), "secretExpiresAfterHours": 240}
    reply = company.owner.post(f"{place}/serviceAccounts", body)
    assert reply.status == 201, reply.json
    return reply.json


@pytest.fixture
def made(company):
    """Give the client id of an account that reads the organization."""
    return account_in(company, f"/orgs/{company.id}", "ORG_READ_ONLY")["clientId"]


def shown_by_api(company, client):
    """Give the account as the API shows it."""
    return company.key.get(f"/orgs/{company.id}/serviceAccounts/{client}")


def secret_in(shown):
    """Give the secret that a page shows in full."""
    found = re.search(r"mdb_sa_sk_[A-Za-z0-9_-]{40}", shown.words)
    return found[0] if found else ""


def carried_out(visitor, sent):
    """Confirm the check that a form led to, and give the page after it."""
    checked = visitor.get(sent.location)
    return visitor.post(sent.location, {"digest": checked.hidden("digest")})


@pytest.mark.parametrize("scope", ["organization", "project"])
def test_a_new_account_is_checked_and_its_secret_shown_once(company, visitor, scope):
    """The check makes nothing; no page shows the secret again."""
    path = f"/o/{company.id}/accounts" if scope == "organization" else f"/p/{company.prod}/accounts"
    role = "ORG_MEMBER" if scope == "organization" else "GROUP_READ_ONLY"
    sent = visitor.post(f"{path}/new", {**NEW, "roles": [role]})
    checked = visitor.get(sent.location)
    assert "nightly-export" in checked.words
    assert company.key.get(f"/orgs/{company.id}/serviceAccounts").json["totalCount"] == 0
    shown = visitor.post(sent.location, {"digest": checked.hidden("digest")})
    assert (shown.status, shown.headers["cache-control"]) == (200, "no-store")
    assert secret_in(shown)
    (account,) = company.key.get(f"/orgs/{company.id}/serviceAccounts").json["results"]
    assert (account["name"], account["description"], account["roles"]) == (
        "nightly-export",
        "writes reports",
        ["ORG_MEMBER"],
    )
    assert account["clientId"] in shown.words
    again = visitor.get(sent.location)
    assert "This secret was already shown" in again.words
    assert secret_in(again) == ""
    assert secret_in(visitor.get(f"{path}/{account['clientId']}")) == ""


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"name": "a<b"}, "Use 1 to 64 letters"),
        ({"description": ""}, "Use 1 to 250 letters"),
        ({"roles": []}, "Choose at least one role."),
        ({"hours": "soon"}, "Choose for how long it is to be good."),
        ({"hours": "9000"}, "A secret is good for 8 to 8760 hours here."),
    ],
)
def test_a_faulty_form_says_what_is_wrong_and_keeps_what_was_written(company, visitor, fields, told):
    """Nothing is made."""
    shown = visitor.post(f"/o/{company.id}/accounts/new", {**NEW, **fields})
    assert shown.status >= 400
    assert told in shown.words
    assert "nightly-export" in shown.text or "name" in fields
    assert company.key.get(f"/orgs/{company.id}/serviceAccounts").json["totalCount"] == 0


def test_spans_are_bounded_by_the_organization(company, visitor):
    """Rule 81: no form offers more than the setting allows."""
    company.owner.patch(f"/orgs/{company.id}/settings", {"maxServiceAccountSecretValidityInHours": 100})
    shown = visitor.get(f"/o/{company.id}/accounts/new")
    assert re.findall(r'<option value="(\d+)"', shown.text) == ["24", "100"]


def test_the_list_is_searched_filtered_and_saved(company, visitor, made):
    """By text, role, project and what needs a look; the file holds what the list holds."""
    path = f"/o/{company.id}/accounts"
    other = account_in(company, f"/groups/{company.prod}", "GROUP_OWNER", name="deployer")["clientId"]
    everything = visitor.get(path)
    assert made in everything.text
    assert other in everything.text
    for query, found in (
        ("q=TERRA", [made]), ("q=plans", [made, other]), ("role=GROUP_OWNER", [other]), ("role=ORG_READ_ONLY", [made]),
        (f"project={company.prod}", [other]), (f"project={company.dev}", []), ("attention=1", [made, other]),
        ("q=nobody", []),
    ):  # fmt: skip
        lines = visitor.get(f"{path}.csv?{query}").text
        rows = list(csv.DictReader(io.StringIO(lines)))
        assert sorted(row["clientId"] for row in rows) == sorted(found), query
        page = visitor.get(f"{path}?{query}").text
        assert [client for client in (made, other) if client in page] == [c for c in (made, other) if c in found], query


def test_a_project_lists_its_own_accounts_alone(company, visitor, made):
    """With their roles there and in the organization, and of no other project."""
    there = account_in(company, f"/groups/{company.prod}", "GROUP_OWNER", name="deployer")["clientId"]
    company.owner.post(f"/groups/{company.dev}/serviceAccounts/{there}:invite", {"roles": ["GROUP_READ_ONLY"]})
    shown = visitor.get(f"/p/{company.prod}/accounts")
    assert there in shown.text
    assert made not in shown.text
    one = visitor.get(f"/p/{company.prod}/accounts/{there}")
    assert one.status == 200
    assert company.dev not in one.text
    assert visitor.get(f"/p/{company.dev}/accounts/{made}").status == 404


def test_a_name_is_changed_at_once(company, visitor, made):
    """Without a check, for it changes nobody's access; a faulty one is said where it stands."""
    path = f"/o/{company.id}/accounts/{made}"
    visitor.post(path, {"account_name": "pulumi", "description": "applies <b>"})
    assert shown_by_api(company, made).json["name"] == "terraform"
    visitor.post(path, {"account_name": "pulumi", "description": "applies programs"})
    found = shown_by_api(company, made).json
    assert (found["name"], found["description"]) == ("pulumi", "applies programs")


@pytest.mark.parametrize("scope", ["organization", "project"])
def test_secrets_are_rotated(company, visitor, scope):
    """A second one is made and seen once, a third is refused, the first is deleted (rules 78, 81)."""
    place = f"/groups/{company.prod}"
    made = account_in(company, place, "GROUP_READ_ONLY")
    path = f"/p/{company.prod}/accounts/{made['clientId']}"
    if scope == "organization":
        path = f"/o/{company.id}/accounts/{made['clientId']}"
    shown = carried_out(visitor, visitor.post(path, {"hours": "720"}))
    assert secret_in(shown)
    refused = visitor.post(path, {"hours": "720"})
    assert refused.status == 400
    assert "at most 2 secrets" in refused.words
    first = made["secrets"][0]["id"]
    carried_out(visitor, visitor.post(path, {"secret": first}))
    assert first not in [each["id"] for each in shown_by_api(company, made["clientId"]).json["secrets"]]
    last = shown_by_api(company, made["clientId"]).json["secrets"][0]["id"]
    checked = visitor.get(visitor.post(path, {"secret": last}).location)
    assert "can’t get tokens until it is given another" in checked.words


def test_roles_are_changed_through_the_check(company, visitor, made):
    """In the organization, and on a project that the account is put on and taken off again."""
    carried_out(visitor, visitor.post(f"/o/{company.id}/accounts/{made}/roles", {"roles": ["ORG_MEMBER"]}))
    assert shown_by_api(company, made).json["roles"] == ["ORG_MEMBER"]
    accounts, there = f"/p/{company.prod}/accounts", f"/groups/{company.prod}/serviceAccounts/{made}"
    assert made in visitor.get(f"{accounts}/add").text
    carried_out(visitor, visitor.post(f"{accounts}/add", {"account": made, "roles": ["GROUP_READ_ONLY"]}))
    assert company.key.get(there).json["roles"] == ["GROUP_READ_ONLY"]
    carried_out(visitor, visitor.post(f"{accounts}/{made}/roles", {"roles": ["GROUP_OWNER"]}))
    assert company.key.get(there).json["roles"] == ["GROUP_OWNER"]
    carried_out(visitor, visitor.post(f"{accounts}/{made}/remove", {}))
    assert company.key.get(there).status == 404
    assert shown_by_api(company, made).status == 200


def test_addresses_are_changed_through_the_check(company, visitor, made):
    """Added and removed; what is none is said at its field."""
    path = f"/o/{company.id}/accounts/{made}"
    listing = f"/orgs/{company.id}/serviceAccounts/{made}/accessList"
    refused = visitor.post(path, {"addresses": "nowhere"})
    assert refused.status == 400
    sent = visitor.post(path, {"addresses": "192.0.2.7\n198.51.100.0/24"})
    assert "work from no other address" in visitor.get(sent.location).words
    carried_out(visitor, sent)
    assert company.key.get(listing).json["totalCount"] == 2
    carried_out(visitor, visitor.post(path, {"remove": "192.0.2.7"}))
    assert [entry["cidrBlock"] for entry in company.key.get(listing).json["results"]] == ["198.51.100.0/24"]


def test_an_account_is_suspended_reactivated_and_deleted(company, visitor, made):
    """Each through the check; deleting wants the name typed."""
    path = f"/o/{company.id}/accounts/{made}"
    state = f"{OWN}/orgs/{company.id}/serviceAccounts/{made}"
    for verb, suspended in (("suspend", True), ("reactivate", False)):
        carried_out(visitor, visitor.post(path, {verb: "1"}))
        assert company.key.get(state).json["suspended"] is suspended
        assert ("Its tokens are refused and it gets no new ones." in visitor.get(path).words) is suspended
    refused = visitor.post(path, {"name": "terrafor"})
    assert refused.status == 400
    carried_out(visitor, visitor.post(path, {"name": "terraform"}))
    assert shown_by_api(company, made).status == 404


def test_names_are_shown_as_text(company, visitor):
    """What an account is called is no markup, wherever it stands."""
    made = account_in(company, f"/orgs/{company.id}", "ORG_MEMBER", name="o'clock, 'x'")["clientId"]
    for path in ("accounts", f"accounts/{made}", f"accounts/{made}/roles"):
        assert "o&#39;clock" in visitor.get(f"/o/{company.id}/{path}").text


def test_controls_are_there_for_whoever_may_use_them(company, made):
    """A reader of the organization sees the account and no form; a member does not see it at all."""
    reader = company.world.user("rea@nordwind.example", orgs={company.id: ["ORG_READ_ONLY"]})
    shown = company.visit(reader).get(f"/o/{company.id}/accounts/{made}")
    assert shown.status == 200
    for field in ('name="hours"', 'name="addresses"', 'name="account_name"', 'name="suspend"', 'name="name"'):
        assert field not in shown.text, field
    member = company.visit(company.member)
    assert member.get(f"/o/{company.id}/accounts/{made}").status in {403, 404}
    assert f"/o/{company.id}/accounts" not in member.get("/home").text


def test_the_activity_tells_what_happened_to_it(company, visitor, made):
    """By its name while it is there, by its client id afterwards."""
    company.owner.post(f"{OWN}/orgs/{company.id}/serviceAccounts/{made}:suspend")
    activity = f"/o/{company.id}/activity"
    assert "suspended the service account terraform" in visitor.get(activity).words
    company.owner.delete(f"/orgs/{company.id}/serviceAccounts/{made}")
    assert f"deleted the service account {made}" in visitor.get(activity).words


def test_pages_are_there_in_german(company, made):
    """Every word of them."""
    visitor = company.visit(company.owner)
    visitor.post("/preferences", {"lang": "de", "next": "/home"})
    for path in ("accounts", "accounts/new", f"accounts/{made}", f"accounts/{made}/roles"):
        shown = visitor.get(f"/o/{company.id}/{path}")
        assert shown.status == 200
        assert "Dienstkonten" in shown.words


def test_selected_accounts_are_deleted_once_their_number_is_typed(company, visitor):
    """The page names them, the check says what each loses; whoever may not delete them selects none."""
    names = ("alpha", "beta", "gamma")
    place = f"/orgs/{company.id}"
    clients = {name: account_in(company, place, "ORG_READ_ONLY", name=name)["clientId"] for name in names}
    listed, path = f"/o/{company.id}/accounts", f"/o/{company.id}/accounts/bulk"
    ids = [clients[name].rpartition("_")[2] for name in ("alpha", "beta")]
    assert path in visitor.get(listed).actions
    assert "Type 2 to confirm" in visitor.post(path, {"id": ids}).words
    assert visitor.post(path, {"id": ids, "typed": "beta"}).status == 400
    assert "Type gamma to confirm" in visitor.post(path, {"all": "1", "q": "gamma"}).words
    checked = visitor.check(path, {"id": ids, "typed": "2"})
    assert "alpha" in checked.words
    assert "gamma" not in checked.words
    done = visitor.apply(path, {"id": ids, "typed": "2"})
    assert "2 service accounts are deleted." in visitor.follow(done).words
    assert [shown_by_api(company, clients[name]).status for name in names] == [404, 404, 200]
    member = company.visit(company.member)
    assert path not in member.get(listed).actions
    assert member.post(path, {"id": ids, "typed": "2"}).status == 403


def test_programs_that_act_as_an_account_are_listed_let_in_and_put_out(company, visitor, made):
    """Each with its provider, subject and day; the check says what it means; no project's page has them."""
    page = f"/o/{company.id}/accounts/{made}"
    assert "Programs that act as it" not in visitor.get(page).words
    founded = company.owner.post(f"{OWN}/orgs/{company.id}/federation").json["id"]
    body = {"displayName": "CI", "issuerUri": "https://ci.example", "audience": "orgward", "idpType": "WORKLOAD"}
    path = f"/federationSettings/{founded}/identityProviders"
    provider = company.owner.post(path, {**body, "protocol": "OIDC", "authorizationType": "USER"}).json["id"]
    fields = {"issuer": provider, "program": "repo:acme/deploy"}
    assert "Whatever CI calls repo:acme/deploy acts as this account" in visitor.check(page, fields).words
    identities = f"{OWN}/orgs/{company.id}/serviceAccounts/{made}/workloadIdentities"
    assert company.owner.get(identities).json["results"] == []
    visitor.apply(page, fields)
    (kept,) = company.owner.get(identities).json["results"]
    assert (kept["identityProviderId"], kept["subject"]) == (provider, "repo:acme/deploy")
    shown = visitor.get(page)
    assert "repo:acme/deploy CI" in shown.words
    refused = visitor.post(page, fields)
    assert (refused.status, 'value="repo:acme/deploy"' in refused.text) == (409, True)
    denied = company.visit(company.member)
    assert denied.post(page, fields).status == 403
    visitor.apply(page, {"program_end": kept["id"]})
    assert company.owner.get(identities).json["results"] == []


def test_a_check_about_an_account_counts_no_key_and_names_no_person(company, visitor, made):
    """It is a service account that loses something, under a heading that fits one."""
    told = visitor.check(f"/o/{company.id}/accounts/{made}", {"suspend": "1"}).words.partition("Who is affected")[2]
    assert "1 service account" in told
    assert "1 key" not in told
    assert "Person " not in told.split("Afterwards")[0]


def test_a_secret_that_ends_soon_says_when(company, visitor):
    """The day alone is no use for one that ends within hours; one of months has its day."""
    body = {"name": "brief", "description": "x", "roles": ["ORG_MEMBER"], "secretExpiresAfterHours": 8}
    client = company.owner.post(f"/orgs/{company.id}/serviceAccounts", body).json["clientId"]
    page = f"/o/{company.id}/accounts/{client}"
    ends = re.compile(r"<time [^>]*>[^<]*\d\d:\d\d</time>")
    assert ends.search(visitor.get(page).text.split('id="secrets"')[1].split('id="addresses"')[0])
    assert ends.search(visitor.get(f"/o/{company.id}/accounts").text)
    lasting = account_in(company, f"/orgs/{company.id}", "ORG_MEMBER")["clientId"]
    shown = visitor.get(f"/o/{company.id}/accounts/{lasting}").text
    assert not ends.search(shown.split('id="secrets"')[1].split('id="addresses"')[0])
