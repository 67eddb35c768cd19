"""Rules 95, 100, 101: federations founded, joined, left and deleted, and what ends with them."""

import pytest

from tests.directory.company import OWN, Company, done, refused
from tests.federations import NEWER, Federated

pytestmark = pytest.mark.usefixtures("whole")

TABLES = (
    "federations", "connected_organizations", "identity_providers", "federation_domains", "role_mappings",
    "federated_identities", "identity_groups", "federated_sessions",
)  # fmt: skip


@pytest.fixture
def joined(world, federated):
    """Give the federation and another company in it, whose owner `olga` owns the first one, too."""
    other = Company.found(world, federated.company.edition, name="Other", owner="olga")
    olga = world.user("olga@example.org", orgs={federated.company.id: ["ORG_OWNER"]})
    done(federated.connect(other, by=olga))
    return federated, other, olga


def rows(world, table):
    """Give how many rows a table has."""
    return world.store.view.rows(f"SELECT count(*) FROM {table}", {})[0][0]  # noqa: S608 - the names stand above


def events(company):
    """Give the types of what was told to a company about its federation, oldest first."""
    found = done(company.ann.get(f"{company.path}/events?itemsPerPage=500"))["results"]
    names = ("FEDERATION_", "IDENTITY_", "ORG_SETTINGS_", "ROLE_MAPPING_", "DOMAIN")
    return [event["eventTypeName"] for event in reversed(found) if event["eventTypeName"].startswith(names)]


def test_an_organization_is_in_one_federation_at_most(world, joined):
    """Who is in one founds no other and joins no other (95)."""
    federated, other, olga = joined
    third = Federated.found(Company.found(world, federated.company.edition, name="Third", owner="olga"))
    refused(other.ann.post(f"{OWN}/orgs/{other.id}/federation"), 400, "ORG_ALREADY_ASSOCIATED_WITH_FEDERATION")
    refused(third.connect(other, by=olga), 400, "ORG_ALREADY_ASSOCIATED_WITH_FEDERATION")


def test_whoever_owns_one_organization_manages_the_federation(world, joined):
    """Providers and domains are managed by the owner of any connected organization (95), and by nobody else."""
    federated, other, _olga = joined
    stranger = Company.found(world, federated.company.edition, name="Strange", owner="stella").ann
    member = federated.company.person("mia")
    path = f"{federated.path}/identityProviders"
    for who in (federated.company.ann, other.ann, other.owner_key, federated.company.owner_key):
        assert done(who.get(path))["totalCount"] == 1
    refused(member.get(path), 401, "USER_UNAUTHORIZED")
    refused(stranger.get(path), 404, "FEDERATION_NOT_FOUND")


def test_who_is_nobody_in_the_first_organization_gets_in_by_another(world, joined):
    """A plain member of one connected organization who owns another one is let in by that."""
    federated, other, _olga = joined
    world.user("mia@example.org", orgs={federated.company.id: ["ORG_MEMBER"], other.id: ["ORG_MEMBER"]})
    mia = world.user("mia@example.org", orgs={max(federated.company.id, other.id): ["ORG_OWNER"]})
    done(mia.get(f"{federated.path}/identityProviders"))


def test_joining_needs_an_owner_of_both(world, joined):
    """The federation and the organization that joins each have a say."""
    federated, _other, _olga = joined
    third = Company.found(world, federated.company.edition, name="Third", owner="theo")
    refused(federated.connect(third, by=federated.company.ann), 404, "ORG_NOT_FOUND")
    refused(federated.connect(third, by=third.ann), 404, "FEDERATION_NOT_FOUND")
    ann = world.user("ann@example.org", orgs={third.id: ["ORG_MEMBER"]})
    refused(federated.connect(third, by=ann), 401, "USER_UNAUTHORIZED")


def test_only_the_owner_of_an_organization_sets_what_it_uses(joined):
    """Mappings and default roles of an organization are its own: another's owner is nobody there."""
    federated, other, olga = joined
    ann = federated.company.ann
    refused(ann.get(federated.place(other)), 404, "ORG_NOT_FOUND")
    refused(ann.patch(federated.place(other), {"domainAllowList": []}), 404, "ORG_NOT_FOUND")
    refused(ann.get(f"{federated.place(other)}/roleMappings"), 404, "ORG_NOT_FOUND")
    shown = done(ann.get(f"{federated.path}/connectedOrgConfigs"))["results"]
    assert [found["orgId"] for found in shown] == [federated.company.id]
    assert len(done(olga.get(f"{federated.path}/connectedOrgConfigs"))["results"]) == 2


def test_the_last_organization_is_not_disconnected(joined):
    """An organization leaves while another one is left (101); its roles by mapping end at once."""
    federated, other, olga = joined
    done(federated.configure(other, identityProviderId=federated.provider))
    body = {"externalGroupName": "devs", "roleAssignments": federated.given("ORG_MEMBER", org=other.id)}
    done(olga.post(f"{federated.place(other)}/roleMappings", body))
    bob = federated.arrive("bob", "devs")
    done(bob.get(other.path))
    done(olga.delete(federated.place(other)))
    refused(bob.get(other.path), 404, "ORG_NOT_FOUND")
    refused(other.ann.get(f"{other.path}/federationSettings"), 404, "RESOURCE_NOT_FOUND")
    refused(olga.delete(federated.place()), 400, "CANNOT_DISCONNECT_LAST_ORG")
    done(other.ann.post(f"{OWN}/orgs/{other.id}/federation"))


def test_a_federation_of_several_is_not_deleted(world, joined):
    """Deleting needs a single remaining organization, and leaves nothing behind (101)."""
    federated, other, olga = joined
    federated.prove("example.org")
    federated.mapped("devs", "ORG_MEMBER")
    bob = federated.arrive("bob", "devs")
    done(olga.put(f"{federated.own}/identityProviders/{federated.provider}/clientSecret", {"secret": "kept"}))
    refused(olga.delete(federated.path), 409, "FEDERATION_HAS_OTHER_ORGS")
    done(olga.delete(federated.place(other)))
    done(olga.delete(federated.path))
    refused(bob.get(federated.company.path), 404, "ORG_NOT_FOUND")
    refused(olga.get(f"{federated.path}/identityProviders"), 404, "FEDERATION_NOT_FOUND")
    assert {table: rows(world, table) for table in TABLES} == dict.fromkeys(TABLES, 0)
    assert world.store.view.get("credentials", federated.provider, "client_secret") is None


def test_a_deleted_organization_leaves_its_federation(world, joined):
    """The federation goes on without it, and ends with the last one."""
    federated, other, olga = joined
    done(olga.delete(other.path))
    assert [found["orgId"] for found in done(olga.get(f"{federated.path}/connectedOrgConfigs"))["results"]] == [
        federated.company.id
    ]
    federated.mapped("devs", "ORG_MEMBER")
    federated.arrive("bob", "devs")
    done(olga.delete(federated.company.path))
    assert {table: rows(world, table) for table in TABLES} == dict.fromkeys(TABLES, 0)


def test_an_erased_person_is_known_to_no_provider(world, federated):
    """Identities and groups are personal: they go with the person."""
    federated.mapped("devs", "ORG_MEMBER")
    federated.arrive("bob", "devs", "ops")
    assert rows(world, "identity_groups") == 2
    world.erase("bob@example.org")
    assert rows(world, "identity_groups") == rows(world, "federated_identities") == 0


def test_names_of_groups_are_in_no_file_after_erasure(world, federated):
    """What a provider has said of somebody is personal, too: it stays in no row and in no entry of the log."""
    bob = federated.arrive("bob", "works-council", "sick-leave")
    federated.says(bob, "sick-leave", "parents-circle")
    kept = world.store.view.find("identity_groups", user_id=bob.id)
    assert {row["external_group"] for row in kept} == {"sick-leave", "parents-circle"}
    world.erase("bob@example.org")
    world.store.scrub()
    for file in world.store.path.parent.glob("orgward.db*"):
        raw = file.read_bytes()
        assert [word for word in (b"works-council", b"sick-leave", b"parents-circle") if word in raw] == [], file.name


def test_a_deleted_provider_takes_its_roles_along(world, federated):
    """Whoever held roles by it loses them, and organizations name it no more."""
    company = federated.company
    federated.mapped("devs", "ORG_MEMBER")
    bob = federated.arrive("bob", "devs")
    federated.prove("example.org")
    provider = f"{federated.path}/identityProviders/{federated.provider}"
    done(company.ann.patch(provider, {"associatedDomains": ["example.org"]}))
    done(federated.configure(dataAccessIdentityProviderIds=[federated.provider]))
    done(company.ann.delete(provider))
    refused(bob.get(company.path), 404, "ORG_NOT_FOUND")
    shown = done(company.ann.get(federated.place()))
    assert (shown["identityProviderId"], shown["dataAccessIdentityProviderIds"]) == (None, [])
    assert len(shown["roleMappings"]) == 1
    assert rows(world, "federated_identities") == rows(world, "identity_groups") == 0
    assert done(federated.claim("other.org"))["identityProviderId"] is None


@pytest.mark.parametrize("changed", [{"issuerUri": "https://elsewhere.example.org"}, {"userClaim": "email"}])
def test_another_issuer_knows_nobody(world, federated, changed):
    """Who a provider called by a name is not who another one calls so; its client secret is not for it either."""
    company = federated.company
    federated.mapped("devs", "ORG_MEMBER")
    bob = federated.arrive("bob", "devs")
    done(company.ann.put(f"{federated.own}/identityProviders/{federated.provider}/clientSecret", {"secret": "kept"}))
    path = f"{federated.path}/identityProviders/{federated.provider}"
    done(company.ann.patch(path, {"displayName": "Other"}))
    assert rows(world, "federated_identities") == 1
    done(company.ann.patch(path, changed))
    assert rows(world, "federated_identities") == rows(world, "identity_groups") == 0
    assert world.store.view.get("credentials", federated.provider, "client_secret") is None
    refused(bob.get(company.path), 404, "ORG_NOT_FOUND")


def test_what_happens_is_told(joined):
    """Each connected organization is told of the federation, and of its own mappings alone."""
    federated, other, _olga = joined
    company = federated.company
    federated.prove("example.org")
    done(company.ann.patch(f"{federated.path}/identityProviders/{federated.provider}", {"displayName": "x"}))
    path = f"{federated.path}/identityProviders/{federated.provider}/jwks"
    done(company.ann.delete(path, accept=NEWER))
    done(federated.unmap(federated.mapped("devs", "ORG_MEMBER")))
    made = ["FEDERATION_SETTINGS_CREATED", "ORG_SETTINGS_CONFIGURED", "IDENTITY_PROVIDER_CREATED"]
    domains = ["DOMAIN_CREATED", "DOMAIN_VERIFIED"]
    provider = ["IDENTITY_PROVIDER_UPDATED", "IDENTITY_PROVIDER_JWKS_REVOKED"]
    mappings = ["ROLE_MAPPING_CREATED", "ROLE_MAPPING_DELETED"]
    assert events(company) == [*made, "ORG_SETTINGS_UPDATED", *domains, *provider, *mappings]
    assert events(other) == ["ORG_SETTINGS_CONFIGURED", *domains, *provider]


def test_moving_a_project_leaves_roles_by_mapping_behind(world, joined):
    """Who was on the project by mapping alone stays where the mapping is; who is there by hand comes along."""
    federated, other, olga = joined
    company = federated.company
    web = company.project("web", olga)
    federated.mapped("devs", "ORG_MEMBER", on={web: ["GROUP_READ_ONLY"]})
    bob, carl = federated.arrive("bob", "devs"), federated.arrive("carl", "devs")
    done(company.add_role(carl.id, "GROUP_DATA_ACCESS_READ_ONLY", project=web))
    body = {
        "destinationOrgId": other.id,
        "destinationOrgPublicApiKey": other.owner_key.public_key,
        "destinationOrgPrivateApiKey": other.owner_key.private_key,
    }
    done(olga.post(f"/groups/{web}:migrate", body))
    refused(bob.get(f"/groups/{web}"), 404, "GROUP_NOT_FOUND")
    assert done(carl.get(f"/groups/{web}"))["orgId"] == other.id
    assert other.user(bob.id) is None
    assert company.status_of(bob.id) == "ACTIVE"
