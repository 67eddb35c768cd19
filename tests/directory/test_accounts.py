"""Accounts as the operator makes and erases them (contract.md, CLI), and what a link can do."""

import threading
from dataclasses import replace

import pytest

from orgward.app.execute import NOBODY, Call
from orgward.app.operation import REGISTRY
from orgward.app.operator import ErasedUser, NewOrganization, NewUser
from orgward.catalog import Limits
from orgward.edge.endpoint import ENDPOINTS
from orgward.kernel.errors import MalformedError, NotFoundError, RefusedError, UnauthenticatedError
from orgward.kernel.principal import Principal
from tests.mailbox import links_to
from tests.world import opened

BOB = "bob@example.org"


def refused(world, operation, body):
    """Run an operator's operation that a rule refuses, and return its code."""
    with pytest.raises((RefusedError, NotFoundError, MalformedError)) as caught:
        world.operate(operation, body)
    return caught.value.code


def roles_at(world, holder, scope):
    """Return the roles that `holder` holds at `scope`."""
    rows = world.store.view.find("assignments", holder_id=holder, scope_id=scope)
    return [row["role"] for row in rows]


def project_in(world, org, name="web"):
    """Have the organization's key make a project."""
    reply = org.key.post("/groups", {"name": name, "orgId": org.id})
    assert reply.status == 201, reply.json
    return reply.json["id"]


class TestBootstrap:
    """An organization each time, with an owner and a key."""

    def test_it_makes_an_owner_with_a_proven_address(self, world):
        """contract.md, People: addresses given to bootstrap count as proven, for the operator vouches."""
        org = world.organization("Acme", edition="cloud_manager")
        user = world.store.view.get("users", org.owner)
        assert user["account_at"] == user["proven_at"] == world.clock.now
        assert roles_at(world, org.owner, org.id) == ["ORG_OWNER"]
        assert world.store.view.get("organizations", org.id)["edition"] == "cloud_manager"
        assert org.key.get(f"/orgs/{org.id}").status == 200

    def test_the_key_has_the_owner_role(self, world):
        """The key of bootstrap may do what an owner may."""
        org = world.organization()
        (key,) = world.store.view.find("api_keys", org_id=org.id)
        assert roles_at(world, key["id"], org.id) == ["ORG_OWNER"]

    def test_the_same_owner_is_one_account(self, world):
        """An owner who exists is reused, whatever the capitals; another organization is made each time."""
        first = world.organization(owner="ann@example.org")
        second = world.organization(owner="ANN@example.org")
        assert first.owner == second.owner
        assert first.id != second.id

    def test_an_owner_with_a_password_gets_no_link(self, world):
        """contract.md, CLI: `setupUrl` is null if the account has a password."""
        first = world.organization()
        set_up(world, first.setup_token)
        assert world.organization("Second").setup_token is None

    def test_each_printed_link_works_until_one_was_used(self, world):
        """Two organizations for one owner print two links; using one ends the other."""
        first, second = world.organization(), world.organization("Second")
        assert set_up(world, first.setup_token).status == 201
        assert set_up(world, second.setup_token).code == "TOKEN_NOT_FOUND"

    def test_an_edition_that_is_none_is_refused(self, world):
        """An edition is one of the two."""
        assert refused(world, "bootstrap", NewOrganization(name="A", owner=BOB, edition="x")) == "INVALID_ATTRIBUTE"

    def test_an_address_that_is_none_is_refused(self, world):
        """A username is an e-mail address."""
        assert refused(world, "bootstrap", NewOrganization(name="A", owner="bob")) == "INVALID_EMAIL_ADDRESS"

    @pytest.mark.parametrize("operation", ["bootstrap", "enrolUser", "eraseUser", "resetFactors", "discardMessage"])
    def test_nobody_but_the_operator_may(self, world, operation):
        """No principal that a network edge can make reaches the operator's operations."""
        org = world.organization()
        (key,) = world.store.view.find("api_keys", org_id=org.id)
        for principal in (Principal("user", org.owner), Principal("api_key", key["id"]), NOBODY):
            call = Call(REGISTRY[operation], principal, {"messageId": "x"}, ErasedUser(username=BOB))
            with pytest.raises(NotFoundError):
                world.door.write(call).result(30)


class TestCreateUser:
    """People with roles at once, whom nobody invited."""

    def test_a_projects_organization_is_joined_as_member(self, world):
        """Rule 37; contract.md, CLI: joined as ORG_MEMBER where not given."""
        org = world.organization()
        project = project_in(world, org)
        body = NewUser(username=BOB, projects={project: ["GROUP_READ_ONLY"]})
        bob = world.operate("enrolUser", body)["userId"]
        assert roles_at(world, bob, org.id) == ["ORG_MEMBER"]
        assert roles_at(world, bob, project) == ["GROUP_READ_ONLY"]
        assert world.store.view.get("project_members", project, bob)["state"] == "active"
        assert world.session(bob).get(f"/groups/{project}").status == 200

    def test_a_given_organization_role_stands(self, world):
        """ORG_MEMBER is not added where a role of that organization is given."""
        org = world.organization()
        body = NewUser(
            username=BOB,
            organizations={org.id: ["ORG_READ_ONLY"]},
            projects={project_in(world, org): ["GROUP_OWNER"]},
        )
        assert roles_at(world, world.operate("enrolUser", body)["userId"], org.id) == ["ORG_READ_ONLY"]

    def test_it_may_be_repeated(self, world):
        """The account is reused, roles are added, the membership stays as it is."""
        org = world.organization()
        first = world.operate("enrolUser", NewUser(username=BOB, organizations={org.id: ["ORG_MEMBER"]}))
        world.clock.advance(days=1)
        body = NewUser(username="BOB@example.org", organizations={org.id: ["ORG_MEMBER", "ORG_BILLING_ADMIN"]})
        second = world.operate("enrolUser", body)
        assert first["userId"] == second["userId"]
        assert second["username"] == BOB
        assert roles_at(world, first["userId"], org.id) == ["ORG_BILLING_ADMIN", "ORG_MEMBER"]
        joined = world.store.view.get("members", org.id, first["userId"])["created_at"]
        assert joined == world.clock.now - 86_400_000

    def test_the_key_is_a_principal_with_the_same_roles(self, world):
        """contract.md, CLI: a principal of its own; both halves are null without it."""
        org = world.organization()
        project = project_in(world, org)
        body = NewUser(username=BOB, projects={project: ["GROUP_OWNER"]}, api_key=True)
        made = world.operate("enrolUser", body)
        (key,) = world.store.view.find("api_keys", public_key=made["publicKey"])
        assert roles_at(world, key["id"], project) == ["GROUP_OWNER"]
        assert roles_at(world, key["id"], org.id) == ["ORG_MEMBER"]
        made = world.operate("enrolUser", NewUser(username=BOB))
        assert (made["publicKey"], made["privateKey"]) == (None, None)

    def test_a_key_belongs_to_one_organization(self, world):
        """contract.md, CLI: `--api-key` with more than one organization is a usage error; so is none."""
        orgs = [world.organization(), world.organization("Other")]
        for given in ({org.id: ["ORG_MEMBER"] for org in orgs}, {}):
            body = NewUser(username=BOB, organizations=given, api_key=True)
            assert refused(world, "enrolUser", body) == "INVALID_ATTRIBUTE"
        assert world.store.view.find("person_data", username_key=BOB) == [], "nothing is left of a refusal"

    def test_roles_are_those_of_the_edition_and_scope(self, world):
        """Rules 3, 4, 11: a role belongs to one kind of scope and to an edition."""
        org = world.organization()
        project = project_in(world, org)
        assert refused(world, "enrolUser", NewUser(username=BOB, organizations={org.id: ["GROUP_OWNER"]})) == (
            "CANNOT_ADD_GROUP_ROLE"
        )
        assert refused(world, "enrolUser", NewUser(username=BOB, projects={project: ["ORG_OWNER"]})) == (
            "CANNOT_ADD_ORG_ROLE"
        )
        assert refused(world, "enrolUser", NewUser(username=BOB, projects={project: ["GROUP_WIZARD"]})) == (
            "INVALID_ROLE_FOR_GROUP"
        )

    def test_unknown_places_are_refused(self, world):
        """An id that nobody has is refused, and nobody is made."""
        nowhere = "f" * 24
        assert refused(world, "enrolUser", NewUser(username=BOB, organizations={nowhere: []})) == "ORG_NOT_FOUND"
        body = NewUser(username=BOB, projects={nowhere: ["GROUP_OWNER"]})
        assert refused(world, "enrolUser", body) == "GROUP_NOT_FOUND"

    def test_somebody_without_a_password_is_mailed_one_link(self, world):
        """Whom the operator vouches for chooses a password by the link; a second run sends no second one."""
        world.operate("enrolUser", NewUser(username=BOB))
        world.operate("enrolUser", NewUser(username=BOB))
        (token,) = links_to(world, BOB)
        assert set_up(world, token).status == 201
        world.operate("enrolUser", NewUser(username=BOB))
        assert links_to(world, BOB) == [token]

    def test_an_invitation_becomes_an_active_membership(self, world):
        """Somebody who was invited and is then put in by the operator is in."""
        org = world.organization()
        invite(world, org, BOB)
        bob = world.user(BOB, orgs={org.id: ["ORG_MEMBER"]})
        assert bob.get(f"/orgs/{org.id}").status == 200


def test_limits_hold_for_the_operator_too(tmp_path):
    """Rules 142, 145: no command puts more people in, or somebody into more organizations, than may be."""
    with opened(tmp_path, limits=Limits(users_per_organization=2, organizations_per_user=2)) as world:
        orgs = [world.organization(name) for name in ("One", "Two")]
        world.user(BOB, orgs={orgs[0].id: []})
        body = NewUser(username="cid@example.org", organizations={orgs[0].id: []})
        assert refused(world, "enrolUser", body) == "MAX_USERS_PER_ORG_EXCEEDED"
        third = world.organization("Three", owner="zoe@example.org")
        body = NewUser(username=BOB, organizations={orgs[1].id: [], third.id: []})
        assert refused(world, "enrolUser", body) == "MAX_ORGS_PER_USER_EXCEEDED"
        assert refused(world, "bootstrap", NewOrganization(name="X", owner="ann@example.org")) == (
            "MAX_ORGS_PER_USER_EXCEEDED"
        )


class TestErase:
    """Whoever is erased is gone; what they did is not."""

    def test_a_last_owner_is_refused(self, world):
        """Rules 34, 35; contract.md, Last owner: account deletion is one of the ways to lose one."""
        org = world.organization()
        assert refused(world, "eraseUser", ErasedUser(username="ann@example.org")) == "CANNOT_DELETE_LAST_ADMIN"
        world.user(BOB, orgs={org.id: ["ORG_OWNER"]})
        world.erase("ann@example.org")
        assert refused(world, "eraseUser", ErasedUser(username=BOB)) == "CANNOT_DELETE_LAST_ADMIN"

    def test_a_last_project_owner_is_refused_in_cloud_manager(self, world):
        """Rule 36: the last direct Project Owner stays."""
        org = world.organization(edition="cloud_manager")
        project = project_in(world, org)
        world.user(BOB, projects={project: ["GROUP_OWNER"]})
        assert refused(world, "eraseUser", ErasedUser(username=BOB)) == "CANNOT_DELETE_LAST_ADMIN"

    def test_nothing_but_an_id_stays(self, world):
        """contract.md, CLI: sessions end; memberships, roles, links, mail and password go."""
        org = world.organization()
        project = project_in(world, org)
        other = world.organization("Other", owner="zoe@example.org")
        bob = world.user(BOB, projects={project: ["GROUP_OWNER"]})
        invitation = invite(world, other, BOB)
        world.erase(BOB)
        assert bob.get(f"/groups/{project}").status == 401
        view = world.store.view
        for table, column in {
            "person_data": "id", "credentials": "owner_id", "tokens": "user_id", "sessions": "user_id",
            "outbox": "user_id", "members": "user_id", "project_members": "user_id", "team_members": "user_id",
            "assignments": "holder_id",
        }.items():  # fmt: skip
            assert view.find(table, **{column: bob.id}) == [], table
        assert view.get("users", bob.id)["account_at"] is None
        assert view.get("users", bob.id)["proven_at"] is None
        assert view.get("invitations", invitation)["state"] == "cancelled"

    def test_the_address_is_in_no_file_of_the_store(self, world):
        """Acceptance: after `users erase` address and name are nowhere in the store's files."""
        org = world.organization()
        names = {"token": None, "password": "correct horse", "firstName": "Bobadil", "lastName": "Featherstonehaugh"}
        invite(world, org, "Bob.Unique@Example.org")
        (names["token"],) = links_to(world, "Bob.Unique@Example.org")
        assert world.nobody.post("/api/orgward/v1/accounts:setup", names).status == 201
        for body in (
            {"username": "bob.unique@example.org", "password": "wrong"},
            {"username": "bob.unique@example.org"},
        ):
            world.nobody.post("/api/orgward/v1/sessions", body)
        world.session(org.owner).get("/users/byName/bob.unique@example.org")
        world.erase("BOB.unique@example.org")
        assert refused(world, "eraseUser", ErasedUser(username="bob.unique@example.org")) == "USERNAME_NOT_FOUND"
        world.store.scrub()
        for path in world.store.path.parent.glob("orgward.db*"):
            raw = path.read_bytes().lower()
            for word in (b"bob.unique", b"bobadil", b"featherstonehaugh"):
                assert word not in raw, (path.name, word)

    def test_the_address_is_free_again(self, world):
        """Somebody who comes back is somebody new."""
        org = world.organization()
        before = world.user(BOB, orgs={org.id: []})
        world.erase(BOB)
        after = world.user(BOB, orgs={org.id: []})
        assert before.id != after.id

    def test_an_erased_inviters_invitation_can_not_be_accepted(self, world):
        """Rule 49; contract.md: at acceptance the rules run again, for an inviter who is gone too."""
        org = world.organization()
        bob = world.user(BOB, orgs={org.id: ["ORG_OWNER"]})
        reply = bob.post(f"/orgs/{org.id}/invites", {"username": "cid@example.org", "roles": ["ORG_MEMBER"]})
        cid = world.user("cid@example.org")
        world.erase(BOB)
        accepted = cid.post(f"/api/orgward/v1/me/invitations/{reply.json['id']}:accept")
        assert (accepted.status, accepted.code) == (409, "INVITER_LOST_RIGHT")

    def test_nobody_is_erased_by_an_unknown_address(self, world):
        """An address that nobody has is refused."""
        assert refused(world, "eraseUser", ErasedUser(username="nobody@example.org")) == "USERNAME_NOT_FOUND"


def set_up(world, token, password="correct horse"):
    """Set an account up with `token`."""
    body = {"token": token, "password": password, "firstName": "Bob", "lastName": "Doe"}
    return world.nobody.post("/api/orgward/v1/accounts:setup", body)


def invite(world, org, address, roles=("ORG_MEMBER",)):
    """Have the owner invite `address`."""
    body = {"username": address, "roles": list(roles)}
    reply = world.session(org.owner).post(f"/orgs/{org.id}/invites", body)
    assert reply.status == 200, reply.json
    return reply.json["id"]


def test_a_link_sets_up_once_however_many_try(world):
    """Attack row 3: one link in many hands at once makes one session."""
    org = world.organization()
    replies = []
    threads = [threading.Thread(target=lambda: replies.append(set_up(world, org.setup_token))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    codes = sorted((reply.status, reply.code) for reply in replies)
    assert codes == [(201, "")] + [(404, "TOKEN_NOT_FOUND")] * 19
    assert len(world.store.view.find("sessions", user_id=org.owner)) == 1


def test_a_password_that_changed_meanwhile_proves_nothing(world):
    """What was verified before the command waited is looked at again inside the transaction."""
    org = world.organization()
    assert set_up(world, org.setup_token).status == 201

    (endpoint,) = [e for e in ENDPOINTS if e.operation.id == "createSession"]
    body = endpoint.bodies[""](username=org.username, password="correct horse")
    call = Call(endpoint.operation, NOBODY, body=body)
    verified = endpoint.prepare(world.door, call)
    call.prepared = replace(verified, secret="the hash of another password")
    with pytest.raises(UnauthenticatedError):
        world.door.write(call).result(30)
    call.prepared = verified
    assert world.door.write(call).result(30).result["userId"] == org.owner


def test_a_session_lasts_twelve_hours(world):
    """Rule 90: the absolute life of a session is twelve hours."""
    token = set_up(world, world.organization().setup_token).json["token"]
    me = {"authorization": f"Bearer {token}"}
    world.clock.advance(seconds=12 * 3600 - 1)
    assert world.nobody.get("/api/orgward/v1/me", headers=me).status == 200
    world.clock.advance(seconds=2)
    assert world.nobody.get("/api/orgward/v1/me", headers=me).status == 401
