"""Lists: filters, parts of a list, which attributes are shown; and never a scan of many (RFC 7644, section 3.4.2)."""

import pytest

from orgward.scim import answers, searching
from tests.scim.conftest import DOMAIN, ENTERPRISE, refusal

LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"


@pytest.fixture
def people(provider):
    """Give four people beside the owner: three members, and one who is invited."""
    return [
        provider.user(f"amy@{DOMAIN}", externalId="x1", title="Cook", name={"familyName": "Ames"}),
        provider.user(f"bob@{DOMAIN}", externalId="x2", title="Cook", active=False),
        provider.user(f"carl@{DOMAIN}", **{ENTERPRISE: {"department": "Tours"}}),
        provider.user("dora@else.example", externalId="x1"),
    ]


def found(provider, text, place="/Users"):
    """Give what a filter finds."""
    listed = provider.get(f"{place}?filter={text.replace(' ', '%20')}")
    assert listed["schemas"] == [LIST]
    assert listed["totalResults"] == len(listed["Resources"]) == listed["itemsPerPage"]
    return {resource.get("userName", resource.get("displayName")) for resource in listed["Resources"]}


AMY, BOB, CARL, DORA = f"amy@{DOMAIN}", f"bob@{DOMAIN}", f"carl@{DOMAIN}", "dora@else.example"
INDEXED = [
    (f'userName eq "{AMY}"', {AMY}),
    (f'USERNAME EQ "{AMY.upper()}"', {AMY}),
    (f'urn:ietf:params:scim:schemas:core:2.0:User:userName eq "{AMY}"', {AMY}),
    ('userName eq "nobody@acme.example"', set()),
    ('externalId eq "x1"', {AMY, DORA}),
    ('externalId eq "X1"', set()),
    (f'userName eq "{AMY}" or externalId eq "x2"', {AMY, BOB}),
    ('title eq "Cook" and externalId eq "x1"', {AMY}),
    (f'userName eq "{BOB}" and active eq true', set()),
    (f'userName eq "{BOB}" and (active eq "False" or title sw "C")', {BOB}),
    ('id eq "nonsense"', set()),
]
SCANNED = [
    ('title eq "cook"', {AMY, BOB}),
    (f'userName sw "a" and userName ew "{DOMAIN}"', {AMY}),
    ("active eq false", {BOB}),
    (f'{ENTERPRISE}:department eq "Tours"', {CARL}),
    ('emails[type eq "work"].value co "ann"', {"ann@example.org"}),
    (f'userName eq "{AMY}" or title eq "Cook"', {AMY, BOB}),
    (f'not (userName eq "{AMY}") and externalId pr', {BOB, DORA}),
    ('name.familyName eq "ames"', {AMY}),
    ('meta.created lt "2020-01-01T00:00:00Z"', set()),
]


@pytest.mark.parametrize(("text", "expected"), INDEXED + SCANNED)
def test_a_filter_finds_who_fits(provider, people, text, expected):
    """A filter finds those who fit and nobody else, members and invited ones alike."""
    assert found(provider, text) == expected


@pytest.fixture
def few(monkeypatch):
    """Let nothing be looked at that no index finds."""
    monkeypatch.setattr(searching, "MOST_LOOKED_AT", 2)


@pytest.mark.parametrize(("text", "expected"), INDEXED)
def test_an_index_needs_no_scan(provider, people, few, text, expected):
    """What is asked by the value of an indexed attribute is found in an organization of any size."""
    assert found(provider, text) == expected


@pytest.mark.parametrize("text", [text for text, _ in SCANNED])
def test_a_long_scan_is_refused(provider, people, few, text):
    """What no index answers is refused where too many would have to be looked at."""
    assert refusal(provider("GET", f"/Users?filter={text.replace(' ', '%20')}")) == (400, "tooMany")


@pytest.mark.parametrize("text", ["userName", 'userName eq "x', 'nothing eq "x"', "active gt true", "(" * 20])
def test_a_wrong_filter_is_refused(provider, text):
    """A filter that can't be read, or can't be asked, is refused on every list."""
    for place in ("/Users", "/Groups"):
        assert refusal(provider("GET", f"{place}?filter={text}")) == (400, "invalidFilter")


def test_teams_are_found_by_name_id_and_member(provider, people, few):
    """Teams are found by the values that providers ask for, without a scan."""
    amy, bob, *_ = people
    cooks, bakers, _ = provider.team("Cooks", amy, bob), provider.team("Bakers", bob), provider.team("Empty")
    provider.patched(f"/Groups/{cooks['id']}", {"op": "add", "path": "externalId", "value": "g1"})
    for text, expected in (
        ('displayName eq "Cooks"', {"Cooks"}),
        ('displayName eq "cooks"', set()),
        ('externalId eq "g1"', {"Cooks"}),
        (f'id eq "{bakers["id"]}"', {"Bakers"}),
        (f'members eq "{bob["id"]}"', {"Cooks", "Bakers"}),
        (f'members.value eq "{amy["id"]}"', {"Cooks"}),
        (f'id eq "{cooks["id"]}" and members eq "{amy["id"]}"', {"Cooks"}),
        (f'id eq "{bakers["id"]}" and members eq "{amy["id"]}"', set()),
    ):
        assert found(provider, text, "/Groups") == expected, text
    assert refusal(provider("GET", '/Groups?filter=displayName sw "C"')) == (400, "tooMany")


def test_teams_are_found_by_anything_where_they_are_few(provider, people):
    """Any filter goes where the teams are few."""
    provider.team("Cooks", people[0])
    provider.team("Empty")
    assert found(provider, 'displayName sw "C"', "/Groups") == {"Cooks"}
    assert found(provider, "not (members pr)", "/Groups") == {"Empty"}


# -- parts


def test_a_list_is_read_in_parts(provider, people):
    """Every part of a list tells the number of all, and the parts together hold everybody once."""
    seen = []
    for start in (1, 3, 5):
        part = provider.get(f"/Users?startIndex={start}&count=2")
        assert (part["totalResults"], part["startIndex"]) == (5, start)
        assert part["itemsPerPage"] == len(part["Resources"]) == (1 if start == 5 else 2)
        seen += [user["id"] for user in part["Resources"]]
    assert len(set(seen)) == 5
    assert seen == [user["id"] for user in provider.get("/Users")["Resources"]]


@pytest.mark.parametrize("place", ["/Users", "/Users?filter=active%20eq%20true"])
@pytest.mark.parametrize(
    ("query", "start", "shown"),
    [
        ("count=0", 1, 0),
        ("count=-5", 1, 0),
        ("startIndex=0&count=1", 1, 1),
        ("startIndex=-7&count=1", 1, 1),
        ("count=9999999999", 1, 4),
        ("startIndex=99", 99, 0),
        ("startIndex=&count=", 1, 4),
    ],
)
def test_what_is_out_of_range_is_the_nearest(provider, place, query, start, shown):
    """Numbers that are too small or too large are taken for the nearest that there is (RFC 7644, 3.4.2.4)."""
    for _ in range(3):
        provider.user()
    part = provider.get(f"{place}{'&' if '?' in place else '?'}{query}")
    assert (part["totalResults"], part["startIndex"], len(part["Resources"])) == (4, start, shown)


@pytest.mark.parametrize("query", ["count=x", "startIndex=1.5", "count=--1", "startIndex=%C2%B2", "count=99999999999"])
def test_what_is_no_number_is_refused(provider, query):
    """A part of a list is asked for by numbers."""
    assert refusal(provider("GET", f"/Users?{query}")) == (400, "invalidValue")


def test_a_list_shows_at_most_so_many(provider, people, monkeypatch):
    """One answer holds no more than is published, whatever is asked for."""
    assert provider.get("/ServiceProviderConfig")["filter"] == {"supported": True, "maxResults": 200}
    monkeypatch.setattr(answers, "MOST_RESULTS", 2)
    for query in ("", "?count=3", '?filter=userName%20co%20"a"'):
        assert len(provider.get(f"/Users{query}")["Resources"]) == 2


# -- attributes


def test_only_the_asked_attributes_are_shown(provider, people):
    """What identifies a resource always is there; nothing else is that was not asked for, or was excluded."""
    amy = people[0]
    path = f"/Users/{amy['id']}"
    always = {"id", "schemas"}
    assert provider.get(f"{path}?attributes=title").keys() == always | {"title"}
    assert provider.get(f"{path}?attributes=TITLE,name.givenName").keys() == always | {"title"}
    assert provider.get(f"{path}?attributes=name.familyName,active")["name"] == {"familyName": "Ames"}
    assert provider.get(f"{path}?attributes=nothing").keys() == always
    assert provider.get(f"{path}?excludedAttributes=title,id,meta").keys() == amy.keys() - {"title", "meta"}
    assert "name" not in provider.get(f"{path}?excludedAttributes=name.familyName")
    seen = provider.get(f"/Users/{provider.caller.id}?excludedAttributes=emails.value")
    assert seen["emails"] == [{"type": "work", "primary": True}]
    carl = people[2]
    only = provider.get(f"/Users/{carl['id']}?attributes={ENTERPRISE}:department")
    assert only[ENTERPRISE] == {"department": "Tours"}
    assert ENTERPRISE not in provider.get(f"/Users/{carl['id']}?excludedAttributes={ENTERPRISE}")
    assert ENTERPRISE not in provider.get(f"/Users/{carl['id']}?excludedAttributes={ENTERPRISE}:department")
    for listed in provider.get("/Users?attributes=userName")["Resources"]:
        assert listed.keys() == always | {"userName"}


def test_members_can_be_left_out(provider, people):
    """A list of teams without their members, as Entra asks for it, shows none; the tag is that of the whole team."""
    team = provider.team("Cooks", *people)
    (listed,) = provider.get("/Groups?excludedAttributes=members")["Resources"]
    assert listed.keys() == {"id", "schemas", "displayName", "meta"}
    assert "version" not in listed["meta"]
    alone = provider("GET", f"/Groups/{team['id']}?excludedAttributes=members")
    assert (alone.headers["etag"], "members" in alone.json) == (team["meta"]["version"], False)


def test_attributes_are_shown_or_excluded(provider):
    """Both at once is no request."""
    assert refusal(provider("GET", "/Users?attributes=title&excludedAttributes=name")) == (400, "invalidValue")


def test_answers_to_writes_show_what_was_asked_for(provider):
    """The attributes are chosen for what is written, too."""
    reply = provider("POST", "/Users?attributes=userName", {"userName": provider.address()})
    assert reply.json.keys() == {"id", "schemas", "userName"}
    assert reply.headers["etag"]
    assert reply.headers["location"]
