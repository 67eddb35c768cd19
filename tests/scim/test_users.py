"""`/Users`: who becomes a member and how, what changes, and what an identity provider may not say of anybody."""

import pytest

from orgward.app.execute import Context
from orgward.app.operator import ProvenDomain
from orgward.kernel.errors import DeniedError
from orgward.store.sqlite import connect
from tests.directory.company import OLD, done, log_rows
from tests.own_api.people import add_factor
from tests.scim.conftest import DOMAIN, ENTERPRISE, OWN, USER, Provider, provider_of, refusal
from tests.store_checker import check_store
from tests.world import Caller

UNKNOWN_ID = "0123456789abcdef01234567"
ELSEWHERE = "else.example"
"""A domain that is nobody's."""

SUSPEND = {"op": "replace", "value": {"active": False}}
REACTIVATE = {"op": "replace", "value": {"active": True}}
RENAME = {"op": "replace", "path": "userName", "value": f"rob@{DOMAIN}"}


@pytest.fixture
def bob(provider):
    """Give somebody whose address the federation vouches for."""
    return provider.user(
        f"bob@{DOMAIN}", name={"givenName": "Bob", "familyName": "Bean"}, externalId="00u1", title="Cook"
    )


def signed_in(provider, user):
    """Give a session of somebody."""
    return provider.world.session(user["id"])


def sees(caller: Caller, org: str) -> int:
    """Give what somebody is answered who reads an organization."""
    return caller.get(f"/orgs/{org}").status


# -- brought


def test_who_is_vouched_for_is_a_member_at_once(provider, bob):
    """An address in a proven domain makes an active member, with the names that the provider says, and no password."""
    assert (bob["userName"], bob["active"], bob["externalId"]) == (f"bob@{DOMAIN}", True, "00u1")
    assert bob["name"] == {"givenName": "Bob", "familyName": "Bean"}
    assert sees(signed_in(provider, bob), provider.org) == 200
    found = done(provider.caller.get(f"/orgs/{provider.org}/users/{bob['id']}"))
    assert (found["orgMembershipStatus"], found["firstName"], found["lastName"]) == ("ACTIVE", "Bob", "Bean")
    assert found["roles"]["orgRoles"] == ["ORG_MEMBER"]
    assert provider.world.store.view.find("credentials", owner_id=bob["id"]) == []
    assert provider.world.store.view.get("users", bob["id"])["proven_at"] == provider.world.clock.now


def test_a_resource_says_where_and_what_it_is(provider, bob):
    """The answer to a POST has its place and its tag in headers and in `meta`, which a GET repeats."""
    body = {"schemas": [USER], "userName": provider.address(), ENTERPRISE: {"department": "Tours"}}
    reply = provider("POST", "/Users", body)
    place = f"http://orgward.test/scim/v2/{provider.org}/Users/{reply.json['id']}"
    assert reply.status == 201
    assert reply.headers["content-type"] == "application/scim+json"
    assert reply.headers["location"] == reply.json["meta"]["location"] == place
    assert reply.headers["etag"] == reply.json["meta"]["version"]
    assert reply.json["schemas"] == [USER, ENTERPRISE]
    again = provider("GET", f"/Users/{reply.json['id']}")
    assert (again.json, again.headers["etag"]) == (reply.json, reply.headers["etag"])


def test_who_is_not_vouched_for_is_invited(provider):
    """Any other address is invited as by the Admin API; the provider sees an active user, who is no member yet."""
    session = provider.world.user(f"carl@{ELSEWHERE}")
    carl = provider.user(f"carl@{ELSEWHERE}", name={"givenName": "Carl"}, externalId="00u2")
    assert (carl["active"], carl["externalId"], "name" in carl) == (True, "00u2", False)
    found = done(provider.caller.get(f"/orgs/{provider.org}/users/{carl['id']}"))
    assert found["orgMembershipStatus"] == "PENDING"
    assert found["roles"]["orgRoles"] == ["ORG_MEMBER"]
    assert sees(session, provider.org) == 404


def test_an_invitation_is_held_back_while_its_user_is_not_active(provider):
    """Somebody who is only invited joins by the invitation once the provider calls them active."""
    session = provider.world.user(f"carl@{ELSEWHERE}")
    carl = provider.user(f"carl@{ELSEWHERE}", active=False)
    assert carl["active"] is False
    (invitation,) = session.get(f"{OWN}/me/invitations").json["results"]
    accept = f"{OWN}/me/invitations/{invitation['id']}:accept"
    assert session.post(accept).code == "HELD_BACK_BY_DIRECTORY"
    done(provider.caller.post(f"{OWN}/orgs/{provider.org}/invitations/{invitation['id']}:resend"))
    assert session.post(accept).code == "HELD_BACK_BY_DIRECTORY"
    assert check_store(provider.world.store.path) == []
    assert provider.patched(f"/Users/{carl['id']}", REACTIVATE)["active"] is True
    assert session.post(accept).status == 200
    assert sees(session, provider.org) == 200


def test_whoever_is_taken_out_by_hand_is_not_held_back(provider):
    """What the provider said of somebody ends when their entry is cleared away: an invitation can be accepted then."""
    session = provider.world.user(f"carl@{ELSEWHERE}")
    provider.user(f"carl@{ELSEWHERE}", active=False, externalId="00u2")
    provider.world.clock.advance(days=31)
    body = {"username": f"carl@{ELSEWHERE}", "roles": {"orgRoles": ["ORG_MEMBER"]}}
    assert provider.caller.post(f"/orgs/{provider.org}/users", body).code == "HELD_BACK_BY_DIRECTORY"
    (ended,) = provider.world.store.view.find("invitations", user_id=session.id)
    path = f"/orgs/{provider.org}/invites/{ended['id']}"
    assert provider.caller.delete(path, accept=OLD).status == 204
    done(provider.caller.post(f"/orgs/{provider.org}/users", body))
    (invitation,) = session.get(f"{OWN}/me/invitations").json["results"]
    assert session.post(f"{OWN}/me/invitations/{invitation['id']}:accept").status == 200
    assert "externalId" not in provider.get(f"/Users/{session.id}")


def test_an_account_that_was_there_joins_with_its_names(provider):
    """An account keeps its names where the provider says none."""
    dora = provider.world.user(f"dora@{DOMAIN}")
    dora.patch(f"{OWN}/me", {"firstName": "Dora", "lastName": "Dill"})
    found = provider.user(f"Dora@{DOMAIN.upper()}")
    assert (found["id"], found["userName"]) == (dora.id, f"dora@{DOMAIN}")
    assert found["name"] == {"givenName": "Dora", "familyName": "Dill"}


def test_joining_at_once_needs_more_than_inviting(provider, monkeypatch):
    """Whoever may only invite makes nobody a member at once, though they may invite."""
    monkeypatch.setattr(Context, "authorized_on", _denying)
    assert refusal(provider("POST", "/Users", {"userName": f"bob@{DOMAIN}"})) == (403, "")
    assert provider("POST", "/Users", {"userName": f"bob@{ELSEWHERE}"}).status == 201


def _denying(context, privileges, resource):
    raise DeniedError(privileges, ())


@pytest.mark.parametrize("domain", [DOMAIN, ELSEWHERE])
def test_nobody_is_brought_twice(provider, domain):
    """Whoever is a member, or invited, is there already, in any capitals."""
    provider.user(f"eve@{domain}")
    assert refusal(provider("POST", "/Users", {"userName": f"EVE@{domain}"})) == (409, "uniqueness")


@pytest.mark.parametrize(
    "body",
    [
        {"userName": "no address"},
        {"userName": 5},
        {"userName": ""},
        {"name": {}},
        {"userName": f"x@{DOMAIN}", "active": "perhaps"},
        {"userName": f"x@{DOMAIN}", "title": "x" * 1001},
        {"userName": f"x@{DOMAIN}", "USERNAME": f"y@{DOMAIN}"},
        {"userName": f"x@{DOMAIN}", "emails": [{"value": "y" * 900, "type": str(i)} for i in range(20)]},
    ],
    ids=["no-address", "number", "empty", "missing", "active", "long", "twice", "large"],
)
def test_what_is_no_user_is_refused(provider, body):
    """A faulty body is told what is wrong with it, and brings nobody."""
    before = provider.get("/Users")["totalResults"]
    assert refusal(provider("POST", "/Users", body)) == (400, "invalidValue")
    assert provider.get("/Users")["totalResults"] == before


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"null", b'"x"', b"\xff", b'{"userName":"\\ud800@x"}'])
def test_what_is_no_object_is_refused(provider, raw):
    """What is no JSON object is bad syntax."""
    assert refusal(provider("POST", "/Users", raw=raw)) == (400, "invalidSyntax")


def test_what_no_schema_has_is_passed_over(provider):
    """Okta sends a random password and empty groups: nothing is kept of what no schema has, or is not its to say."""
    sent = {"password": "1mz050nq", "groups": [], "id": "x", "meta": {"version": "x"}, "nonsense": {"a": 1}}
    found = provider.user(**sent)
    assert found.keys() == {"schemas", "id", "userName", "active", "meta"}


# -- suspended


def test_inactive_is_suspended_and_signed_out_at_once(provider, bob):
    """Whoever is vouched for loses every session with the change, and gets in again once they are active."""
    session = signed_in(provider, bob)
    assert sees(session, provider.org) == 200
    assert provider.patched(f"/Users/{bob['id']}", SUSPEND)["active"] is False
    assert session.get(f"{OWN}/me").status == 401
    assert sees(signed_in(provider, bob), provider.org) == 403
    assert provider.patched(f"/Users/{bob['id']}", REACTIVATE)["active"] is True
    assert sees(signed_in(provider, bob), provider.org) == 200


def test_who_is_not_vouched_for_is_suspended_here_alone(provider):
    """Of somebody with an address of their own the session goes on, but not into this organization."""
    carl = provider.world.user(f"carl@{ELSEWHERE}", orgs={provider.org: ["ORG_MEMBER"]})
    assert provider.patched(f"/Users/{carl.id}", SUSPEND)["active"] is False
    assert carl.get(f"{OWN}/me").status == 200
    assert (sees(carl, provider.org), carl.get(f"/orgs/{provider.org}").code) == (403, "USER_SUSPENDED")


def test_somebody_can_be_brought_inactive(provider):
    """A user who is not active from the start is a suspended member."""
    found = provider.user(active="False")
    assert found["active"] is False
    assert sees(signed_in(provider, found), provider.org) == 403


def test_the_last_owner_stays(provider):
    """The last owner can neither be suspended nor removed, by either word for it (rules 34-36)."""
    path = f"/Users/{provider.caller.id}"
    assert refusal(provider.patch(path, SUSPEND)) == (403, "")
    assert refusal(provider("DELETE", path))[0] == 403
    assert provider("DELETE", path).json["detail"] == "The last owner can't be removed."
    assert provider.get(path)["active"] is True


# -- changed


def test_names_and_address_follow_the_provider(provider, bob):
    """Of an account that is vouched for the provider says names and address, in every way it can say them."""
    path = f"/Users/{bob['id']}"
    assert (
        provider.patched(path, {"op": "Replace", "path": "name.givenName", "value": "Rob"})["name"]["givenName"]
        == "Rob"
    )
    found = provider.patched(path, {"op": "Replace", "path": "userName", "value": f"rob@{DOMAIN}"})
    assert found["userName"] == f"rob@{DOMAIN}"
    put = provider.done("PUT", path, {"userName": f"bob@{DOMAIN}", "name": {"familyName": "Bin"}})
    assert (put["userName"], put["name"]) == (f"bob@{DOMAIN}", {"familyName": "Bin"})
    assert "title" not in put
    assert "externalId" not in put
    assert provider.get(f'/Users?filter=userName eq "bob@{DOMAIN}"')["totalResults"] == 1
    assert signed_in(provider, bob).get(f"{OWN}/me").json["username"] == f"bob@{DOMAIN}"


def test_a_new_address_makes_what_was_mailed_worthless(provider):
    """Links to the address before are dropped, those of invitations are mailed anew, and its reader is told."""
    carl = provider.user(f"carl@{ELSEWHERE}")
    rows = provider.world.store.view.find
    before = {row["hash"] for row in rows("tokens", user_id=carl["id"])}
    provider.world.operate("vouchForDomain", ProvenDomain(domain=ELSEWHERE, federation=provider.federation))
    provider.patched(f"/Users/{carl['id']}", {"op": "replace", "path": "userName", "value": f"karl@{ELSEWHERE}"})
    after = {row["hash"] for row in rows("tokens", user_id=carl["id"])}
    assert len(before) == len(after) == 1
    assert not before & after
    assert "address_changed" in {row["kind"] for row in rows("outbox", user_id=carl["id"])}


def test_a_new_address_is_told_in_the_organization(provider, bob):
    """The feed tells whose address it is, and the event names neither the one before nor the new one."""
    provider.patched(f"/Users/{bob['id']}", RENAME)
    (newest, *_) = done(provider.caller.get(f"/orgs/{provider.org}/events"))["results"]
    assert (newest["eventTypeName"], newest["targetUsername"]) == ("USER_ROLES_CHANGED_AUDIT", f"rob@{DOMAIN}")
    event = log_rows(provider.world)[-1]["body"]["events"]
    assert event == [
        {"type": "USER_ROLES_CHANGED_AUDIT", "orgId": provider.org, "targetUserId": bob["id"], "readdressed": True}
    ]


def identity_provider(provider):
    """Make an identity provider of the federation and give its id."""
    body = {"displayName": "Login", "issuerUri": "https://idp.example.org", "clientId": "orgward"}
    return done(provider.caller.post(f"/federationSettings/{provider.federation}/identityProviders", body))["id"]


def _put(world, statement, *values):
    """Leave what signing in, or getting ready to, would leave."""
    connection = connect(world.store.path)
    connection.execute(statement, values)
    connection.close()


def _invited_elsewhere(provider, bob):
    other = provider_of(provider.world, domain="zoo.example", owner="zoe@example.org", name="Zoo")
    other.user(bob["userName"])


def _in_another_organization(provider, bob):
    made = provider.world.organization("Zoo", owner="zoe@example.org")
    provider.world.user(bob["userName"], orgs={made.id: ["ORG_MEMBER"]})


def _with_a_password(provider, bob):
    _put(provider.world, "INSERT INTO credentials VALUES (?, 'password', 'hash', '00')", bob["id"])


def _with_a_second_factor(provider, bob):
    add_factor(provider.world, bob["id"])
    _put(provider.world, "UPDATE second_factors SET is_active = 0 WHERE user_id = ?", bob["id"])


def _known_to_others(provider, bob):
    other = provider_of(provider.world, domain="zoo.example", owner="zoe@example.org", name="Zoo")
    values = (identity_provider(other), bob["id"])
    _put(provider.world, "INSERT INTO federated_identities VALUES (?, 'hash', ?, '', 0, NULL, '00')", *values)


def _signed_in(provider, bob):
    provider.world.session(bob["id"])


@pytest.mark.parametrize(
    "reach",
    [
        _invited_elsewhere, _in_another_organization, _with_a_password, _with_a_second_factor, _known_to_others,
        _signed_in,
    ],
)  # fmt: skip
def test_an_account_that_reaches_further_keeps_its_address(provider, bob, reach):
    """Whose account is in other organizations, or signs in by other means, is not handed to who reads another mail."""
    reach(provider, bob)
    path = f"/Users/{bob['id']}"
    for change in (RENAME, {"op": "replace", "path": "name.givenName", "value": "Eve"}):
        assert refusal(provider.patch(path, change)) == (400, "mutability")
    found = provider.done("PUT", path, {"userName": bob["userName"], "name": {"givenName": "Eve"}})
    assert found["name"] == bob["name"]


def test_no_organization_takes_the_account_of_another_one_over(provider):
    """One of two organizations of a federation moves no owner of the other one to a domain that it has proven."""
    world, victim = provider.world, provider.user(f"victim@{DOMAIN}")
    made = world.organization("Zoo", owner=f"joiner@{DOMAIN}")
    world.user(f"joiner@{DOMAIN}", orgs={provider.org: ["ORG_OWNER"]})
    path = f"{OWN}/federationSettings/{provider.federation}/connectedOrgConfigs"
    done(world.session(made.owner).post(path, {"orgId": made.id}))
    world.operate("vouchForDomain", ProvenDomain(domain="evil.example", federation=provider.federation))
    evil = Provider(world, made.id, world.session(made.owner), provider.federation)
    assert evil.user(victim["userName"], name={"givenName": "Eve"})["id"] == victim["id"]
    assert "name" not in evil.get(f"/Users/{victim['id']}")
    move = {"op": "replace", "path": "userName", "value": "victim@evil.example"}
    assert refusal(evil.patch(f"/Users/{victim['id']}", move)) == (400, "mutability")
    assert refusal(provider.patch(f"/Users/{victim['id']}", RENAME)) == (400, "mutability")


def test_a_new_address_ends_sessions_of_the_federation(provider, bob):
    """Whoever the federation's provider has signed in is signed out with the old address."""
    made = identity_provider(provider)
    session = signed_in(provider, bob)
    proof = provider.world.store.keyring.hash_token(session.token)
    _put(provider.world, "INSERT INTO federated_sessions VALUES (?, ?, ?, '00')", proof, made, bob["id"])
    assert session.get(f"{OWN}/me").status == 200
    provider.patched(f"/Users/{bob['id']}", RENAME)
    assert session.get(f"{OWN}/me").status == 401


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"path": "userName", "value": f"bob@{ELSEWHERE}"}, (400, "mutability")),
        ({"path": "userName", "value": "ann@example.org"}, (400, "mutability")),
        ({"path": "userName", "value": f"amy@{DOMAIN}"}, (409, "uniqueness")),
        ({"path": "userName", "value": "no address"}, (400, "invalidValue")),
        ({"path": "id", "value": UNKNOWN_ID}, (400, "mutability")),
        ({"path": "groups", "value": []}, (400, "mutability")),
        ({"path": "nothing", "value": 1}, (400, "invalidPath")),
        ({"path": 'emails[type eq "work"].value', "value": "x"}, (400, "noTarget")),
        ({"path": "active", "value": "perhaps"}, (400, "invalidValue")),
        ({"path": "emails[", "value": "x"}, (400, "invalidPath")),
        ({"path": "emails[nothing pr].value", "value": "x"}, (400, "invalidFilter")),
    ],
)
def test_what_a_provider_can_not_change(provider, bob, change, expected):
    """Each refusal has its word, and nothing has changed."""
    provider.user(f"amy@{DOMAIN}")
    assert refusal(provider.patch(f"/Users/{bob['id']}", {"op": "replace", **change})) == expected
    assert provider.get(f"/Users/{bob['id']}") == bob


def test_nobody_else_is_renamed(provider):
    """Names and address of whom nobody vouches for are theirs: a change is refused, a whole resource leaves them."""
    carl = provider.world.user(f"carl@{ELSEWHERE}", orgs={provider.org: ["ORG_MEMBER"]})
    carl.patch(f"{OWN}/me", {"firstName": "Carl"})
    path = f"/Users/{carl.id}"
    for change in ({"path": "name.givenName", "value": "Karl"}, {"path": "userName", "value": f"carl@{DOMAIN}"}):
        assert refusal(provider.patch(path, {"op": "replace", **change})) == (400, "mutability")
    body = {"userName": f"carl@{ELSEWHERE}", "name": {"givenName": "Karl"}, "title": "Cook"}
    found = provider.done("PUT", path, body)
    assert (found["name"], found["title"]) == ({"givenName": "Carl"}, "Cook")
    assert refusal(provider("PUT", path, {**body, "userName": f"carl@{DOMAIN}"})) == (400, "mutability")


def test_a_domain_that_is_not_proven_vouches_for_nobody(world):
    """A domain that was only named, or is proven by another federation, gives no authority over anybody."""
    provider = provider_of(world, domain="proven.example")
    provider_of(world, domain="other.example", owner="zoe@example.org", name="Other")
    done(provider.caller.post(f"{OWN}/federationSettings/{provider.federation}/domains", {"domain": "named.example"}))
    for domain in ("named.example", "other.example", "sub.proven.example", "xproven.example"):
        found = provider.user(f"bob@{domain}")
        status = done(provider.caller.get(f"/orgs/{provider.org}/users/{found['id']}"))["orgMembershipStatus"]
        assert status == "PENDING", domain


def test_a_whole_resource_without_active_leaves_it(provider, bob):
    """A PUT that does not say whether somebody is active does not reactivate them."""
    provider.patched(f"/Users/{bob['id']}", SUSPEND)
    assert provider.done("PUT", f"/Users/{bob['id']}", {"userName": bob["userName"]})["active"] is False


def test_the_same_again_changes_nothing(provider, bob):
    """What is so already leaves the tag and the time of the last change."""
    provider.world.clock.advance(seconds=60)
    assert provider.patched(f"/Users/{bob['id']}", {"op": "replace", "path": "title", "value": "Cook"}) == bob
    provider.world.clock.advance(seconds=60)
    found = provider.patched(f"/Users/{bob['id']}", {"op": "replace", "path": "title", "value": "Chef"})
    assert found["meta"]["version"] != bob["meta"]["version"]
    assert found["meta"]["lastModified"] > bob["meta"]["lastModified"]
    assert found["meta"]["created"] == bob["meta"]["created"]


def test_a_member_that_nobody_brought_can_be_taken_over(provider):
    """Members whom people have invited are there for the provider, too, and are given its id."""
    path = f"/Users/{provider.caller.id}"
    before = provider.get(path)
    assert before["emails"] == [{"value": "ann@example.org", "type": "work", "primary": True}]
    found = provider.patched(path, {"op": "add", "path": "externalId", "value": "00u9"})
    assert (found["externalId"], found["emails"]) == ("00u9", before["emails"])


# -- removed


def test_a_removed_member_is_gone_with_all_that_was_kept(provider, bob):
    """Who is removed holds nothing, is signed out, and can be brought again as if for the first time."""
    session = signed_in(provider, bob)
    assert provider("DELETE", f"/Users/{bob['id']}").status == 204
    assert refusal(provider("GET", f"/Users/{bob['id']}"))[0] == 404
    assert refusal(provider("DELETE", f"/Users/{bob['id']}"))[0] == 404
    assert session.get(f"{OWN}/me").status == 401
    assert provider.world.store.view.find("provisioned", org_id=provider.org) == []
    again = provider.user(bob["userName"])
    assert again["id"] == bob["id"]
    assert "externalId" not in again
    assert "title" not in again


def test_an_invitation_that_is_removed_or_has_ended_is_no_user(provider):
    """Who is invited no more is unknown, and is invited anew if they are brought again."""
    carl, dora = provider.user(f"carl@{ELSEWHERE}"), provider.user(f"dora@{ELSEWHERE}", externalId="00u2")
    assert provider("DELETE", f"/Users/{carl['id']}").status == 204
    provider.world.clock.advance(days=31)
    for gone in (carl, dora):
        assert refusal(provider("GET", f"/Users/{gone['id']}"))[0] == 404
        assert refusal(provider.patch(f"/Users/{gone['id']}", SUSPEND))[0] == 404
        assert provider.get(f'/Users?filter=id eq "{gone["id"]}"')["totalResults"] == 0
    assert provider.user(dora["userName"])["id"] == dora["id"]


def test_what_is_kept_goes_with_whoever_it_is_about(provider, bob):
    """What a provider said of somebody ends with the membership, the invitation, the person and the organization."""
    world, view = provider.world, provider.world.store.view
    carl, dora = provider.user(f"carl@{ELSEWHERE}"), provider.user(f"dora@{DOMAIN}")
    provider.team("Cooks", bob)
    done(provider.caller.delete(f"/orgs/{provider.org}/users/{bob['id']}"))
    done(provider.caller.delete(f"/orgs/{provider.org}/users/{carl['id']}"))
    assert {row["id"] for row in view.find("provisioned", org_id=provider.org, kind="User")} == {dora["id"]}
    world.erase(dora["userName"])
    assert view.find("provisioned", org_id=provider.org, kind="User") == []
    provider.user(f"emil@{DOMAIN}")
    done(provider.caller.delete(f"/orgs/{provider.org}"))
    assert view.find("provisioned", org_id=provider.org) == []


# -- elsewhere


def test_other_organizations_see_nothing_of_it(provider, bob):
    """What one organization's provider says of somebody is that organization's alone."""
    other = provider_of(provider.world, domain="zoo.example", owner="zoe@example.org", name="Zoo")
    assert refusal(other("GET", f"/Users/{bob['id']}"))[0] == 404
    other.user(bob["userName"], externalId="z1")
    seen = other.get(f"/Users/{bob['id']}")
    assert (seen["externalId"], "title" in seen) == ("z1", False)
    assert provider.get(f"/Users/{bob['id']}") == bob
    assert other.get('/Users?filter=externalId eq "00u1"')["totalResults"] == 0
    assert refusal(other.patch(f"/Users/{bob['id']}", {"op": "replace", "path": "name.givenName", "value": "Eve"}))
    assert provider.get(f"/Users/{bob['id']}")["name"] == bob["name"]
