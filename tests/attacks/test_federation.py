"""Attack rows 5, 18 and 28 as far as federations go: foreign providers, mappings as a way up, and lies of providers."""

import pytest

from tests.directory.company import OWN, Company, done, refused
from tests.federations import Federated

UNKNOWN = "0" * 24


@pytest.fixture
def federated(company):
    """Give a company of either edition in a federation."""
    return Federated.found(company)


@pytest.fixture
def elsewhere(world, company):
    """Give a federation of strangers."""
    return Federated.found(Company.found(world, company.edition, name="Other", owner="olga"))


def test_a_body_names_nothing_of_another_federation(federated, elsewhere):
    """Row 5: providers, projects and organizations in a body are looked for in the federation of the path alone."""
    code = "CONNECTED_ORG_CONFIG_IDP_NOT_IN_FEDERATION"
    for provider in (elsewhere.provider, UNKNOWN, federated.id):
        refused(federated.configure(identityProviderId=provider), 400, code)
        refused(federated.configure(dataAccessIdentityProviderIds=[provider]), 400, code)
    theirs = elsewhere.company.project()
    refused(federated.map("devs", "ORG_MEMBER", on={theirs: ["GROUP_READ_ONLY"]}), 404, "GROUP_NOT_FOUND")
    body = {"externalGroupName": "devs", "roleAssignments": federated.given("ORG_MEMBER", org=elsewhere.company.id)}
    reply = federated.company.ann.post(f"{federated.place()}/roleMappings", body)
    refused(reply, 404, "ORG_NOT_FOUND")


def test_a_federation_of_others_is_unknown(federated, elsewhere):
    """Row 5: neither by its own path nor by one's own organization is another federation reached."""
    ann, theirs = federated.company.ann, elsewhere.path
    place = f"{theirs}/connectedOrgConfigs/{federated.company.id}"
    for reply in (
        ann.get(f"{theirs}/identityProviders"),
        ann.delete(theirs),
        ann.get(place),
        ann.patch(place, {"identityProviderId": elsewhere.provider}),
        ann.post(f"{theirs}/identityProviders", {"displayName": "x"}),
        elsewhere.claim("example.com", by=ann),
    ):
        refused(reply, 404, "FEDERATION_NOT_FOUND")
    reply = ann.get(f"{federated.path}/identityProviders/{elsewhere.provider}")
    refused(reply, 404, "IDENTITY_PROVIDER_DOES_NOT_EXIST")


@pytest.fixture
def joined(world, federated):
    """Give another company of the federation, its owner eve, and olga, who owns both."""
    other = Company.found(world, federated.company.edition, name="Beside", owner="olga")
    olga = world.user("olga@example.org", orgs={federated.company.id: ["ORG_OWNER"], other.id: ["ORG_OWNER"]})
    done(federated.connect(other, by=olga))
    return federated, world.user("eve@example.org", orgs={other.id: ["ORG_OWNER"]}), other, olga


def _changes(federated, by):
    """Try in turn everything that makes another one of a provider, or of whom it speaks for; the mildest comes last."""
    provider = f"/identityProviders/{federated.provider}"
    yield by.patch(f"{federated.path}{provider}", {"issuerUri": "https://login.evil.example"})
    yield by.patch(f"{federated.path}{provider}", {"groupsClaim": "nickname"})
    yield by.patch(f"{federated.path}{provider}", {"associatedDomains": []})
    yield by.put(f"{federated.own}{provider}/clientSecret", {"secret": "x"})
    yield by.delete(f"{federated.path}{provider}")
    yield by.delete(f"{federated.own}/domains/example.org")
    yield by.delete(f"{federated.path}{provider}/jwks")


def test_nobody_takes_an_organization_by_the_provider_that_it_uses(world, joined):
    """An owner of one organization changes no provider that another one believes, which would make owners there."""
    federated, eve, other, olga = joined
    federated.prove("example.org")
    path = f"{federated.path}/identityProviders/{federated.provider}"
    done(federated.company.ann.patch(path, {"associatedDomains": ["example.org"]}))
    for who in (eve, other.owner_key):
        for reply in _changes(federated, who):
            refused(reply, 403, "PROVIDER_USED_ELSEWHERE")
            assert federated.company.id not in str(reply.json)
    world.user("eve@example.org", orgs={federated.company.id: ["ORG_MEMBER"]})
    for reply in _changes(federated, eve):
        refused(reply, 401, "USER_UNAUTHORIZED")
    own = done(federated.describe(by=eve))["id"]
    done(eve.patch(f"{federated.path}/identityProviders/{own}", {"groupsClaim": "nickname"}))
    done(federated.configure(other, identityProviderId=federated.provider))
    refused(federated.company.ann.patch(path, {"groupsClaim": "teams"}), 403, "PROVIDER_USED_ELSEWHERE")
    done(olga.patch(path, {"groupsClaim": "teams"}))


def test_nobody_takes_service_accounts_by_the_provider_of_their_programs(joined):
    """A provider of programs is used by the organization whose service accounts act by it."""
    federated, eve, _other, olga = joined
    described = {"idpType": "WORKLOAD", "audience": "orgward", "clientId": None, "groupsClaim": None}
    federated.provider = done(federated.describe(**described))["id"]
    path = f"{federated.path}/identityProviders/{federated.provider}"
    done(eve.patch(path, {"description": "of nobody yet"}))
    body = {"name": "builder", "description": "of tests", "roles": ["ORG_MEMBER"], "secretExpiresAfterHours": 8}
    account = done(federated.company.ann.post(f"{federated.company.path}/serviceAccounts", body))["clientId"]
    body = {"identityProviderId": federated.provider, "subject": "build"}
    here = f"{OWN}/orgs/{federated.company.id}/serviceAccounts/{account}/workloadIdentities"
    done(federated.company.ann.post(here, body))
    refused(eve.patch(path, {"issuerUri": "https://login.evil.example"}), 403, "PROVIDER_USED_ELSEWHERE")
    done(olga.patch(path, {"description": "builds"}))


@pytest.fixture
def maker(federated):
    """Give somebody who manages mappings, and may hand out no organization role.

    No role of either edition is so; an installation's own catalogue may have one. So the right to hand out is taken.
    """
    return federated.company.person("mara", "ORG_OWNER")


def test_a_mapping_gives_only_what_its_maker_may_hand_out(federated, maker, monkeypatch):
    """Row 18: making, changing and deleting a mapping, and default roles, are handing out."""
    mapping = federated.mapped("devs", "ORG_READ_ONLY")
    monkeypatch.setattr(
        "orgward.directory.role_mappings.may_hand_out", lambda ground, who, role, scope: role == "ORG_MEMBER"
    )
    for reply in (
        federated.map("ops", "ORG_OWNER", by=maker),
        federated.map("ops", "ORG_MEMBER", "ORG_OWNER", by=maker),
        federated.remap(mapping, "devs", "ORG_MEMBER", by=maker),
        federated.unmap(mapping, by=maker),
        federated.configure(by=maker, postAuthRoleGrants=["ORG_OWNER"]),
    ):
        refused(reply, 403, "ROLE_NOT_GRANTABLE")
    other = done(federated.map("ops", "ORG_MEMBER", by=maker))["id"]
    refused(federated.remap(other, "ops", "ORG_OWNER", by=maker), 403, "ROLE_NOT_GRANTABLE")
    done(federated.unmap(other, by=maker))


def test_a_group_of_one_provider_is_none_of_another(world, federated):
    """Row 28: only the provider that an organization uses speaks for its groups, whatever others call theirs."""
    company = federated.company
    federated.mapped("chiefs", "ORG_OWNER")
    second = done(federated.describe())["id"]
    eve = company.outsider("eve")
    assert federated.says(eve, "chiefs", provider=second) == []
    assert company.user(eve.id) is None
    federated.says(eve, provider=federated.provider)
    assert company.user(eve.id) is None
    done(federated.configure(identityProviderId=second))
    federated.says(eve, provider=federated.provider)
    assert company.user(eve.id) is None


def test_mapped_roles_are_no_stronger_than_others(world, federated):
    """A provider of another company's federation moves nobody here: its word is about its own organizations."""
    company = federated.company
    other = Federated.found(Company.found(world, company.edition, name="Other", owner="olga"))
    federated.mapped("chiefs", "ORG_OWNER")
    other.mapped("chiefs", "ORG_OWNER")
    eve = other.arrive("eve", "chiefs")
    assert company.user(eve.id) is None
    assert other.company.roles_of(eve.id) == ["ORG_OWNER"]
    refused(eve.get(company.path), 404, "ORG_NOT_FOUND")
