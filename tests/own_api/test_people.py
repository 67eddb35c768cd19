"""People over HTTP: set-up links, sessions, the caller, own invitations (contract.md, People)."""

import threading

import pytest

from tests.mailbox import deliver, links_to
from tests.world import Caller

OWN = "/api/orgward/v1"
BOB = "bob@example.org"
PASSWORD = "correct horse"


def set_up(world, token, password=PASSWORD, **others):
    """Set an account up with `token`."""
    body = {"token": token, "password": password, "firstName": "Bob", "lastName": "Doe", **others}
    return world.nobody.post(f"{OWN}/accounts:setup", body)


def sign_in(world, username, password=PASSWORD, address="127.0.0.1"):
    """Ask for a session."""
    body = {"username": username, "password": password}
    return Caller(world, address=address).post(f"{OWN}/sessions", body)


def invite(world, org, address, roles=("ORG_MEMBER",)):
    """Have the owner invite `address`, and return the invitation's id."""
    body = {"username": address, "roles": list(roles)}
    reply = world.session(org.owner).post(f"/orgs/{org.id}/invites", body)
    assert reply.status == 200, reply.json
    return reply.json["id"]


def answered(caller, invitation, verb):
    """Accept or decline, and return status and code."""
    reply = caller.post(f"{OWN}/me/invitations/{invitation}:{verb}")
    return reply.status, reply.code


def own_invitations(caller, query=""):
    """Return the caller's own invitations."""
    reply = caller.get(f"{OWN}/me/invitations{query}")
    assert reply.status == 200, reply.json
    return reply.json["results"]


@pytest.fixture
def org(world):
    """Give an organization whose owner has an account."""
    return world.organization()


@pytest.fixture
def bob(world, org):
    """Give a person with a password who is nowhere a member."""
    world.user(BOB)
    (token,) = links_to(world, BOB)
    reply = set_up(world, token)
    return Caller(world, token=reply.json["token"], id=reply.json["userId"])


class TestSetUp:
    """A link makes an account and proves its address, once."""

    def test_the_link_of_an_invitation_makes_an_account_and_no_membership(self, world, org):
        """Rule 46; contract.md, People: accepting is a separate act."""
        invitation = invite(world, org, BOB)
        (token,) = links_to(world, BOB)
        reply = set_up(world, token)
        assert reply.status == 201
        assert set(reply.json) == {"token", "expiresAt", "userId"}
        bob = Caller(world, token=reply.json["token"])
        assert bob.get(f"/orgs/{org.id}").status == 404
        user = world.store.view.get("users", reply.json["userId"])
        assert user["account_at"] == user["proven_at"] == user["last_auth_at"] == world.clock.now
        assert answered(bob, invitation, "accept") == (200, "")
        assert bob.get(f"/orgs/{org.id}").status == 200

    def test_the_password_signs_in(self, world, org):
        """What was set is what signs in, whatever the capitals of the address (after NFKC and casefold)."""
        set_up(world, org.setup_token)
        assert sign_in(world, "ANN@EXAMPLE.ORG").status == 201

    def test_every_dead_link_answers_alike(self, world, org):
        """contract.md, People: used, replaced, cancelled, expired and made-up tokens are all 404, all alike."""
        other = world.organization("Other", owner="zoe@example.org")
        used, dead = org.setup_token, {}
        assert set_up(world, used).status == 201
        dead["used"] = used
        invitation = invite(world, other, "cancelled@example.org")
        (dead["cancelled"],) = links_to(world, "cancelled@example.org")
        world.session(other.owner).delete(f"/orgs/{other.id}/invites/{invitation}")
        invitation = invite(world, other, "resent@example.org")
        (dead["replaced"],) = links_to(world, "resent@example.org")
        world.clock.advance(seconds=1)
        reply = world.session(other.owner).post(f"{OWN}/orgs/{other.id}/invitations/{invitation}:resend")
        assert reply.status == 200, reply.json
        (_, live) = links_to(world, "resent@example.org")
        invite(world, other, "late@example.org")
        (dead["expired"],) = links_to(world, "late@example.org")
        dead["made up"] = "A" * 43
        assert set_up(world, live).status == 201
        world.clock.advance(days=30)
        replies = {name: set_up(world, token) for name, token in dead.items()}
        assert {reply.status for reply in replies.values()} == {404}
        assert len({reply.body for reply in replies.values()}) == 1, replies
        assert replies["used"].code == "TOKEN_NOT_FOUND"

    def test_an_invitations_link_lasts_thirty_days(self, world, org):
        """Rule 156: an invitation lives thirty days, and its link with it."""
        invite(world, org, BOB)
        (token,) = links_to(world, BOB)
        world.clock.advance(seconds=30 * 86_400 - 1)
        assert set_up(world, token).status == 201

    def test_a_flipped_bit_is_another_token(self, world, org):
        """Attack row 1: any character changed, added or left out is a made-up token; nothing is burnt by it."""
        token = org.setup_token
        for i in range(len(token)):
            flipped = token[:i] + chr(ord(token[i]) ^ 1) + token[i + 1 :]
            assert set_up(world, flipped).code == "TOKEN_NOT_FOUND"
        for changed in ("", token[:-1], f"{token}A", token.swapcase(), f" {token}"):
            assert set_up(world, changed).code == "TOKEN_NOT_FOUND"
        assert set_up(world, token).status == 201

    @pytest.mark.parametrize("password", ["", "short", "x" * 129])
    def test_a_refused_password_does_not_burn_the_link(self, world, org, password):
        """contract.md, People: after a refused password the same link works."""
        reply = set_up(world, org.setup_token, password)
        assert (reply.status, reply.code) == (400, "INVALID_PASSWORD")
        assert set_up(world, org.setup_token).status == 201

    @pytest.mark.parametrize("name", ["", "x" * 91, "Bob\nBcc: eve@example.org", "\u0000"])
    def test_names_are_one_line(self, world, org, name):
        """A name has 1 to 90 characters and no control characters; a refused one burns nothing."""
        reply = set_up(world, org.setup_token, firstName=name)
        assert (reply.status, reply.code) == (400, "INVALID_ATTRIBUTE")
        assert set_up(world, org.setup_token).status == 201

    def test_an_invitation_gives_no_password_to_an_account(self, world, org, bob):
        """Attack row 2: whoever gets hold of a later invitation's link can't take an account over."""
        world.clock.advance(seconds=1)
        invite(world, org, BOB)
        token = links_to(world, BOB)[-1]
        reply = set_up(world, token, "another password")
        assert (reply.status, reply.code) == (404, "TOKEN_NOT_FOUND")
        assert sign_in(world, BOB).status == 201
        assert sign_in(world, BOB, "another password").status == 401

    def test_an_invitation_gives_no_password_to_an_account_without_one(self, world, org):
        """The same for somebody for whom the operator vouched and who has not chosen a password yet."""
        invite(world, org, BOB)
        (invited,) = links_to(world, BOB)
        world.clock.advance(seconds=1)
        world.user(BOB)
        assert set_up(world, invited).code == "TOKEN_NOT_FOUND"
        assert set_up(world, links_to(world, BOB)[-1]).status == 201

    def test_a_second_invitations_link_is_dead_once_there_is_an_account(self, world, org):
        """Two invitations in one mailbox make one account; both can still be accepted."""
        other = world.organization("Other", owner="zoe@example.org")
        both = [invite(world, org, BOB), invite(world, other, BOB)]
        first, second = links_to(world, BOB)
        bob = Caller(world, token=set_up(world, first).json["token"])
        assert set_up(world, second).code == "TOKEN_NOT_FOUND"
        assert [answered(bob, invitation, "accept") for invitation in both] == [(200, "")] * 2

    def test_no_link_is_readable_through_the_api(self, world, org):
        """Attack row 2: no answer to anybody, the inviter included, holds the token of an invitation."""
        owner = world.session(org.owner)
        body = {"username": BOB, "roles": ["ORG_MEMBER"]}
        replies = [owner.post(f"/orgs/{org.id}/invites", body)]
        invitation = replies[0].json["id"]
        (token,) = links_to(world, BOB)
        replies += [
            owner.get(path)
            for path in (
                f"/orgs/{org.id}/invites",
                f"/orgs/{org.id}/invites/{invitation}",
                f"/orgs/{org.id}/users",
                f"{OWN}/me",
            )
        ]
        replies.append(owner.post(f"{OWN}/orgs/{org.id}/invitations/{invitation}:resend"))
        tokens = {token, *links_to(world, BOB)}
        hashes = {world.store.keyring.hash_token(token) for token in tokens}
        for reply in replies:
            assert reply.status == 200, reply.json
            assert not any(secret.encode() in reply.body for secret in tokens | hashes)

    def test_every_faulty_member_is_named(self, world):
        """contract.md, statuses: 400 names all faulty fields."""
        reply = world.nobody.post(f"{OWN}/accounts:setup", {"token": 7, "firstName": "Bob"})
        faults = {fault["field"] for fault in reply.json["badRequestDetail"]["fields"]}
        assert (reply.status, faults) == (400, {"token", "password", "lastName"})


class TestSessions:
    """A password begins a session; ending it ends it at once."""

    def test_a_session_calls_the_admin_api_with_the_persons_roles(self, world, org):
        """contract.md, People: a person's session may call the Admin API with that person's roles."""
        set_up(world, org.setup_token)
        reply = sign_in(world, org.username)
        assert (reply.status, reply.json["userId"]) == (201, org.owner)
        assert reply.json["expiresAt"] == "2027-01-15T20:00:00Z"
        assert len(reply.json["token"]) >= 43
        assert Caller(world, token=reply.json["token"]).get(f"/orgs/{org.id}").status == 200

    def test_every_sign_in_has_a_token_of_its_own(self, world, bob):
        """A new token each time; the earlier session goes on."""
        first, second = (sign_in(world, BOB).json["token"] for _ in range(2))
        assert first != second
        assert {Caller(world, token=t).get(f"{OWN}/me").status for t in (first, second, bob.token)} == {200}

    def test_wrong_password_and_unknown_address_look_alike(self, world, bob):
        """contract.md, People: no address can be found out by signing in."""
        invite(world, world.organization("Other"), "invited@example.org")
        asked = [(BOB, "wrong password"), ("nobody@example.org", PASSWORD), ("invited@example.org", PASSWORD),
                 ("no address", PASSWORD), (BOB, "")]  # fmt: skip
        replies = [sign_in(world, username, password) for username, password in asked]
        assert {reply.status for reply in replies} == {401}
        assert len({reply.body for reply in replies}) == 1
        assert replies[0].json["errorCode"] == "UNEXPECTED_ERROR"

    def test_an_ended_session_reaches_nothing(self, world, bob):
        """DELETE ends the session that asked, and no other."""
        other = Caller(world, token=sign_in(world, BOB).json["token"])
        assert bob.delete(f"{OWN}/sessions/current").status == 204
        assert bob.get(f"{OWN}/me").status == 401
        assert bob.delete(f"{OWN}/sessions/current").status == 401
        assert other.get(f"{OWN}/me").status == 200

    def test_the_token_is_stored_hashed_only(self, world, bob):
        """A stolen store opens no session."""
        bob.get(f"{OWN}/me")
        for path in world.store.path.parent.glob("orgward.db*"):
            assert bob.token.encode() not in path.read_bytes()
            assert PASSWORD.encode() not in path.read_bytes()

    def test_guessing_is_slowed_down(self, world, bob):
        """After 10 failures within a minute an address has to wait for that username, with the right password too."""
        for _ in range(10):
            assert sign_in(world, BOB, "guess").status == 401
        reply = sign_in(world, BOB)
        assert (reply.status, reply.code, reply.headers["retry-after"]) == (429, "RATE_LIMITED", "60")
        assert sign_in(world, "BOB@example.ORG").status == 429, "capitals are no way around"
        assert sign_in(world, BOB, address="192.0.2.7").status == 201, "nobody can lock somebody else out"
        assert sign_in(world, "nobody@example.org").status == 401, "other names are not concerned"
        world.clock.advance(seconds=61)
        assert sign_in(world, BOB).status == 201

    def test_a_sign_in_forgets_the_failures_before_it(self, world, bob):
        """Whoever knows the password is not punished for mistyping it now and then."""
        for _ in range(3):
            for _ in range(9):
                assert sign_in(world, BOB, "guess").status == 401
            assert sign_in(world, BOB).status == 201

    def test_an_unknown_address_is_slowed_down_alike(self, world):
        """The limit tells nothing about who exists."""
        statuses = [sign_in(world, "nobody@example.org").status for _ in range(11)]
        assert statuses == [401] * 10 + [429]

    def test_the_sign_in_names_the_person_in_the_log(self, world, bob):
        """Attack row 29: the audit row has the person and the session."""
        connection = world.store.reader
        (actor, target, body) = connection.execute(
            "SELECT actor_id, target, body FROM log WHERE action = 'setUpAccount'"
        ).fetchone()
        session = world.store.view.get("sessions", world.store.keyring.hash_token(bob.token))
        assert (actor, target) == (bob.id, bob.id)
        assert session["id"].encode() in body


class TestMe:
    """The caller, as they see themself."""

    def test_me_is_the_caller(self, world, org, bob):
        """Who, when, and where with which roles in force."""
        project = org.key.post("/groups", {"name": "web", "orgId": org.id}).json["id"]
        world.user(BOB, orgs={org.id: ["ORG_READ_ONLY"]}, projects={project: ["GROUP_READ_ONLY"]})
        reply = bob.get(f"{OWN}/me")
        assert reply.status == 200
        assert reply.json == {
            "userId": bob.id,
            "username": BOB,
            "firstName": "Bob",
            "lastName": "Doe",
            "createdAt": "2027-01-15T08:00:00Z",
            "lastAuth": "2027-01-15T08:00:00Z",
            "organizations": [
                {"organizationId": org.id, "organizationName": "Acme", "roles": ["ORG_READ_ONLY"], "state": "ACTIVE"}
            ],
            "projects": [
                {"organizationId": org.id, "projectId": project, "projectName": "web", "roles": ["GROUP_READ_ONLY"]}
            ],
        }

    def test_a_pending_membership_is_none(self, world, org, bob):
        """Rule 52: somebody invited is in the organization only once they accept."""
        invite(world, org, BOB)
        assert bob.get(f"{OWN}/me").json["organizations"] == []

    def test_a_suspension_is_shown(self, world, org, bob):
        """contract.md: a suspended person's session lives; they see that they are suspended."""
        world.user(BOB, orgs={org.id: ["ORG_MEMBER"]})
        world.session(org.owner).post(f"{OWN}/orgs/{org.id}/users/{bob.id}:suspend")
        (shown,) = bob.get(f"{OWN}/me").json["organizations"]
        assert shown["state"] == "SUSPENDED"

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", "/me"),
            ("GET", "/me/invitations"),
            ("POST", f"/me/invitations/{'a' * 24}:accept"),
            ("POST", f"/me/invitations/{'a' * 24}:decline"),
            ("DELETE", "/sessions/current"),
        ],
    )
    def test_keys_are_nobody_here(self, world, org, method, path):
        """A key is a principal of its own: it has no account, no invitations and no session."""
        reply = org.key(method, f"{OWN}{path}")
        assert (reply.status, reply.code) == (403, "SESSION_REQUIRED")
        assert world.nobody(method, f"{OWN}{path}").status == 401

    def test_a_removed_members_session_reaches_nothing_there_at_once(self, world, org, bob):
        """Attack row 26: the session lives, and the organization is gone for it from the next request on."""
        world.user(BOB, orgs={org.id: ["ORG_OWNER"]})
        assert bob.get(f"/orgs/{org.id}").status == 200
        assert world.session(org.owner).delete(f"/orgs/{org.id}/users/{bob.id}").status == 204
        for path in (f"/orgs/{org.id}", f"/orgs/{org.id}/users", f"/orgs/{org.id}/groups"):
            assert bob.get(path).status == 404
        assert bob.get(f"{OWN}/me").json["organizations"] == []


class TestOwnInvitations:
    """Seen, accepted and declined by whom they are for (rules 46-49)."""

    def test_an_invitation_says_what_it_offers(self, world, org, bob):
        """contract.md, People: the exact shape."""
        invitation = invite(world, org, BOB, ["ORG_READ_ONLY"])
        assert own_invitations(bob) == [
            {
                "id": invitation,
                "organizationId": org.id,
                "organizationName": "Acme",
                "roles": ["ORG_READ_ONLY"],
                "projects": [],
                "invitedBy": "ann@example.org",
                "createdAt": "2027-01-15T08:00:00Z",
                "expiresAt": "2027-02-14T08:00:00Z",
                "state": "PENDING",
            }
        ]

    def test_projects_and_their_roles_are_named(self, world, org, bob):
        """Rules 46, 51: an organization's invitation carries projects too."""
        project = org.key.post("/groups", {"name": "web", "orgId": org.id}).json["id"]
        body = {
            "username": BOB,
            "roles": ["ORG_MEMBER"],
            "groupRoleAssignments": [{"groupId": project, "roles": ["GROUP_READ_ONLY"]}],
        }
        reply = org.key.post(f"/orgs/{org.id}/invites", body)
        assert reply.status == 200, reply.json
        (shown,) = own_invitations(bob)
        assert shown["projects"] == [{"projectId": project, "projectName": "web", "roles": ["GROUP_READ_ONLY"]}]
        assert shown["invitedBy"] == org.key.public_key
        assert answered(bob, shown["id"], "accept") == (200, "")
        assert bob.get(f"/groups/{project}").status == 200

    def test_each_state_is_listed_by_its_name(self, world, org, bob):
        """contract.md, People: pending only unless `?state=`; cancelled ones are never shown."""
        orgs = [org, *(world.organization(name, owner="zoe@example.org") for name in ("B", "C", "D", "E"))]
        expired = invite(world, orgs[0], BOB)
        world.clock.advance(days=30)
        bob = Caller(world, token=sign_in(world, BOB).json["token"])
        pending, accepted, declined, cancelled = (invite(world, one, BOB) for one in orgs[1:])
        assert answered(bob, accepted, "accept") == (200, "")
        assert answered(bob, declined, "decline") == (200, "")
        world.session(orgs[4].owner).delete(f"/orgs/{orgs[4].id}/invites/{cancelled}")
        found = {
            state: [(shown["id"], shown["state"]) for shown in own_invitations(bob, f"?state={state}")]
            for state in ("pending", "ACCEPTED", "declined", "expired", "cancelled")
        }
        assert found == {
            "pending": [(pending, "PENDING")],
            "ACCEPTED": [(accepted, "ACCEPTED")],
            "declined": [(declined, "DECLINED")],
            "expired": [(expired, "EXPIRED")],
            "cancelled": [],
        }
        assert [shown["id"] for shown in own_invitations(bob)] == [pending]
        assert bob.get(f"{OWN}/me/invitations?state=maybe").status == 400

    def test_what_is_not_pending_can_not_be_answered(self, world, org, bob):
        """Rule 48; contract.md: not pending any more, expired included: 409."""
        accepted = invite(world, org, BOB)
        assert answered(bob, accepted, "accept") == (200, "")
        other = world.organization("Other", owner="zoe@example.org")
        declined = invite(world, other, BOB)
        assert answered(bob, declined, "decline") == (200, "")
        expired = invite(world, other, BOB)
        world.clock.advance(days=30)
        bob = Caller(world, token=sign_in(world, BOB).json["token"])
        for invitation in (accepted, declined, expired):
            for verb in ("accept", "decline"):
                assert answered(bob, invitation, verb) == (409, "INVITATION_NOT_PENDING")

    def test_others_and_cancelled_invitations_look_unknown(self, world, org, bob):
        """contract.md, People: of somebody else or cancelled: 404, as for an id that nobody has."""
        others = invite(world, org, "cid@example.org")
        cancelled = invite(world, org, BOB)
        world.session(org.owner).delete(f"/orgs/{org.id}/invites/{cancelled}")
        for invitation in (others, cancelled, "f" * 24):
            for verb in ("accept", "decline"):
                assert answered(bob, invitation, verb) == (404, "INVITATION_NOT_FOUND")
        assert answered(bob, "no-id", "accept") == (400, "PATH_PARAM_PARSE_ERROR")
        assert world.store.view.get("invitations", others)["state"] == "pending"

    def test_an_inviter_who_lost_the_right_gives_nothing(self, world, org, bob):
        """Rule 49; contract.md: 409, and it stays pending until they have the right again."""
        world.user("cid@example.org", orgs={org.id: ["ORG_OWNER"]})
        (cid,) = world.store.view.find("person_data", username_key="cid@example.org")
        inviter = world.session(cid["id"])
        invitation = inviter.post(f"/orgs/{org.id}/invites", {"username": BOB, "roles": ["ORG_OWNER"]}).json["id"]
        demoted = world.session(org.owner).patch(
            f"/orgs/{org.id}/users/{cid['id']}", {"roles": {"orgRoles": ["ORG_MEMBER"]}}
        )
        assert demoted.status == 200, demoted.json
        assert answered(bob, invitation, "accept") == (409, "INVITER_LOST_RIGHT")
        assert [shown["id"] for shown in own_invitations(bob)] == [invitation]
        assert bob.get(f"/orgs/{org.id}").status == 404
        world.user("cid@example.org", orgs={org.id: ["ORG_OWNER"]})
        assert answered(bob, invitation, "accept") == (200, "")

    def test_fifty_acceptances_make_one_member(self, world, org, bob):
        """Attack row 3: one succeeds, the others find it not pending; there is one membership."""
        invitation = invite(world, org, BOB)
        found = []
        threads = [
            threading.Thread(target=lambda: found.append(answered(bob, invitation, "accept"))) for _ in range(50)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(found) == [(200, "")] + [(409, "INVITATION_NOT_PENDING")] * 49
        members = world.store.view.find("members", org_id=org.id, user_id=bob.id)
        assert [member["state"] for member in members] == ["active"]
        assert world.store.view.count("members", org_id=org.id, state="active") == 2

    def test_accepting_ends_the_link(self, world, org):
        """What was accepted leaves no link behind."""
        invitation = invite(world, org, BOB)
        deliver(world)
        bob = world.user(BOB)
        assert answered(bob, invitation, "accept") == (200, "")
        assert world.store.view.find("tokens", invitation_id=invitation) == []
