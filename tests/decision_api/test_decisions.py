"""Decisions and the contexts that explain them, as contract.md has them."""

from itertools import count

import pytest

from orgward.kernel.instants import rfc3339
from tests.decision_api.conftest import Asker
from tests.directory.company import Company, address

DELETE = "project.delete"
NUMBERS = count(1)
UNKNOWN_ID = "0123456789abcdef01234567"


@pytest.fixture
def fresh(acme):
    """Give a project that nobody else's test has touched."""
    return acme.bare_project(f"fresh {next(NUMBERS)}")


def context_of(answer, *, decision):
    """Give the context of an answer with this decision, its revision taken out."""
    assert answer["decision"] is decision
    context = dict(answer["context"])
    assert context.pop("revision").isdecimal()
    return context


def not_found(action=DELETE):
    """Give the context of everything that is unknown or unseen."""
    return {"reason": "not_found", "missing": action, "roles": [], "grantors": []}


def reason(answer):
    """Give the reason of a denial."""
    assert answer["decision"] is False
    return answer["context"]["reason"]


# -- allowed


def test_an_organization_role_reaches_into_a_project(acme, owner, web):
    """The owner of the organization may delete its projects; the path names role and organization."""
    key = acme.world.store.view.find("api_keys", public_key=acme.owner_key.public_key)[0]["id"]
    context = context_of(owner.ask(("api_key", key), DELETE, ("project", web)), decision=True)
    path = {"via": "organization_role", "role": "ORG_OWNER", "organizationId": acme.id, "projectId": web}
    assert {**path, "teamId": None, "endsAt": None} in context["paths"]


def test_a_role_on_the_organization_itself(acme, owner):
    """A privilege on the organization has no project in its path."""
    context = context_of(owner.ask(("user", acme.ann.id), "org.rename", ("organization", acme.id)), decision=True)
    path = {"via": "organization_role", "role": "ORG_OWNER", "organizationId": acme.id, "projectId": None}
    assert context == {"paths": [{**path, "teamId": None, "endsAt": None}]}


def test_a_direct_role_with_its_end(acme, owner, fresh):
    """A direct role's path says `direct`, and until when it holds."""
    dan = acme.person("dan", on={fresh: ["GROUP_OWNER"]})
    ends = acme.world.clock.now + 3_600_000
    assert acme.bound(dan.id, "GROUP_OWNER", project=fresh, ends=3600).status == 200
    context = context_of(owner.ask(("user", address("dan")), DELETE, ("project", fresh)), decision=True)
    path = {"via": "direct", "role": "GROUP_OWNER", "organizationId": acme.id, "projectId": fresh}
    assert context == {"paths": [{**path, "teamId": None, "endsAt": rfc3339(ends)}]}


def test_usernames_and_public_keys_are_as_good_as_ids(acme, owner, web):
    """Subjects go by id or by name; names in any capitals."""
    expected = owner.ask(("user", acme.ann.id), DELETE, ("project", web))
    for name in ("ann@example.org", "ANN@Example.org"):
        assert owner.ask(("user", name), DELETE, ("project", web)) == expected
    assert owner.ask(("api_key", acme.owner_key.public_key), DELETE, ("project", web))["decision"] is True


# -- denied


def test_missing_privilege_says_which_roles_would_do_and_who_grants_them(acme, owner, fresh):
    """A denial names the privilege, the roles that grant it, and who could hand one out."""
    eve = acme.person("eve", on={fresh: ["GROUP_READ_ONLY"]})
    context = context_of(owner.ask(("user", eve.id), DELETE, ("project", fresh)), decision=False)
    assert context["reason"] == "missing_privilege"
    assert context["missing"] == DELETE
    assert set(context["roles"]) == {"GROUP_OWNER", "ORG_OWNER"}
    assert {"type": "user", "id": acme.ann.id, "username": "ann@example.org"} in context["grantors"]
    assert all(set(grantor) == {"type", "id", "username"} for grantor in context["grantors"])
    assert eve.id not in {grantor["id"] for grantor in context["grantors"]}


def test_at_most_twenty_grantors_are_named(world):
    """Of many owners twenty are named."""
    crowd = Company.found(world, "atlas", name="Crowd", owner="carol")
    for number in range(22):
        crowd.person(f"owner{number}", "ORG_OWNER")
    member = crowd.person("few", "ORG_MEMBER")
    answer = Asker(crowd.owner_key).ask(("user", member.id), "org.rename", ("organization", crowd.id))
    assert len(answer["context"]["grantors"]) == 20


def test_nobody_is_a_grantor_of_their_own(acme, fresh):
    """Whoever hands out every role but owner is not named to themself (contract.md, Self-change)."""
    fay = acme.person("fay", on={fresh: ["GROUP_ACCESS_MANAGER"]})
    answer = Asker(fay).ask(("user", fay.id), "clusters.create", ("project", fresh))
    assert reason(answer) == "missing_privilege"
    assert fay.id not in {grantor["id"] for grantor in answer["context"]["grantors"]}


def test_a_pending_member(acme, owner):
    """Somebody invited is pending."""
    acme.invited("pam", "ORG_OWNER")
    assert reason(owner.ask(("user", address("pam")), "org.read", ("organization", acme.id))) == "pending"


def test_a_suspended_member(acme, owner, fresh):
    """Somebody suspended is suspended, in the organization and its projects, to others and to themself."""
    sam = acme.person("sam", on={fresh: ["GROUP_OWNER"]})
    assert acme.suspend(sam.id).status == 200
    for asker in (owner, Asker(sam)):
        assert reason(asker.ask(("user", sam.id), DELETE, ("project", fresh))) == "suspended"
        assert reason(asker.ask(("user", sam.id), "org.read", ("organization", acme.id))) == "suspended"


def test_an_ended_role(acme, owner, fresh):
    """A role that has ended is `expired` from the instant of its end on."""
    tom = acme.person("tom", on={fresh: ["GROUP_OWNER"]})
    acme.bound(tom.id, "GROUP_OWNER", project=fresh, ends=60)
    asked = ("user", tom.id), DELETE, ("project", fresh)
    acme.world.clock.advance(seconds=59.999)
    assert owner.ask(*asked)["decision"] is True
    acme.world.clock.advance(seconds=0.001)
    assert reason(owner.ask(*asked)) == "expired"


def test_a_privilege_of_the_other_edition(world, acme, owner):
    """A privilege that this edition does not have is `not_in_edition`, and nobody could grant it."""
    cloud = Company.found(world, "cloud_manager", name="Old", owner="olga")
    project = cloud.project("old web")
    asker = Asker(cloud.owner_key)
    context = context_of(asker.ask(("user", cloud.ann.id), "clusters.create", ("project", project)), decision=False)
    assert context == {"reason": "not_in_edition", "missing": "clusters.create", "roles": [], "grantors": []}


# -- what the caller may not see


@pytest.mark.parametrize(
    ("principal", "action", "resource"),
    [
        (("user", "who@example.org"), DELETE, "web"),
        (("user", UNKNOWN_ID), DELETE, "web"),
        (("user", ""), DELETE, "web"),
        (("api_key", "aaaaaaaa"), DELETE, "web"),
        (("api_key", UNKNOWN_ID), DELETE, "web"),
        (("api_key", "ann@example.org"), DELETE, "web"),
        (("service_account", "mdb_sa_id_0123456789abcdef01234567"), DELETE, "web"),
        (("team", UNKNOWN_ID), DELETE, "web"),
        (("robot", "r2"), DELETE, "web"),
        (("user", "ann@example.org"), "project.fly", "web"),
        (("user", "ann@example.org"), "", "web"),
        (("user", "ann@example.org"), DELETE, ("project", UNKNOWN_ID)),
        (("user", "ann@example.org"), DELETE, ("project", "web")),
        (("user", "ann@example.org"), DELETE, ("cluster", UNKNOWN_ID)),
    ],
)
def test_what_is_unknown_is_not_found(owner, web, principal, action, resource):
    """Unknown subjects, actions and resources of any kind are all answered alike."""
    resource = ("project", web) if resource == "web" else resource
    assert context_of(owner.ask(principal, action, resource), decision=False) == not_found(action)


def test_ids_of_another_kind_are_not_found(acme, owner, web):
    """A key is no user, a user no key; a project no organization."""
    key = acme.world.store.view.find("api_keys", public_key=acme.owner_key.public_key)[0]["id"]
    assert reason(owner.ask(("user", key), DELETE, ("project", web))) == "not_found"
    assert reason(owner.ask(("api_key", acme.ann.id), DELETE, ("project", web))) == "not_found"
    assert reason(owner.ask(("user", acme.ann.id), DELETE, ("organization", web))) == "not_found"
    assert reason(owner.ask(("user", acme.ann.id), DELETE, ("project", acme.id))) == "not_found"


def test_a_stranger_looks_like_nobody(world, owner, web):
    """Somebody of another organization is answered like an unknown address, by id and by name."""
    other = Company.found(world, "atlas", name="Other", owner="zoe")
    for name in (other.ann.id, "zoe@example.org"):
        assert context_of(owner.ask(("user", name), DELETE, ("project", web)), decision=False) == not_found()
    key = ("api_key", other.owner_key.public_key)
    assert context_of(owner.ask(key, DELETE, ("project", web)), decision=False) == not_found()


def test_another_organization_looks_like_none(world, owner):
    """Neither its projects nor itself can be told from unknown ids, whoever is asked about (attack row 7)."""
    other = Company.found(world, "atlas", name="Third", owner="yan")
    project = other.project("hidden")
    for resource in (("organization", other.id), ("project", project), ("project", UNKNOWN_ID)):
        for person in ("yan@example.org", "ann@example.org"):
            assert context_of(owner.ask(("user", person), DELETE, resource), decision=False) == not_found()


def test_a_project_that_one_cannot_read_looks_like_none(acme, fresh):
    """A member without a role in a project learns nothing about it, not even about themself."""
    max_ = acme.person("max")
    for person in (max_.id, acme.ann.id):
        assert context_of(Asker(max_).ask(("user", person), DELETE, ("project", fresh)), decision=False) == not_found()


def test_somebody_invited_learns_of_themself_alone(acme, web):
    """Their own access to the organization is pending; its projects and people look like none."""
    una = acme.outsider("una")
    acme.invited("una", "ORG_OWNER")
    assert reason(Asker(una).ask(("user", una.id), "org.read", ("organization", acme.id))) == "pending"
    assert reason(Asker(una).ask(("user", una.id), DELETE, ("project", web))) == "not_found"
    assert reason(Asker(una).ask(("user", acme.ann.id), "org.read", ("organization", acme.id))) == "not_found"


def test_whose_role_has_ended_learns_that(acme, world):
    """Somebody whose only role on a project has ended can't see it any more, and is told why."""
    kim, project = acme.person("kim"), acme.project("kims")
    kims = world.user("kim2@example.org", projects={project: ["GROUP_READ_ONLY"]})
    path = f"/api/orgward/v1/groups/{project}/users/{kims.id}/roles/GROUP_READ_ONLY"
    assert acme.ann.put(path, {"endsAt": "2027-01-15T08:00:01Z"}).status == 200
    world.clock.advance(days=30)
    assert reason(Asker(kims).ask(("user", kims.id), "project.read", ("project", project))) == "expired"
    assert reason(Asker(kim).ask(("user", kim.id), "project.read", ("project", project))) == "not_found"


# -- who may ask


def test_anybody_asks_about_themself(acme):
    """Oneself may always be asked about, by id or name, by a person and by a key."""
    lea = acme.person("lea", "ORG_MEMBER")
    for name in (lea.id, address("lea")):
        assert Asker(lea).ask(("user", name), "org.read", ("organization", acme.id))["decision"] is True
    key = acme.key("ORG_READ_ONLY")
    assert Asker(key).ask(("api_key", key.public_key), "org.read", ("organization", acme.id))["decision"] is True


def test_others_are_asked_about_with_the_privilege_only(acme):
    """Without `org.users.read` nothing is said about others; with it they are answered."""
    liv = acme.person("liv", "ORG_MEMBER")
    asked = ("user", acme.ann.id), "org.rename", ("organization", acme.id)
    assert Asker(liv).ask(*asked)["decision"] is True
    acme.bound(liv.id, "ORG_MEMBER", ends=1)
    acme.world.clock.advance(seconds=2)
    assert context_of(Asker(liv).ask(*asked), decision=False) == not_found("org.rename")
    own = Asker(liv).ask(("user", liv.id), "org.read", ("organization", acme.id))
    assert reason(own) == "expired"
    assert own["context"]["grantors"] == []


# -- addresses


def listed_key(acme, role, cidr):
    """Make a key that may call from `cidr` alone."""
    key = acme.key(role)
    made = acme.ann.post(f"{acme.path}/apiKeys/{key.id}/accessList", [{"cidrBlock": cidr}])
    assert made.status == 200, made.json
    return key


def test_a_keys_access_list_counts_where_an_address_is_given(acme, owner):
    """`context.ip` is held against the list of the key asked about (rule 82); without it the list does not count."""
    key = listed_key(acme, "ORG_READ_ONLY", "203.0.113.0/24")
    asked = ("api_key", key.public_key), "org.read", ("organization", acme.id)
    assert owner.ask(*asked)["decision"] is True
    assert owner.ask(*asked, context={"ip": "203.0.113.9"})["decision"] is True
    context = context_of(owner.ask(*asked, context={"ip": "198.51.100.1"}), decision=False)
    expected = {"reason": "missing_privilege", "missing": "org.read", "roles": [], "grantors": []}
    assert context == {**expected, "gate": "IP_ADDRESS_NOT_ON_ACCESS_LIST"}


def test_an_address_is_no_matter_for_people(acme, owner):
    """People have no access list."""
    asked = ("user", acme.ann.id), "org.read", ("organization", acme.id)
    assert owner.ask(*asked, context={"ip": "198.51.100.1", "mfa": False})["decision"] is True


def test_a_key_at_a_wrong_address_is_answered_and_learns_nothing(acme, fresh):
    """From off its list a key gets 200, a closed gate about itself and nothing about others (contract.md)."""
    key = listed_key(acme, "ORG_OWNER", "203.0.113.0/24")
    key.address = "198.51.100.1"
    own = Asker(key).ask(("api_key", key.public_key), "org.read", ("organization", acme.id))
    assert own["context"]["gate"] == "IP_ADDRESS_NOT_ON_ACCESS_LIST"
    others = Asker(key).ask(("user", acme.ann.id), "org.read", ("organization", acme.id))
    assert context_of(others, decision=False) == not_found("org.read")
    key.address = "203.0.113.9"
    assert Asker(key).ask(("user", acme.ann.id), "org.read", ("organization", acme.id))["decision"] is True


# -- revisions


def test_a_revocation_is_in_the_next_answer(acme, owner, fresh):
    """What was taken away is denied at once, under a later revision."""
    kim = acme.person("kim", on={fresh: ["GROUP_OWNER"]})
    asked = ("user", kim.id), DELETE, ("project", fresh)
    before = owner.ask(*asked)
    assert acme.remove(kim.id, project=fresh).status == 204
    after = owner.ask(*asked)
    assert (before["decision"], after["decision"]) == (True, False)
    assert int(after["context"]["revision"]) > int(before["context"]["revision"])
