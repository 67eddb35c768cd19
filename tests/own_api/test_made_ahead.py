"""Accounts made ahead for people of a federation: who signs in to them, and who does not (rule 58, row 28)."""

from orgward.app.operator import NewUser
from tests.directory.company import log_rows
from tests.federated import OWN
from tests.mailbox import deliver
from tests.own_api.people import account, add_factor, number_of

FAY = "fay@acme.example"


def brought(acme, address=FAY):
    """Bring somebody by hand and give their id; they are a member at once."""
    body = {"username": address, "roles": {"orgRoles": ["ORG_MEMBER"]}}
    reply = acme.owner.post(f"/orgs/{acme.org.id}/users", body)
    assert (reply.status, reply.json["orgMembershipStatus"]) == (201, "ACTIVE"), reply.json
    return reply.json["id"]


def test_whoever_was_brought_by_hand_signs_in(acme):
    """They are in their account with the name that the provider says, and in the organization."""
    user = brought(acme)
    fay = acme.session(name="Fay Ritter")
    assert fay.id == user
    assert fay.get(f"/orgs/{acme.org.id}").status == 200
    assert fay.get(f"{OWN}/me").json["firstName"] == "Fay"
    assert acme.session().id == user


def test_so_does_whom_the_directory_brought(acme):
    """An account that SCIM made is entered by its first sign-in."""
    body = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": FAY}
    made = acme.owner(
        "POST", f"/scim/v2/{acme.org.id}/Users", body, accept="application/scim+json",
        headers={"content-type": "application/scim+json"},
    )  # fmt: skip
    assert made.status == 201, made.json
    assert acme.session().id == made.json["id"]


def test_only_the_first_one_enters_it(acme):
    """Whoever has the address at the provider afterwards, and is another there, is not signed in to it."""
    brought(acme)
    acme.session(sub="sub-1")
    reply = acme.sign_in(sub="sub-2")
    assert (reply.status, reply.code) == (403, "IDENTITY_NOT_LINKED")


def test_an_account_that_is_elsewhere_is_not_entered(acme, world):
    """Nobody's word for an address opens what an organization of others has given to it (row 28)."""
    other = world.organization("Other", owner="olga@example.org")
    world.operate("enrolUser", NewUser(username=FAY, organizations={other.id: ["ORG_MEMBER"]}))
    reply = acme.sign_in()
    assert (reply.status, reply.code) == (403, "IDENTITY_NOT_LINKED")
    assert number_of(world, "federated_identities") == 0


def test_an_account_with_a_way_in_is_not_entered(acme, world):
    """An account by which somebody may sign in otherwise is theirs, though they never have."""
    made = world.operate("enrolUser", NewUser(username=FAY))
    add_factor(world, made["userId"])
    reply = acme.sign_in()
    assert (reply.status, reply.code) == (403, "IDENTITY_NOT_LINKED")


def test_what_mappings_could_not_do_stands_in_the_feed(acme):
    """An owner reads at whose sign-in the mappings changed nothing, and why (rule 98)."""
    acme.map("staff", "ORG_MEMBER")
    fay = acme.session(groups=None)
    (event,) = [each for each in log_rows(acme.world)[-1]["body"]["events"] if "notMapped" in each]
    expected = {"type": "USER_ROLES_CHANGED_AUDIT", "orgId": acme.org.id, "targetUserId": fay.id}
    assert event == {**expected, "notMapped": "GROUPS_NOT_TOLD"}
    feed = acme.owner.get(f"/orgs/{acme.org.id}/events?eventType=USER_ROLES_CHANGED_AUDIT").json["results"]
    assert [each["targetUsername"] for each in feed] == [FAY]


def test_linking_and_unlinking_are_told_by_mail(acme, world):
    """Whoever has an account reads of it that an identity is linked to it, and that one is not any more."""
    gus = account(world, "gus@acme.example")
    assert acme.link(gus, sub="sub-9").status == 201
    assert str(deliver(world)[-1]["Subject"]) == "An identity provider was linked"
    world.clock.advance(seconds=1)
    assert gus.delete(f"{OWN}/me/identities/{acme.provider}").status == 204
    assert str(deliver(world)[-1]["Subject"]) == "An identity provider was unlinked"
