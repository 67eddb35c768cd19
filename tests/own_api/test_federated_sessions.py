"""Signing in by an identity provider that really runs: who gets an account, which roles, and what ends it all."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from orgward.app.oidc import Providers
from orgward.app.outbound import Bounds, Outbound
from tests.devices import Device, decide
from tests.directory.company import log_rows
from tests.federated import OIDC, OWN, Federated
from tests.identity_provider import IdentityProvider
from tests.own_api.people import account, is_alive, number_of, rows
from tests.world import Caller

FAY = "fay@acme.example"


def roles(caller, org):
    """Give the roles that somebody holds in the organization itself."""
    held = rows(caller.world, "assignments", holder_id=caller.id, scope_id=org)
    return sorted(row["role"] for row in held)


def owners_given(world):
    """Give to whom the last command gave an owner role that no owner has given."""
    events = log_rows(world)[-1]["body"].get("events", [])
    return [event["holder"] for event in events if event["type"] == "OWNER_ROLE_GIVEN_BY_NON_OWNER"]


class TestNewcomers:
    """Who was never here."""

    def test_somebody_new_gets_an_account(self, acme, world):
        """A person of a proven domain gets an account with their name, its address proven, and no password."""
        fay = acme.session(name="Fay Ritter")
        me = fay.get(f"{OWN}/me").json
        assert (me["username"], me["firstName"], me["lastName"]) == (FAY, "Fay", "Ritter")
        assert world.store.view.get("users", fay.id)["proven_at"] == world.clock.now
        assert rows(world, "credentials", owner_id=fay.id) == []

    def test_whoever_was_invited_keeps_the_invitation(self, acme, world):
        """Somebody who was invited and has no account gets it by signing in, and may accept."""
        acme.configure(instantUserProvisioningDisabled=True)
        body = {"username": FAY, "roles": {"orgRoles": ["ORG_MEMBER"]}}
        invited = acme.owner.post(f"/orgs/{acme.org.id}/users", body)
        assert invited.status == 201, invited.json
        assert acme.session().id == invited.json["id"]

    def test_the_second_time_it_is_the_same_account(self, acme):
        """Whoever signs in again is known by what the provider calls them, whatever their address is there now."""
        first = acme.session()
        assert acme.session().id == first.id
        assert acme.session(FAY, email="fay.new@elsewhere.example", email_verified=False).id == first.id

    @pytest.mark.parametrize(
        "person",
        [
            {"email_verified": False}, {"email_verified": None}, {"email": "fay@evil.example"}, {"email": None},
            {"email": "fay@acme.example.evil.example"}, {"email": "fay@sub.acme.example"}, {"email": "@acme.example"},
        ],
    )  # fmt: skip
    def test_nobody_is_vouched_for_elsewhere(self, acme, person):
        """An address that is not proven, or in another domain, makes no account (attack row 28)."""
        reply = acme.sign_in(FAY, **person)
        assert (reply.status, reply.code) in {(403, "IDENTITY_NOT_VOUCHED_FOR"), (400, "INVALID_EMAIL_ADDRESS")}

    def test_an_account_is_never_taken_over(self, acme, world):
        """Who has the address of an account that is there already is not signed in to it (attack row 28)."""
        there = account(world, FAY)
        reply = acme.sign_in()
        assert (reply.status, reply.code) == (403, "IDENTITY_NOT_LINKED")
        assert number_of(world, "federated_identities") == 0
        assert is_alive(there)


class TestWhereOneGoes:
    """The beginning."""

    def test_the_domain_alone_decides(self, acme, world):
        """Known and unknown people of a domain are sent to the same place, and nobody of another one is."""
        account(world, "there@acme.example")
        places = {
            acme.begin(name).json["location"].partition("?")[0] for name in ("there@acme.example", "x@ACME.example")
        }
        assert places == {f"{acme.idp.issuer}/authorize"}
        for name in ("ann@acme.test", "x@other.example", "x@sub.acme.example", "", "@"):
            assert (acme.begin(name).status, acme.begin(name).code) == (404, "NO_IDENTITY_PROVIDER")

    def test_a_provider_that_does_not_sign_people_in_is_none(self, acme):
        """A provider that is switched off is no way to sign in."""
        assert acme.change_provider(status="INACTIVE").status == 200
        assert acme.begin().code == "NO_IDENTITY_PROVIDER"

    def test_a_domain_that_was_given_up_leads_nowhere(self, acme):
        """A provider that vouches for no domain any more signs nobody new in."""
        returned = acme.returned(acme.begin())
        assert acme.change_provider(associatedDomains=[]).status == 200
        assert acme.begin().code == "NO_IDENTITY_PROVIDER"
        assert acme.finish(returned).code == "IDENTITY_NOT_VOUCHED_FOR"

    def test_scopes_of_the_provider_are_asked_for(self, acme):
        """What the provider is configured to be asked for is asked for, and a hint who it is."""
        acme.change_provider(requestedScopes=["openid", "groups"])
        location = acme.begin().json["location"]
        assert "scope=openid+email+profile+groups&" in location
        assert "login_hint=fay%40acme.example" in location

    def test_a_secret_is_shown_to_the_provider(self, acme):
        """A provider that has given us a secret gets to see it."""
        acme.idp.tell(client_secret="a secret")
        assert acme.sign_in().code == "IDENTITY_NOT_PROVEN"
        path = f"{OWN}/federationSettings/{acme.federation}/identityProviders/{acme.provider}/clientSecret"
        reply = acme.owner.put(path, {"secret": "a secret"})
        assert reply.status in {200, 204}, reply.json
        assert acme.sign_in().status == 201


class TestSessions:
    """What a session is that a provider began."""

    def facts(self, caller):
        """Give what is known of a session."""
        return caller.world.store.view.get("session_facts", caller.world.store.keyring.hash_token(caller.token))

    def test_a_second_factor_of_the_provider_counts(self, acme, world):
        """Whoever has shown a second factor to the provider has shown one here; a password is none."""
        assert self.facts(acme.session(amr=["pwd", "mfa"]))["factor"] == "federation"
        assert self.facts(acme.session(amr=["pwd"]))["factor"] == ""

    def test_when_somebody_proved_who_they_are(self, acme, world):
        """The proof is as old as the sign-in at the provider."""
        earlier = world.clock.now // 1000 - 3_600
        old = acme.session(auth_time=earlier)
        assert self.facts(old)["proven_at"] == earlier * 1000
        reply = old.delete(f"{OWN}/me/identities/{acme.provider}")
        assert (reply.status, reply.code) == (403, "REAUTHENTICATION_REQUIRED")
        assert self.facts(acme.session(auth_time=None))["proven_at"] == world.clock.now

    def test_limits_of_an_organization_that_is_joined_hold_at_once(self, acme, world):
        """The first session of somebody who joins by it lasts no longer than the organization lets it (rule 90)."""
        body = {"customSessionTimeouts": {"absoluteSessionTimeoutInSeconds": 3_600}}
        assert acme.owner.patch(f"/orgs/{acme.org.id}/settings", body).status == 200
        acme.map("staff", "ORG_MEMBER")
        assert acme.sign_in(groups=["staff"]).json["expiresAt"] == "2027-01-15T09:00:00Z"

    def test_one_proves_anew_at_the_provider(self, acme, world):
        """Whom a provider signs in proves once more who they are by signing in there anew; the token is another."""
        fay = acme.session()
        before = Caller(world, token=fay.token, id=fay.id)
        world.clock.advance(seconds=3_600)
        acme.idp.tell(now=world.clock.now // 1000)
        begun = fay.post(f"{OWN}/me/sessions/current:beginFederatedProof", {})
        assert "prompt=login&max_age=0" in begun.json["location"]
        acme.idp.person(auth_time=world.clock.now // 1000, amr=["mfa"])
        done = fay.post(f"{OWN}/me/sessions/current:proveByIdentityProvider", acme.returned(begun))
        assert (done.status, done.json["factor"]) == (200, "federation"), done.json
        assert (is_alive(before), is_alive(fay)) == (False, True)
        assert self.facts(fay)["proven_at"] == world.clock.now

    @pytest.mark.parametrize("seconds", [None, 3_600])
    def test_an_old_sign_in_is_no_new_proof(self, acme, world, seconds):
        """A provider that does not say when, or says that it was long ago, has proven nothing anew."""
        fay = acme.session()
        begun = fay.post(f"{OWN}/me/sessions/current:beginFederatedProof", {})
        acme.idp.person(auth_time=None if seconds is None else world.clock.now // 1000 - seconds)
        done = fay.post(f"{OWN}/me/sessions/current:proveByIdentityProvider", acme.returned(begun))
        assert (done.status, done.code) == (403, "IDENTITY_NOT_PROVEN")

    def test_somebody_else_proves_nothing_for_me(self, acme, world):
        """Another person of the same provider is no proof of the caller."""
        fay = acme.session()
        begun = fay.post(f"{OWN}/me/sessions/current:beginFederatedProof", {})
        acme.idp.person(sub="sub-2", auth_time=world.clock.now // 1000)
        done = fay.post(f"{OWN}/me/sessions/current:proveByIdentityProvider", acme.returned(begun))
        assert (done.status, done.code) == (403, "IDENTITY_NOT_PROVEN")


class TestRoles:
    """Roles that groups give (rules 58, 97-99)."""

    def test_groups_give_roles_and_take_them(self, acme, world):
        """At each sign-in the roles are those of the groups that the provider names now."""
        acme.map("staff", "ORG_MEMBER")
        acme.map("readers", "ORG_READ_ONLY")
        fay = acme.session(groups=["staff", "readers", "unknown"])
        assert roles(fay, acme.org.id) == ["ORG_MEMBER", "ORG_READ_ONLY"]
        assert fay.get(f"/orgs/{acme.org.id}").status == 200
        acme.session(groups=["staff"])
        assert roles(fay, acme.org.id) == ["ORG_MEMBER"]
        acme.session(groups="readers")
        assert roles(fay, acme.org.id) == ["ORG_READ_ONLY"]
        acme.session(groups=[])
        assert roles(fay, acme.org.id) == []
        assert fay.get(f"/orgs/{acme.org.id}").status == 404

    def test_groups_count_where_the_provider_is_said_to_name_them(self, acme, world):
        """A provider that says who somebody is and no more gives no roles, whatever it names."""
        acme.map("staff", "ORG_MEMBER")
        assert acme.change_provider(authorizationType="USER").status == 200
        assert roles(acme.session(groups=["staff"]), acme.org.id) == []
        assert acme.change_provider(authorizationType="GROUP", groupsClaim="teams").status == 200
        assert roles(acme.session(groups=[], teams=["staff"]), acme.org.id) == ["ORG_MEMBER"]

    def test_a_mapping_that_is_deleted_takes_its_role_at_once(self, acme):
        """Without another sign-in a role is gone whose mapping is."""
        mapping = acme.map("staff", "ORG_MEMBER")
        fay = acme.session(groups=["staff"])
        path = f"{OIDC}/{acme.federation}/connectedOrgConfigs/{acme.org.id}/roleMappings/{mapping}"
        assert acme.owner.delete(path).status == 204
        assert fay.get(f"/orgs/{acme.org.id}").status == 404

    def test_a_claim_that_is_missing_takes_no_role(self, acme):
        """Only an empty list says that somebody is in no group; who has too many is told of in none."""
        acme.map("staff", "ORG_READ_ONLY")
        fay = acme.session(groups=["staff"])
        for person in ({}, {"groups": [f"g{n}" for n in range(201)]}, {"_claim_names": {"groups": "src1"}}):
            acme.session(sub="sub-1", **person)
            assert roles(fay, acme.org.id) == ["ORG_READ_ONLY"]
        acme.session(groups=[])
        assert roles(fay, acme.org.id) == []

    @pytest.mark.parametrize("claim", ["groups", None])
    def test_where_nobody_asks_for_groups_they_give_nothing(self, acme, claim):
        """A provider of authorization type USER puts nobody into a group, whatever stands in its tokens."""
        assert acme.change_provider(authorizationType="USER", groupsClaim=claim).status == 200
        acme.map("staff", "ORG_READ_ONLY")
        assert roles(acme.session(groups=["staff"]), acme.org.id) == []

    @pytest.mark.parametrize("is_here", [False, True])
    def test_an_owner_by_mapping_raises_an_event(self, acme, world, is_here):
        """No owner gives what somebody gets as they sign in, whether or not they had a session already."""
        acme.map("staff", "ORG_MEMBER")
        acme.map("bosses", "ORG_OWNER")
        fay = acme.session(groups=["staff"])
        assert owners_given(world) == []
        acme.idp.person(groups=["staff", "bosses"])
        back = acme.returned(acme.begin())
        assert (fay if is_here else world.nobody).post(f"{OWN}/sessions/federated", back).status == 201
        assert owners_given(world) == [fay.id]

    def test_no_sign_in_leaves_an_organization_without_owner(self, acme, world):
        """Whoever is the last owner by a group stays one though the provider does not name it any more (rule 98)."""
        acme.map("bosses", "ORG_OWNER")
        fay = acme.session(groups=["bosses"])
        assert fay.delete(f"/orgs/{acme.org.id}/users/{acme.org.owner}").status == 204
        key = rows(world, "api_keys", org_id=acme.org.id)[0]["id"]
        assert fay.delete(f"/orgs/{acme.org.id}/apiKeys/{key}").status == 204
        assert acme.session(groups=[]).id == fay.id
        assert roles(fay, acme.org.id) == ["ORG_OWNER"]


class TestLinking:
    """An account that is there already, and an identity."""

    def test_both_proofs_link(self, acme, world):
        """Whoever has signed in to the account and at the provider is signed in by it from then on."""
        there = account(world, FAY)
        linked = acme.link(there)
        assert (linked.status, linked.json["displayName"], linked.json["address"]) == (201, "Acme Login", FAY)
        assert acme.session().id == there.id
        listed = there.get(f"{OWN}/me/identities").json
        assert [(item["identityProviderId"], item["address"]) for item in listed["results"]] == [(acme.provider, FAY)]

    def test_a_member_links_whatever_their_address(self, acme, world):
        """A member of an organization of the provider may link it, by whatever address; a stranger may not."""
        acme.idp.person(email="owner@elsewhere.example", email_verified=False)
        owner = self.proven(world, acme.org.owner)
        assert acme.link(owner).status == 201
        assert acme.session("x@acme.example", email="y@z.example").id == acme.org.owner
        stranger = account(world, "bob@example.org")
        assert (acme.link(stranger).status, acme.link(stranger).code) == (404, "IDENTITY_PROVIDER_DOES_NOT_EXIST")
        assert stranger.get(f"{OWN}/me/identities").json["results"] == []

    def proven(self, world, user):
        """Give a session of somebody that is as new as one after a password."""
        world.clock.advance(seconds=1)
        caller = world.session(user)
        hash_ = world.store.keyring.hash_token(caller.token)
        from orgward.store.sqlite import connect  # noqa: PLC0415 - as the world itself does it

        connection = connect(world.store.path)
        connection.execute("UPDATE sessions SET created_at = ? WHERE hash = ?", (world.clock.now, hash_))
        connection.close()
        return caller

    def test_an_identity_is_of_one_person(self, acme, world):
        """Nobody links an identity by which somebody is known, nor a second one of the same provider."""
        acme.session()  # sub-1 has an account
        other = account(world, "other@acme.example")
        assert acme.link(other, sub="sub-1").code == "IDENTITY_IN_USE"
        assert acme.link(other, sub="sub-2").status == 201
        assert acme.link(other, sub="sub-3").code == "IDENTITY_ALREADY_LINKED"

    def test_what_was_begun_for_one_thing_is_good_for_no_other(self, acme, world):
        """An attempt to sign in links nothing, and one to link signs nobody in, nor in another session."""
        there, other = account(world, FAY), account(world, "other@acme.example")
        assert there.post(f"{OWN}/me/identities", acme.returned(acme.begin())).code == "IDENTITY_NOT_PROVEN"
        begun = there.post(f"{OWN}/me/identities:begin", {"identityProviderId": acme.provider})
        assert acme.finish(acme.returned(begun)).code == "IDENTITY_NOT_PROVEN"
        assert other.post(f"{OWN}/me/identities", acme.returned(begun)).code == "IDENTITY_NOT_PROVEN"

    def test_unlinking_ends_what_came_of_it(self, acme, world):
        """Roles by groups and sessions that the provider began end; the account and its other sessions stay."""
        there = account(world, FAY)
        assert acme.link(there).status == 201
        acme.map("staff", "ORG_MEMBER")
        by_provider = acme.session(groups=["staff"])
        assert there.delete(f"{OWN}/me/identities/{acme.provider}").status == 204
        assert (is_alive(there), is_alive(by_provider)) == (True, False)
        assert there.get(f"/orgs/{acme.org.id}").status == 404
        assert number_of(world, "identity_groups") == 0
        assert there.delete(f"{OWN}/me/identities/{acme.provider}").code == "IDENTITY_NOT_FOUND"
        assert acme.sign_in().code == "IDENTITY_NOT_LINKED"

    def test_the_last_way_in_stays(self, acme, world):
        """Whoever has neither password nor passkey keeps the provider, and does not delete the account (rule 44)."""
        fay = acme.session()
        assert fay.delete(f"{OWN}/me/identities/{acme.provider}").code == "LAST_WAY_TO_SIGN_IN"
        assert fay.delete(f"{OWN}/me").code == "ACCOUNT_IS_FEDERATED"


class TestEnds:
    """What ends sessions that a provider began."""

    def changed(self, acme, way):
        """End the provider in one of the ways that there are."""
        federation = f"{OIDC}/{acme.federation}"
        return {
            "provider switched off": lambda: acme.change_provider(status="INACTIVE"),
            "provider deleted": acme.delete_provider,
            "another issuer": lambda: acme.change_provider(issuerUri="https://other.example.org"),
            "federation deleted": lambda: acme.owner.delete(federation),
            "person erased": lambda: acme.world.erase(FAY),
        }[way]()

    @pytest.mark.parametrize(
        "way", ["provider switched off", "provider deleted", "another issuer", "federation deleted", "person erased"]
    )
    def test_sessions_end_at_once(self, acme, world, way):
        """A session that a provider began reaches nothing from the next request on; one by password goes on."""
        there = account(world, "there@acme.example")
        fay = acme.session()
        assert is_alive(fay)
        self.changed(acme, way)
        assert (is_alive(fay), is_alive(there)) == (False, True)
        assert number_of(world, "federated_sessions") == 0

    def test_programs_of_such_a_session_end_with_it(self, acme, world):
        """What somebody approved in a session that a provider began ends with the provider, begun or not."""
        fay = acme.session()
        running = Device(world).signed_in(fay)
        waiting = Device(world).begin()
        assert decide(fay, waiting.user_code).status == 200
        assert is_alive(running.caller)
        acme.change_provider(status="INACTIVE")
        assert not is_alive(running.caller)
        assert waiting.poll().code == "DEVICE_AUTHORIZATION_EXPIRED"
        assert number_of(world, "federated_sessions") == 0

    def test_a_provider_that_is_switched_on_again_revives_nothing(self, acme):
        """A session that has ended stays ended."""
        fay = acme.session()
        acme.change_provider(status="INACTIVE")
        acme.change_provider(status="ACTIVE")
        assert not is_alive(fay)
        assert acme.session().id == fay.id

    def test_another_issuer_knows_nobody(self, acme, world):
        """Where a provider becomes another one, whoever it calls by the same name is not signed in."""
        acme.session()
        with IdentityProvider.started() as other:
            other.tell(now=world.clock.now // 1000)
            acme.change_provider(issuerUri=other.issuer)
            acme.idp = other
            assert acme.sign_in().code == "IDENTITY_NOT_LINKED"


class TestTrouble:
    """A provider that is of no use."""

    @pytest.mark.parametrize("fault", ["discovery garbage", "another issuer", "discovery error", "discovery redirect"])
    def test_at_the_beginning(self, acme, fault):
        """Nobody is sent to a provider that can't be understood."""
        acme.idp.tell(faults=[fault])
        reply = acme.begin()
        assert (reply.status, reply.code, reply.json["parameters"]) == (503, "IDENTITY_PROVIDER_UNAVAILABLE", [])

    @pytest.mark.parametrize("fault", ["token garbage", "token error", "jwks garbage", "jwks redirect", "token list"])
    def test_at_the_end(self, acme, fault):
        """Nobody is signed in by a provider that answers nonsense."""
        returned = acme.returned(acme.begin())
        acme.idp.tell(faults=[fault])
        assert acme.finish(returned).code == "IDENTITY_PROVIDER_UNAVAILABLE"

    def test_a_slow_one(self, acme, world):
        """A provider that takes too long is left alone, and others meanwhile are not."""
        returned = acme.returned(acme.begin())
        world.door.providers = Providers(Outbound(allow_loopback=True, bounds=Bounds(connect=2, total=2)), world.clock)
        acme.idp.tell(faults=["token slow"])
        assert acme.finish(returned).code == "IDENTITY_PROVIDER_UNAVAILABLE"

    @pytest.mark.parametrize(("attempts", "asked"), [(1, 1), (4, 2)], ids=["one attempt", "one federation"])
    def test_few_wait_for_a_slow_one(self, acme, world, attempts, asked):
        """An attempt waits once at a time, however often it is sent, and of one federation two do."""
        begun = [acme.returned(acme.begin()) for _ in range(attempts)]
        world.door.providers = Providers(Outbound(allow_loopback=True, bounds=Bounds(connect=2, total=2)), world.clock)
        world.door.providers.described(acme.idp.issuer)
        acme.idp.tell(faults=["token slow"])
        with ThreadPoolExecutor(4) as pool:
            replies = list(pool.map(acme.finish, (begun * 4)[:4]))
        assert {(reply.status, reply.code) for reply in replies} == {(503, "IDENTITY_PROVIDER_UNAVAILABLE")}
        assert acme.idp.tell().count("token") == asked

    def test_keys_that_change(self, acme, world):
        """After a provider has changed its keys people go on signing in."""
        acme.session()
        acme.idp.tell(rotate=True)
        world.clock.advance(seconds=60)
        acme.idp.tell(now=world.clock.now // 1000)
        acme.session()

    def test_a_dead_one(self, world):
        """A provider that was killed signs nobody in; a password does."""
        with IdentityProvider.started() as idp:
            acme = Federated.found(world, idp)
            account(world, "there@acme.example")
            returned = acme.returned(acme.begin())
            idp.kill()
            assert acme.finish(returned).code == "IDENTITY_PROVIDER_UNAVAILABLE"
            world.clock.advance(seconds=3_600)
            assert acme.begin().code == "IDENTITY_PROVIDER_UNAVAILABLE"
            body = {"username": "there@acme.example", "password": "correct horse"}
            assert world.nobody.post(f"{OWN}/sessions", body).status == 201

    def test_loopback_is_not_called_unless_it_is_allowed(self, acme, world):
        """Without leave a provider on this machine is not asked at all."""
        world.door.providers = Providers(Outbound(), world.clock)
        before = acme.idp.tell()
        assert acme.begin().code == "IDENTITY_PROVIDER_UNAVAILABLE"
        assert acme.idp.tell() == before
