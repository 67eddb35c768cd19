"""Contract, "Beyond Atlas' API": suspend and reactivate, in one organization only."""

from tests.directory.company import OWN, Company, accept, done, own_invitations, refused

SUSPENDED = (403, "USER_SUSPENDED")


def test_every_request_there_answers_403(company):
    """A suspended member's requests about the organization and their projects answer 403."""
    project = company.project()
    bob = company.person("bob", "ORG_OWNER", on={project: ["GROUP_READ_ONLY"]})
    done(company.suspend(bob.id))
    refused(bob.get(company.path), *SUSPENDED)
    refused(bob.get(f"/groups/{project}"), *SUSPENDED)
    refused(bob.patch(company.path, {"name": "mine"}), *SUSPENDED)
    refused(bob.post("/groups", {"name": "x", "orgId": company.id}), *SUSPENDED)
    refused(company.change(company.ann.id, "ORG_MEMBER", by=bob), *SUSPENDED)


def test_decisions_say_suspended(company):
    """A decision about somebody suspended says so."""
    bob = company.person("bob", "ORG_OWNER")
    done(company.suspend(bob.id))
    body = {
        "subject": {"type": "user", "id": bob.id},
        "action": {"name": "org.read"},
        "resource": {"type": "organization", "id": company.id},
    }
    found = done(company.owner_key("POST", "/access/v1/evaluation", body, accept=None))
    assert (found["decision"], found["context"]["reason"]) == (False, "suspended")


def test_the_session_lives_and_works_elsewhere(world, company):
    """The person's session goes on, and other organizations know nothing of it."""
    other = Company.found(world, "atlas", name="Other", owner="olga")
    bob = world.user("bob@example.org", orgs={company.id: ["ORG_OWNER"], other.id: ["ORG_READ_ONLY"]})
    done(company.suspend(bob.id))
    done(bob.get(other.path))
    states = {found["organizationId"]: found["state"] for found in done(bob.get(f"{OWN}/me"))["organizations"]}
    assert states == {company.id: "SUSPENDED", other.id: "ACTIVE"}


def test_their_keys_go_on_and_are_listed(company):
    """Keys that they made are principals of their own; the answer lists them."""
    bob = company.person("bob", "ORG_OWNER")
    key = company.key("ORG_READ_ONLY", by=bob)
    company.key("ORG_READ_ONLY")
    listed = done(company.suspend(bob.id))["apiKeys"]
    assert [found["id"] for found in listed] == [key.id]
    done(key.get(company.path))


def test_reactivating_brings_everything_back(company):
    """After reactivation the same roles count again."""
    project = company.project()
    bob = company.person("bob", "ORG_READ_ONLY", on={project: ["GROUP_OWNER"]})
    done(company.suspend(bob.id))
    done(company.reactivate(bob.id))
    done(bob.patch(f"/groups/{project}", {"name": "back"}))
    assert company.roles_of(bob.id) == ["ORG_READ_ONLY"]


def test_nobody_reactivates_themself(company):
    """A suspended owner does not lift their own suspension."""
    bob = company.person("bob", "ORG_OWNER")
    done(company.suspend(bob.id))
    refused(company.reactivate(bob.id, by=bob), *SUSPENDED)


def test_suspending_needs_the_privilege_to_remove(company):
    """Suspend and reactivate need `org.users.remove`."""
    bob, carl = company.person("bob", "ORG_READ_ONLY"), company.person("carl")
    refused(company.suspend(carl.id, by=bob), 401, "USER_UNAUTHORIZED")
    refused(company.reactivate(carl.id, by=bob), 401, "USER_UNAUTHORIZED")


def test_only_members_are_suspended(company):
    """Somebody invited, or unknown, can't be suspended."""
    bob = company.outsider("bob")
    company.invited("bob")
    refused(company.suspend(bob.id), 404, "USER_NOT_FOUND")
    refused(company.suspend("f" * 24), 404, "USER_NOT_FOUND")


def test_somebody_suspended_joins_no_project_there(cloud):
    """Attack row 7: whoever is suspended in an organization accepts no invitation of it."""
    web, shop = cloud.project("web"), cloud.project("shop")
    done(cloud.add(web, "bob"))
    done(cloud.add(shop, "bob"))
    bob = cloud.outsider("bob")
    first, second = own_invitations(bob)
    done(accept(bob, first["id"]))
    done(cloud.suspend(bob.id))
    refused(accept(bob, second["id"]), *SUSPENDED)
    done(cloud.reactivate(bob.id))
    done(accept(bob, second["id"]))
