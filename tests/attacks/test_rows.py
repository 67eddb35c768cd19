"""Attacks that worked on others, by the number of their row in our list; each is tried here.

Rows 1 to 3 (links and their races) are tried where accounts and links are tested, rows 4 and 31 (a group that
carries privileges) where teams are. These wait for a feature:

| row | attack | waits for |
|---|---|---|
| 5 | an identity provider bound to an organization that one does not manage | federation |
| 10 | a page that makes an administrator's browser invite the attacker | the console |
| 11 | a migration that adds grants | a second migration |
| 16 | one login path without the organization's policy | login by an identity provider |
| 20 | a token for somebody else, or unsigned | service accounts |
| 21 | an open stream that goes on after the right is gone | streams and exports |
| 28 | a foreign identity provider that links somebody by address | federation |
"""

import ipaddress
import itertools
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from orgward.app.operation import REGISTRY, Oneself, Public
from orgward.edge.endpoint import ENDPOINTS
from orgward.edge.server import build_app
from tests.directory.company import (
    OLD,
    OWN,
    Company,
    accept,
    done,
    log_rows,
    own_invitations,
    refused,
    set_limits,
)
from tests.directory.joining import asked
from tests.federations import Federated

UNKNOWN = "0123456789abcdef01234567"
DENIED = (401, "USER_UNAUTHORIZED")
NOT_GRANTABLE = (403, "ROLE_NOT_GRANTABLE")

PUBLIC = {
    "authorizeDevice",
    "beginFederatedSession",
    "beginPasskeySession",
    "beginSecondStep",
    "createAccessToken",
    "createDeviceToken",
    "createFederatedSession",
    "createPasskeySession",
    "createSession",
    "getDecisionPoint",
    "getIpInfo",
    "getOpenApi",
    "getRole",
    "getSigningKeys",
    "listControlPlaneIpAddresses",
    "listRoles",
    "requestPasswordReset",
    "resetPassword",
    "revokeAccessToken",
    "revokeDeviceToken",
    "setUpAccount",
    "verifyAddress",
    "verifySession",
}


def _accept_of(endpoint):
    newest = endpoint.versions[-1].date if endpoint.versions else ""
    return f"application/vnd.atlas.{newest}+json" if newest else "application/json"


def _call(caller, endpoint, values):
    """Call an endpoint with an empty body and these path values; ids are looked at before the body is."""
    path = re.sub(r"\{(\w+)\}", lambda match: values.get(match[1], "x"), endpoint.path)
    body = {} if endpoint.operation.writes else None
    if endpoint.body_names_resource:
        body = {endpoint.body_names_resource: values["orgId"]}
    return caller(endpoint.method, path, body, accept=_accept_of(endpoint))


def _inside(company):
    """Give ids of everything that an organization of its own can hold."""
    project = company.project()
    bob = company.person("bob-of-" + company.id, on={project: ["GROUP_READ_ONLY"]})
    key = company.key("GROUP_READ_ONLY", project=project)
    entries = [{"ipAddress": "127.0.0.1"}]
    done(company.ann.post(f"{company.path}/apiKeys/{key.id}/accessList", entries))
    invitation = company.invited("pia-of-" + company.id, on={project: ["GROUP_READ_ONLY"]})
    crew = {"name": "crew", "usernames": [f"bob-of-{company.id}@example.org"]}
    team = done(company.ann.post(f"{company.path}/teams", crew))["id"]
    done(company.ann.post(f"/groups/{project}/teams", [{"teamId": team, "roleNames": ["GROUP_READ_ONLY"]}]))
    event = done(company.ann.get(f"/groups/{project}/events"))["results"][0]["id"]
    return {
        "orgId": company.id,
        "groupId": project,
        "userId": bob.id,
        "apiUserId": key.id,
        "invitationId": invitation,
        "joinRequestId": asked(company, company.outsider("quin-of-" + company.id), project),
        "teamId": team,
        "eventId": event,
        "limitName": "atlas.project.deployment.clusters",
        "teamName": "crew",
        "ipAddress": "127.0.0.1",
        "role": "GROUP_READ_ONLY",
        "resourceType": "User",
        "schemaUrn": "urn:ietf:params:scim:schemas:core:2.0:User",
        **_machines(company, project),
        **_federated(company),
    }


def _machines(company, project):
    """Give the ids of a service account on a project, of its secret and of an address on its list."""
    body = {"name": "robot", "description": "in the tests", "roles": ["GROUP_READ_ONLY"], "secretExpiresAfterHours": 8}
    made = done(company.ann.post(f"/groups/{project}/serviceAccounts", body))
    place = f"{company.path}/serviceAccounts/{made['clientId']}"
    done(company.ann.post(f"{place}/accessList", [{"ipAddress": "127.0.0.1"}]))
    return {"clientId": made["clientId"], "secretId": made["secrets"][0]["id"], "workloadIdentityId": UNKNOWN}


def _federated(company):
    """Give the ids of a federation, of its provider and of a mapping."""
    federated = Federated.found(company)
    mapping = federated.mapped("staff", "ORG_READ_ONLY")
    return {"federationSettingsId": federated.id, "identityProviderId": federated.provider, "id": mapping}


def _named(endpoint):
    return set(re.findall(r"\{(\w+)\}", endpoint.path)) | {endpoint.body_names_resource} - {""}


IDS = {
    "userId", "apiUserId", "invitationId", "joinRequestId", "teamId", "eventId", "orgId", "groupId", "clientId",
    "secretId", "federationSettingsId", "identityProviderId", "id",
}  # fmt: skip
"""What names one thing of one organization."""

ALIKE = "askToJoinGroup"
"""Answers 202 for every id there could be: `test_joining.py` compares the answers."""


def _scoped():
    named = [endpoint for endpoint in ENDPOINTS if {"orgId", "groupId"} & _named(endpoint)]
    return [endpoint for endpoint in named if endpoint.operation.id != ALIKE]


def test_row_06_unknown_and_forbidden_look_alike(world, company):
    """Row 6: whoever is a stranger gets, on every operation, the answer of an id that nobody has."""
    ids = _inside(company)
    stranger = world.user("stranger@example.org")
    unknown = {**ids, "orgId": UNKNOWN, "groupId": UNKNOWN}
    assert len(_scoped()) > 40
    for endpoint in _scoped():
        there, nowhere = _call(stranger, endpoint, ids), _call(stranger, endpoint, unknown)
        assert there.status == 404, (endpoint.operation.id, there.json)
        text = there.body.decode()
        for name in ("orgId", "groupId"):
            text = text.replace(ids[name], UNKNOWN)
        assert (nowhere.status, nowhere.body.decode()) == (there.status, text), endpoint.operation.id


def test_row_06_lists_show_what_the_viewer_may_see(company):
    """Row 6: a member sees of others no roles in projects that are closed to them, nor the projects."""
    web, shop = company.project("web"), company.project("shop")
    read = ["GROUP_READ_ONLY"]
    bob = company.person("bob", on={web: read})
    carl = company.person("carl", on={web: read, shop: ["GROUP_OWNER"]})
    company.key("GROUP_OWNER", project=shop)
    company.invited("pia", on={shop: read})
    shown = [
        bob.get(f"{company.path}/users"),
        bob.get(f"{company.path}/users", accept=OLD),
        bob.get(f"{company.path}/users/{carl.id}"),
        bob.get(f"{company.path}/groups"),
        bob.get("/groups"),
        bob.get(f"/groups/{web}/users"),
        bob.get(f"/groups/{web}/users", accept=OLD),
        bob.get(f"{company.path}/apiKeys"),
    ]
    assert [reply.status for reply in shown] == [200] * len(shown)
    assert not any(shop in reply.body.decode() for reply in shown)


def test_row_07_an_invitation_answers_under_its_own_parent_only(world, company):
    """Row 7: an invitation of one organization can't be reached through another one's path."""
    other = Company.found(world, "atlas", name="Other", owner="olga")
    project, far = company.project(), other.project()
    ours = company.invited("pia", on={project: ["GROUP_OWNER"]})
    for path in (f"{other.path}/invites/{ours}", f"/groups/{far}/invites/{ours}"):
        refused(other.ann.get(path, accept=OLD), 404, "INVITATION_NOT_FOUND")
        refused(other.ann.patch(path, {"roles": ["ORG_OWNER"]}, accept=OLD), 404, "INVITATION_NOT_FOUND")
        refused(other.ann.delete(path, accept=OLD), 404, "INVITATION_NOT_FOUND")
    for place in (f"orgs/{other.id}", f"groups/{far}"):
        refused(other.ann.post(f"{OWN}/{place}/invitations/{ours}:resend"), 404, "INVITATION_NOT_FOUND")
    second = company.project("second")
    refused(company.ann.delete(f"/groups/{second}/invites/{ours}", accept=OLD), 404, "INVITATION_NOT_FOUND")
    done(accept(company.outsider("pia"), ours))


def test_row_07_a_deleted_organizations_invitation_is_dead(company):
    """Row 7: invitations of an organization that is gone bring nobody in."""
    pia, invitation = company.outsider("pia"), company.invited("pia")
    assert company.ann.delete(company.path).status == 204
    refused(accept(pia, invitation), 404, "INVITATION_NOT_FOUND")


@pytest.mark.parametrize(("home", "away"), list(itertools.product(["atlas", "cloud_manager"], repeat=2)))
def test_row_08_09_no_operation_takes_another_organizations_ids(world, home, away):
    """Rows 8 and 9: with every operation, ids inside another organization are unknown, in every pair of editions."""
    ours, theirs = Company.found(world, home), Company.found(world, away, name="Other", owner="olga")
    mine, foreign = _inside(ours), _inside(theirs)
    before = log_rows(world)
    tried = 0
    for endpoint in _scoped():
        for name in _named(endpoint) & IDS:
            reply = _call(ours.ann, endpoint, {**mine, name: foreign[name]})
            expected = 400 if name == "apiUserId" else 404
            assert reply.status == expected, (endpoint.operation.id, name, reply.json)
            tried += 1
    assert tried > 80
    assert [row["deltas"] for row in log_rows(world)[len(before) :] if row["deltas"]] == []


def test_row_12_only_trusted_proxies_say_who_calls(world, company):
    """Row 12: X-Forwarded-For counts from a trusted proxy alone, and only its last untrusted hop."""
    key = company.key("ORG_READ_ONLY")
    done(company.ann.post(f"{company.path}/apiKeys/{key.id}/accessList", [{"ipAddress": "203.0.113.7"}]))
    plain, proxied = world.app, build_app(world.door, trusted_proxies=[ipaddress.ip_network("10.0.0.0/8")])

    def status(app, peer, forwarded):
        world.app = app
        caller = replace(key, address=peer)
        try:
            return caller.get(company.path, headers={"x-forwarded-for": forwarded}).status
        finally:
            world.app = plain

    assert status(plain, "203.0.113.7", "198.51.100.1") == 200
    assert status(plain, "198.51.100.1", "203.0.113.7") == 403
    assert status(proxied, "198.51.100.1", "203.0.113.7") == 403
    assert status(proxied, "10.0.0.1", "203.0.113.7") == 200
    assert status(proxied, "10.0.0.1", "203.0.113.7, 198.51.100.1") == 403
    assert status(proxied, "10.0.0.1", "198.51.100.1, 203.0.113.7, 10.0.0.2") == 200
    assert status(proxied, "10.0.0.1", "203.0.113.7, nonsense") == 403


def test_row_13_what_is_switched_off_is_off_at_once(company):
    """Row 13: a suspended person, a deleted key, a bounded role and a deleted project open nothing any more."""
    project, ann = company.bare_project(), company.ann
    bob = company.person("bob", "ORG_OWNER", on={project: ["GROUP_READ_ONLY"]})
    key = company.key("ORG_OWNER", by=bob)
    done(bob.get(company.path))
    done(key.get(company.path))
    done(company.suspend(bob.id))
    refused(bob.get(company.path), 403, "USER_SUSPENDED")
    refused(bob.get(f"/groups/{project}"), 403, "USER_SUSPENDED")
    assert ann.delete(f"{company.path}/apiKeys/{key.id}").status == 204
    assert key.get(company.path).status == 401
    done(company.reactivate(bob.id))
    done(bob.get(company.path))
    assert ann.delete(f"/groups/{project}").status == 202
    refused(bob.get(f"/groups/{project}"), 404, "GROUP_NOT_FOUND")
    assert ann.delete(company.path).status == 204
    refused(bob.get(company.path), 404, "ORG_NOT_FOUND")


@pytest.mark.parametrize("keep", [0, 1, 3])
def test_row_14_taking_many_roles_at_once_is_taking_each(company, keep):
    """Row 14: replacing many roles leaves exactly what taking each of the others leaves."""
    roles = ["GROUP_READ_ONLY", "GROUP_DATA_ACCESS_READ_ONLY", "GROUP_DATA_ACCESS_READ_WRITE"]
    roles += ["GROUP_DATA_ACCESS_ADMIN", "GROUP_OWNER"]
    kept = roles[keep : keep + 1] + roles[:keep]
    project = company.project()
    at_once, one_by_one = (company.person(name, on={project: roles}) for name in ("bob", "carl"))
    path = f"/groups/{project}/users/{at_once.id}/roles"
    done(company.ann.put(path, {"groupRoles": kept}, accept=OLD))
    for role in set(roles) - set(kept):
        done(company.remove_role(one_by_one.id, role, project=project))
    for user in (at_once, one_by_one):
        assert company.project_roles_of(project, user.id) == sorted(kept)
        rows = company.world.store.view.find("assignments", holder_id=user.id, scope_id=project)
        assert sorted(row["role"] for row in rows) == sorted(kept)
    for action in ("project.delete", "data_explorer.databases.drop", "data_explorer.databases.read"):
        assert len({company.allows(user, action, project) for user in (at_once, one_by_one)}) == 1


def test_row_15_every_route_is_declared_and_closed(world, company):
    """Row 15: without credentials every route answers 401, but for those in the list of public ones."""
    ids = _inside(company)
    public = {endpoint.operation.id for endpoint in ENDPOINTS if isinstance(endpoint.operation.requires, Public)}
    assert public <= PUBLIC
    for endpoint in ENDPOINTS:
        reply = _call(world.nobody, endpoint, ids)
        if endpoint.operation.id not in public:
            assert reply.status == 401, endpoint.operation.id
            assert reply.code in {"UNEXPECTED_ERROR", "UNAUTHENTICATED"}, endpoint.operation.id


def test_row_15_what_needs_no_privilege_is_about_the_caller(world, company):
    """Row 15: an operation on an organization or project requires a privilege, without exception."""
    for endpoint in _scoped():
        requires = REGISTRY[endpoint.operation.id].requires
        assert not isinstance(requires, Oneself | Public), endpoint.operation.id
        assert requires, endpoint.operation.id


def test_row_17_a_roles_level_is_its_scopes_level(company):
    """Row 17: for keys, too, no organization role is given in a project, nor the other way round."""
    project = company.project()
    key = company.key("GROUP_READ_ONLY", project=project)
    upwards = [
        company.ann.post(f"/groups/{project}/apiKeys", {"desc": "k", "roles": ["ORG_OWNER"]}),
        company.ann.patch(f"/groups/{project}/apiKeys/{key.id}", {"roles": ["ORG_OWNER"]}),
        company.add(project, "bob", "ORG_OWNER"),
        company.invite("bob", on={project: ["ORG_OWNER"]}),
    ]
    downwards = [
        company.ann.post(f"{company.path}/apiKeys", {"desc": "k", "roles": ["GROUP_OWNER"]}),
        company.ann.patch(f"{company.path}/apiKeys/{key.id}", {"roles": ["GROUP_OWNER"]}),
        company.invite("bob", "GROUP_OWNER"),
    ]
    assert {(reply.status, reply.code) for reply in upwards} == {(400, "CANNOT_ADD_ORG_ROLE")}
    assert {(reply.status, reply.code) for reply in downwards} == {(400, "CANNOT_ADD_GROUP_ROLE")}


def test_row_18_nobody_writes_a_role_stronger_than_they_may(atlas):
    """Row 18: on every way to give a role, an access manager gives no Project Owner."""
    project = atlas.project()
    manager = atlas.person("manager", on={project: ["GROUP_ACCESS_MANAGER"]})
    bob = atlas.person("bob", on={project: ["GROUP_READ_ONLY"]})
    atlas.person("carl")
    key = atlas.key("GROUP_READ_ONLY", project=project)
    atlas.invited("pia", on={project: ["GROUP_READ_ONLY"]})
    pia = atlas.outsider("pia")
    replies = [
        atlas.add(project, "carl", "GROUP_OWNER", by=manager),
        atlas.add(project, "new", "GROUP_OWNER", "GROUP_READ_ONLY", by=manager),
        atlas.add_role(bob.id, "GROUP_OWNER", project=project, by=manager),
        atlas.add_role(pia.id, "GROUP_OWNER", project=project, by=manager),
        manager.put(f"/groups/{project}/users/{bob.id}/roles", {"groupRoles": ["GROUP_OWNER"]}, accept=OLD),
        manager.post(f"/groups/{project}/apiKeys", {"desc": "k", "roles": ["GROUP_OWNER"]}),
        manager.patch(f"/groups/{project}/apiKeys/{key.id}", {"roles": ["GROUP_OWNER"]}),
    ]
    assert [(reply.status, reply.code) for reply in replies] == [NOT_GRANTABLE] * len(replies)


def test_row_19_what_followed_from_a_role_goes_with_it(company):
    """Row 19: with the organization's owner role goes, at the next request, everything that it reached."""
    project = company.bare_project()
    bob = company.person("bob", "ORG_OWNER", "ORG_MEMBER")
    done(bob.get(f"/groups/{project}"))
    revision = int(company.remove_role(bob.id, "ORG_OWNER").headers["orgward-revision"])
    reply = bob.get(f"/groups/{project}")
    assert int(reply.headers["orgward-revision"]) >= revision
    refused(reply, 404, "GROUP_NOT_FOUND")
    refused(bob.patch(company.path, {"name": "Mine"}), *DENIED)
    assert not company.allows(bob, "project.read", project)
    assert done(bob.get("/groups"))["results"] == []


def _secrets(world, company):
    """Make one secret of every kind and give them all, with what is stored of them."""
    key = company.key("ORG_OWNER")
    company.invited("new")
    view = world.store.view
    user = view.find("person_data", username_key="new@example.org")[0]["id"]
    (message,) = view.find("outbox", user_id=user)
    (link,) = view.find("tokens", user_id=user)
    digest = view.get("credentials", key.id, "digest")["secret"]
    token = world.store.keyring.open(message["sealed_token"], "token")
    opened = world.store.keyring.open(digest, f"digest {key.public_key}")
    return key, [key.private_key, digest, opened, token, message["sealed_token"], link["hash"], company.ann.token]


def test_row_22_no_reply_shows_a_secret(world, company):
    """Row 22: no operation that reads shows a private key, a link, a hash or what is sealed."""
    ids = _inside(company)
    key, secrets = _secrets(world, company)
    ids["apiUserId"] = key.id
    seen = []
    for endpoint in ENDPOINTS:
        if endpoint.method == "GET":
            reply = _call(company.ann, endpoint, ids)
            seen.append(reply.status)
            found = [secret for secret in secrets if secret in reply.body.decode()]
            assert found == [], endpoint.operation.id
    assert seen.count(200) > 15


def test_row_22_a_private_key_is_shown_once(company):
    """Row 22: after it was made, a key shows the end of its private half alone."""
    key = company.key("ORG_MEMBER")
    shown = done(company.ann.get(f"{company.path}/apiKeys/{key.id}"))["privateKey"]
    assert shown == f"********-****-****-{key.private_key[-12:]}"


def test_row_23_the_path_decides_and_not_the_body(world, company):
    """Row 23: an id in the body of a change never moves the change elsewhere."""
    other = Company.found(world, company.edition, name="Other", owner="ann")
    web, shop = company.project("web"), company.project("shop")
    bob = company.person("bob", on={web: ["GROUP_READ_ONLY"], shop: ["GROUP_READ_ONLY"]})
    carl = company.person("carl", on={web: ["GROUP_READ_ONLY"], shop: ["GROUP_READ_ONLY"]})
    company.ann.patch(company.path, {"name": "Renamed", "id": other.id})
    assert done(other.ann.get(other.path))["name"] == "Other"
    company.ann.patch(f"/groups/{web}", {"name": "renamed", "id": shop})
    assert done(company.ann.get(f"/groups/{shop}"))["name"] == "shop"
    verb = {"groupRole": "GROUP_OWNER", "userId": carl.id, "groupId": shop}
    company.ann.post(f"/groups/{web}/users/{bob.id}:addRole", verb)
    assert company.project_roles_of(web, carl.id) == company.project_roles_of(shop, bob.id) == ["GROUP_READ_ONLY"]
    body = {"name": "new", "orgId": company.id, "id": shop}
    made = company.ann.post("/groups", body)
    assert made.status != 201 or made.json["id"] != shop


def test_row_24_a_key_has_its_makers_ceiling(atlas):
    """Row 24: neither at minting, nor by an update, nor by an assignment does a key outgrow its maker."""
    project = atlas.project()
    manager = atlas.person("manager", on={project: ["GROUP_ACCESS_MANAGER"]})
    weak = atlas.key("GROUP_READ_ONLY", by=manager, project=project)
    keys = f"/groups/{project}/apiKeys"
    for role in ("GROUP_OWNER", "GROUP_DATA_ACCESS_ADMIN", "GROUP_CLUSTER_CREATOR"):
        refused(manager.post(keys, {"desc": "k", "roles": [role]}), *NOT_GRANTABLE)
        refused(manager.patch(f"{keys}/{weak.id}", {"roles": [role]}), *NOT_GRANTABLE)
        assert manager.post(f"{keys}/{atlas.key('ORG_MEMBER').id}", [{"roles": [role]}]).status in {401, 403}


def test_row_24_the_ceiling_stays_when_the_maker_goes(atlas):
    """Row 24: a key whose maker is gone holds what it held, and is raised by nobody who could not before."""
    project = atlas.project()
    first = atlas.person("first", on={project: ["GROUP_ACCESS_MANAGER"]})
    second = atlas.person("second", on={project: ["GROUP_ACCESS_MANAGER"]})
    key = atlas.key("GROUP_READ_ONLY", by=first, project=project)
    done(atlas.remove(first.id))
    path = f"/groups/{project}/apiKeys/{key.id}"
    refused(second.patch(path, {"roles": ["GROUP_OWNER"]}), *NOT_GRANTABLE)
    refused(key.patch(path, {"roles": ["GROUP_OWNER"]}), *DENIED)
    done(key.get(f"/groups/{project}"))


def test_row_24_names_are_compared_whole(company):
    """Row 24: filters by name find what is equal, or begins so where they say it, never what is like it."""
    project = company.project("web")
    company.person("bob")
    for pattern in ("b%25", "_ob%40example.org", "%25", "bob"):
        assert done(company.ann.get(f"{company.path}/users?username={pattern}"))["results"] == []
    assert company.ann.get("/groups/byName/we%25").status == 404
    for pattern in ("we%25", "_eb", "eb", "webs"):
        assert done(company.ann.get(f"{company.path}/groups?name={pattern}"))["results"] == []
    assert [found["id"] for found in done(company.ann.get(f"{company.path}/groups?name=WE"))["results"]] == [project]
    assert done(company.ann.get("/groups/byName/web"))["id"] == project


def test_row_25_what_one_may_not_give_one_may_not_take(atlas):
    """Row 25: an access manager neither demotes nor removes a Project Owner, nor bounds their role."""
    project = atlas.project()
    manager = atlas.person("manager", on={project: ["GROUP_ACCESS_MANAGER"]})
    boss = atlas.person("boss", on={project: ["GROUP_OWNER", "GROUP_READ_ONLY"]})
    key = atlas.key("GROUP_OWNER", project=project)
    replies = [
        atlas.remove_role(boss.id, "GROUP_OWNER", project=project, by=manager),
        atlas.remove(boss.id, project=project, by=manager),
        manager.put(f"/groups/{project}/users/{boss.id}/roles", {"groupRoles": ["GROUP_READ_ONLY"]}, accept=OLD),
        atlas.bound(boss.id, "GROUP_OWNER", project=project, ends=1, by=manager),
        manager.delete(f"/groups/{project}/apiKeys/{key.id}"),
        manager.patch(f"/groups/{project}/apiKeys/{key.id}", {"roles": ["GROUP_READ_ONLY"]}),
    ]
    assert [(reply.status, reply.code) for reply in replies] == [NOT_GRANTABLE] * len(replies)
    assert atlas.project_roles_of(project, boss.id) == ["GROUP_OWNER", "GROUP_READ_ONLY"]


def test_row_26_a_removed_persons_session_reaches_nothing_there(company):
    """Row 26: from the next request a removed person's session reaches nothing; their keys are listed and go on."""
    project = company.bare_project()
    bob = company.person("bob", "ORG_OWNER", on={project: ["GROUP_READ_ONLY"]})
    key = company.key("ORG_READ_ONLY", by=bob)
    done(bob.get(company.path))
    assert company.remove(bob.id).status == 204
    for path in (company.path, f"{company.path}/users", f"/groups/{project}", f"/groups/{project}/users"):
        assert bob.get(path).status == 404
    assert done(bob.get("/orgs"))["results"] == done(bob.get("/groups"))["results"] == []
    assert log_rows(company.world)[-1]["body"]["keysLeftBehind"] == [key.id]
    done(key.get(company.path))


@pytest.mark.parametrize("missing", [None, "", "*", [], {}, 0, False, "null", "0" * 24])
def test_row_27_no_scope_is_no_scope(company, missing):
    """Row 27: an absent or empty scope is refused, and never means all of them."""
    body = {"name": "web", "orgId": missing}
    assert company.ann.post("/groups", body).status in {400, 404}
    assert company.ann.post("/groups", {"name": "web"}).status == 400
    roles = {"orgRoles": ["ORG_MEMBER"], "groupRoleAssignments": [{"groupId": missing, "groupRoles": ["GROUP_OWNER"]}]}
    body = {"username": "bob@example.org", "roles": roles}
    assert company.ann.post(f"{company.path}/users", body).status in {400, 404}
    question = {
        "subject": {"type": "user", "id": company.ann.id},
        "action": {"name": "org.read"},
        "resource": {"type": "organization", "id": missing},
    }
    reply = company.ann.post("/access/v1/evaluation", question, accept=None)
    assert reply.status == 400 or reply.json["decision"] is False
    assert done(company.ann.get("/groups"))["results"] == []


@pytest.mark.parametrize("path", ["/orgs//users", "/groups//users", "/orgs/%20/users", "/orgs/null", "/groups/*"])
def test_row_27_no_id_in_the_path_is_no_id(company, path):
    """Row 27: a path without its id reaches nothing."""
    assert company.ann.get(path).status in {400, 404}


def test_row_29_every_audit_row_names_the_credential(company):
    """Row 29: whatever a session or a key changed, or was refused, names that session or key in the log."""
    company.project("web")
    company.owner_key.post("/groups", {"name": "shop", "orgId": company.id})
    bob = company.person("bob")
    refused(company.change(company.ann.id, "ORG_MEMBER", by=bob), *DENIED)
    refused(company.remove(company.ann.id), 403, "CANNOT_DELETE_LAST_ADMIN")
    rows = [row for row in log_rows(company.world) if row["actor_kind"] in {"user", "api_key"}]
    assert [(row["action"], row["outcome"], row["credential"]) for row in rows] == [
        ("createGroup", "done", company.ann.id),
        ("createGroup", "done", company.owner_key.public_key),
        ("updateOrgUser", "refused", bob.id),
        ("removeOrgUser", "refused", company.ann.id),
    ]


def test_row_30_a_credential_is_of_one_kind(world, company):
    """Row 30: a session's token is no password of a key, a private key no bearer's token, and Basic is nothing."""
    from base64 import b64encode  # noqa: PLC0415

    key, ann = company.key("ORG_OWNER"), company.ann
    assert replace(key, private_key=ann.token).get(company.path).status == 401
    assert replace(key, public_key=ann.id).get(company.path).status == 401
    pairs = [f"{key.public_key}:{key.private_key}", f"{ann.id}:{ann.token}", f":{ann.token}"]
    headers = [f"Basic {b64encode(pair.encode()).decode()}" for pair in pairs]
    headers += [f"Bearer {key.private_key}", f"Bearer {key.public_key}:{key.private_key}", "Bearer ", "Bearer null"]
    headers += [f"bearer {ann.token} x", f"Token {ann.token}", f"Digest {ann.token}", ann.token]
    for header in headers:
        reply = world.nobody.get(company.path, headers={"authorization": header})
        assert reply.status == 401, header
        assert reply.headers["www-authenticate"].startswith('Digest realm="MMS Public API"')


def test_row_32_a_keys_world_is_its_organization(world, company):
    """Row 32: a key of somebody who owns two organizations lists and reaches the one that it belongs to."""
    other = Company.found(world, "atlas", name="Other", owner="ann")
    far = other.project("far")
    near = company.project("near")
    key = company.key("ORG_OWNER")
    assert [found["id"] for found in done(key.get("/orgs"))["results"]] == [company.id]
    assert [found["id"] for found in done(key.get("/groups"))["results"]] == [near]
    refused(key.get(other.path), 404, "ORG_NOT_FOUND")
    refused(key.get(f"/groups/{far}"), 404, "GROUP_NOT_FOUND")
    assert key.get("/groups/byName/far").status == 404
    refused(other.ann.post(f"/groups/{far}/apiKeys/{key.id}", [{"roles": ["GROUP_OWNER"]}]), 400, "API_KEY_NOT_FOUND")


def test_row_33_two_owners_who_demote_each_other_leave_one(company):
    """Row 33: two owners demoting each other at once leave an owner; see tests/store for many."""
    bob = company.person("bob", "ORG_OWNER")
    with ThreadPoolExecutor(2) as pool:
        pairs = [(bob.id, company.ann), (company.ann.id, bob)]
        statuses = sorted(pool.map(lambda pair: company.change(pair[0], "ORG_MEMBER", by=pair[1]).status, pairs))
    assert statuses[0] == 200
    assert statuses[1] in {401, 403}
    owners = company.world.store.view.find("assignments", scope_id=company.id, role="ORG_OWNER")
    assert [row["holder_kind"] for row in owners if row["holder_kind"] == "user"] == ["user"]


def test_row_33_racing_a_limit_does_not_pass_it(company):
    """Row 33: invitations sent at once stop at the limit."""
    set_limits(company.world, users_per_organization=4)
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda n: company.invite(f"guest{n}").status, range(8)))
    assert sorted(statuses) == [201] * 3 + [400] * 5
    assert len(own_invitations(company.ann)) == 0
