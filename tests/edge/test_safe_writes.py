"""Safe writes (contract.md): trials that commit nothing, tags that guard against lost updates, creates that repeat."""

import pytest

from orgward.app.forgetting import forget_expired
from orgward.store.sqlite import connect
from tests.soak.previews import fingerprint
from tests.world import Caller


@pytest.fixture
def org(world):
    """Give an organization with its owner's key."""
    return world.organization()


def project_of(org, name="web"):
    """Make a project and give its id."""
    return org.key.post("/groups", {"name": name, "orgId": org.id}).json["id"]


# -- trials


def test_a_trial_answers_as_the_write_would_and_leaves_no_trace(world, org):
    """No row, no revision, no log row, no mail; 200 whatever the status of the write."""
    org.key.get("/orgs")
    before = fingerprint(world.store.path)
    body = {"username": "bob@example.org", "roles": {"orgRoles": ["ORG_MEMBER"]}}
    reply = org.key.post(f"/orgs/{org.id}/users?dryRun=true", body)
    assert reply.status == 200
    assert sorted(reply.json) == ["dryRun", "gained", "lost", "result", "warnings"]
    assert reply.json["dryRun"] is True
    assert reply.json["result"]["username"] == "bob@example.org"
    assert fingerprint(world.store.path) == before
    assert "ETag" not in reply.headers


def test_a_trial_names_each_privilege_that_somebody_gains(world, org):
    """An entry a privilege, with the principal and the scope by type and id."""
    member = world.user("bob@example.org", orgs={org.id: ["ORG_MEMBER"]})
    body = {"orgRole": "ORG_BILLING_ADMIN"}
    reply = org.key.post(f"/orgs/{org.id}/users/{member.id}:addRole?dryRun=true", body).json
    entry = {
        "principal": {"id": member.id, "type": "user"},
        "privilege": "billing.payment_methods.update",
        "scope": {"id": org.id, "type": "organization"},
    }
    assert entry in reply["gained"]
    assert reply["lost"] == []
    assert member.get(f"/orgs/{org.id}/users/{member.id}").json["roles"]["orgRoles"] == ["ORG_MEMBER"]


def test_a_trial_is_refused_as_the_write_would_be_and_leaves_no_audit_row(world, org):
    """A missing privilege, a rule, a malformed body: the same answer; what nobody did is not in the log."""
    project_of(org)
    member = world.user("bob@example.org", orgs={org.id: ["ORG_MEMBER"]})
    org.key.get("/orgs")
    before = fingerprint(world.store.path)
    assert member.delete(f"/orgs/{org.id}?dryRun=true").code == "USER_UNAUTHORIZED"
    assert org.key.delete(f"/orgs/{org.id}?dryRun=true").code == "ORG_NOT_EMPTY"
    assert org.key.patch(f"/orgs/{org.id}?dryRun=true", {"nonsense": 1}).status == 400
    assert org.key.patch(f"/orgs/{org.id}?dryRun=perhaps", {"name": "Other"}).code == "INVALID_QUERY_PARAMETER"
    assert member.get(f"/orgs/{org.id}").json["name"] == "Acme"
    org.key.patch(f"/orgs/{org.id}?dryRun=true", {"name": "Later"})
    assert fingerprint(world.store.path) == before


def test_a_trial_warns_of_the_last_owner(world, org):
    """LAST_OWNER where fewer than two owners would be left, and not where two are (rule 40)."""
    bob = world.user("bob@example.org", orgs={org.id: ["ORG_OWNER"]})
    carl = world.user("carl@example.org", orgs={org.id: ["ORG_OWNER"]})
    warned = org.key.delete(f"/orgs/{org.id}/users/{carl.id}?dryRun=true").json["warnings"]
    assert warned == []
    assert org.key.delete(f"/orgs/{org.id}/users/{carl.id}").status == 204
    (warning,) = org.key.delete(f"/orgs/{org.id}/users/{bob.id}?dryRun=true").json["warnings"]
    assert sorted(warning) == ["code", "ids", "message"]
    assert (warning["code"], warning["ids"]) == ("LAST_OWNER", [org.id])


def test_a_trial_warns_of_what_somebody_leaves_behind(world, org):
    """A key that outlives its maker, and a project that nobody on it would own."""
    bob = world.user("bob@example.org", orgs={org.id: ["ORG_OWNER"]})
    world.user("carl@example.org", orgs={org.id: ["ORG_OWNER"]})
    key = bob.post(f"/orgs/{org.id}/apiKeys", {"desc": "bob's", "roles": ["ORG_MEMBER"]}).json["id"]
    project = bob.post("/groups", {"name": "bob's", "orgId": org.id}).json["id"]
    reply = org.key.delete(f"/orgs/{org.id}/users/{bob.id}?dryRun=true").json
    found = {warning["code"]: warning["ids"] for warning in reply["warnings"]}
    assert found == {"KEY_OUTLIVES_MAKER": [key], "PROJECT_WITHOUT_OWNER": [project]}


def test_a_trial_sends_no_mail_and_starts_no_session(world, org):
    """What a write would promise outside the store does not happen either."""
    folder = world.store.path.parent / "mail"
    org.key.post(f"/orgs/{org.id}/invites?dryRun=true", {"username": "bob@example.org", "roles": ["ORG_MEMBER"]})
    assert world.store.view.rows("SELECT COUNT(*) FROM outbox", {})[0][0] == 0
    assert not folder.exists() or not list(folder.iterdir())


def test_a_trial_says_what_the_key_of_a_repeat_means(org):
    """Refused exactly as the write would be: another body under a used key is 409, the same one is answered again."""
    headers, body = {"idempotency-key": "k"}, {"name": "web", "orgId": org.id}
    made = org.key.post("/groups", body, headers=headers).json
    other = org.key.post("/groups?dryRun=true", {**body, "name": "api"}, headers=headers)
    assert (other.status, other.code) == (409, "IDEMPOTENCY_KEY_REUSED")
    again = org.key.post("/groups?dryRun=true", body, headers=headers)
    assert (again.status, again.json["result"], again.json["gained"]) == (200, made, [])
    assert org.key.post("/groups?dryRun=true", {**body, "name": "shop"}, headers={"idempotency-key": "l"}).status == 200
    assert org.key.post("/groups", {**body, "name": "shop"}, headers={"idempotency-key": "l"}).status == 201


def test_a_trial_tells_nothing_of_strangers(world, org):
    """Whether an address has an account, and whose it is, a trial would tell without anybody hearing of it."""
    world.user("eve@example.org")
    shown = []
    for name in ("eve", "nobody"):
        body = {"username": f"{name}@example.org", "roles": {"orgRoles": ["ORG_MEMBER"]}}
        shown.append(org.key.post(f"/orgs/{org.id}/users?dryRun=true", body).json)
        assert shown[-1]["result"].pop("username") == f"{name}@example.org"
    assert shown[0] == shown[1]
    assert "id" not in shown[0]["result"]


def test_a_trial_in_any_capitals_is_a_trial(org):
    """A slip in the parameter's name must not turn a trial into a change."""
    assert org.key.patch(f"/orgs/{org.id}?dryrun=true", {"name": "Other"}).json["dryRun"] is True
    assert org.key.patch(f"/orgs/{org.id}?DRYRUN=1", {"name": "Other"}).status == 400
    assert org.key.get(f"/orgs/{org.id}").json["name"] == "Acme"


# -- tags


def test_a_single_object_has_a_tag_that_changes_with_it(org):
    """The same object has the same tag, whoever's host name stands in its links."""
    first = org.key.get(f"/orgs/{org.id}")
    again = org.key.get(f"/orgs/{org.id}", headers={"host": "elsewhere.test"})
    assert first.headers["etag"] == again.headers["etag"]
    changed = org.key.patch(f"/orgs/{org.id}", {"name": "Other"})
    assert changed.headers["etag"] != first.headers["etag"]
    assert changed.headers["etag"] == org.key.get(f"/orgs/{org.id}").headers["etag"]


def test_being_used_is_no_change(world, org):
    """Signing in changes nothing that a write would have to respect."""
    bob = world.user("bob@example.org", orgs={org.id: ["ORG_MEMBER"]})
    tag = org.key.get(f"/orgs/{org.id}/users/{bob.id}").headers["etag"]
    connection = connect(world.store.path)
    connection.execute("UPDATE users SET last_auth_at = 1 WHERE id = ?", (bob.id,))
    connection.close()
    assert "lastAuth" in org.key.get(f"/orgs/{org.id}/users/{bob.id}").json
    assert org.key.get(f"/orgs/{org.id}/users/{bob.id}").headers["etag"] == tag


def test_a_list_has_no_tag(org):
    """Only single objects carry one."""
    assert "etag" not in org.key.get("/orgs").headers


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_a_write_with_an_old_tag_is_refused(org, method):
    """412, and nothing has changed."""
    project = project_of(org)
    path, body = f"/groups/{project}", {"name": "mine"} if method == "PATCH" else None
    tag = org.key.get(path).headers["etag"]
    assert org.key.patch(path, {"name": "theirs"}).status == 200
    refused = org.key(method, path, body, headers={"if-match": tag})
    assert (refused.status, refused.code) == (412, "ETAG_MISMATCH")
    assert org.key.get(path).json["name"] == "theirs"
    tag = org.key.get(path).headers["etag"]
    assert org.key(method, path, body, headers={"if-match": f'"other", {tag}'}).status < 300


def test_a_verb_looks_at_the_object_that_it_changes(world, org):
    """`:addRole` on a user is guarded by the user's own tag; `*` fits whatever is there."""
    bob = world.user("bob@example.org", orgs={org.id: ["ORG_MEMBER"]})
    path = f"/orgs/{org.id}/users/{bob.id}"
    tag = org.key.get(path).headers["etag"]
    assert org.key.post(f"{path}:addRole", {"orgRole": "ORG_READ_ONLY"}, headers={"if-match": tag}).status == 200
    late = org.key.post(f"{path}:addRole", {"orgRole": "ORG_BILLING_ADMIN"}, headers={"if-match": tag})
    assert late.code == "ETAG_MISMATCH"
    assert org.key.post(f"{path}:addRole", {"orgRole": "ORG_OWNER"}, headers={"if-match": "*"}).status == 200


def test_a_tag_does_not_tell_who_may_not_write(world, org):
    """Authorization comes first: a wrong tag gets a stranger the answer of an unknown id."""
    stranger = world.user("eve@example.org")
    reply = stranger.patch(f"/orgs/{org.id}", {"name": "x"}, headers={"if-match": '"wrong"'})
    assert reply.code == "ORG_NOT_FOUND"


def test_where_nothing_can_be_read_no_tag_fits(org):
    """A condition that can't be checked is not met."""
    reply = org.key.post("/groups", {"name": "web", "orgId": org.id}, headers={"if-match": '"any"'})
    assert reply.code == "ETAG_MISMATCH"


def test_a_patch_changes_only_the_members_that_it_names(org):
    """An organization keeps its name, and a project its tags, where nobody named them."""
    assert org.key.patch(f"/orgs/{org.id}", {"skipDefaultAlertsSettings": True}).status == 200
    shown = org.key.get(f"/orgs/{org.id}").json
    assert (shown["name"], shown["skipDefaultAlertsSettings"]) == ("Acme", True)
    project = project_of(org)
    tags = [{"key": "env", "value": "qa"}]
    assert org.key.patch(f"/groups/{project}", {"tags": tags}).status == 200
    assert org.key.patch(f"/groups/{project}", {"name": "api"}).json["tags"] == tags
    assert org.key.patch(f"/groups/{project}", {}).json["name"] == "api"


# -- repeated creates


def test_a_repeated_create_gets_the_first_answer_and_makes_nothing(world, org):
    """The very same answer, the secret included, and no second key, no revision."""
    body = {"desc": "ci", "roles": ["ORG_MEMBER"]}
    first = org.key.post(f"/orgs/{org.id}/apiKeys", body, headers={"idempotency-key": "one"})
    revision = world.store.snapshot.revision
    again = org.key.post(f"/orgs/{org.id}/apiKeys", dict(reversed(body.items())), headers={"idempotency-key": "one"})
    assert (again.status, again.json) == (first.status, first.json)
    assert world.store.snapshot.revision == revision
    assert len(org.key.get(f"/orgs/{org.id}/apiKeys").json["results"]) == 2


def test_a_repeated_create_keeps_its_status(org):
    """201 stays 201."""
    body = {"name": "web", "orgId": org.id}
    replies = [org.key.post("/groups", body, headers={"idempotency-key": "two"}) for _ in range(2)]
    assert [reply.status for reply in replies] == [201, 201]
    assert replies[0].json == replies[1].json


def test_the_same_key_with_another_body_is_refused(org):
    """409, and nothing is made."""
    headers = {"idempotency-key": "three"}
    assert org.key.post("/groups", {"name": "web", "orgId": org.id}, headers=headers).status == 201
    reply = org.key.post("/groups", {"name": "api", "orgId": org.id}, headers=headers)
    assert (reply.status, reply.code) == (409, "IDEMPOTENCY_KEY_REUSED")
    assert org.key.get(f"/orgs/{org.id}/groups").json["totalCount"] == 1


def test_the_key_belongs_to_whoever_sent_it(world, org):
    """Somebody else's key of the same text is another key."""
    owner = world.session(org.owner)
    headers = {"idempotency-key": "four"}
    assert org.key.post("/groups", {"name": "web", "orgId": org.id}, headers=headers).status == 201
    assert owner.post("/groups", {"name": "api", "orgId": org.id}, headers=headers).status == 201


def test_a_refused_create_is_not_kept(org):
    """What made nothing may be tried again under its key."""
    headers = {"idempotency-key": "five"}
    project = project_of(org)
    body = {"name": "web", "orgId": org.id}
    assert org.key.post("/groups", body, headers=headers).code == "GROUP_ALREADY_EXISTS"
    org.key.delete(f"/groups/{project}")
    assert org.key.post("/groups", body, headers=headers).status == 201


def test_after_a_day_the_key_is_free(world, org):
    """24 hours, and then it makes something new; the old answer is gone from the store."""
    headers = {"idempotency-key": "six"}
    body = {"desc": "ci", "roles": ["ORG_MEMBER"]}
    first = org.key.post(f"/orgs/{org.id}/apiKeys", body, headers=headers).json["id"]
    world.clock.advance(seconds=86_399)
    assert org.key.post(f"/orgs/{org.id}/apiKeys", body, headers=headers).json["id"] == first
    world.clock.advance(seconds=1)
    assert org.key.post(f"/orgs/{org.id}/apiKeys", body, headers=headers).json["id"] != first
    assert world.store.view.rows("SELECT COUNT(*) FROM replies", {})[0][0] == 1


def test_an_answer_that_is_over_is_forgotten(world, org):
    """The hourly job forgets what nobody can ask for again, and nothing else."""
    for key in ("a", "b"):
        org.key.post("/groups", {"name": f"web {key}", "orgId": org.id}, headers={"idempotency-key": key})
        world.clock.advance(seconds=43_200)
    assert forget_expired(world.door) == 1
    assert forget_expired(world.door) == 0
    assert world.store.view.rows("SELECT COUNT(*) FROM replies", {})[0][0] == 1


def test_a_deleted_key_leaves_no_kept_answer(world, org):
    """Nothing of a principal that is gone stays."""
    made = org.key.post(f"/orgs/{org.id}/apiKeys", {"desc": "ci", "roles": ["ORG_OWNER"]}).json
    key = Caller(world, made["publicKey"], made["privateKey"])
    assert key.post("/groups", {"name": "web", "orgId": org.id}, headers={"idempotency-key": "a"}).status == 201
    assert org.key.delete(f"/orgs/{org.id}/apiKeys/{made['id']}").status == 204
    assert world.store.view.rows("SELECT COUNT(*) FROM replies", {})[0][0] == 0


def test_whoever_lost_the_right_gets_no_kept_answer(world, org):
    """The repeat is authorized like the first request."""
    bob = world.user("bob@example.org", orgs={org.id: ["ORG_OWNER"]})
    path, body, headers = f"/orgs/{org.id}/apiKeys", {"desc": "ci", "roles": ["ORG_OWNER"]}, {"idempotency-key": "7"}
    assert bob.post(path, body, headers=headers).status == 200
    assert org.key.patch(f"/orgs/{org.id}/users/{bob.id}", {"roles": {"orgRoles": ["ORG_MEMBER"]}}).status == 200
    assert bob.post(path, body, headers=headers).code == "USER_UNAUTHORIZED"


def test_no_file_of_the_store_shows_a_kept_secret(world, org):
    """The answer is sealed: the private key that it shows once lies in no file."""
    body = {"desc": "ci", "roles": ["ORG_MEMBER"]}
    secret = org.key.post(f"/orgs/{org.id}/apiKeys", body, headers={"idempotency-key": "8"}).json["privateKey"]
    for path in world.store.path.parent.glob("orgward.db*"):
        assert secret.encode() not in path.read_bytes()


def test_a_key_that_is_none_is_refused(org):
    """Neither empty, nor longer than 255 characters, nor with spaces."""
    for key in ("", "x" * 256, "a b"):
        reply = org.key.post("/groups", {"name": "web", "orgId": org.id}, headers={"idempotency-key": key})
        assert (reply.status, reply.code) == (400, "INVALID_QUERY_PARAMETER")
