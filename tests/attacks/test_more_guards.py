"""Guards of the contract that no rule's own test tries: what is asked again, counted, hidden."""

import os
from base64 import urlsafe_b64decode
from dataclasses import replace
from pwd import getpwuid

import pytest
from starlette.routing import Mount, Route

from orgward.admin_api.organizations import OrganizationBody
from orgward.admin_api.user_bodies import OrgRoleBody
from orgward.app.execute import Call, Door
from orgward.app.mint import Mint
from orgward.app.operation import REGISTRY
from orgward.app.targets import project as project_ref
from orgward.catalog import DEFAULT_LIMITS
from orgward.cli.opening import operator
from orgward.directory import api_keys, project_members
from orgward.directory.ground import Ground
from orgward.directory.people import user_of
from orgward.edge import digest
from orgward.edge.digest import Nonces
from orgward.edge.server import UnsealedError, build_app, seal
from orgward.engine.authorized import Gates, authorize
from orgward.kernel.errors import DeniedError, RefusedError, UnauthenticatedError, UnavailableError
from orgward.kernel.principal import Principal
from orgward.store.keyring import KeyringError
from orgward.store.opening import Store
from tests.clients import new_client
from tests.directory.company import (
    OLD,
    OLDER_ACCESS,
    OWN,
    Company,
    accept,
    address,
    done,
    own_invitations,
    refused,
    submit,
    token_mailed,
)
from tests.empty_store import url_of
from tests.store.commands import one_batch, project, submission

NOT_GRANTABLE = (403, "ROLE_NOT_GRANTABLE")
DENIED = (401, "USER_UNAUTHORIZED")


@pytest.fixture
def cloud(world):
    """Give a company of the edition `cloud_manager`."""
    return Company.found(world, "cloud_manager")


def _principal(world, caller):
    return Principal("user", caller.id, caller.id, "127.0.0.1", world.store.keyring.hash_token(caller.token))


def _rename(company, principal):
    """Submit a change of the organization's name straight to the writer, as if it had been admitted already."""
    return submit(company.world.door, "updateOrg", principal, {"orgId": company.id}, OrganizationBody(name="Renamed"))


def _ground(world, caller, scope):
    """Stand on a project as somebody who may read it: what an operation required is not the rule's business."""
    store = world.store
    resource = project_ref(store.snapshot, scope)
    principal, now = Principal("user", caller.id), world.clock.now
    proof = authorize(store.snapshot, principal, ("project.read",), resource, now=now, gates=Gates())
    return Ground(proof, store.view, store.snapshot, now, Mint(store.keyring, now), DEFAULT_LIMITS)


# -- what is asked again when the command's turn comes


def test_a_right_that_was_lost_meanwhile_writes_nothing(world, company):
    """Row 13: a command that waited behind the one that took its right away is denied."""
    bob = company.person("bob", "ORG_OWNER", "ORG_MEMBER")
    with one_batch(world.store):
        demoted = submit(
            world.door, "removeOrgUserRole", _principal(world, company.ann),
            {"orgId": company.id, "userId": bob.id},
            OrgRoleBody(org_role="ORG_OWNER"),
        )  # fmt: skip
        renamed = _rename(company, _principal(world, bob))
    assert demoted.exception(30) is None
    assert isinstance(renamed.exception(30), DeniedError)


def test_a_session_that_ended_meanwhile_writes_nothing(world, company):
    """People: a session that ended, or expired, while its command waited is no proof any more."""
    principal = _principal(world, company.ann)
    assert _rename(company, principal).exception(30) is None
    assert submit(world.door, "deleteCurrentSession", principal).exception(30) is None
    assert isinstance(_rename(company, principal).exception(30), UnauthenticatedError)
    again = _principal(world, world.session(company.ann.id))
    world.clock.advance(days=366)
    assert isinstance(_rename(company, again).exception(30), UnauthenticatedError)


def test_a_key_that_was_deleted_meanwhile_writes_nothing(world, company):
    """Row 13: a key that was deleted while its command waited is nobody, as for its next request."""
    key = company.key("ORG_OWNER")
    principal = Principal("api_key", key.id, key.public_key, "127.0.0.1")
    assert _rename(company, principal).exception(30) is None
    assert company.ann.delete(f"{company.path}/apiKeys/{key.id}").status == 204
    assert isinstance(_rename(company, principal).exception(30), UnauthenticatedError)


def test_a_service_account_whose_secret_was_deleted_meanwhile_writes_nothing(world):
    """Row 13: what a token was issued for is looked for again before a command is carried out."""
    org = world.organization()
    client = new_client(org, roles=("ORG_OWNER",))
    principal = Principal("service_account", client.account, "token", "127.0.0.1", client.secret_id)
    company = Company(world, "atlas", org.id, world.session(org.owner), org.key)
    assert _rename(company, principal).exception(30) is None
    done(company.ann.delete(f"{company.path}/serviceAccounts/{client.id}/secrets/{client.secret_id}"))
    assert isinstance(_rename(company, principal).exception(30), UnauthenticatedError)


def test_a_right_that_another_process_took_writes_nothing(world, company):
    """Row 33: a process decides on what every other one wrote before, though it has not looked yet."""
    bob = company.person("bob", "ORG_OWNER", "ORG_MEMBER")
    call = Call(
        REGISTRY["updateOrg"], _principal(world, bob), {"orgId": company.id}, body=OrganizationBody(name="Renamed")
    )
    other = Store.open(url_of(world.store.path.parent), clock=world.clock)
    try:
        assert Door(other).write(call).exception(30) is None
        done(company.remove_role(bob.id, "ORG_OWNER"))
        assert isinstance(Door(other).write(call).exception(30), DeniedError)
    finally:
        other.close()


def test_an_inviter_who_was_suspended_brings_nobody_in(company):
    """Contract, Beyond: who could not send it now, suspended as they are, gives nothing; it stays pending."""
    bob = company.person("bob", "ORG_OWNER")
    invitation = company.invited("pia", by=bob)
    pia = company.outsider("pia")
    done(company.suspend(bob.id))
    refused(accept(pia, invitation), 409, "INVITER_LOST_RIGHT")
    assert [found["id"] for found in own_invitations(pia)] == [invitation]
    done(company.reactivate(bob.id))
    done(accept(pia, invitation))


# -- the queue, and what is not served yet


def test_a_full_queue_is_503_with_retry_after(world, company, monkeypatch):
    """Statuses: where the queue is full the caller is told to come again, and nothing happens."""

    def full(_):
        raise UnavailableError("UNAVAILABLE")

    monkeypatch.setattr(world.store, "submit", full)
    reply = company.ann.patch(company.path, {"name": "Renamed"})
    refused(reply, 503, "UNAVAILABLE")
    assert reply.headers.get("retry-after") == "1"
    assert done(company.ann.get(company.path))["name"] == "Acme"


def test_a_full_queue_refuses_at_once(world):
    """Statuses: whoever finds no room in the queue is refused then, and never waits."""
    waiting = world.store._writer._line  # noqa: SLF001 - four thousand commands would take long
    with one_batch(world.store):
        waiting.most = 1
        first = world.store.submit(submission(project(1)))
        with pytest.raises(UnavailableError):
            world.store.submit(submission(project(2)))
        waiting.most = 4_096
    assert first.exception(30) is None
    assert world.store.view.get("projects", f"{2:024x}") is None


def test_nobody_fills_the_queue_alone(world):
    """Statuses: whoever has too many commands waiting is refused further ones, and all others are served as before."""
    waiting, eve = world.store._writer._line, ("user", "e" * 24)  # noqa: SLF001 - a thousand commands would take long
    others = [("user", "b" * 24), ("api_key", "e" * 24), *[("user", "")] * 3, *[("operator", "server")] * 3]

    def send(number, who):
        made = submission(project(number))
        made.entry = replace(made.entry, actor_kind=who[0], actor_id=who[1])
        try:
            return world.store.submit(made)
        except UnavailableError:
            return None

    with one_batch(world.store):
        waiting.most_of_one = 2
        sent = [send(number, who) for number, who in enumerate([eve, eve, eve, *others], 1)]
    assert [number for number, each in enumerate(sent, 1) if each is None] == [3]
    assert [each.exception(30) for each in sent if each] == [None] * 10
    assert world.store.view.get("projects", f"{3:024x}") is None
    assert send(3, eve).exception(30) is None, "what was done waits no more"


def test_every_answer_carries_the_revision(world, company):
    """Statuses: good and bad answers alike, and to callers of every kind, say which revision they are of."""
    replies = [
        company.ann.get(company.path),
        company.owner_key.get(company.path),
        company.ann.post("/groups", {"name": "web", "orgId": company.id}),
        company.ann.post("/groups", {"name": "<", "orgId": company.id}),
        company.ann.get("/orgs/x"),
        company.ann.get("/orgs?itemsPerPage=0"),
        company.ann.get("/groups/0123456789abcdef01234567"),
        company.ann.get("/nowhere"),
        world.nobody.get(company.path),
        company.person("bob").patch(company.path, {"name": "Mine"}),
    ]
    revisions = [reply.headers.get("orgward-revision", "none") for reply in replies]
    assert all(revision.isdecimal() for revision in revisions), revisions
    assert sorted(revisions, key=int) == revisions


def test_what_is_not_there_is_unknown_before_any_gate(world, company):
    """Statuses, order: what does not exist inside an organization is 404 to whoever is suspended there, too."""
    bob = company.person("bob", "ORG_OWNER")
    done(company.suspend(bob.id))
    refused(bob.get(f"{company.path}/users/0123456789abcdef01234567"), 404, "USER_NOT_FOUND")
    refused(bob.get(f"{company.path}/users/{company.ann.id}"), 403, "USER_SUSPENDED")


@pytest.mark.parametrize("asked", ["true", "TRUE", "true&dryRun=false", "false&dryRun=true"])
def test_a_dry_run_commits_nothing(world, company, asked):
    """Statuses: nobody's trial becomes a change, however it is written."""
    assert done(company.ann.patch(f"{company.path}?dryRun={asked}", {"name": "Renamed"}))["dryRun"] is True
    assert done(company.ann.get(company.path))["name"] == "Acme"


@pytest.mark.parametrize("asked", ["1", "yes", "", "tru"])
def test_what_is_no_truth_value_is_no_wish_to_commit(company, asked):
    """Statuses: another value of `dryRun` than true and false is refused, and nothing has changed."""
    refused(company.ann.patch(f"{company.path}?dryRun={asked}", {"name": "Renamed"}), 400, "INVALID_QUERY_PARAMETER")
    assert done(company.ann.get(company.path))["name"] == "Acme"


# -- who may hand out what


def test_ownership_of_one_project_hands_out_nothing_in_another(atlas):
    """Handing out: who owns one project and manages access to another gives no owner there."""
    web, shop = atlas.bare_project("web"), atlas.bare_project("shop")
    clerk = atlas.person("clerk", on={web: ["GROUP_OWNER"], shop: ["GROUP_ACCESS_MANAGER"]})
    bob = atlas.person("bob", on={web: ["GROUP_READ_ONLY"], shop: ["GROUP_READ_ONLY"]})
    done(atlas.add_role(bob.id, "GROUP_OWNER", project=web, by=clerk))
    refused(atlas.add_role(bob.id, "GROUP_OWNER", project=shop, by=clerk), *NOT_GRANTABLE)
    refused(atlas.add(shop, "newcomer", "GROUP_OWNER", by=clerk), *NOT_GRANTABLE)


def test_an_access_manager_withdraws_no_invitation_of_an_owner(atlas):
    """Row 25: whoever may not give a role does not take it out of an invitation either, by removing the person."""
    web = atlas.project("web")
    manager = atlas.person("manager", on={web: ["GROUP_ACCESS_MANAGER"]})
    done(atlas.add(web, "pia", "GROUP_OWNER"))
    done(atlas.add(web, "rob", "GROUP_READ_ONLY"))
    pia, rob = atlas.outsider("pia"), atlas.outsider("rob")
    refused(atlas.remove(pia.id, project=web, by=manager), *NOT_GRANTABLE)
    assert atlas.project_roles_of(web, pia.id) == ["GROUP_OWNER"]
    assert atlas.remove(rob.id, project=web, by=manager).status == 204


def test_assigning_a_key_passes_the_ceiling(world, atlas):
    """Row 24: whoever is not owner puts a key on a project with no more than they hold, whatever let them in."""
    web, shop = atlas.project("web"), atlas.project("shop")
    manager = atlas.person("manager", on={web: ["GROUP_ACCESS_MANAGER"]})
    key = atlas.key("GROUP_READ_ONLY", project=shop)
    with pytest.raises(RefusedError, match="ROLE_NOT_GRANTABLE"):
        api_keys.add_to_project(_ground(world, manager, web), key.id, ["GROUP_DATA_ACCESS_ADMIN"])
    assert api_keys.add_to_project(_ground(world, manager, web), key.id, ["GROUP_READ_ONLY"]).target == key.id


def test_joining_through_a_project_implies_membership_alone(world, cloud):
    """Rule 37: membership of the organization follows from the project's role; that role follows from nothing."""
    web = cloud.project("web")
    reader = cloud.person("reader", on={web: ["GROUP_READ_ONLY"]})
    admin = cloud.person("admin", on={web: ["GROUP_USER_ADMIN"]})
    cloud.outsider("pia")
    with pytest.raises(RefusedError, match="ROLE_NOT_GRANTABLE"):
        project_members.add(_ground(world, reader, web), address("pia"), ["GROUP_OWNER"])
    done(cloud.add(web, "pia", "GROUP_OWNER", by=admin))


# -- people


def test_a_cancelled_invitations_link_is_dead_at_once(world, company):
    """People: with its invitation a link ends, not only with its term; so it does when the person is removed."""
    body = {"password": "correct horse", "firstName": "Pia", "lastName": "Doe"}
    for who, cancel in (
        ("pia", lambda: company.ann.delete(f"{company.path}/invites/{company.invitation_of('pia')}", accept=OLD)),
        ("rob", lambda: company.remove(user_of(world.store.view, address("rob")))),
    ):
        company.invited(who)
        token = token_mailed(world, who)
        assert cancel().status == 204
        refused(world.nobody.post(f"{OWN}/accounts:setup", {"token": token, **body}), 404, "TOKEN_NOT_FOUND")


def test_links_and_sessions_hold_128_random_bits(world, company):
    """People: no token can be guessed; each holds at least 128 random bits, and no two are equal."""
    company.invited("pia")
    tokens = [token_mailed(world, "pia"), *(Mint(world.store.keyring, 0).token().token for _ in range(100))]
    assert len(set(tokens)) == len(tokens)
    for token in tokens:
        assert len(urlsafe_b64decode(token + "=" * (-len(token) % 4))) * 8 >= 128


def test_usernames_are_one_after_nfkc(world):
    """People: full-width letters and ligatures are the letters that they stand for, for whoever would look alike."""
    first = world.organization("First", owner="office@example.org")
    second = world.organization("Second", owner="\uff4fﬃce@example.org")
    assert second.owner == first.owner


# -- organizations


def test_a_key_founds_no_organization(company):
    """Contract, Beyond: 403 for any key, before a privilege, a body or anything else is looked at."""
    for body in ({"name": "Mine"}, {}, {"name": "Mine", "edition": "none"}):
        refused(company.owner_key.post("/orgs", body), 403, "API_KEY_CANNOT_CREATE_ORG")
    assert [found["id"] for found in done(company.owner_key.get("/orgs"))["results"]] == [company.id]


def test_an_organization_is_of_the_edition_that_is_named(world, company):
    """Contract, Beyond: `edition` is an extra member, and `atlas` where it is left out."""
    named = {"": "atlas", "atlas": "atlas", "cloud_manager": "cloud_manager"}
    for asked, edition in named.items():
        made = done(company.ann.post("/orgs", {"name": "New", **({"edition": asked} if asked else {})}))
        assert world.store.view.get("organizations", made["organization"]["id"])["edition"] == edition
    assert company.ann.post("/orgs", {"name": "New", "edition": "ops_manager"}).status == 400


# -- what leads in


def _serve(_):
    return None


@pytest.mark.parametrize("route", [Route("/debug", _serve), Mount("/files", routes=[Route("/debug", _serve)])])
def test_nothing_is_served_beside_the_declared_operations(world, route):
    """Row 15: an application that has one more way in than the pipeline does not start."""
    app = build_app(world.door)
    seal(app)
    app.router.routes.append(route)
    with pytest.raises(UnsealedError):
        seal(app)


def test_ids_in_the_body_move_nothing(company):
    """Row 23: whatever ids a body names beside what is asked for, nothing changes but what the path names."""
    web, shop = company.project("web"), company.project("shop")
    on = {web: ["GROUP_READ_ONLY"], shop: ["GROUP_READ_ONLY"]}
    bob, carl = company.person("bob", on=on), company.person("carl", on=on)
    for elsewhere in ({"groupId": shop}, {"userId": carl.id}, {"groupId": shop, "userId": carl.id}):
        body = {"groupRole": "GROUP_OWNER", **elsewhere}
        company.ann.post(f"/groups/{web}/users/{bob.id}:addRole", body)
    held = [company.project_roles_of(place, who.id) for place in (web, shop) for who in (bob, carl)]
    assert held == [["GROUP_READ_ONLY"]] * 4


def test_two_roles_do_what_each_does(company):
    """Rule 5: whoever holds two roles is let in by either."""
    bob = company.person("bob", "ORG_BILLING_ADMIN", "ORG_GROUP_CREATOR")
    web = company.project("web", by=bob)
    carl = company.person("carl", on={web: ["GROUP_OWNER", "GROUP_READ_ONLY"]})
    done(carl.patch(f"/groups/{web}", {"name": "renamed"}))


def test_no_proxy_is_believed_unless_it_is_named(company):
    """Row 12: a key tied to an address is not let in by a header, though the caller is on the same machine."""
    key = company.key("ORG_READ_ONLY")
    done(company.ann.post(f"{company.path}/apiKeys/{key.id}/accessList", [{"ipAddress": "203.0.113.9"}]))
    forwarded = {"x-forwarded-for": "203.0.113.9"}
    refused(key.get(company.path, headers=forwarded), 403, "IP_ADDRESS_NOT_ON_ACCESS_LIST")
    done(replace(key, address="203.0.113.9").get(company.path))


def test_the_operator_is_the_account_of_the_operating_system():
    """CLI: whoever runs a command is audited as operator, by the name that the operating system knows them by."""
    found = operator()
    assert (found.kind, found.id) == ("operator", getpwuid(os.getuid()).pw_name[:64])


def test_a_wrong_key_of_the_environment_opens_nothing(world, monkeypatch):
    """CLI: ORGWARD_KEY counts before the file, so that a wrong one is a mistake and not passed over."""
    monkeypatch.setenv("ORGWARD_KEY", "A" * 64)
    with pytest.raises(KeyringError):
        Store.open(url_of(world.store.path.parent), clock=world.clock)


# -- what is hidden


def test_an_organizations_projects_are_listed_as_far_as_they_can_be_read(company):
    """Row 6: a member lists the projects that they are on, a reader of the organization all of them."""
    web, shop = company.project("web"), company.project("shop")
    bob = company.person("bob", on={web: ["GROUP_READ_ONLY"]})
    rob = company.person("rob", "ORG_READ_ONLY")
    for who, seen in ((bob, {web}), (rob, {web, shop})):
        assert {found["id"] for found in done(who.get(f"{company.path}/groups"))["results"]} == seen


def test_the_projects_of_an_organization_are_its_own(world, company):
    """Row 6: whoever reads projects of two organizations finds each below its own."""
    other = Company.found(world, company.edition, name="Other", owner="ann")
    web, shop = company.project("web"), other.project("shop")
    assert [found["id"] for found in done(company.ann.get(f"{company.path}/groups"))["results"]] == [web]
    assert [found["id"] for found in done(company.ann.get(f"{other.path}/groups"))["results"]] == [shop]


def test_an_invitation_names_no_project_that_is_closed(atlas):
    """Row 6: a project's owner who amends an invitation does not see what else it carries."""
    web, shop = atlas.bare_project("web"), atlas.bare_project("shop")
    boss = atlas.person("boss", on={shop: ["GROUP_OWNER"]})
    atlas.invited("pia", on={web: ["GROUP_READ_ONLY"]})
    body = {"username": address("pia"), "roles": ["GROUP_READ_ONLY"]}
    shown = done(boss.post(f"/groups/{shop}/access", body, accept=OLDER_ACCESS))
    assert [found["groupId"] for found in shown["groupRoleAssignments"]] == [shop]


def test_the_older_list_shows_roles_in_this_project_only(company):
    """Row 6: of somebody on two projects each project's list tells its own roles and the organization's."""
    web, shop = company.project("web"), company.project("shop")
    bob = company.person("bob", on={web: ["GROUP_READ_ONLY"], shop: ["GROUP_OWNER"]})
    rows = done(company.ann.get(f"/groups/{web}/users", accept=OLD))["results"]
    (roles,) = [row["roles"] for row in rows if row["id"] == bob.id]
    assert {role.get("groupId") for role in roles} <= {web, None}
    assert "GROUP_READ_ONLY" in {role["roleName"] for role in roles}


def test_an_invitation_answers_in_its_own_projects_only(company):
    """Row 7: an invitation that gives nothing in a project is unknown under its path."""
    web, shop = company.project("web"), company.project("shop")
    done(company.add(web, "pia"))
    (invitation,) = done(company.ann.get(f"/groups/{web}/invites", accept=OLD))
    for method in ("GET", "DELETE"):
        reply = company.ann(method, f"/groups/{shop}/invites/{invitation['id']}", accept=OLD)
        refused(reply, 404, "INVITATION_NOT_FOUND")
    reply = company.ann.post(f"{OWN}/groups/{shop}/invitations/{invitation['id']}:resend")
    refused(reply, 404, "INVITATION_NOT_FOUND")
    done(company.ann.get(f"/groups/{web}/invites/{invitation['id']}", accept=OLD))


def test_somebody_of_another_organization_is_unknown(world, company):
    """Rows 8, 9: who is in another organization is unknown here, to those who may and those who may not change it."""
    other = Company.found(world, company.edition, name="Other", owner="zoe")
    bob = company.person("bob")
    refused(company.change(other.ann.id, "ORG_MEMBER", by=bob), 404, "USER_NOT_FOUND")
    refused(company.bound(other.ann.id, "ORG_OWNER", ends=60), 404, "USER_NOT_FOUND")
    refused(company.suspend(other.ann.id, by=bob), 404, "USER_NOT_FOUND")
    refused(company.change(company.ann.id, "ORG_MEMBER", by=bob), *DENIED)


def test_others_are_asked_about_in_a_project_with_its_privilege(cloud):
    """Decisions: reading a project is not enough to ask who may do what in it; `project.user_roles.read` is."""
    web = cloud.project("web")
    data = cloud.person("data", on={web: ["GROUP_DATA_ACCESS_READ_ONLY"]})
    reader = cloud.person("reader", on={web: ["GROUP_READ_ONLY"]})
    body = {
        "subject": {"type": "user", "id": cloud.ann.id},
        "action": {"name": "project.delete"},
        "resource": {"type": "project", "id": web},
    }
    hidden = done(data.post("/access/v1/evaluation", body, accept=None))
    assert (hidden["decision"], hidden["context"]["reason"]) == (False, "not_found")
    assert done(reader.post("/access/v1/evaluation", body, accept=None))["decision"] is True


# -- Digest


def test_a_nonce_of_another_server_is_stale():
    """Nobody makes a nonce but this server: neither another one, nor whoever changes a letter of it."""
    nonces = Nonces()
    mine, others = (found.challenge().split('nonce="')[1].split('"')[0] for found in (nonces, Nonces()))
    changed = [mine[:i] + ("A" if mine[i] != "A" else "B") + mine[i + 1 :] for i in range(len(mine))]
    assert nonces.is_fresh(mine)
    assert [nonce for nonce in (others, *changed) if nonces.is_fresh(nonce)] == []


def test_an_old_nonce_is_stale(monkeypatch):
    """A nonce serves for five minutes; then the client has to take another, and so has one from the future."""
    nonces, started = Nonces(), digest.time.time()
    nonce = nonces.challenge().split('nonce="')[1].split('"')[0]
    for seconds, fresh in ((0, True), (299, True), (302, False), (-10, False)):
        monkeypatch.setattr(digest.time, "time", lambda at=seconds: started + at)
        assert nonces.is_fresh(nonce) is fresh, seconds
