"""What SCIM says of itself and of faults: discovery, preconditions, media types, and what is left out of it."""

import pytest

from tests.scim.conftest import DOMAIN, ERROR, GROUP, USER, Provider, provider_of, refusal

USERS = "/Users"

UNKNOWN_ID = "0123456789abcdef01234567"
TITLE = {"op": "replace", "path": "title", "value": "Chef"}


def test_the_service_says_what_it_serves(provider):
    """What is announced is what is served, and the other way round."""
    found = provider.get("/ServiceProviderConfig")
    supported = {
        name: found[name]["supported"] for name in ("patch", "bulk", "filter", "sort", "etag", "changePassword")
    }
    assert supported == {
        "patch": True, "bulk": False, "filter": True, "sort": False, "etag": True, "changePassword": False,
    }  # fmt: skip
    assert [scheme["type"] for scheme in found["authenticationSchemes"]] == ["oauthbearertoken"]
    kinds = provider.get("/ResourceTypes")
    assert [(kind["name"], kind["endpoint"]) for kind in kinds["Resources"]] == [
        ("User", "/Users"),
        ("Group", "/Groups"),
    ]
    for kind in kinds["Resources"]:
        assert provider.get(f"/ResourceTypes/{kind['id']}") == kind
        assert kind["meta"]["location"].endswith(f"/scim/v2/{provider.org}/ResourceTypes/{kind['id']}")
    schemas = provider.get("/Schemas")["Resources"]
    assert {USER, GROUP} < {schema["id"] for schema in schemas}
    for schema in schemas:
        assert provider.get(f"/Schemas/{schema['id']}") == schema


@pytest.mark.parametrize(
    "place", ["/Nothing", f"{USERS}/x/y", "", "/ResourceTypes/Device", "/Schemas/urn:x", f"{USERS}/me"]
)
def test_what_is_not_there_is_told_as_scim_has_it(provider, place):
    """An unknown place is 404 in the form of RFC 7644, even outside of any organization."""
    assert refusal(provider("GET", place))[0] == 404
    assert refusal(provider.caller.get("/scim/v2"))[0] == 404


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("place", ["/Me", "/Bulk", "/.search"])
def test_what_is_left_out_is_not_implemented(provider, place, method):
    """What the RFC lets a server leave out says so, whatever the method."""
    assert refusal(provider(method, place, {} if method != "GET" else None))[0] == 501


def test_other_methods_are_refused(provider):
    """A place says which methods it knows."""
    reply = provider("DELETE", "/Users")
    assert refusal(reply)[0] == 405
    assert reply.headers["allow"] == "GET, HEAD, POST"


def test_without_credentials_nothing_is_told(provider):
    """Missing and wrong credentials are 401 in the form of RFC 7644, with a challenge."""
    nobody = Provider(provider.world, provider.org, provider.world.nobody)
    for place in ("/Users", "/Schemas", f"/Groups/{UNKNOWN_ID}"):
        reply = nobody("GET", place)
        assert refusal(reply)[0] == 401
        assert reply.headers["www-authenticate"]


@pytest.mark.parametrize(
    "media_type", ["application/scim+json", "application/json", "application/scim+json; charset=utf-8"]
)
def test_bodies_come_as_scim_or_as_plain_json(provider, media_type):
    """Both media types are taken, and answers are always of SCIM's own."""
    body = {"userName": provider.address()}
    reply = provider("POST", "/Users", body, headers={"content-type": media_type})
    assert (reply.status, reply.headers["content-type"]) == (201, "application/scim+json")


def test_other_bodies_are_refused(provider):
    """A form or XML is no SCIM."""
    for media_type in ("text/xml", "application/x-www-form-urlencoded", "application/scim+jsonx"):
        reply = provider("POST", "/Users", {"userName": "x"}, headers={"content-type": media_type})
        assert refusal(reply)[0] == 415


def test_a_change_happens_only_while_the_resource_is_as_it_was_seen(provider):
    """`If-Match` with another version is 412, for every way to change a resource, and changes nothing."""
    bob = provider.user(f"bob@{DOMAIN}")
    path, first = f"/Users/{bob['id']}", bob["meta"]["version"]
    second = provider.patch(path, TITLE, headers={"if-match": first}).json["meta"]["version"]
    assert second != first
    stale = {"headers": {"if-match": first}}
    for reply in (
        provider.patch(path, {**TITLE, "value": "Cook"}, **stale),
        provider("PUT", path, {"userName": bob["userName"]}, **stale),
        provider("DELETE", path, **stale),
    ):
        assert refusal(reply) == (412, "")
    assert provider.get(path)["meta"]["version"] == second
    assert provider("DELETE", path, headers={"if-match": f"{first}, {second}"}).status == 204


def test_a_team_has_a_version_too(provider):
    """Who is in a team is part of its version."""
    bob, team = provider.user(), provider.team("Cooks")
    path, stale = f"/Groups/{team['id']}", {"headers": {"if-match": team["meta"]["version"]}}
    add = {"op": "add", "path": "members", "value": [{"value": bob["id"]}]}
    assert provider.patch(path, add, **stale).status == 200
    assert refusal(provider("PUT", path, {"displayName": "Chefs"}, **stale)) == (412, "")
    assert provider("DELETE", path, headers={"if-match": "*"}).status == 204


def test_a_trial_changes_nothing(provider):
    """A write can be tried: it tells its answer, and who would gain what."""
    reply = provider("POST", "/Users?dryRun=true", {"userName": f"bob@{DOMAIN}"})
    assert (reply.status, reply.json["dryRun"], reply.json["result"]["active"]) == (200, True, True)
    assert {"org.read"} < {effect["privilege"] for effect in reply.json["gained"]}
    assert provider.get("/Users")["totalResults"] == 1


def test_a_repeat_is_answered_as_the_first_time(provider):
    """A POST with the same key brings nobody twice, and has the same headers."""
    once, again = (
        provider("POST", "/Users", {"userName": f"bob@{DOMAIN}"}, headers={"idempotency-key": "k1"}) for _ in range(2)
    )
    assert (once.status, once.json) == (again.status, again.json) == (201, again.json)
    assert once.headers["location"] == again.headers["location"]


def test_what_members_may_see_they_see(provider):
    """A plain member reads people and teams, and changes nothing; a stranger finds no organization."""
    world = provider.world
    member = Provider(world, provider.org, world.user("mia@example.org", orgs={provider.org: ["ORG_MEMBER"]}))
    stranger = Provider(world, provider.org, world.user("sam@example.org"))
    bob, team = provider.user(), provider.team("Cooks")
    writes = [
        ("POST", "/Users", {"userName": "x@example.org"}),
        ("PUT", f"/Users/{bob['id']}", {"userName": bob["userName"]}),
        ("PATCH", f"/Users/{bob['id']}", {"Operations": [TITLE]}),
        ("DELETE", f"/Users/{bob['id']}", None),
        ("POST", "/Groups", {"displayName": "Chefs"}),
        ("PUT", f"/Groups/{team['id']}", {"displayName": "Chefs"}),
        ("DELETE", f"/Groups/{team['id']}", None),
    ]
    for method, path, body in writes:
        assert refusal(member(method, path, body)) == (403, ""), (method, path)
        assert "org." in member(method, path, body).json["detail"]
        assert refusal(stranger(method, path, body))[0] == 404
    for path in ("/Users", "/Groups", f"/Users/{bob['id']}", "/Schemas"):
        assert member("GET", path).status == 200
        assert refusal(stranger("GET", path))[0] == 404


def test_a_key_of_one_organization_provisions_no_other(world):
    """Credentials of another organization find nothing here, whatever they may do at home (attack row 30)."""
    here = provider_of(world)
    made = world.organization("Zoo", owner="zoe@example.org")
    bob = here.user()
    there = Provider(world, here.org, made.key)
    for method, path, body in (
        ("GET", "/Users", None),
        ("GET", f"/Users/{bob['id']}", None),
        ("POST", "/Users", {"userName": "x@example.org"}),
        ("PATCH", f"/Users/{bob['id']}", {"Operations": [TITLE]}),
        ("DELETE", f"/Users/{bob['id']}", None),
    ):
        reply = there(method, path, body)
        assert (refusal(reply)[0], reply.code) == (404, "ORG_NOT_FOUND")
    at_home = Provider(world, made.id, made.key)
    assert refusal(at_home("GET", f"/Users/{bob['id']}"))[0] == 404
    assert refusal(at_home("DELETE", f"/Users/{bob['id']}"))[0] == 404
    assert here.get(f"/Users/{bob['id']}") == bob


def test_every_write_says_who_did_it(provider):
    """The log has one row for each write, by the operation's name and with the credential."""
    bob = provider.user()
    provider("DELETE", f"/Users/{bob['id']}")
    rows = provider.world.store.view.rows("SELECT action, credential FROM log ORDER BY revision DESC LIMIT 2", {})
    assert [row[0] for row in rows] == ["deleteScimUser", "createScimUser"]
    assert all(row[1] for row in rows)


def test_nothing_personal_stands_in_the_log(provider):
    """What a provider says of somebody is in sealed rows alone."""
    provider.user(f"bob@{DOMAIN}", name={"familyName": "Beanstalk"}, externalId="00uSECRET", title="Confectioner")
    rows = str(provider.world.store.view.rows("SELECT * FROM log", {}))
    for said in ("Beanstalk", "00uSECRET", "Confectioner", "bob@"):
        assert said not in rows


def test_the_error_is_the_one_of_the_rfc(provider):
    """An error has the three members of RFC 7644, section 3.12, and nothing of ours."""
    reply = provider("POST", "/Users", {"userName": "nobody"})
    assert reply.json.keys() == {"schemas", "status", "scimType", "detail"}
    assert reply.json["schemas"] == [ERROR]
