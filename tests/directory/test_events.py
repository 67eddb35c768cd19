"""Rules 127, 141: what every command does is told, in the names of the Admin API, whatever way it is done."""

from functools import partial

from orgward.catalog.event_types import EVENT_TYPES
from tests.directory.company import Company, done, log_rows
from tests.directory.telling import OTHER, READ, new_team, patch, raised, told


class TestOrganizations:
    """Organizations are founded and renamed."""

    def test_rule_141_founding_one_is_told(self, world):
        """The organization, its first member and its first key."""
        company = Company.found(world, "atlas")
        (row,) = log_rows(world)
        found = [(e["type"], e.get("targetUserId"), e.get("publicKey")) for e in row["body"]["events"]]
        assert found == [
            ("ORG_CREATED", None, None),
            ("JOINED_ORG", company.ann.id, None),
            ("API_KEY_CREATED", None, company.owner_key.public_key),
        ]
        assert {event["orgId"] for event in row["body"]["events"]} == {company.id}

    def test_rule_141_a_new_name_is_told(self, company):
        """The old name again is no change."""
        assert told(company, patch(company, company.path, name="New"), "orgId") == [("ORG_RENAMED", company.id)]
        assert told(company, patch(company, company.path, name="New")) == []

    def test_what_ends_with_the_organization_is_told_by_nothing(self, world):
        """Nobody is left who could read of it."""
        company = Company.found(world, "atlas")
        company.person("bob")
        assert told(company, partial(company.ann.delete, company.path)) == []


class TestProjects:
    """Projects are made, changed, moved and deleted."""

    def test_rule_141_making_one_is_told_with_its_owner(self, company):
        """Whoever makes it is on it from then on; a key that owns what it made is no news."""
        about = ("orgId", "targetUserId")
        body = {"name": "web", "orgId": company.id}
        assert told(company, partial(company.ann.post, "/groups", body), *about) == [
            ("JOINED_GROUP", company.id, company.ann.id),
            ("GROUP_CREATED", company.id, None),
        ]
        body["name"] = "shop"
        assert told(company, partial(company.owner_key.post, "/groups", body)) == [("GROUP_CREATED",)]

    def test_rule_127_each_change_of_tags_is_told(self, atlas):
        """Also the first tags, and the last one's end; the same tags in a change are none."""
        tags = [{"key": "env", "value": "prod"}]
        body = {"name": "shop", "orgId": atlas.id, "tags": tags}
        assert told(atlas, partial(atlas.owner_key.post, "/groups", body)) == [
            ("GROUP_TAGS_MODIFIED",),
            ("GROUP_CREATED",),
        ]
        project = atlas.project()
        place = f"/groups/{project}"
        assert told(atlas, patch(atlas, place, tags=tags), "groupId") == [("GROUP_TAGS_MODIFIED", project)]
        assert told(atlas, patch(atlas, place, tags=tags)) == []
        assert told(atlas, patch(atlas, place, tags=[])) == [("GROUP_TAGS_MODIFIED",)]

    def test_rule_141_a_new_name_and_default_alerts_are_told(self, company):
        """Each by itself."""
        place = f"/groups/{company.project()}"
        change = patch(company, place, name="shop", withDefaultAlertsSettings=False)
        assert told(company, change) == [("GROUP_NAME_CHANGED",), ("GROUP_DEFAULT_ALERTS_SETTINGS_CHANGED",)]

    def test_rule_141_deleting_one_is_told_once(self, company):
        """Who was on it, by whatever way, is told by that alone: its own feed ends with it."""
        project = company.project()
        company.person("bob", on={project: [READ]})
        company.invite("carl", on={project: [READ]})
        company.key(READ, project=project)
        events = raised(company, partial(company.ann.delete, f"/groups/{project}"))
        assert events == [{"type": "GROUP_DELETED", "orgId": company.id, "groupId": project}]

    def test_rule_105_moving_one_is_told_to_both_organizations(self, company):
        """The people who come along join; its keys and teams are off it (rules 71, 84)."""
        there = Company.found(company.world, company.edition, name="There", owner="ann")
        project = company.project()
        bob = company.person("bob", on={project: [READ]})
        operators, key = new_team(company, "bob"), company.key(READ, project=project)
        done(company.ann.post(f"/groups/{project}/teams", [{"teamId": operators, "roleNames": [READ]}]))
        move = partial(company.ann.post, f"/groups/{project}:migrate", {"destinationOrgId": there.id})
        assert told(company, move, "orgId", "targetUserId", "teamId", "apiKeyId") == [
            ("JOINED_ORG", there.id, bob.id, None, None),
            ("TEAM_REMOVED_FROM_GROUP", company.id, None, operators, None),
            ("API_KEY_REMOVED_FROM_GROUP", company.id, None, None, key.id),
            ("GROUP_MOVED", there.id, None, None, None),
            ("GROUP_MOVED_FROM_ORG", company.id, None, None, None),
        ]


class TestKeys:
    """API keys are made, changed, put on projects, tied to addresses and deleted."""

    def test_rule_141_a_keys_life_is_told(self, company):
        """Made, described anew, given other roles, deleted; the private half stands nowhere."""
        make = partial(company.ann.post, f"{company.path}/apiKeys", {"desc": "k", "roles": ["ORG_MEMBER"]})
        (made,) = raised(company, make)
        key, place = made["apiKeyId"], f"{company.path}/apiKeys/{made['apiKeyId']}"
        assert made == {
            "type": "API_KEY_CREATED", "orgId": company.id, "apiKeyId": key, "publicKey": made["publicKey"],
        }  # fmt: skip
        assert told(company, patch(company, place, desc="other"), "apiKeyId") == [("API_KEY_DESCRIPTION_CHANGED", key)]
        assert told(company, patch(company, place, desc="other")) == []
        change = patch(company, place, roles=["ORG_READ_ONLY"])
        assert told(company, change, "apiKeyId", "roles") == [("API_KEY_ROLES_CHANGED", key, ["ORG_READ_ONLY"])]
        found = told(company, partial(company.ann.delete, place), "apiKeyId", "publicKey")
        assert found == [("API_KEY_DELETED", key, made["publicKey"])]

    def test_rule_141_a_key_on_a_project_is_told(self, company):
        """Put on it, given others, taken off it; one that is deleted is off it, too."""
        project, about = company.project(), ("groupId", "roles")
        key = company.key("ORG_MEMBER")
        place = f"/groups/{project}/apiKeys/{key.id}"
        add = partial(company.ann.post, place, [{"roles": [READ]}])
        assert told(company, add, *about) == [("API_KEY_ADDED_TO_GROUP", project, [READ])]
        change = patch(company, place, roles=[OTHER])
        assert told(company, change, *about) == [("API_KEY_ROLES_CHANGED", project, [OTHER])]
        assert told(company, partial(company.ann.delete, place), *about) == [
            ("API_KEY_REMOVED_FROM_GROUP", project, [])
        ]
        done(add())
        assert told(company, partial(company.ann.delete, f"{company.path}/apiKeys/{key.id}"), "groupId") == [
            ("API_KEY_REMOVED_FROM_GROUP", project),
            ("API_KEY_DELETED", None),
        ]

    def test_rule_076_a_key_made_in_a_project_is_told_in_both(self, company):
        """It is a key of the organization, put on the project."""
        project = company.project()
        body = {"desc": "k", "roles": [READ]}
        assert told(company, partial(company.ann.post, f"/groups/{project}/apiKeys", body), "groupId") == [
            ("API_KEY_ADDED_TO_GROUP", project),
            ("API_KEY_CREATED", None),
        ]

    def test_rule_141_its_access_list_is_told(self, company):
        """Each entry, as the wire writes it; that it was used is no event, nor that it goes with its key."""
        key = company.key("ORG_MEMBER")
        place = f"{company.path}/apiKeys/{key.id}/accessList"
        body = [{"ipAddress": "192.0.2.7"}, {"cidrBlock": "10.0.0.0/8"}]
        assert told(company, partial(company.ann.post, place, body), "entry") == [
            ("API_KEY_ACCESS_LIST_ENTRY_ADDED", "192.0.2.7"),
            ("API_KEY_ACCESS_LIST_ENTRY_ADDED", "10.0.0.0/8"),
        ]
        found = told(company, partial(company.ann.delete, f"{place}/192.0.2.7"), "entry")
        assert found == [("API_KEY_ACCESS_LIST_ENTRY_DELETED", "192.0.2.7")]
        deleted = told(company, partial(company.ann.delete, f"{company.path}/apiKeys/{key.id}"))
        assert deleted == [("API_KEY_DELETED",)]


def test_every_event_has_a_type_that_is_listed(company):
    """What is raised is in the list, and so belongs to a feed; the organization always stands in it."""
    project = company.project()
    bob = company.person("bob", on={project: [READ]})
    company.key(READ, project=project)
    done(company.remove(bob.id))
    events = [event for row in log_rows(company.world) for event in row["body"].get("events", [])]
    assert {event["type"] for event in events} <= EVENT_TYPES.keys()
    assert all(event["orgId"] == company.id for event in events)
