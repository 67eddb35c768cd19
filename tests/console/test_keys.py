"""API keys: one key's page, making one and seeing its private half once, other roles, addresses, the end (72-82)."""

import csv
import io
import re

import pytest

OWN = "/api/orgward/v1"
NEW = {"desc": "nightly-export", "roles": ["ORG_MEMBER"]}


@pytest.fixture
def keys(company):
    """Give the address of the organization's keys."""
    return f"/o/{company.id}/keys"


@pytest.fixture
def visitor(company):
    """Give the owner in front of the console."""
    return company.visit(company.owner)


@pytest.fixture
def made(company):
    """Give the id of a key that reads the organization."""
    reply = company.owner.post(f"/orgs/{company.id}/apiKeys", {"desc": "terraform", "roles": ["ORG_READ_ONLY"]})
    assert reply.status == 200, reply.json
    return reply.json["id"]


def key_of(company, key):
    """Give the key as the API shows it."""
    return company.key.get(f"/orgs/{company.id}/apiKeys/{key}")


def roles_of(company, key):
    """Give where the key has which role."""
    rows = key_of(company, key).json["roles"]
    return {(row.get("groupId") or row["orgId"], row["roleName"]) for row in rows}


def named(company, desc):
    """Give the ids of the keys with this description."""
    rows = company.key.get(f"/orgs/{company.id}/apiKeys").json["results"]
    return [row["id"] for row in rows if row["desc"] == desc]


def secret_in(shown):
    """Give the private key that a page shows."""
    found = re.search(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", shown.words)
    return found[0] if found else ""


# ---------------------------------------------------------------- making one


def test_a_new_key_is_checked_and_its_private_half_shown_once(company, visitor, keys):
    """The check makes nothing; what is made then works, and no page shows its private half again."""
    fields = {**NEW, "project": [company.prod, ""], "role": ["GROUP_READ_ONLY", ""], "addresses": "127.0.0.0/8"}
    sent = visitor.post(f"{keys}/new", fields)
    checked = visitor.get(sent.location)
    assert "nightly-export" in checked.words
    assert "May be used from 127.0.0.0/8 only." in checked.words
    assert secret_in(checked) == ""
    assert named(company, "nightly-export") == []

    shown = visitor.post(sent.location, {"digest": checked.hidden("digest")})
    assert shown.status == 200, shown.words
    assert shown.headers["cache-control"] == "no-store"
    private = secret_in(shown)
    assert private
    (key,) = named(company, "nightly-export")
    assert roles_of(company, key) == {(company.id, "ORG_MEMBER"), (company.prod, "GROUP_READ_ONLY")}
    listed = company.key.get(f"/orgs/{company.id}/apiKeys/{key}/accessList").json["results"]
    assert [row["cidrBlock"] for row in listed] == ["127.0.0.0/8"]

    for again in (visitor.get(sent.location), visitor.post(sent.location, {"digest": checked.hidden("digest")})):
        assert "This key was already shown" in again.words
        assert f"{keys}/new" in again.links
        assert secret_in(again) == ""
    assert named(company, "nightly-export") == [key]


def test_the_private_half_stands_in_no_cookie_and_no_address(company, visitor, keys):
    """Nor does any table or log of the store hold it in the clear."""
    sent = visitor.post(f"{keys}/new", NEW)
    shown = visitor.post(sent.location, {"digest": visitor.get(sent.location).hidden("digest")})
    private = secret_in(shown).encode()
    assert private
    assert b"".join(value.encode() for value in visitor.cookies.values()).find(private) == -1
    assert shown.location == ""
    company.world.store.close()
    kept = b"".join(path.read_bytes() for path in company.world.store.path.parent.glob("orgward.db*"))
    assert private not in kept


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"desc": ""}, "250 characters"),
        ({"roles": []}, "role"),
        ({"roles": ["GROUP_OWNER"]}, "role"),
        ({"addresses": "here"}, "“here” is no address or block."),
        ({"project": ["p"], "role": [""]}, "Choose a project and a role, or neither."),
    ],
)
def test_what_is_wrong_is_said_in_the_form(company, visitor, keys, fields, says):
    """The form comes back as it was filled in, and nothing is made."""
    fields = {**NEW, **fields, "project": [company.prod] if "project" in fields else []}
    shown = visitor.post(f"{keys}/new", fields)
    assert shown.status in {400, 403}
    assert says in shown.words
    if fields["desc"]:
        assert 'value="nightly-export"' in shown.text
    assert named(company, "nightly-export") == []


def test_more_rows_are_asked_for_without_losing_what_was_filled_in(visitor, keys, company):
    """The form grows, and nothing is made."""
    before = visitor.get(f"{keys}/new").text.count('name="project"')
    fields = {**NEW, "project": [company.prod], "role": ["GROUP_OWNER"], "more": "1"}
    shown = visitor.post(f"{keys}/new", fields)
    assert shown.status == 200
    assert shown.text.count('name="project"') > before
    assert f'<option value="{company.prod}" selected>' in shown.text


def test_a_key_of_a_project(company, visitor):
    """Rule 76: it becomes a member of the organization, too."""
    path = f"/p/{company.prod}/keys/new"
    shown = visitor.apply(path, {"desc": "deploy", "roles": ["GROUP_READ_ONLY"]})
    assert secret_in(shown)
    (key,) = named(company, "deploy")
    assert roles_of(company, key) == {(company.id, "ORG_MEMBER"), (company.prod, "GROUP_READ_ONLY")}


def test_whoever_does_not_own_the_project_gives_a_key_what_they_hold(company):
    """An access manager is offered what they hold themselves, and no more (contract.md, API keys)."""
    manager = company.world.user(
        "max@nordwind.example", orgs={company.id: ["ORG_MEMBER"]}, projects={company.prod: ["GROUP_ACCESS_MANAGER"]}
    )
    visitor, path = company.visit(manager), f"/p/{company.prod}/keys/new"
    shown = visitor.get(path)
    assert 'value="GROUP_ACCESS_MANAGER"' in shown.text
    assert 'value="GROUP_OWNER"' not in shown.text
    refused = visitor.post(path, {"desc": "deploy", "roles": ["GROUP_OWNER"]})
    assert refused.status >= 400
    assert named(company, "deploy") == []


# ---------------------------------------------------------------- one key


def test_a_key_shows_its_roles_addresses_and_warnings(company, visitor, keys, made):
    """Which roles where, that any address may use it, and who made it."""
    company.key.post(f"/groups/{company.prod}/apiKeys/{made}", [{"roles": ["GROUP_OWNER"]}])
    shown = visitor.get(f"{keys}/{made}")
    assert "terraform" in shown.words
    assert "Organization Read Only" in shown.words
    assert "Project Owner" in shown.words
    assert "Any address" in shown.words
    assert "carla@nordwind.example" in shown.words
    assert "You come from 127.0.0.1." in shown.words


def test_roles_on_projects_are_shown_to_whoever_reads_keys_there(company, keys, made):
    """A member sees the key and its organization roles, and nothing of projects that are not theirs."""
    company.key.post(f"/groups/{company.prod}/apiKeys/{made}", [{"roles": ["GROUP_OWNER"]}])
    shown = company.visit(company.member).get(f"{keys}/{made}").words
    assert "Organization Read Only" in shown
    assert "prod" not in shown.split()
    assert "Project Owner" in company.visit(company.reader).get(f"{keys}/{made}").words


def test_controls_are_there_for_whoever_may_use_them(company, keys, made):
    """A member may look, and is offered nothing to do."""
    shown = company.visit(company.member).get(f"{keys}/{made}")
    assert shown.status == 200
    assert f"{keys}/{made}" not in shown.actions
    assert "Danger zone" not in shown.words
    refused = company.visit(company.member).post(f"{keys}/{made}", {"desc": "mine"})
    assert refused.status == 403
    assert key_of(company, made).json["desc"] == "terraform"


def test_keys_of_others_look_unknown(company, world, keys):
    """A key of another organization and one that does not exist get the same page."""
    other = world.organization("Heron", owner="hal@heron.example")
    foreign = other.key.get(f"/orgs/{other.id}/apiKeys").json["results"][0]["id"]
    visitor = company.visit(company.owner)
    there, nowhere = visitor.get(f"{keys}/{foreign}"), visitor.get(f"{keys}/{'a' * 24}")
    assert (there.status, nowhere.status) == (404, 404)
    assert there.words == nowhere.words
    posted = visitor.post(f"{keys}/{foreign}", {"name": "x"})
    assert posted.status == 404


def test_a_key_is_renamed_at_once(company, visitor, keys, made):
    """A name gives nothing to anybody."""
    done = visitor.follow(visitor.post(f"{keys}/{made}", {"desc": "plan <b>"}))
    assert "The key is called plan <b> now." in done.words
    assert "plan &lt;b&gt;" in done.text
    assert "plan <b>" not in done.text
    assert key_of(company, made).json["desc"] == "plan <b>"


def test_other_organization_roles_go_through_a_check(company, visitor, keys, made):
    """Before and after stand there; then the key has the new ones."""
    fields = {"roles": ["ORG_MEMBER", "ORG_GROUP_CREATOR"]}
    checked = visitor.check(f"{keys}/{made}/roles", fields)
    assert "Organization Read Only" in checked.words
    assert "Organization Project Creator" in checked.words
    assert roles_of(company, made) == {(company.id, "ORG_READ_ONLY")}
    assert visitor.apply(f"{keys}/{made}/roles", fields).location == f"{keys}/{made}"
    assert roles_of(company, made) == {(company.id, "ORG_MEMBER"), (company.id, "ORG_GROUP_CREATOR")}


def test_a_key_is_put_on_a_project(company, visitor, keys, made):
    """The projects that it is not on are offered; then roles there."""
    path = f"{keys}/{made}/project"
    assert "prod" in visitor.get(path).words
    assert "dev" not in visitor.get(f"{path}?q=prod").words.split()
    assert 'value="GROUP_OWNER"' in visitor.get(f"{path}?project={company.prod}").text
    visitor.apply(path, {"project": company.prod, "roles": ["GROUP_READ_ONLY"]})
    assert (company.prod, "GROUP_READ_ONLY") in roles_of(company, made)
    assert "prod" not in visitor.get(path).words.split()
    again = visitor.post(path, {"project": company.prod, "roles": ["GROUP_READ_ONLY"]})
    assert again.status >= 400


def test_a_project_of_others_can_not_be_named(company, world, visitor, keys, made):
    """It is answered like one that does not exist."""
    other = world.organization("Heron", owner="hal@heron.example")
    foreign = other.key.post("/groups", {"name": "sensors", "orgId": other.id}).json["id"]
    for project in (foreign, "a" * 24, "x"):
        shown = visitor.post(f"{keys}/{made}/project", {"project": project, "roles": ["GROUP_READ_ONLY"]})
        assert shown.status == 404
        assert "sensors" not in shown.words


def test_addresses_are_added_and_removed_through_a_check(company, visitor, keys, made):
    """The check says what that means for all other addresses."""
    page = f"{keys}/{made}"
    checked = visitor.check(page, {"addresses": "203.0.113.0/24\n192.0.2.7"})
    assert "May then be used from 203.0.113.0/24, 192.0.2.7, too." in checked.words
    assert "From then on no other address may use it." in checked.words
    visitor.apply(page, {"addresses": "203.0.113.0/24\n192.0.2.7"})
    path = f"/orgs/{company.id}/apiKeys/{made}/accessList"
    assert {row["cidrBlock"] for row in company.key.get(path).json["results"]} == {"203.0.113.0/24", "192.0.2.7/32"}
    visitor.apply(page, {"remove": "192.0.2.7"})
    checked = visitor.check(page, {"remove": "203.0.113.0/24"})
    assert "any address may use it" in checked.words
    assert {row["cidrBlock"] for row in company.key.get(path).json["results"]} == {"203.0.113.0/24"}


@pytest.mark.parametrize("text", ["203.0.113.5/24", "example.org", "203.0.113.0/24 203.0.113.0/24 nowhere"])
def test_what_is_no_address_is_said_at_the_field(visitor, keys, made, text):
    """The page comes back with what was typed."""
    shown = visitor.post(f"{keys}/{made}", {"addresses": text})
    assert shown.status == 400
    assert "is no address or block" in shown.words
    assert text in shown.text


def test_a_key_is_deleted_by_typing_its_name(company, visitor, keys, made):
    """Another name deletes nothing; the right one leads to the check of what is lost."""
    wrong = visitor.post(f"{keys}/{made}", {"name": "Terraform"})
    assert wrong.status == 400
    assert "Type terraform to confirm" in wrong.words
    checked = visitor.check(f"{keys}/{made}", {"name": " terraform "})
    assert "Take away" in checked.words
    assert key_of(company, made).status == 200
    done = visitor.apply(f"{keys}/{made}", {"name": "terraform"})
    assert done.location == keys
    assert key_of(company, made).code == "API_KEY_NOT_FOUND"


def test_whose_maker_is_suspended_is_told(company, keys):
    """The key goes on; somebody should have a look."""
    maker = company.world.user("olga@nordwind.example", orgs={company.id: ["ORG_OWNER"]})
    key = maker.post(f"/orgs/{company.id}/apiKeys", {"desc": "old", "roles": ["ORG_READ_ONLY"]}).json["id"]
    assert company.owner.post(f"{OWN}/orgs/{company.id}/users/{maker.id}:suspend").status == 200
    visitor = company.visit(company.owner)
    assert "Maker suspended" in visitor.get(f"{keys}/{key}").words
    assert company.owner.delete(f"/orgs/{company.id}/users/{maker.id}").status == 204
    assert "Maker left" in visitor.get(f"{keys}/{key}").words


# ---------------------------------------------------------------- lists


def test_the_list_shows_roles_addresses_and_what_needs_a_look(company, visitor, keys, made):
    """Each key with its roles by place, who made it, and from where it may be used."""
    company.key.post(f"/groups/{company.prod}/apiKeys/{made}", [{"roles": ["GROUP_OWNER"]}])
    shown = visitor.get(keys)
    for said in ("terraform", "Organization Read Only", "Project Owner", "prod", "Any address", "The operator"):
        assert said in shown.words
    assert f"{keys}/{made}" in shown.links


def test_the_list_is_searched_filtered_and_sorted(company, world, visitor, keys, made):
    """By a part of name or public key, by role, by project, and what needs attention."""
    tied = company.owner.post(f"/orgs/{company.id}/apiKeys", {"desc": "backup", "roles": ["ORG_MEMBER"]}).json["id"]
    company.owner.post(f"/orgs/{company.id}/apiKeys/{tied}/accessList", [{"ipAddress": "192.0.2.7"}])
    company.key.post(f"/groups/{company.prod}/apiKeys/{made}", [{"roles": ["GROUP_OWNER"]}])
    for query, found, left_out in (
        ("q=ACK", "backup", "terraform"),
        (f"q={key_of(company, made).json['publicKey']}", "terraform", "backup"),
        ("role=ORG_READ_ONLY", "terraform", "backup"),
        (f"project={company.prod}", "terraform", "backup"),
        ("attention=1", "terraform", "backup"),
    ):
        shown = visitor.get(f"{keys}?{query}").words
        assert found in shown.split()
        assert left_out not in shown.split()
    world.clock.advance(days=8)
    visitor.cookies["orgward"] = world.session(company.owner.id).token
    assert "Never used" in visitor.get(f"{keys}?attention=1&q=backup").words
    falling, rising = visitor.get(f"{keys}?sort=-name").words, visitor.get(f"{keys}?sort=name").words
    assert falling.index("terraform") < falling.index("backup")
    assert rising.index("backup") < rising.index("terraform")
    assert "Nothing matches “zzz”" in visitor.get(f"{keys}?q=zzz").words


def test_a_filter_tells_nothing_of_projects_that_one_does_not_see(company, keys, made):
    """Asking for a role finds no key that has it where the viewer may not know."""
    company.key.post(f"/groups/{company.prod}/apiKeys/{made}", [{"roles": ["GROUP_OWNER"]}])
    for query in ("role=GROUP_OWNER", f"project={company.prod}"):
        assert "terraform" not in company.visit(company.member).get(f"{keys}?{query}").words
    assert "terraform" in company.visit(company.reader).get(f"{keys}?role=GROUP_OWNER").words


def test_the_file_holds_the_filtered_list(company, visitor, keys, made):
    """A line a key, with roles by project and addresses."""
    company.key.post(f"/groups/{company.prod}/apiKeys/{made}", [{"roles": ["GROUP_OWNER"]}])
    (row,) = csv.DictReader(io.StringIO(visitor.get(f"{keys}.csv?q=terra").text))
    assert (row["id"], row["desc"], row["roles"], row["groupRoles"]) == (
        made, "terraform", "ORG_READ_ONLY", "prod=GROUP_OWNER",
    )  # fmt: skip
    assert row["attention"] == "any_address"


def test_a_stranger_sees_no_keys(company, keys):
    """There is nothing, or they may not see it."""
    assert company.visit(company.stranger).get(keys).status == 404


# ---------------------------------------------------------------- many at once


@pytest.fixture
def three(company):
    """Give the ids of three keys by their names; one of them is on a project."""
    found = {}
    for desc in ("alpha", "beta", "gamma"):
        reply = company.owner.post(f"/orgs/{company.id}/apiKeys", {"desc": desc, "roles": ["ORG_READ_ONLY"]})
        found[desc] = reply.json["id"]
    company.key.post(f"/groups/{company.prod}/apiKeys/{found['alpha']}", [{"roles": ["GROUP_OWNER"]}])
    return found


def test_selected_keys_are_deleted_once_their_number_is_typed(company, visitor, keys, three):
    """The page names them, the check says what each loses, and only then are they gone."""
    path, ids = f"{keys}/bulk", [three["alpha"], three["beta"]]
    listed = visitor.get(keys)
    assert path in listed.actions
    assert f'value="{three["alpha"]}" form="bulk"' in listed.text
    shown = visitor.post(path, {"id": ids})
    assert shown.status == 200
    assert "alpha and beta" in shown.words
    assert "Type 2 to confirm" in shown.words

    wrong = visitor.post(path, {"id": ids, "typed": "3"})
    assert wrong.status == 400
    assert "Type 2 to confirm" in wrong.words
    assert f'value="{three["alpha"]}"' in wrong.text

    checked = visitor.check(path, {"id": ids, "typed": "2"})
    for said in ("alpha", "beta", "Project Owner", "prod", "Organization Read Only", "Take away"):
        assert said in checked.words
    assert "gamma" not in checked.words
    assert key_of(company, three["alpha"]).status == 200
    done = visitor.apply(path, {"id": ids, "typed": "2"})
    assert done.location == keys
    assert "2 keys are deleted." in visitor.follow(done).words
    assert [key_of(company, three[name]).status == 200 for name in ("alpha", "beta", "gamma")] == [False, False, True]


def test_one_selected_key_is_deleted_by_its_name(visitor, keys, three):
    """As on its own page."""
    fields = {"id": [three["gamma"]]}
    assert "Type gamma to confirm" in visitor.post(f"{keys}/bulk", fields).words
    assert visitor.post(f"{keys}/bulk", {**fields, "typed": "1"}).status == 400
    assert visitor.apply(f"{keys}/bulk", {**fields, "typed": "gamma"}).location == keys


def test_all_keys_that_match_can_be_selected(visitor, keys, three):
    """The filters are carried; what is confirmed then are the keys that were named."""
    shown = visitor.post(f"{keys}/bulk", {"all": "1", "q": "gam"})
    assert "Type gamma to confirm" in shown.words
    assert three["alpha"] not in shown.text
    shown = visitor.post(f"{keys}/bulk", {"all": "1", "role": "ORG_READ_ONLY"})
    assert "Type 3 to confirm" in shown.words


def test_nothing_is_selected(visitor, keys):
    """The page says so; nothing is checked."""
    shown = visitor.post(f"{keys}/bulk", {"typed": "0"})
    assert (shown.status, shown.location) == (200, "")
    assert "Nothing is selected." in shown.words


def test_keys_of_others_can_not_be_selected(company, world, visitor, keys, three):
    """Their names are told to nobody here, and nothing happens to them."""
    other = world.organization("Heron", owner="hal@heron.example")
    foreign = other.key.get(f"/orgs/{other.id}/apiKeys").json["results"][0]
    shown = visitor.post(f"{keys}/bulk", {"id": [foreign["id"], three["beta"]]})
    assert "Type beta to confirm" in shown.words
    assert foreign["desc"] not in shown.words


def test_whoever_may_not_delete_keys_selects_none(company, keys, three):
    """No boxes in the list, and the form is refused, also where the number is right."""
    member = company.visit(company.member)
    listed = member.get(keys)
    assert "ow-select-row" not in listed.text
    assert f"{keys}/bulk" not in listed.actions
    for typed in ({}, {"typed": "alpha"}):
        refused = member.post(f"{keys}/bulk", {"id": [three["alpha"]], **typed})
        assert refused.status == 403
        assert "Project Owner" not in refused.words
    assert company.visit(company.stranger).post(f"{keys}/bulk", {"id": [three["alpha"]]}).status == 404
    assert key_of(company, three["alpha"]).status == 200


# ---------------------------------------------------------------- on a project


def test_keys_of_a_project(company, visitor, made):
    """Those with a role there, with such roles as one may know of on this page."""
    path = f"/p/{company.prod}/keys"
    company.key.post(f"/groups/{company.dev}/apiKeys/{made}", [{"roles": ["GROUP_OWNER"]}])
    assert "terraform" not in visitor.get(path).words
    company.key.post(f"/groups/{company.prod}/apiKeys/{made}", [{"roles": ["GROUP_READ_ONLY"]}])
    shown = company.visit(company.reader).get(path)
    assert "terraform" in shown.words
    assert "Project Read Only" in shown.words
    assert "dev" not in shown.words.split()
    assert company.visit(company.member).get(path).status == 404
    (row,) = csv.DictReader(io.StringIO(visitor.get(f"{path}.csv?q=terra").text))
    assert row["groupRoles"] == "prod=GROUP_READ_ONLY"


def test_a_key_is_put_on_changed_and_taken_off(company, visitor, made):
    """Each through a check; the organization keeps the key (rule 79)."""
    path = f"/p/{company.prod}/keys"
    assert "terraform" in visitor.get(f"{path}/add").words
    assert visitor.apply(f"{path}/add", {"key": made, "roles": ["GROUP_READ_ONLY"]}).location == path
    assert f'value="{made}"' not in visitor.get(f"{path}/add").text
    assert 'value="GROUP_READ_ONLY" checked' in visitor.get(f"{path}/{made}").text
    checked = visitor.check(f"{path}/{made}", {"roles": ["GROUP_OWNER"]})
    assert "Project Read Only" in checked.words
    visitor.apply(f"{path}/{made}", {"roles": ["GROUP_OWNER"]})
    assert roles_of(company, made) == {(company.id, "ORG_READ_ONLY"), (company.prod, "GROUP_OWNER")}
    checked = visitor.check(f"{path}/{made}/remove")
    assert "The organization keeps the key." in checked.words
    assert visitor.apply(f"{path}/{made}/remove").location == path
    assert roles_of(company, made) == {(company.id, "ORG_READ_ONLY")}


@pytest.mark.parametrize("key", ["", "x", "a" * 24])
def test_no_key_is_put_on_by_a_made_up_id(visitor, company, key):
    """It is answered like one that does not exist."""
    shown = visitor.post(f"/p/{company.prod}/keys/add", {"key": key, "roles": ["GROUP_READ_ONLY"]})
    assert shown.status == 404
