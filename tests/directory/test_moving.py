"""Rules 71, 84 and 105, and the contract: a project moves between organizations, with its people and without more."""

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass

import pytest

from orgward.catalog import EDITIONS
from tests.directory.company import (
    OWN,
    Company,
    accept,
    address,
    done,
    log_rows,
    own_invitations,
    refused,
    set_limits,
)
from tests.soak.previews import cells_of, model_of, told
from tests.store_checker import check_store
from tests.world import Caller

NOBODYS = "0123456789abcdef01234567"
READ, ADMIN = "GROUP_READ_ONLY", "GROUP_DATA_ACCESS_ADMIN"
DENIED = (401, "USER_UNAUTHORIZED")


@dataclass
class Move:
    """A project of one company, and another company to which `ann` may move it: she owns both."""

    source: Company
    target: Company
    project: str

    @classmethod
    def prepared(cls, world, edition):
        """Found both companies and the project."""
        source = Company.found(world, edition)
        target = Company.found(world, edition, name="Globex", owner="gus")
        world.user("ann@example.org", orgs={target.id: ["ORG_OWNER"]})
        return cls(source, target, source.bare_project())

    def __call__(self, by=None, **body):
        """Move it, as `ann` unless somebody else is named."""
        sent = {"destinationOrgId": self.target.id, **body}
        return (by or self.source.ann).post(f"/groups/{self.project}:migrate", sent)

    def by_key(self, key, shown, **body):
        """Move it with a key of the source that shows a key of the target."""
        pair = {"destinationOrgPublicApiKey": shown.public_key, "destinationOrgPrivateApiKey": shown.private_key}
        return self(key, **pair, **body)

    def home(self):
        """Give the organization that the project is in."""
        return self.source.world.store.snapshot.attribute("projects", self.project)


@pytest.fixture(params=["atlas", "cloud_manager"])
def move(world, request):
    """Give a project that can be moved, and see afterwards that the store is whole."""
    found = Move.prepared(world, request.param)
    yield found
    assert check_store(world.store.path) == []


@pytest.fixture
def atlas_move(world):
    """Give such a project of the edition `atlas`."""
    found = Move.prepared(world, "atlas")
    yield found
    assert check_store(world.store.path) == []


def test_rule_105_the_people_come_along_with_their_roles(move):
    """Rule 105: whoever is in the project keeps their roles there, and is a member of the organization it comes to."""
    source, target = move.source, move.target
    bob = source.person("bob", "ORG_READ_ONLY", on={move.project: [READ, ADMIN]})
    assert source.allows(bob, "project.read", move.project)
    shown = done(move())
    assert (shown["id"], shown["orgId"], shown["name"]) == (move.project, target.id, "web")
    assert target.project_roles_of(move.project, bob.id) == sorted([READ, ADMIN])
    assert target.roles_of(bob.id) == ["ORG_MEMBER"]
    assert target.allows(bob, "project.read", move.project)
    assert source.roles_of(bob.id) == ["ORG_READ_ONLY"]


def test_rule_105_a_member_there_keeps_their_roles(move):
    """Rule 105: somebody of the project who is in the other organization already is that afterwards, no more."""
    bob = move.source.person("bob", on={move.project: [READ]})
    move.target.person("bob", "ORG_READ_ONLY")
    done(move())
    assert move.target.roles_of(bob.id) == ["ORG_READ_ONLY"]


def test_rule_12_the_owners_change_with_the_organization(move):
    """Rules 1 and 12: owners of the new organization own the project, those of the old one do not even see it."""
    gus, ida = move.target.ann, move.source.person("ida", "ORG_OWNER")
    refused(gus.get(f"/groups/{move.project}"), 404, "GROUP_NOT_FOUND")
    done(ida.get(f"/groups/{move.project}"))
    done(move())
    done(gus.patch(f"/groups/{move.project}", {"name": "theirs"}))
    refused(ida.get(f"/groups/{move.project}"), 404, "GROUP_NOT_FOUND")
    for caller, there in ((gus, True), (ida, False)):
        listed = [item["id"] for item in done(caller.get("/groups"))["results"]]
        assert (move.project in listed) == there
    assert done(ida.get(f"{move.source.path}/groups"))["totalCount"] == 0
    assert done(gus.get(f"{move.target.path}/groups"))["totalCount"] == 1


def test_rule_105_bounds_and_who_added_somebody_stay(world, move):
    """Rule 105: a role that ends still ends then, and what hangs on who added somebody hangs on it as before."""
    source = move.source
    boss = source.person("boss", on={move.project: ["GROUP_OWNER"]})
    bob, kim = source.person("bob"), source.person("kim")
    done(source.add(move.project, "bob", READ, by=boss))
    done(source.add(move.project, "kim", READ))
    done(source.bound(bob.id, READ, project=move.project, ends=100))
    before = _roles_in(world, move.project)
    done(move())
    assert _roles_in(world, move.project) == before
    assert any(ends < 1 << 62 for *_, ends in before)
    world.clock.advance(seconds=100)
    assert not move.target.allows(bob, "project.read", move.project)
    assert move.target.allows(kim, "project.read", move.project)


def _roles_in(world, project):
    rows = world.store.view.find("assignments", scope_id=project, holder_kind="user")
    return [(row["holder_id"], row["role"], row["added_by_owner"], row["starts"], row["ends"]) for row in rows]


def test_rule_71_teams_lose_it(move):
    """Rule 71: a team of the old organization has no role in the project any more, nor has whoever is in it only so."""
    source = move.source
    bob = source.person("bob")
    team = done(source.ann.post(f"{source.path}/teams", {"name": "ops", "usernames": [address("bob")]}))["id"]
    done(source.ann.post(f"/groups/{move.project}/teams", [{"teamId": team, "roleNames": [READ]}]))
    assert source.allows(bob, "project.read", move.project)
    done(move())
    refused(bob.get(f"/groups/{move.project}"), 404, "GROUP_NOT_FOUND")
    assert done(move.target.ann.get(f"/groups/{move.project}/teams"))["results"] == []
    assert move.target.user(bob.id) is None
    assert source.ann.delete(f"{source.path}/teams/{team}").status == 204


def test_rule_71_whoever_moves_it_may_be_in_a_team_of_it(move):
    """Rules 33 and 71: that a team of the mover's loses the project is no change of their own roles by themself."""
    source = move.source
    team = done(source.ann.post(f"{source.path}/teams", {"name": "ops", "usernames": [address("ann")]}))["id"]
    done(source.owner_key.post(f"/groups/{move.project}/teams", [{"teamId": team, "roleNames": [READ]}]))
    done(move())


def test_rule_84_keys_lose_it(move):
    """Rule 84: a key with a role in the project has none any more; the old organization keeps the key."""
    source = move.source
    key = source.key(READ, project=move.project)
    done(key.get(f"/groups/{move.project}"))
    done(move())
    for caller in (key, source.owner_key):
        refused(caller.get(f"/groups/{move.project}"), 404, "GROUP_NOT_FOUND")
    done(key.get(source.path))
    refused(key.get(move.target.path), 404, "ORG_NOT_FOUND")
    assert done(move.target.ann.get(f"/groups/{move.project}/apiKeys"))["results"] == []


def test_it_comes_back_as_it_went(move):
    """Moved back, the project has its people again, and still neither teams nor keys; both were there twice."""
    bob = move.source.person("bob", on={move.project: [READ]})
    key = move.source.key(READ, project=move.project)
    done(move())
    done(move(destinationOrgId=move.source.id))
    assert move.home() == move.source.id
    assert move.source.allows(bob, "project.read", move.project)
    refused(key.get(f"/groups/{move.project}"), 404, "GROUP_NOT_FOUND")
    refused(move.target.ann.get(f"/groups/{move.project}"), 404, "GROUP_NOT_FOUND")


# -- who may


def test_rule_105_only_an_owner_of_both_moves(move):
    """Rule 105: with a lesser role on either side it is refused, and the refusal names the role that would do."""
    source, target = move.source, move.target
    boss = source.person("boss", on={move.project: ["GROUP_OWNER"]})
    target.person("boss", "ORG_OWNER")
    mia = source.person("mia", "ORG_OWNER")
    target.person("mia", "ORG_MEMBER", "ORG_GROUP_CREATOR", "ORG_READ_ONLY")
    for caller in (boss, mia):
        reply = move(caller)
        refused(reply, *DENIED)
        assert reply.json["parameters"] == ["org.projects.move"]
        assert reply.json["requiredRoles"] == ["ORG_OWNER"]
        assert "www-authenticate" not in reply.headers
    assert move.home() == source.id


def test_a_stranger_of_the_project_sees_no_project(move):
    """The contract's order: who can't read the project is told so first, whatever the destination."""
    wanted = move.target.ann.post(f"/groups/{NOBODYS}:migrate", {"destinationOrgId": move.source.id})
    refused(wanted, 404, "GROUP_NOT_FOUND")
    for body in ({}, {"destinationOrgId": move.source.id}, {"destinationOrgId": NOBODYS}):
        reply = move(move.target.ann, **body)
        assert reply.body.replace(move.project.encode(), NOBODYS.encode()) == wanted.body


def test_an_organization_that_one_is_not_in_is_unknown(move):
    """The contract: a destination that the mover is not in, or is only invited to, is answered like an unknown one."""
    ida = move.source.person("ida", "ORG_OWNER")
    move.target.invited("ida", "ORG_OWNER")
    wanted = move(ida, destinationOrgId=NOBODYS)
    refused(wanted, 404, "ORG_NOT_FOUND")
    assert move(ida).body.replace(move.target.id.encode(), NOBODYS.encode()) == wanted.body
    assert move.home() == move.source.id


def test_a_suspended_owner_moves_nothing_in(move):
    """Whoever is suspended in the destination is refused there, as with every other request."""
    done(move.target.suspend(move.source.ann.id))
    refused(move(), 403, "USER_SUSPENDED")


def test_whoever_may_move_may_hand_everything_out():
    """Moving hands roles out without asking for it: so only a role that hands out every other may move."""
    for edition in EDITIONS.values():
        movers = [edition.roles[name] for name in edition.roles_granting("org.projects.move")]
        assert movers
        assert all(mover.hands_out.covers(role) for mover in movers for role in edition.roles.values())


# -- with keys


def test_a_key_shows_a_key_of_the_destination(move):
    """Rule 105: owner keys of both organizations move the project, and the log names both, and no secret."""
    bob = move.source.person("bob", on={move.project: [READ]})
    done(move.by_key(move.source.owner_key, move.target.owner_key))
    assert move.home() == move.target.id
    assert move.target.allows(bob, "project.read", move.project)
    row = log_rows(move.source.world)[-1]
    assert (row["action"], row["org_id"], row["outcome"]) == ("migrateGroup", move.source.id, "done")
    (there,) = move.source.world.store.view.find("api_keys", public_key=move.target.owner_key.public_key)
    assert row["body"]["authorizedThere"] == {"kind": "api_key", "id": there["id"]}
    assert move.target.owner_key.private_key not in json.dumps(log_rows(move.source.world))


def test_without_a_pair_a_key_is_nowhere_else(move):
    """A key is of one organization: every other one is unknown to it, whatever it is called."""
    wanted = move(move.source.owner_key, destinationOrgId=NOBODYS)
    refused(wanted, 404, "ORG_NOT_FOUND")
    found = move(move.source.owner_key)
    assert found.body.replace(move.target.id.encode(), NOBODYS.encode()) == wanted.body


def test_a_wrong_pair_is_as_good_as_none(world, move):
    """An unknown public half, a wrong private one, a key of a third organization or of the source: the same answer."""
    mine, theirs = move.source.owner_key, move.target.owner_key
    third = Company.found(world, move.source.edition, name="Third", owner="tom").owner_key
    wanted = move.by_key(mine, theirs, destinationOrgId=NOBODYS)
    refused(wanted, 404, "ORG_NOT_FOUND")
    wrong = [
        Caller(world, theirs.public_key, mine.private_key), Caller(world, "aaaaaaaa", theirs.private_key),
        Caller(world, theirs.public_key.upper(), theirs.private_key), third, mine,
    ]  # fmt: skip
    for shown in wrong:
        found = move.by_key(mine, shown)
        assert found.status == 404
        assert found.body.replace(move.target.id.encode(), NOBODYS.encode()) == wanted.body
    assert move.home() == move.source.id


def test_half_a_pair_is_malformed(move):
    """One half without the other proves nothing and is said to be missing its other half."""
    key, there = move.source.owner_key, move.target.owner_key
    for body, missing in (
        ({"destinationOrgPublicApiKey": there.public_key}, "destinationOrgPrivateApiKey"),
        ({"destinationOrgPrivateApiKey": there.private_key}, "destinationOrgPublicApiKey"),
    ):
        reply = move(key, **body)
        refused(reply, 400, "MISSING_ATTRIBUTE")
        assert reply.json["parameters"] == [missing]
    refused(key.post(f"/groups/{move.project}:migrate", {}), 400, "MISSING_ATTRIBUTE")


def test_the_shown_key_needs_the_privilege_itself(move):
    """A right pair of a key without the owner's role is refused for what it lacks."""
    member = move.target.key("ORG_MEMBER", "ORG_READ_ONLY")
    refused(move.by_key(move.source.owner_key, member), *DENIED)
    assert move.home() == move.source.id


def test_the_shown_key_has_its_addresses(world, move):
    """Rule 82: a key that may not be used from here does not let a project in from here either."""
    entries = [{"ipAddress": "203.0.113.9"}]
    limited = move.target.key("ORG_OWNER")
    done(move.target.ann.post(f"{move.target.path}/apiKeys/{limited.id}/accessList", entries))
    refused(move.by_key(move.source.owner_key, limited), 403, "IP_ADDRESS_NOT_ON_ACCESS_LIST")
    mover = Caller(world, move.source.owner_key.public_key, move.source.owner_key.private_key, address="203.0.113.9")
    done(move.by_key(mover, limited))


def test_a_deleted_key_shows_nothing(move):
    """A key of the destination that was deleted is as good as none."""
    gone = move.target.key("ORG_OWNER")
    assert move.target.ann.delete(f"{move.target.path}/apiKeys/{gone.id}").status == 204
    refused(move.by_key(move.source.owner_key, gone), 404, "ORG_NOT_FOUND")


def test_a_persons_own_rights_count_whatever_they_show(move):
    """A person is judged by their own roles in both: a key that they show beside replaces none of them."""
    ida = move.source.person("ida", "ORG_OWNER")
    refused(move.by_key(ida, move.target.owner_key), 404, "ORG_NOT_FOUND")
    move.target.person("ida", "ORG_MEMBER")
    refused(move.by_key(ida, move.target.owner_key), *DENIED)
    wrong = Caller(move.source.world, move.target.owner_key.public_key, "x")
    refused(move.by_key(move.source.ann, wrong), 404, "ORG_NOT_FOUND")
    done(move.by_key(move.source.ann, move.target.owner_key))


def test_pairs_cannot_be_tried_one_after_another(world, move):
    """After ten wrong pairs within a minute even the right one waits; a minute later it is welcome."""
    key, there = move.source.owner_key, move.target.owner_key
    for _ in range(10):
        refused(move.by_key(key, Caller(world, there.public_key, "wrong")), 404, "ORG_NOT_FOUND")
    reply = move.by_key(key, there)
    refused(reply, 429, "RATE_LIMITED")
    assert reply.headers["retry-after"] == "60"
    world.clock.advance(seconds=60)
    done(move.by_key(key, there))


def test_no_file_holds_what_was_shown(world, move):
    """The private half of the body stands nowhere afterwards, neither after success nor after a refusal."""
    refused(move.by_key(move.source.owner_key, move.target.owner_key, destinationOrgId=NOBODYS), 404, "ORG_NOT_FOUND")
    done(move.by_key(move.source.owner_key, move.target.owner_key))
    private = move.target.owner_key.private_key.encode()
    files = [path for path in world.store.path.parent.rglob("*") if path.is_file()]
    assert len(files) > 1
    assert [path.name for path in files if private in path.read_bytes()] == []


# -- what stands in the way


def test_editions_do_not_mix(world, atlas):
    """The contract: a project stays in its edition."""
    other = Company.found(world, "cloud_manager", name="Globex", owner="gus")
    world.user("ann@example.org", orgs={other.id: ["ORG_OWNER"]})
    refused(Move(atlas, other, atlas.project())(), 400, "CANNOT_MOVE_GROUP_BETWEEN_EDITIONS")


def test_it_cannot_move_to_where_it_is(move):
    """The organization that the project is in is no destination."""
    refused(move(destinationOrgId=move.source.id), 400, "INVALID_ATTRIBUTE")


def test_rule_106_a_name_is_taken_once(move):
    """A project of that name in the destination stands in the way; renamed, it goes."""
    move.target.bare_project("web")
    refused(move(), 409, "GROUP_ALREADY_EXISTS")
    done(move.source.ann.patch(f"/groups/{move.project}", {"name": "web2"}))
    done(move())


def test_rule_145_projects_have_room(world, move):
    """Rule 145: an organization takes so many projects, moved ones too."""
    set_limits(world, projects_per_organization=2)
    move.target.bare_project("one")
    two = move.target.bare_project("two")
    refused(move(), 400, "MAX_GROUPS_PER_ORG_EXCEEDED")
    assert move.target.ann.delete(f"/groups/{two}").status == 202
    done(move())


def test_rule_142_all_who_come_along_have_room(world, move):
    """Rule 142: the destination takes so many people; who is in it or invited to it takes no further room."""
    for name in ("bob", "kim", "lou"):
        move.source.person(name, on={move.project: [READ]})
    move.target.person("bob")
    set_limits(world, users_per_organization=4)
    refused(move(), 400, "MAX_USERS_PER_ORG_EXCEEDED")
    move.target.world.door.limits = _one_more(world)
    done(move())


def _one_more(world):
    set_limits(world, users_per_organization=5)
    return world.door.limits


def test_rule_142_whoever_is_invited_there_has_their_place(world, move):
    """Rule 142: an open invitation to the destination has counted already; an expired one counts for nobody."""
    move.source.person("bob", on={move.project: [READ]})
    move.target.invited("bob")
    set_limits(world, users_per_organization=3)
    done(move())
    assert move.target.status_of(move.source.ann.id) == "ACTIVE"


def test_rule_145_everybody_has_room_for_one_more_organization(world, move):
    """Rule 145: whoever is in as many organizations as may be keeps the project where it is."""
    bob = move.source.person("bob", on={move.project: [READ]})
    elsewhere = Company.found(world, move.source.edition, name="Third", owner="tom")
    elsewhere.person("bob")
    set_limits(world, organizations_per_user=2)
    refused(move(), 400, "MAX_ORGS_PER_USER_EXCEEDED")
    done(elsewhere.remove(bob.id))
    done(move())


def test_rule_36_a_project_keeps_a_last_owner(world):
    """Rule 36: in Cloud Manager a project does not go where its last owner is suspended; another owner lets it."""
    move = Move.prepared(world, "cloud_manager")
    boss = move.source.person("boss", on={move.project: ["GROUP_OWNER"]})
    move.target.person("boss")
    done(move.target.suspend(boss.id))
    refused(move(), 403, "CANNOT_DELETE_LAST_ADMIN")
    move.source.person("other", on={move.project: ["GROUP_OWNER"]})
    done(move())


# -- who does not come along


def test_whoever_is_suspended_is_left_out(world, move):
    """A suspension in the old organization does not end by moving: that person's role goes, and the log says so."""
    bob = move.source.person("bob", on={move.project: [READ]})
    move.source.person("kim", on={move.project: [READ]})
    done(move.source.suspend(bob.id))
    done(move())
    assert move.target.user(bob.id) is None
    assert log_rows(world)[-1]["body"]["leftOut"] == [bob.id]
    done(move.source.reactivate(bob.id))
    assert not move.target.allows(bob, "project.read", move.project)
    refused(bob.get(f"/groups/{move.project}"), 404, "GROUP_NOT_FOUND")


def test_whoever_is_suspended_there_stays_so(move):
    """A member of the destination who is suspended there reaches the project as soon as they are reactivated."""
    bob = move.source.person("bob", on={move.project: [READ]})
    move.target.person("bob")
    done(move.target.suspend(bob.id))
    done(move())
    assert not move.target.allows(bob, "project.read", move.project)
    done(move.target.reactivate(bob.id))
    assert move.target.allows(bob, "project.read", move.project)


def test_pending_invitations_lose_the_project(world, move):
    """An invitation that waits keeps all it gives but the project, and one to the project alone ends."""
    shop = move.source.bare_project("shop")
    pia = move.source.outsider("pia")
    move.source.invited("pia", on={move.project: [READ], shop: [READ]})
    done(move.source.add(move.project, "new"))
    done(move())
    given = [p["projectId"] for invitation in own_invitations(pia) for p in invitation["projects"]]
    assert given == [shop]
    for invitation in own_invitations(pia):
        done(accept(pia, invitation["id"]))
    refused(pia.get(f"/groups/{move.project}"), 404, "GROUP_NOT_FOUND")
    people = done(move.target.ann.get(f"/groups/{move.project}/users"))
    assert people["results"] == []


def test_an_invitation_of_somebody_who_is_there_already_loses_it_too(world, atlas_move):
    """An open invitation may name the project though whom it invites is in it by now: it names it no more."""
    move = atlas_move
    pia = move.source.outsider("pia")
    invitation = move.source.invited("pia", on={move.project: [READ]})
    move.source.person("pia", on={move.project: [ADMIN]})
    done(move())
    assert move.target.project_roles_of(move.project, pia.id) == [ADMIN]
    done(accept(pia, invitation))
    assert move.target.project_roles_of(move.project, pia.id) == [ADMIN]


def test_whoever_is_invited_there_becomes_a_member(move):
    """Somebody of the project with an open invitation there is a member at once; the invitation stays open."""
    bob = move.source.person("bob", on={move.project: [READ]})
    invitation = move.target.invited("bob", "ORG_READ_ONLY")
    done(move())
    assert move.target.roles_of(bob.id) == ["ORG_MEMBER"]
    done(accept(bob, invitation))
    assert set(move.target.roles_of(bob.id)) == {"ORG_MEMBER", "ORG_READ_ONLY"}


# -- what follows it


def test_settings_and_requests_follow(world, move):
    """What was set for the project, and who asked to join it, belong to it wherever it is."""
    asker = move.source.outsider("asker")
    assert asker.post(f"{OWN}/groups/{move.project}/joinRequests", {}).status == 202
    done(move.source.ann.patch(f"/groups/{move.project}/settings", {"isDataExplorerEnabled": False}))
    done(move())
    gus = move.target.ann
    assert done(gus.get(f"/groups/{move.project}/settings"))["isDataExplorerEnabled"] is False
    (request,) = done(gus.get(f"{OWN}/groups/{move.project}/joinRequests"))["results"]
    assert request["userId"] == asker.id
    row = world.store.view.get("settings", move.project)
    assert row["org_id"] == move.target.id


def test_nothing_names_the_old_organization(world, move):
    """No row about the project is left with the organization that it came from."""
    move.source.person("bob", on={move.project: [READ]})
    done(move())
    with closing(sqlite3.connect(world.store.path)) as connection:
        for table, column in (("project_members", "project_id"), ("assignments", "scope_id"), ("projects", "id")):
            sql = f"SELECT DISTINCT org_id FROM {table} WHERE {column} = ?"  # noqa: S608 - names of this line
            assert connection.execute(sql, (move.project,)).fetchall() == [(move.target.id,)]
    assert move.source.ann.delete(move.source.path).status == 204


def test_a_preview_tells_who_gains_and_who_loses(world, move):
    """Tried first, the move says exactly what it does afterwards: owners of both sides, people, teams and keys."""
    bob = move.source.person("bob", on={move.project: [READ]})
    move.source.person("ida", "ORG_OWNER")
    team = done(move.source.ann.post(f"{move.source.path}/teams", {"name": "ops", "usernames": [address("ida")]}))["id"]
    done(move.source.ann.post(f"/groups/{move.project}/teams", [{"teamId": team, "roleNames": [READ]}]))
    before, path = cells_of(model_of(world.store.path), world.clock.now), f"/groups/{move.project}:migrate?dryRun=true"
    preview = done(move.source.ann.post(path, {"destinationOrgId": move.target.id}))
    assert preview["result"]["orgId"] == move.target.id
    assert move.home() == move.source.id
    done(move())
    after = cells_of(model_of(world.store.path), world.clock.now)
    assert (told(preview, "gained"), told(preview, "lost")) == (after - before, before - after)
    (key,) = world.store.view.find("api_keys", public_key=move.target.owner_key.public_key)
    assert {who for who, *_ in after - before} == {move.target.ann.id, bob.id, key["id"]}
