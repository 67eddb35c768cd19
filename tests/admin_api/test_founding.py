"""Organizations that are founded with a service account, or in a federation (CreateOrganizationRequest, rule 95)."""

import pytest

from tests.clients import send_form
from tests.directory.company import Company, done, refused
from tests.federations import Federated

ACCOUNT = {"name": "boot", "description": "first of all", "roles": ["ORG_OWNER"], "secretExpiresAfterHours": 24}
UNKNOWN = "0" * 24


@pytest.fixture
def federated(world):
    """Give a company in a federation."""
    return Federated.found(Company.found(world, "atlas"))


@pytest.fixture
def ann(federated):
    """Give its owner."""
    return federated.company.ann


def found(by, **members):
    """Found an organization."""
    return by.post("/orgs", {"name": "Branch", **members})


def test_a_service_account_comes_with_it(world, ann):
    """Its secret is shown this once, and good for a token that owns the new organization."""
    made = done(found(ann, serviceAccount=ACCOUNT))
    org, account = made["organization"]["id"], made["serviceAccount"]
    assert (account["name"], account["roles"], len(account["secrets"])) == ("boot", ["ORG_OWNER"], 1)
    secret = account["secrets"][0]["secret"]
    form = {"grant_type": "client_credentials", "client_id": account["clientId"], "client_secret": secret}
    token = send_form(world, "/api/oauth/token", form).json["access_token"]
    shown = done(world.nobody("GET", f"/orgs/{org}/serviceAccounts", headers={"authorization": f"Bearer {token}"}))
    assert [each["clientId"] for each in shown["results"]] == [account["clientId"]]
    assert "secret" not in shown["results"][0]["secrets"][0]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"roles": ["GROUP_OWNER"]}, "CANNOT_ADD_GROUP_ROLE"),
        ({"roles": ["NONE_SUCH"]}, "INVALID_ROLE_FOR_ORG"),
        ({"secretExpiresAfterHours": 1}, "INVALID_SERVICE_ACCOUNT_SECRET_VALIDITY"),
    ],
)
def test_an_account_that_may_not_be_leaves_no_organization(ann, wrong, code):
    """All of it is made, or nothing."""
    before = done(ann.get("/orgs"))["totalCount"]
    refused(found(ann, serviceAccount={**ACCOUNT, **wrong}), 400, code)
    assert done(ann.get("/orgs"))["totalCount"] == before


def test_it_is_founded_in_a_federation(federated, ann):
    """Whoever manages a federation founds into it; the answer names it."""
    made = done(found(ann, federationSettingsId=federated.id))
    assert made["federationSettingsId"] == federated.id
    connected = done(ann.get(f"{federated.path}/connectedOrgConfigs"))["results"]
    assert made["organization"]["id"] in {row["orgId"] for row in connected}


def test_a_foreign_federation_is_as_unknown_as_none(federated, world):
    """Neither a stranger nor a member who doesn't manage it founds into a federation; the stranger learns nothing."""
    company = federated.company
    stranger = company.outsider("stranger@elsewhere.example")
    for federation in (federated.id, UNKNOWN):
        refused(found(stranger, federationSettingsId=federation), 404, "FEDERATION_NOT_FOUND")
    member = company.person("mel", "ORG_MEMBER")
    refused(found(member, federationSettingsId=federated.id), 401, "USER_UNAUTHORIZED")
