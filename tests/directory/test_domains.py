"""Rule 45 and the domains of federations: who may be invited, and for which addresses a provider may speak."""

import pytest

from tests.directory.company import OWN, Company, done, refused
from tests.federations import Federated

NOT_ALLOWED = (400, "DOMAIN_NOT_IN_ALLOW_LIST")


@pytest.fixture
def federated(company):
    """Give a company of either edition in a federation."""
    return Federated.found(company)


@pytest.fixture
def elsewhere(world, company):
    """Give a federation of strangers."""
    return Federated.found(Company.found(world, company.edition, name="Other", owner="olga"))


def test_only_listed_domains_are_invited(company, federated):
    """While the list is on, addresses outside it are invited neither to the organization nor to a project (45)."""
    web = company.project("web")
    done(federated.configure(domainRestrictionEnabled=True, domainAllowList=["Example.com"]))
    refused(company.invite("bob@example.org"), *NOT_ALLOWED)
    refused(company.add(web, "bob@example.org"), *NOT_ALLOWED)
    refused(company.invite("bob@sub.example.com"), *NOT_ALLOWED)
    done(company.invite("bob@EXAMPLE.com"))
    done(company.add(web, "carl@example.com"))
    done(federated.configure(domainRestrictionEnabled=False))
    done(company.invite("bob@example.org"))


def test_members_outside_the_list_stay(company, federated):
    """Whoever is a member already keeps what they have and can be given more (45)."""
    web = company.project("web")
    bob = company.person("bob")
    done(federated.configure(domainRestrictionEnabled=True))
    done(company.add(web, "bob"))
    done(bob.get(f"/groups/{web}"))


def test_no_way_in_goes_around_the_list(company, federated):
    """Somebody with an account who asks to join, or is added to a project at once, is somebody new, too (45)."""
    web, bob = company.project("web"), company.outsider("bob")
    done(bob.post(f"{OWN}/groups/{web}/joinRequests", {}))
    request = done(bob.get(f"{OWN}/me/joinRequests"))["results"][0]["id"]
    done(federated.configure(domainRestrictionEnabled=True))
    path = f"{OWN}/groups/{web}/joinRequests/{request}:approve"
    refused(company.ann.post(path, {"roles": ["GROUP_READ_ONLY"]}), *NOT_ALLOWED)
    refused(company.add(web, "bob"), *NOT_ALLOWED)


def test_domains_of_the_provider_are_listed_by_themselves(company, federated):
    """What the organization's own identity provider speaks for needs no listing (45)."""
    federated.prove("example.net")
    done(federated.configure(domainRestrictionEnabled=True))
    refused(company.invite("bob@example.net"), *NOT_ALLOWED)
    path = f"{federated.path}/identityProviders/{federated.provider}"
    done(company.ann.patch(path, {"associatedDomains": ["example.net"]}))
    done(company.invite("bob@example.net"))


def test_a_domain_is_proven_by_its_record(company, federated):
    """The text has to be the domain's own proof, whole, whatever else stands there."""
    made = done(federated.claim("Example.COM."))
    assert (made["domain"], made["state"], made["verifiedAt"]) == ("example.com", "PENDING", None)
    other = done(federated.claim("example.net"))["proof"]
    for records in ((), ("v=spf1 -all",), (other,), (made["proof"][:-1],), ("orgward-domain-verification=",)):
        refused(federated.verify("example.com", *records), 400, "DOMAIN_PROOF_NOT_FOUND")
    done(federated.verify("example.com", "v=spf1 -all", made["proof"]))
    shown = {found["domain"]: found["state"] for found in done(company.ann.get(f"{federated.own}/domains"))["results"]}
    assert shown == {"example.com": "VERIFIED", "example.net": "PENDING"}
    assert done(company.ann.get(f"{company.path}/federationSettings"))["federatedDomains"] == ["example.com"]


def test_the_domains_come_in_pages(company, federated):
    """In their order, with links and a count as every list has them."""
    for name in ("c", "a", "b"):
        done(federated.claim(f"{name}.example"))
    pages = [done(company.ann.get(f"{federated.own}/domains?itemsPerPage=2&pageNum={number}")) for number in (1, 2)]
    assert [[shown["domain"][0] for shown in page["results"]] for page in pages] == [["a", "b"], ["c"]]
    assert [page["totalCount"] for page in pages] == [3, 3]
    assert [[link["rel"] for link in page["links"]] for page in pages] == [["self", "next"], ["self", "previous"]]
    refused(company.ann.get(f"{federated.own}/domains?itemsPerPage=501"), 400, "INVALID_QUERY_PARAMETER")


def test_nothing_is_looked_up_that_nobody_claims(federated):
    """Names that the federation does not claim are asked of no DNS."""
    refused(federated.verify("example.com", "anything"), 404, "DOMAIN_NOT_FOUND")


def test_a_domain_is_one_federations_alone(federated, elsewhere):
    """What one has proven no other proves, until it is given up; claiming alone takes nothing from anybody."""
    proof = done(federated.claim("example.com"))["proof"]
    strange = done(elsewhere.claim("example.com"))["proof"]
    assert strange != proof
    refused(federated.verify("example.com", strange), 400, "DOMAIN_PROOF_NOT_FOUND")
    done(federated.verify("example.com", proof))
    refused(elsewhere.verify("example.com", strange), 409, "DOMAIN_IN_USE")
    done(federated.company.ann.delete(f"{federated.own}/domains/example.com"))
    done(elsewhere.verify("example.com", strange))


def test_the_operators_word_is_a_proof(world, federated, elsewhere):
    """`federation verify-domain` needs no record, and no claim; it takes no domain from another federation."""
    from orgward.app.operator import ProvenDomain  # noqa: PLC0415 - the operator's, of no other test here
    from orgward.kernel.errors import NotFoundError, RefusedError  # noqa: PLC0415 - as above

    world.operate("vouchForDomain", ProvenDomain(domain="example.com", federation=federated.id))
    assert done(federated.company.ann.get(f"{federated.own}/domains"))["results"][0]["state"] == "VERIFIED"
    with pytest.raises(RefusedError, match="DOMAIN_IN_USE"):
        world.operate("vouchForDomain", ProvenDomain(domain="example.com", federation=elsewhere.id))
    with pytest.raises(NotFoundError, match="FEDERATION_NOT_FOUND"):
        world.operate("vouchForDomain", ProvenDomain(domain="example.net", federation="0" * 24))


@pytest.mark.parametrize(
    "text", ["", "localhost", "a b.example", "-a.example", "a..example", "ann@example.org", "x" * 254]
)
def test_what_is_no_domain_is_refused(federated, text):
    """A domain has at least two labels of letters, digits and hyphens."""
    assert federated.claim(text).status == 400


def test_only_proven_domains_are_spoken_for(federated, elsewhere):
    """A provider is given domains that its own federation has proven, each to one provider alone."""
    ann, path = federated.company.ann, f"{federated.path}/identityProviders/{federated.provider}"
    done(federated.claim("example.com"))
    elsewhere.prove("example.net")
    for domain in ("example.com", "example.net", "example.edu"):
        refused(ann.patch(path, {"associatedDomains": [domain]}), 400, "INVALID_ATTRIBUTE")
        refused(federated.describe(associatedDomains=[domain]), 400, "INVALID_ATTRIBUTE")
    federated.prove("example.edu")
    assert done(ann.patch(path, {"associatedDomains": ["Example.EDU"]}))["associatedDomains"] == ["example.edu"]
    refused(federated.describe(associatedDomains=["example.edu"]), 400, "INVALID_ATTRIBUTE")
    assert done(ann.patch(path, {"associatedDomains": []}))["associatedDomains"] == []
    assert done(federated.describe(associatedDomains=["example.edu"]))["associatedDomains"] == ["example.edu"]


def test_who_is_in_conflict_is_named(company, federated):
    """Members whose address is in no domain of the federation, nor on the list, are named to the owner."""
    assert done(company.ann.get(federated.place()))["userConflicts"] is None
    federated.prove("example.com")
    company.person("bob@example.com")
    (found,) = done(company.ann.get(federated.place()))["userConflicts"]
    assert (found["emailAddress"], found["userId"]) == ("ann@example.org", company.ann.id)
    done(federated.configure(domainAllowList=["example.org"]))
    assert done(company.ann.get(federated.place()))["userConflicts"] == []
