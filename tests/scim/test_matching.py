"""Which resources a filter finds, by the tables of RFC 7644, section 3.4.2.2."""

import pytest

from orgward.scim.attributes import ScimError
from orgward.scim.filters import parse_filter
from orgward.scim.matching import test_of as fits
from orgward.scim.schemas import TEAM, USER

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
BARBARA = {
    "id": "0123456789abcdef01234567",
    "externalId": "Ext-1",
    "userName": "bjensen@example.com",
    "name": {"givenName": "Barbara", "familyName": "Jensen"},
    "title": "Tour Guide",
    "active": True,
    "emails": [
        {"value": "bjensen@example.com", "type": "work", "primary": True},
        {"value": "babs@jensen.org", "type": "home"},
    ],
    "meta": {"resourceType": "User", "lastModified": "2011-05-13T04:42:34Z"},
    ENTERPRISE: {"department": "Tours", "manager": {"value": "26118915"}},
}


@pytest.mark.parametrize(
    "text",
    [
        'userName eq "BJENSEN@example.com"',
        'userName ne "somebody"',
        'userName co "jensen"',
        'userName sw "bj"',
        'userName ew "example.com"',
        'name.familyName eq "jensen"',
        "title pr",
        "not (nickName pr)",
        "nickName eq null",
        "title ne null",
        'nickName ne "x"',
        "active eq true",
        'active eq "True"',
        "active ne false",
        'externalId eq "Ext-1"',
        'emails eq "babs@jensen.org"',
        'emails.type eq "home"',
        'emails[type eq "work" and value co "@example.com"]',
        'emails[type eq "home"].value eq "babs@jensen.org"',
        "emails[primary eq true]",
        "emails[not (primary pr)]",
        'meta.lastModified gt "2011-05-13T04:42:33Z"',
        'meta.lastModified eq "2011-05-13T06:42:34+02:00"',
        'meta.lastModified le "2011-05-13T04:42:34Z"',
        'userName gt "a" and userName lt "c"',
        'userName ge "bjensen@example.com"',
        f'{ENTERPRISE}:department eq "tours"',
        f'{ENTERPRISE}:manager eq "26118915"',
        f"{ENTERPRISE} pr",
        'urn:ietf:params:scim:schemas:core:2.0:User:userName sw "bj"',
        'title eq "x" or userName pr and active eq true',
        'meta.resourceType eq "User"',
    ],
)
def test_what_fits(text):
    """The filter finds this resource, and its negation does not."""
    assert fits(parse_filter(text), USER)(BARBARA)
    assert not fits(parse_filter(f"not ({text})"), USER)(BARBARA)


@pytest.mark.parametrize(
    "text",
    [
        'externalId eq "ext-1"',
        'userName eq "bjensen"',
        'nickName eq "x"',
        'nickName gt "a"',
        'emails[type eq "work" and value eq "babs@jensen.org"]',
        'emails[type eq "home"].primary eq true',
        '(title eq "x" or userName pr) and active eq false',
        'meta.lastModified gt "2011-05-13T04:42:34Z"',
    ],
)
def test_what_does_not_fit(text):
    """The filter does not find this resource: ids are exact, and a value filter is about one and the same value."""
    assert not fits(parse_filter(text), USER)(BARBARA)


@pytest.mark.parametrize(
    "text",
    [
        'nothing eq "x"',
        'name eq "x"',
        'name.nothing eq "x"',
        "active gt true",
        'active eq "perhaps"',
        "active co true",
        "userName eq 5",
        "userName eq true",
        "userName gt null",
        'userName[value eq "x"]',
        'emails[nothing eq "x"]',
        'emails[type[value eq "x"]]',
        'emails.type[value eq "x"]',
        'meta.lastModified gt "yesterday"',
        'meta.lastModified sw "2011"',
        f'{ENTERPRISE}:nothing eq "x"',
        f'{ENTERPRISE} eq "x"',
    ],
)
def test_what_can_not_be_asked(text):
    """What no schema has, or what does not go together, is an invalid filter before anything is looked at."""
    with pytest.raises(ScimError) as found:
        fits(parse_filter(text), USER)
    assert found.value.code == "INVALID_FILTER"


def test_members_are_asked_for_by_their_id():
    """A team is found by who is in it."""
    team = {"displayName": "Tours", "members": [{"value": "a"}, {"value": "b"}]}
    for text in ('members eq "b"', 'members.value eq "b"', 'members[value eq "b"]'):
        assert fits(parse_filter(text), TEAM)(team)
    assert not fits(parse_filter('members eq "c"'), TEAM)(team)
    assert not fits(parse_filter('displayName eq "tours"'), TEAM)(team)
