"""Rules 140, 141: feeds of organizations and projects, who may see what of them, filters, pages, single events."""

import json
from functools import partial
from urllib.parse import parse_qsl, quote, urlsplit

import pytest

from orgward.catalog import EDITIONS
from orgward.catalog.event_types import EVENT_TYPES
from tests.directory.company import Company, address, done, instant, log_rows, refused

READ = "GROUP_READ_ONLY"
UNKNOWN = "0123456789abcdef01234567"


@pytest.fixture
def company(world):
    """Give a company."""
    return Company.found(world, "atlas")


def events(caller, place, **query):
    """Give the events of a place, newest first."""
    asked = "&".join(f"{name}={quote(str(value))}" for name, value in query.items())
    return done(caller.get(f"{place}/events?{asked}"))["results"]


def types(caller, place, **query):
    """Give the types of the events of a place, newest first."""
    return [event["eventTypeName"] for event in events(caller, place, **query)]


def links(reply):
    """Give the links of a list by their relation."""
    return {link["rel"]: link["href"] for link in reply["links"]}


class TestFeeds:
    """What stands in a feed, and how it is shown."""

    def test_rule_141_a_feed_is_newest_first(self, company):
        """What one command raises stands in its order, last first."""
        project = company.project()
        done(company.owner_key.patch(f"/groups/{project}", {"name": "shop"}))
        assert types(company.ann, f"/groups/{project}") == ["GROUP_NAME_CHANGED", "GROUP_CREATED", "JOINED_GROUP"]
        assert types(company.ann, company.path) == ["GROUP_CREATED", "API_KEY_CREATED", "JOINED_ORG", "ORG_CREATED"]

    def test_a_person_a_key_and_the_operator_are_shown_as_who_did_it(self, company):
        """A person by id and username, a key by id and public half, the operator not at all."""
        project = company.project()
        done(company.owner_key.patch(f"/groups/{project}", {"name": "shop"}))
        by_key, by_ann, _ = events(company.ann, f"/groups/{project}")
        founding = events(company.ann, company.path)[-1]
        actor = {"apiKeyId", "publicKey", "userId", "username", "remoteAddress"}
        shown = [{name: event[name] for name in actor & event.keys()} for event in (by_key, by_ann, founding)]
        (key,) = done(company.ann.get(f"{company.path}/apiKeys"))["results"]
        assert shown == [
            {"apiKeyId": key["id"], "publicKey": company.owner_key.public_key},
            {"userId": company.ann.id, "username": address("ann")},
            {},
        ]

    def test_each_kind_names_what_it_is_about(self, company):
        """People by username, teams by id, keys by public half, tags by their project; blocks of a key's list."""
        project = company.project()
        company.person("bob")
        body = {"name": "operators", "usernames": [address("bob")]}
        team = done(company.ann.post(f"{company.path}/teams", body))["id"]
        done(company.ann.patch(f"/groups/{project}", {"tags": [{"key": "env", "value": "prod"}]}))
        made = company.key("ORG_MEMBER")
        done(company.ann.post(f"{company.path}/apiKeys/{made.id}/accessList", [{"ipAddress": "192.0.2.7"}]))
        about = {"targetUsername", "teamId", "targetPublicKey", "whitelistEntry", "resourceId", "resourceType"}
        shown = [(e["eventTypeName"], {n: e[n] for n in about & e.keys()}) for e in events(company.ann, company.path)]
        assert shown[:6] == [
            ("API_KEY_ACCESS_LIST_ENTRY_ADDED", {"targetPublicKey": made.public_key, "whitelistEntry": "192.0.2.7"}),
            ("API_KEY_CREATED", {"targetPublicKey": made.public_key}),
            ("GROUP_TAGS_MODIFIED", {"resourceId": project, "resourceType": "project"}),
            ("TEAM_CREATED", {"teamId": team}),
            ("JOINED_TEAM", {"targetUsername": address("bob")}),
            ("JOINED_ORG", {"targetUsername": address("bob")}),
        ]

    def test_a_deleted_key_is_still_named(self, company):
        """As who did something, and as what was deleted."""
        project, key = company.project(), company.key("ORG_OWNER")
        done(key.patch(f"/groups/{project}", {"tags": [{"key": "env", "value": "prod"}]}))
        done(company.ann.delete(f"{company.path}/apiKeys/{key.id}"))
        deleted, tagged, *_ = events(company.ann, company.path)
        assert (deleted["targetPublicKey"], tagged["publicKey"]) == (key.public_key, key.public_key)

    def test_whoever_is_erased_has_no_name_any_more(self, company):
        """Neither as who did something nor as whom it was done to; no address is in the log or in the index."""
        bob = company.person("bob", "ORG_OWNER")
        done(company.remove(company.person("carl").id, by=bob))
        for person in ("bob", "carl"):
            company.world.erase(address(person))
        shown = events(company.ann, company.path)
        assert not {address("bob"), address("carl")} & {e.get(n) for e in shown for n in ("username", "targetUsername")}
        assert [event["userId"] for event in shown if "userId" in event] == [bob.id]
        assert "example.org" not in json.dumps([row["body"] for row in log_rows(company.world)])

    def test_links_lead_to_the_event(self, company):
        """An event about no project leads to a project called null, as recorded."""
        project = company.project()
        created, key_made, *_ = events(company.ann, company.path)
        base = "http://orgward.test/api/atlas/v2/groups"
        assert created["links"] == [{"href": f"{base}/{project}/events/{created['id']}", "rel": "self"}]
        assert key_made["links"] == [{"href": f"{base}/null/events/{key_made['id']}", "rel": "self"}]
        assert done(company.ann.get(urlsplit(created["links"][0]["href"]).path)) == created

    def test_raw_tells_the_names_of_where_it_happened(self, company):
        """Only where it is asked for."""
        project = company.project()
        created, key_made, *_ = events(company.ann, company.path, includeRaw="true")
        assert created["raw"] == {
            "_t": "plain", "cid": project, "cre": created["created"], "description": "The project was made.",
            "gn": "web", "id": created["id"], "orgId": company.id, "orgName": "Acme", "severity": "INFO",
        }  # fmt: skip
        assert "gn" not in key_made["raw"]
        assert "raw" not in events(company.ann, company.path)[0]

    def test_the_owner_role_given_by_no_owner_is_in_no_feed(self, world):
        """It has no name in the Admin API; the change of roles that it is stands there."""
        company = Company.found(world, "cloud_manager", name="Cloud", owner="zoe")
        project = company.project()
        admin = company.person("admin", on={project: ["GROUP_USER_ADMIN"]})
        bob = company.person("bob", on={project: [READ]})
        done(company.add_role(bob.id, "GROUP_OWNER", project=project, by=admin))
        assert types(company.ann, f"/groups/{project}")[0] == "USER_ROLES_CHANGED_AUDIT"


class TestNeedToKnow:
    """Rule 140: who sees a feed, and what of it."""

    def test_rule_140_events_about_a_project_are_for_those_who_read_its_events(self, company):
        """A member of one project hears nothing of another one: neither in the list, nor the count, nor by id."""
        web, shop = company.project("web"), company.project("shop")
        bob = company.person("bob", on={web: [READ]})
        carl = company.person("carl", on={shop: [READ]})
        done(company.add_role(carl.id, "GROUP_DATA_ACCESS_READ_ONLY", project=shop))
        hidden = [event for event in events(company.ann, company.path) if event.get("groupId") == shop]
        assert [event["eventTypeName"] for event in hidden] == ["USER_ROLES_CHANGED_AUDIT", "GROUP_CREATED"]
        seen = done(bob.get(f"{company.path}/events?includeCount=true"))
        everything = events(company.ann, company.path)
        assert seen["results"] == [event for event in everything if event not in hidden]
        assert seen["totalCount"] == len(everything) - len(hidden)
        assert web in {event.get("groupId") for event in seen["results"]}
        for event in hidden:
            refused(bob.get(f"{company.path}/events/{event['id']}"), 404, "ORG_EVENT_NOT_FOUND")
            done(company.ann.get(f"{company.path}/events/{event['id']}"))

    def test_rule_140_a_feed_is_of_one_organization_or_project(self, company):
        """What happens elsewhere stands in no other feed, whoever asks."""
        there = Company.found(company.world, "atlas", name="There", owner="ann")
        web, shop = company.project("web"), company.project("shop")
        there.project("web")
        for place, member, ours in (
            (company.path, "orgId", company.id),
            (there.path, "orgId", there.id),
            (f"/groups/{web}", "groupId", web),
            (f"/groups/{shop}", "groupId", shop),
        ):
            assert {event[member] for event in events(company.ann, place)} == {ours}

    @pytest.mark.parametrize("role", ["ORG_OWNER", "ORG_READ_ONLY"])
    def test_rule_140_who_reads_every_project_sees_everything(self, company, role):
        """Also of a project that is deleted."""
        project, dan = company.project(), company.person("dan", role)
        done(company.ann.delete(f"/groups/{project}"))
        assert events(dan, company.path) == events(company.ann, company.path)
        assert types(dan, company.path)[0] == "GROUP_DELETED"

    def test_rule_140_nobody_else_hears_of_a_deleted_project(self, company):
        """Not even if they are on every project that there is."""
        project = company.project()
        bob = company.person("bob", on={project: [READ]})
        done(company.ann.delete(f"/groups/{company.project('gone')}"))
        assert {e["groupId"] for e in events(bob, company.path) if "groupId" in e} == {project}

    def test_a_project_that_moved_away_is_named_to_owners_alone(self, company):
        """Who was not on it is not told that it went, nor what it was."""
        there = Company.found(company.world, "atlas", name="There", owner="ann")
        project, bob = company.project(), company.person("bob")
        done(company.ann.post(f"/groups/{project}:migrate", {"destinationOrgId": there.id}))
        assert types(company.ann, company.path)[0] == "GROUP_MOVED_FROM_ORG"
        assert "GROUP_MOVED_FROM_ORG" not in types(bob, company.path)
        assert types(company.ann, there.path)[0] == "GROUP_MOVED"
        assert types(company.ann, f"/groups/{project}") == ["GROUP_MOVED", "GROUP_CREATED", "JOINED_GROUP"]

    def test_rule_140_strangers_see_no_feed(self, company):
        """Not of the organization, not of the project; a member not of a project that is not theirs."""
        project, bob, eve = company.project(), company.person("bob"), company.outsider("eve")
        for place, who, code in (
            (company.path, eve, "ORG_NOT_FOUND"),
            (f"/groups/{project}", eve, "GROUP_NOT_FOUND"),
            (f"/groups/{project}", bob, "GROUP_NOT_FOUND"),
        ):
            for path in ("events", f"events/{UNKNOWN}", "activityFeed"):
                refused(who.get(f"{place}/{path}"), 404, code)

    def test_whoever_reads_the_feed_may_know_who_is_there(self):
        """Members, teams and keys are named in it: each role that reads it reads these, too."""
        needed = {"org.users.read", "org.teams.read", "org.api_keys.read"}
        for edition in EDITIONS.values():
            for role in edition.roles.values():
                held = edition.privileges_of(role.name, added_by_owner=False)
                if role.scope == "organization" and "org.events.read" in held:
                    assert needed & edition.all_privileges <= held, (edition.name, role.name)


class TestFilters:
    """What a feed can be asked for."""

    @pytest.fixture
    def project(self, company):
        """Make a project to which something happens once a minute, and give its id."""
        project = company.project()
        for number in range(4):
            company.world.clock.advance(seconds=60.25)
            body = {"name": f"web {number}"} if number % 2 else {"tags": [{"key": "n", "value": str(number)}]}
            done(company.ann.patch(f"/groups/{project}", body))
        return project

    def test_types_are_wanted_or_not(self, company, project):
        """Repeated, or in one list; what nobody raises finds nothing."""
        ask = partial(types, company.ann, f"/groups/{project}")
        assert ask(eventType="GROUP_TAGS_MODIFIED") == ["GROUP_TAGS_MODIFIED"] * 2
        both = ["GROUP_NAME_CHANGED", "GROUP_TAGS_MODIFIED", "GROUP_NAME_CHANGED", "GROUP_TAGS_MODIFIED"]
        assert ask(eventType="GROUP_TAGS_MODIFIED,GROUP_NAME_CHANGED,CLUSTER_CREATED") == both
        repeated = f"/groups/{project}/events?eventType=GROUP_TAGS_MODIFIED&eventType=GROUP_NAME_CHANGED"
        assert [event["eventTypeName"] for event in done(company.ann.get(repeated))["results"]] == both
        assert ask(eventType="CLUSTER_CREATED") == []
        assert ask(excludedEventType="GROUP_TAGS_MODIFIED,JOINED_GROUP") == [
            "GROUP_NAME_CHANGED", "GROUP_NAME_CHANGED", "GROUP_CREATED",
        ]  # fmt: skip
        assert ask(eventType="GROUP_TAGS_MODIFIED", excludedEventType="GROUP_TAGS_MODIFIED") == []

    def test_no_event_is_about_a_cluster(self, company, project):
        """There are none."""
        reply = done(company.ann.get(f"/groups/{project}/events?clusterNames=Cluster0&includeCount=true"))
        assert (reply["results"], reply["totalCount"]) == ([], 0)

    def test_times_bound_a_feed_on_both_sides(self, company, project):
        """What is shown with a time is found by it, though the clock counts finer than it is shown."""
        place = f"/groups/{project}"
        everything = events(company.ann, place)
        times = [event["created"] for event in everything]
        for number, time in enumerate(times[:4]):
            since = [event["created"] for event in events(company.ann, place, minDate=time)]
            until = [event["created"] for event in events(company.ann, place, maxDate=time)]
            assert (since, until) == (times[: number + 1], times[number:])
            assert [event["created"] for event in events(company.ann, place, minDate=time, maxDate=time)] == [time]
        assert events(company.ann, place, minDate=instant(company.world, 1)) == []
        assert events(company.ann, place, maxDate="2020-01-01T00:00:00Z") == []

    def test_a_time_may_name_another_zone_or_none(self, company, project):
        """Without an offset it is UTC, as there are clients that write it so."""
        place = f"/groups/{project}"
        newest = events(company.ann, place)[0]
        assert events(company.ann, place, minDate=newest["created"].removesuffix("Z")) == [newest]
        hour = int(newest["created"][11:13])
        there = f"{newest['created'][:11]}{hour + 2:02}{newest['created'][13:-1]}+02:00"
        assert events(company.ann, place, minDate=there) == [newest]

    @pytest.mark.parametrize("name", ["minDate", "maxDate"])
    @pytest.mark.parametrize("text", ["yesterday", "2027-01-15", "1800000000", "2027-13-01T00:00:00Z"])
    @pytest.mark.parametrize("path", ["events", "activityFeed"])
    def test_what_is_no_time_is_refused(self, company, name, text, path):
        """It is named."""
        reply = company.ann.get(f"{company.path}/{path}?{name}={text}")
        refused(reply, 400, "INVALID_DATE_FORMAT")
        assert reply.json["parameters"] == [text]

    def test_times_in_the_wrong_order_are_refused(self, company):
        """The end is before the start."""
        query = "minDate=2027-01-02T00:00:00Z&maxDate=2027-01-01T00:00:00Z"
        refused(company.ann.get(f"{company.path}/events?{query}"), 400, "INVALID_DATE_RANGE")

    def test_a_count_is_right_whatever_is_asked_for(self, company, project):
        """All, of some types, of some time, and without some types."""
        place = f"/groups/{project}"
        middle = events(company.ann, place)[2]["created"]
        for query in ("", "eventType=GROUP_NAME_CHANGED,GROUP_CREATED", f"minDate={middle}", f"maxDate={middle}",
                      "excludedEventType=GROUP_CREATED", f"minDate={middle}&eventType=GROUP_NAME_CHANGED"):  # fmt: skip
            reply = done(company.ann.get(f"{place}/events?{query}&includeCount=true"))
            assert reply["totalCount"] == len(reply["results"]) > 0, query


class TestPages:
    """Long feeds are read in pages."""

    @pytest.fixture
    def many(self, company):
        """Raise events, several a command, and give the place of their feed."""
        for number in range(7):
            done(company.invite(f"guest{number}", on={company.project(f"p{number}"): [READ]}))
        return company.path

    @pytest.mark.parametrize("query", ["", "&eventType=GROUP_CREATED,INVITED_TO_ORG", "&minDate=2027-01-01T00:00:00Z"])
    @pytest.mark.parametrize("size", [1, 3, 500])
    def test_pages_together_are_the_feed(self, company, many, query, size):
        """Each event stands on one page, newest first, read from either end."""
        whole = done(company.ann.get(f"{many}/events?includeCount=true&itemsPerPage=500{query}"))
        pages = -(-whole["totalCount"] // size)
        for counted in ("true", "false"):
            path = f"{many}/events?includeCount={counted}&itemsPerPage={size}{query}"
            found = [done(company.ann.get(f"{path}&pageNum={number + 1}")) for number in range(pages)]
            assert [event for page in found for event in page["results"]] == whole["results"]
            assert ["next" in links(page) for page in found[:-1]] == [True] * (pages - 1)
            assert done(company.ann.get(f"{path}&pageNum={pages + 1}"))["results"] == []

    def test_a_count_that_nobody_asks_for_is_zero(self, company, many):
        """As recorded; the link says what was asked, in the order of the recordings."""
        reply = done(company.ann.get(f"{many}/events?minDate=2027-01-01T00:00:00Z"))
        assert reply["totalCount"] == 0
        assert links(reply)["self"].split("?")[1] == (
            "includeCount=false&includeRaw=false&minDate=2027-01-01T00%3A00%3A00Z&pageNum=1&itemsPerPage=100"
        )


class TestSingleEvents:
    """An event by its id."""

    def test_each_event_is_found_in_its_feed(self, company):
        """The one of the project in that of the organization, where that shows it."""
        project = company.project()
        for place in (company.path, f"/groups/{project}"):
            for event in events(company.ann, place):
                assert done(company.ann.get(f"{place}/events/{event['id']}")) == event
        joined = events(company.ann, f"/groups/{project}", eventType="JOINED_GROUP")[0]["id"]
        refused(company.ann.get(f"{company.path}/events/{joined}"), 404, "ORG_EVENT_NOT_FOUND")
        raw = done(company.ann.get(f"/groups/{project}/events/{joined}?includeRaw=true"))["raw"]
        assert raw["gn"] == "web"

    def test_made_up_ids_are_unknown(self, company):
        """One digit more or less anywhere is another id, and so are those of things that are no events."""
        project = company.project()
        known = events(company.ann, f"/groups/{project}")[0]["id"]
        strange = [UNKNOWN, company.id, project, "f" * 24, "0" * 24]
        strange += [f"{known[:place]}{int(known[place], 16) ^ 1:x}{known[place + 1 :]}" for place in range(24)]
        ours = {event["id"] for event in events(company.ann, f"/groups/{project}")}
        for made_up in set(strange) - ours:
            refused(company.ann.get(f"/groups/{project}/events/{made_up}"), 404, "EVENT_NOT_FOUND")


class TestActivityPages:
    """Links to the pages of the console."""

    def test_a_link_carries_what_was_asked_for(self, company):
        """The page of the organization or the project, with the filters as they were given."""
        project = company.project()
        organization = done(company.ann.get(f"{company.path}/activityFeed"))
        assert organization == {"link": f"http://orgward.test/o/{company.id}/activity"}
        query = "eventType=JOINED_GROUP,GROUP_CREATED&minDate=2027-01-01T00:00:00Z&clusterName=C0&maxDate="
        found = urlsplit(done(company.ann.get(f"/groups/{project}/activityFeed?{query}"))["link"])
        assert (found.netloc, found.path) == ("orgward.test", f"/p/{project}/activity")
        assert parse_qsl(found.query) == [
            ("clusterName", "C0"), ("eventType", "JOINED_GROUP"), ("eventType", "GROUP_CREATED"),
            ("minDate", "2027-01-01T00:00:00Z"),
        ]  # fmt: skip

    def test_more_than_twenty_types_are_refused(self, company):
        """Twenty are the most that the page is asked for."""
        path = f"{company.path}/activityFeed?eventType={','.join(['JOINED_ORG'] * 20)}"
        done(company.ann.get(path))
        refused(company.ann.get(f"{path},ORG_CREATED"), 400, "INVALID_QUERY_PARAMETER")


class TestTypes:
    """The list of types."""

    def test_the_types_that_are_raised_are_listed(self, company):
        """By name, each with a sentence."""
        reply = done(company.ann.get("/eventTypes?itemsPerPage=500"))
        names = [row["eventType"] for row in reply["results"]]
        assert names == sorted(EVENT_TYPES)
        assert reply["totalCount"] == len(names)
        assert all(row["description"].endswith(".") for row in reply["results"])
        second = done(company.ann.get("/eventTypes?itemsPerPage=10&pageNum=2"))["results"]
        assert [row["eventType"] for row in second] == names[10:20]
