"""What Entra ID and Okta send, one request after the other, as their documentation shows it."""

import pytest

from tests.scim.conftest import DOMAIN, ENTERPRISE, GROUP, PATCH, USER, Provider, refusal

MAIL = 'emails[type eq "work"].value'


def entra(*operations):
    """Give changes as Entra writes them."""
    return {"schemas": [PATCH], "Operations": list(operations)}


def test_entra_provisions_a_person(provider):
    """Test connection, match, create, update, disable, enable, delete."""
    assert provider.get('/Users?filter=userName eq "5b2b3a1e-9e0c-4f6d-8bb1-000000000000"')["totalResults"] == 0
    match = f'/Users?filter=userName+eq+"bob@{DOMAIN}"'
    assert provider.get(match) == {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": 0, "startIndex": 1, "itemsPerPage": 0, "Resources": [],
    }  # fmt: skip
    body = {
        "schemas": [USER, ENTERPRISE],
        "externalId": "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef",
        "userName": f"bob@{DOMAIN}",
        "active": True,
        "emails": [{"primary": True, "type": "work", "value": f"bob@{DOMAIN}"}],
        "meta": {"resourceType": "User"},
        "name": {"formatted": "Bob Bean", "familyName": "Bean", "givenName": "Bob"},
        "displayName": "Bob Bean",
        "title": "",
        "addresses": [{"type": "work", "country": "NO", "locality": "Oslo"}],
        "roles": [],
        ENTERPRISE: {"department": "Tours"},
    }
    made = provider.done("POST", "/Users", body)
    path = f"/Users/{made['id']}"
    assert provider.get(match)["Resources"] == [made]
    assert (made["displayName"], made["addresses"], made[ENTERPRISE]) == (
        "Bob Bean", [{"type": "work", "country": "NO", "locality": "Oslo"}], {"department": "Tours"},
    )  # fmt: skip
    changed = provider.done("PATCH", path, entra(
        {"op": "Replace", "path": MAIL, "value": f"robert@{DOMAIN}"},
        {"op": "Replace", "path": "name.givenName", "value": "Robert"},
        {"op": "Add", "path": "title", "value": "Guide"},
        {"op": "Add", "path": 'phoneNumbers[type eq "mobile"].value', "value": "5551234"},
        {"op": "Replace", "path": f"{ENTERPRISE}:department", "value": "Guides"},
        {"op": "Add", "path": f"{ENTERPRISE}:manager", "value": provider.caller.id},
        {"op": "Add", "path": 'addresses[type eq "work"].region', "value": "Oslo"},
    ))  # fmt: skip
    assert changed["emails"] == [{"primary": True, "type": "work", "value": f"robert@{DOMAIN}"}]
    assert changed["name"] == {"formatted": "Bob Bean", "familyName": "Bean", "givenName": "Robert"}
    assert changed["phoneNumbers"] == [{"type": "mobile", "value": "5551234"}]
    assert changed[ENTERPRISE] == {"department": "Guides", "manager": {"value": provider.caller.id}}
    assert changed["addresses"][0]["region"] == "Oslo"
    dotted = {
        "name.familyName": "Beanstalk",
        f"{ENTERPRISE}:department": "Tours",
        "active": "True",
        MAIL: "b@x.example",
    }
    assert provider.done("PATCH", path, entra({"op": "Replace", "value": dotted}))["name"]["familyName"] == "Beanstalk"
    disabled = provider.done("PATCH", path, entra({"op": "Replace", "path": "active", "value": "False"}))
    assert disabled["active"] is False
    assert provider.done("PATCH", path, entra({"op": "Replace", "path": "active", "value": "True"}))["active"] is True
    assert provider("DELETE", path).status == 204
    assert provider("GET", path).status == 404
    assert provider("DELETE", path).status == 404


def test_entra_provisions_a_team(provider):
    """Match by name, create without members, add, ask without members, remove with a value, rename, delete."""
    bob, amy = provider.user(), provider.user()
    match = '/Groups?excludedAttributes=members&filter=displayName+eq+"Cooks"'
    assert provider.get(match)["totalResults"] == 0
    body = {
        "schemas": [GROUP, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
        "externalId": "8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159",
        "displayName": "Cooks",
        "meta": {"resourceType": "Group"},
    }
    made = provider.done("POST", "/Groups", body)
    path = f"/Groups/{made['id']}"
    assert provider.get(match)["Resources"][0]["id"] == made["id"]
    for user in (bob, amy, bob):
        add = {"op": "Add", "path": "members", "value": [{"value": user["id"]}]}
        assert provider("PATCH", path, entra(add)).status == 200
    held = f'/Groups?filter=id eq "{made["id"]}" and members eq "{bob["id"]}"&attributes=id'
    assert provider.get(held)["totalResults"] == 1
    provider.done("PATCH", path, entra({"op": "Remove", "path": "members", "value": [{"value": bob["id"]}]}))
    assert provider.get(held)["totalResults"] == 0
    assert [member["value"] for member in provider.get(path)["members"]] == [amy["id"]]
    renamed = provider.done("PATCH", path, entra({"op": "Replace", "path": "displayName", "value": "Chefs"}))
    assert renamed["displayName"] == "Chefs"
    assert provider("DELETE", path).status == 204


def test_okta_provisions_a_person(provider):
    """Match, create with a random password, read, push the whole profile, deactivate, activate."""
    listed = provider.get(f'/Users?filter=userName eq "bob@{DOMAIN}"&startIndex=1&count=100')
    assert listed["totalResults"] == 0
    body = {
        "schemas": [USER],
        "userName": f"bob@{DOMAIN}",
        "name": {"givenName": "Bob", "familyName": "Bean"},
        "emails": [{"primary": True, "value": f"bob@{DOMAIN}", "type": "work"}],
        "displayName": "Bob Bean",
        "locale": "en-US",
        "externalId": "00ujl29u0le5T6Aj10h7",
        "groups": [],
        "password": "1mz050nq",
        "active": True,
    }
    made = provider.done("POST", "/Users", body)
    assert "password" not in made
    assert refusal(provider("POST", "/Users", body)) == (409, "uniqueness")
    path = f"/Users/{made['id']}"
    read = provider.get(path)
    pushed = {**read, "name": {"givenName": "Rob", "familyName": "Bean"}, "nickName": "Bobby"}
    put = provider.done("PUT", path, pushed)
    assert (put["name"]["givenName"], put["nickName"], put["locale"]) == ("Rob", "Bobby", "en-US")
    assert put["meta"]["version"] != read["meta"]["version"]
    off = provider.done(
        "PATCH", path, {"schemas": [PATCH], "Operations": [{"op": "replace", "value": {"active": False}}]}
    )
    assert off["active"] is False
    assert provider.done("PUT", path, {**off, "active": True})["active"] is True


def test_okta_pushes_the_profile_of_somebody_invited(provider):
    """Of whom nobody vouches for the whole profile is taken, but for the names, which stay the person's own."""
    body = {"userName": "carl@else.example", "name": {"givenName": "Carl", "familyName": "Cox"}, "active": True}
    made = provider.done("POST", "/Users", {"schemas": [USER], **body})
    assert made["active"] is True
    put = provider.done("PUT", f"/Users/{made['id']}", {**made, **body, "title": "Cook"})
    assert ("name" in put, put["title"]) == (False, "Cook")
    for _ in range(2):
        operations = [{"op": "replace", "value": {"active": True}}]
        reply = provider("PATCH", f"/Users/{made['id']}", {"schemas": [PATCH], "Operations": operations})
        assert (reply.status, reply.json["active"]) == (200, True)


def test_okta_pushes_a_team(provider):
    """Create, rename with an object that holds the id, add and remove, replace as a whole."""
    bob, amy = provider.user(), provider.user()
    made = provider.done("POST", "/Groups", {"schemas": [GROUP], "displayName": "Cooks", "members": []})
    path = f"/Groups/{made['id']}"
    rename = {"op": "replace", "value": {"id": made["id"], "displayName": "Chefs"}}
    assert provider.patched(path, rename)["displayName"] == "Chefs"
    add = {"op": "add", "path": "members", "value": [{"value": bob["id"], "display": bob["userName"]}]}
    remove = {"op": "remove", "path": f'members[value eq "{bob["id"]}"]'}
    assert [member["value"] for member in provider.patched(path, add)["members"]] == [bob["id"]]
    assert "members" not in provider.patched(path, remove)
    both = [{"value": user["id"], "display": user["userName"]} for user in (bob, amy)]
    body = {"schemas": [GROUP], "id": made["id"], "displayName": "Chefs", "members": both}
    assert {member["value"] for member in provider.done("PUT", path, body)["members"]} == {bob["id"], amy["id"]}


@pytest.mark.parametrize("roles", [["ORG_OWNER"], ["ORG_MEMBER"]])
def test_a_service_account_provisions_by_its_roles(provider, roles):
    """The secret of a service account, sent as a bearer, is good for SCIM alone; its roles decide what it may do."""
    made = provider.caller.post(
        f"/orgs/{provider.org}/serviceAccounts",
        {"name": "scim", "description": "SCIM", "roles": roles, "secretExpiresAfterHours": 24},
    )
    assert made.status == 201, made.json
    caller = type(provider.caller)(provider.world, token=made.json["secrets"][0]["secret"])
    account = Provider(provider.world, provider.org, caller)
    assert account("GET", "/Users").status == 200
    reply = account("POST", "/Users", {"userName": f"bob@{DOMAIN}"})
    assert reply.status == (201 if roles == ["ORG_OWNER"] else 403), reply.json
    assert caller.get(f"/orgs/{provider.org}").status == 401
