"""Federations, identity providers and role mappings on the wire: forms, filters, versions, trials."""

import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.directory.company import OLD, Company, done, refused
from tests.federations import NEWER, Federated

UNKNOWN = "0" * 24


@pytest.fixture
def federated(world):
    """Give a company in a federation."""
    return Federated.found(Company.found(world, "atlas"))


@pytest.fixture
def ann(federated):
    """Give its owner."""
    return federated.company.ann


def certificate():
    """Make a certificate, and say from when until when it is good."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp")])
    start = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    built = built.serial_number(1).not_valid_before(start).not_valid_after(start + timedelta(days=365))
    return built.sign(key, SHA256()).public_bytes(Encoding.PEM).decode()


def saml(federated, **members):
    """Make an identity provider of SAML."""
    body = {"protocol": "SAML", "displayName": "SAML", "issuerUri": "urn:idp", **members}
    return federated.company.ann.post(f"{federated.path}/identityProviders", body)


def test_an_organization_is_told_of_its_federation(federated, ann):
    """The settings name the federation, its proven domains, and the provider of the organization's people."""
    path = f"{federated.company.path}/federationSettings"
    shown = done(ann.get(path))
    provider = done(ann.get(f"{federated.path}/identityProviders/{federated.provider}"))
    assert shown == {
        "federatedDomains": [],
        "hasRoleMappings": False,
        "id": federated.id,
        "identityProviderId": provider["oktaIdpId"],
        "identityProviderStatus": "ACTIVE",
    }
    federated.mapped("devs", "ORG_MEMBER")
    done(federated.configure(identityProviderId=None))
    shown = done(ann.get(path))
    found = (shown["hasRoleMappings"], shown["identityProviderId"], shown["identityProviderStatus"])
    assert found == (True, None, "INACTIVE")


def test_a_provider_has_two_ids(federated, ann):
    """Its 24 digits and the older 20 both name it, in paths and in what an organization uses."""
    legacy = done(ann.get(f"{federated.path}/identityProviders/{federated.provider}"))["oktaIdpId"]
    assert len(legacy) == 20
    assert done(ann.get(f"{federated.path}/identityProviders/{legacy}"))["id"] == federated.provider
    assert done(federated.configure(identityProviderId=legacy))["identityProviderId"] == legacy
    refused(ann.get(f"{federated.path}/identityProviders/{legacy}0"), 400, "PATH_PARAM_PARSE_ERROR")


def test_a_connected_organization_says_what_it_uses(federated):
    """What is sent is what is shown; what is not sent stays, and null empties a list."""
    sent = {"domainAllowList": ["b.example", "a.example"], "postAuthRoleGrants": ["ORG_MEMBER"]}
    shown = done(federated.configure(**sent, domainRestrictionEnabled=True))
    assert shown["domainAllowList"] == ["a.example", "b.example"]
    shown = done(federated.configure(postAuthRoleGrants=None, dataAccessIdentityProviderIds=[federated.provider]))
    assert (shown["postAuthRoleGrants"], shown["domainAllowList"]) == ([], ["a.example", "b.example"])
    assert (shown["dataAccessIdentityProviderIds"], shown["domainRestrictionEnabled"]) == ([federated.provider], True)
    assert shown["orgId"] == federated.company.id


def test_default_roles_are_of_the_organization(federated):
    """A project role is no default role, nor is one that nobody knows (99)."""
    code = "POST_AUTH_ROLE_GRANTS_MUST_CONTAIN_ORG_ROLES"
    refused(federated.configure(postAuthRoleGrants=["GROUP_OWNER"]), 400, code)
    refused(federated.configure(postAuthRoleGrants=["ORG_NOTHING"]), 400, "INVALID_ROLE_FOR_ORG")


def test_a_provider_for_workloads_is_none_for_people(federated):
    """People of an organization sign in by a provider for people; data access is OIDC's."""
    workload = done(federated.describe(idpType="WORKLOAD", audience="jobs", clientId=None))["id"]
    refused(federated.configure(identityProviderId=workload), 400, "INVALID_ATTRIBUTE")
    done(federated.configure(dataAccessIdentityProviderIds=[workload]))
    refused(federated.configure(dataAccessIdentityProviderIds=[done(saml(federated))["id"]]), 400, "INVALID_ATTRIBUTE")


def test_too_long_a_list_is_refused_as_a_whole(federated, ann):
    """Nothing of a list is left out in silence."""
    ids = [federated.provider] * 501
    refused(federated.configure(dataAccessIdentityProviderIds=ids), 400, "INVALID_ATTRIBUTE")
    assert done(ann.get(federated.place()))["dataAccessIdentityProviderIds"] == []
    done(federated.configure(dataAccessIdentityProviderIds=ids[:500]))


NO_ADDRESSES = (
    "https://[::1", "https://a]b/", "https://[v1.a]/", "https://[1]", "https://a:99999", "https://a:0", "https://a:b",
    "https://", "https://:443/", "https://a/?", "https://a/#", "https://a/#b", "https://a/ b", "https://a\\b",
)  # fmt: skip


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"displayName": ""}, "INVALID_ATTRIBUTE"),
        ({"issuerUri": "ftp://idp.example"}, "INVALID_ATTRIBUTE"),
        ({"issuerUri": "https://idp.example/?a=b"}, "INVALID_ATTRIBUTE"),
        ({"issuerUri": "https://user@idp.example"}, "INVALID_ATTRIBUTE"),
        *(({"issuerUri": text}, "INVALID_ATTRIBUTE") for text in NO_ADDRESSES),
        ({"clientId": None}, "MISSING_ATTRIBUTE"),
        ({"authorizationType": "GROUP", "groupsClaim": None}, "MISSING_ATTRIBUTE"),
        ({"idpType": "WORKLOAD", "clientId": None, "audience": None}, "MISSING_ATTRIBUTE"),
        ({"idpType": "WORKLOAD", "audience": "x"}, "INVALID_ATTRIBUTE"),
        ({"ssoUrl": "https://idp.example"}, "INVALID_ATTRIBUTE"),
        ({"protocol": "SAML"}, "INVALID_ATTRIBUTE"),
    ],
)
def test_a_provider_is_whole_and_of_its_protocol(federated, members, code):
    """What a provider can't do without, and what its protocol does not know, is named."""
    refused(federated.describe(**members), 400, code)


@pytest.mark.parametrize("issuer", ["http://[::1]:8080/realm", "https://idp.example/a/@b", "https://127.0.0.1:443"])
def test_an_issuer_may_have_a_port_and_a_path(federated, issuer):
    """What comes before the path is a host and at most a port."""
    assert done(federated.describe(issuerUri=issuer))["issuerUri"] == issuer


def test_the_same_provider_is_there_once(federated):
    """One issuer may stand for several audiences, but once for each."""
    issuer = "https://same.example"
    done(federated.describe(issuerUri=issuer))
    refused(federated.describe(issuerUri=issuer), 400, "IDENTITY_PROVIDER_ALREADY_ASSOCIATED_WITH_FEDERATION")
    done(federated.describe(issuerUri=issuer, clientId="other"))


def test_protocol_and_kind_do_not_change(federated, ann):
    """A provider that is to be another one is another one."""
    path = f"{federated.path}/identityProviders/{federated.provider}"
    refused(ann.patch(path, {"protocol": "SAML"}), 400, "INVALID_ATTRIBUTE")
    refused(ann.patch(path, {"idpType": "WORKLOAD"}), 400, "INVALID_ATTRIBUTE")
    changed = done(ann.patch(path, {"protocol": "OIDC", "idpType": "WORKFORCE", "requestedScopes": ["email"]}))
    assert changed["requestedScopes"] == ["email"]
    assert changed["updatedAt"]


def test_lists_are_of_some_kinds(federated, ann):
    """Providers are listed by protocol and by kind, several of each, page by page."""
    done(federated.describe(idpType="WORKLOAD", audience="jobs", clientId=None))
    done(saml(federated))
    path = f"{federated.path}/identityProviders"

    def listed(query):
        return [(each["protocol"], each["idpType"]) for each in done(ann.get(f"{path}?{query}"))["results"]]

    people, jobs, older = ("OIDC", "WORKFORCE"), ("OIDC", "WORKLOAD"), ("SAML", "WORKFORCE")
    assert sorted(listed("")) == sorted([people, jobs, older])
    assert listed("protocol=SAML") == [older]
    assert sorted(listed("protocol=OIDC&idpType=WORKFORCE,WORKLOAD")) == sorted([people, jobs])
    assert len(listed("itemsPerPage=2&pageNum=2")) == 1


def test_a_provider_of_saml_has_its_certificates(federated, ann):
    """What is kept of a certificate is read from itself; what is none is refused, and none is shown."""
    pem = {"fileName": "idp.pem", "certificates": [{"content": certificate(), "notAfter": "2099-01-01T00:00:00Z"}]}
    made = done(saml(federated, pemFileInfo=pem, ssoUrl="https://idp.example/sso"))
    times = {"notBefore": "2026-01-02T03:04:05Z", "notAfter": "2027-01-02T03:04:05Z"}
    assert made["pemFileInfo"] == {"fileName": "idp.pem", "certificates": [times]}
    assert (made["status"], made["requestBinding"], made["slug"]) == ("INACTIVE", "HTTP-POST", None)
    path = f"{federated.path}/identityProviders/{made['id']}"
    assert done(ann.patch(path, {"status": "ACTIVE"}))["status"] == "ACTIVE"
    assert done(ann.patch(path, {"status": None, "ssoDebugEnabled": True}))["status"] == "ACTIVE"
    reply = ann.patch(path, {"pemFileInfo": {"certificates": [{"content": "none"}]}})
    refused(reply, 400, "INVALID_ATTRIBUTE")
    assert reply.json["badRequestDetail"]["fields"][0]["field"] == "pemFileInfo.certificates[0].content"


def test_metadata_is_what_the_provider_says(federated, ann):
    """The metadata is XML with this side's name and address, those that the provider shows; OIDC has none."""
    made = done(saml(federated))
    path = f"{federated.path}/identityProviders/{made['oktaIdpId']}/metadata.xml"
    root = ET.fromstring(done(ann.get(path)))  # noqa: S314 - our own
    names = {"md": "urn:oasis:names:tc:SAML:2.0:metadata"}
    place = root.find("md:SPSSODescriptor/md:AssertionConsumerService", names)
    assert (root.get("entityID"), place.get("Location")) == (made["audienceUri"], made["acsUrl"])
    assert place.get("Binding") == "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
    path = f"{federated.path}/identityProviders/{federated.provider}/metadata.xml"
    refused(ann.get(path), 404, "IDENTITY_PROVIDER_DOES_NOT_EXIST")


def test_the_older_version_knows_saml_alone_until_it_ends(world):
    """A provider of OIDC does not exist for who asks in the version from before; on the day of its end that is gone."""
    end = datetime(2025, 1, 1, tzinfo=UTC)
    world.clock.now = int(end.timestamp() * 1000) - 1
    federated = Federated.found(Company.found(world, "atlas"))
    ann = federated.company.ann
    path = f"{federated.path}/identityProviders/{federated.provider}"
    refused(ann.get(path, accept=OLD), 404, "IDENTITY_PROVIDER_DOES_NOT_EXIST")
    old = f"{federated.path}/identityProviders/{done(saml(federated))['id']}"
    reply = ann.get(old, accept=OLD)
    assert (reply.status, reply.headers["sunset"]) == (200, "Wed, 1 Jan 2025 00:00:00 GMT")
    world.clock.now += 1
    for asked in (old, path):
        refused(ann.get(asked, accept=OLD), 410, "VERSION_GONE")
    refused(ann.patch(old, {"displayName": "changed"}, accept=OLD), 410, "VERSION_GONE")
    assert done(ann.get(old, accept=NEWER))["displayName"] == "SAML"
    plain = ann.get(old, accept="application/json")
    assert (plain.status, plain.headers["content-type"]) == (200, f"{NEWER};charset=utf-8")


def test_a_client_secret_is_kept_and_never_shown(world, federated, ann):
    """It opens with the key of the store alone, and stands in no answer and in no row of the log."""
    path = f"{federated.own}/identityProviders/{federated.provider}/clientSecret"
    assert ann.put(path, {"secret": "very secret"}).status == 204
    row = world.store.view.get("credentials", federated.provider, "client_secret")
    context = f"client_secret {federated.provider}"
    assert world.store.keyring.open(row["secret"], context) == "very secret"
    shown = ann.get(f"{federated.path}/identityProviders/{federated.provider}").body
    assert b"very secret" not in shown
    assert b"very secret" not in world.store.path.read_bytes()
    path = f"{federated.own}/identityProviders/{done(saml(federated))['id']}/clientSecret"
    refused(ann.put(path, {"secret": "x"}), 400, "IDENTITY_PROVIDER_HAS_NO_CLIENT")


def test_a_mapping_is_shown_as_it_was_sent(federated, ann):
    """Assignments come back with the organization or the project that they name, and in one order."""
    web = federated.company.project()
    made = done(federated.map(" devs ", "ORG_READ_ONLY", "ORG_MEMBER", on={web: ["GROUP_READ_ONLY"]}))
    assert made["externalGroupName"] == "devs"
    wanted = federated.given("ORG_MEMBER", "ORG_READ_ONLY", on={web: ["GROUP_READ_ONLY"]})
    assert sorted(map(repr, made["roleAssignments"])) == sorted(map(repr, wanted))
    path = f"{federated.place()}/roleMappings"
    assert done(ann.get(path))["results"] == [made] == done(ann.get(federated.place()))["roleMappings"]
    assert done(ann.get(f"{path}/{made['id']}")) == made


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"externalGroupName": ""}, "INVALID_ATTRIBUTE"),
        ({"externalGroupName": "  "}, "INVALID_ATTRIBUTE"),
        ({"externalGroupName": "x" * 201}, "INVALID_ATTRIBUTE"),
        ({"roleAssignments": []}, "NO_ROLES_IN_ASSIGNMENT"),
        ({"roleAssignments": [{"groupId": "{web}", "role": "GROUP_READ_ONLY"}]}, "ROLE_MAPPING_NEEDS_ORG_ROLE"),
        ({"roleAssignments": [{"role": "ORG_MEMBER"}]}, "ROLE_NEEDS_ORG_ID"),
        ({"roleAssignments": [{"orgId": "{org}", "role": "GROUP_READ_ONLY"}]}, "ROLE_NEEDS_GROUP_ID"),
        ({"roleAssignments": [{"orgId": "{org}", "groupId": "{web}", "role": "ORG_MEMBER"}]}, "ROLE_NEEDS_NO_GROUP_ID"),
        (
            {"roleAssignments": [{"orgId": "{org}", "groupId": "{web}", "role": "GROUP_READ_ONLY"}]},
            "ROLE_NEEDS_NO_ORG_ID",
        ),
        ({"roleAssignments": [{"orgId": "{org}", "role": "ORG_NOTHING"}]}, "INVALID_ROLE_FOR_ORG"),
    ],
)
def test_a_mapping_gives_what_fits(federated, ann, members, code):
    """A group has a name, and each role stands where a role of its kind is held (96)."""
    web = federated.company.project()
    body = {"externalGroupName": "devs", "roleAssignments": federated.given("ORG_MEMBER"), **members}
    for part in body["roleAssignments"]:
        part.update(
            {name: value.replace("{org}", federated.company.id).replace("{web}", web) for name, value in part.items()}
        )
    reply = ann.post(f"{federated.place()}/roleMappings", body)
    refused(reply, 403 if code == "NO_ROLES_IN_ASSIGNMENT" else 400, code)


def test_a_group_is_mapped_once(federated):
    """Two mappings of one group would each say what the other does not."""
    mapping = federated.mapped("devs", "ORG_MEMBER")
    refused(federated.map("devs", "ORG_MEMBER"), 409, "ROLE_MAPPING_ALREADY_EXISTS")
    other = federated.mapped("ops", "ORG_MEMBER")
    refused(federated.remap(other, "devs", "ORG_MEMBER"), 409, "ROLE_MAPPING_ALREADY_EXISTS")
    done(federated.remap(mapping, "devs", "ORG_READ_ONLY"))


def test_a_trial_shows_who_gains_and_loses(federated):
    """`dryRun` of a mapping is the mapping itself, undone: whose access it changes, and how."""
    web = federated.company.project("web")
    bob = federated.arrive("bob", "devs")
    tried = done(federated.map("devs", "ORG_MEMBER", on={web: ["GROUP_READ_ONLY"]}, query="?dryRun=true"))
    gained = {(found["principal"]["id"], found["scope"]["id"]) for found in tried["gained"]}
    assert gained == {(bob.id, federated.company.id), (bob.id, web)}
    assert federated.company.user(bob.id) is None
    mapping = federated.mapped("devs", "ORG_MEMBER")
    lost = done(federated.unmap(mapping, query="?dryRun=true"))["lost"]
    assert {found["principal"]["id"] for found in lost} == {bob.id}
    assert federated.company.status_of(bob.id) == "ACTIVE"


def test_a_trial_warns_where_every_owner_would_be_the_providers(federated):
    """One owner outside of federation is there for the day on which the provider is not."""
    company = federated.company
    carl = federated.arrive("carl", "chiefs")
    federated.mapped("chiefs", "ORG_OWNER")
    reply = carl.patch(f"{company.path}/users/{company.ann.id}?dryRun=true", {"roles": {"orgRoles": ["ORG_MEMBER"]}})
    assert "NO_OWNER_OUTSIDE_FEDERATION" in {found["code"] for found in done(reply)["warnings"]}
    done(company.change(company.ann.id, "ORG_OWNER", "ORG_MEMBER"))
    reply = carl.patch(f"{company.path}/users/{carl.id}?dryRun=true", {"roles": {"orgRoles": ["ORG_OWNER"]}})
    assert "NO_OWNER_OUTSIDE_FEDERATION" not in {found["code"] for found in done(reply)["warnings"]}
