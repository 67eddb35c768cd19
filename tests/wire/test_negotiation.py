"""Which version of a resource answers, and how the reply says so (wire facts, 2)."""

import pytest

from tests.wire.calls import ADMIN_API, CALLS, EACH_VERSION, ENDED, SERVED

OFFICIAL = [
    "2023-01-01", "2023-02-01", "2023-10-01", "2023-11-15", "2024-05-30", "2024-08-05", "2024-10-23", "2024-11-13",
    "2025-02-19", "2025-03-12",
]  # fmt: skip
TOO_OLD = "2022-12-31"
SUNSET = "Thu, 1 Jul 2027 00:00:00 GMT"
REPLACED_IN_2025 = ("Wed, 19 Feb 2025 00:00:00 GMT", SUNSET)
REPLACED_IN_2023 = ("Wed, 4 Oct 2023 00:00:00 GMT", SUNSET)
FOR_SAML_ALONE = ("Wed, 15 Nov 2023 00:00:00 GMT", "Wed, 1 Jan 2025 00:00:00 GMT")
STAYS = (None, None)
DEPRECATED = {
    **{
        (name, "2023-01-01"): REPLACED_IN_2025
        for name in (
            "listOrgUsers", "removeOrgUser", "updateOrgUserRoles", "listGroupUsers", "removeGroupUser",
            "updateGroupUserRoles", "listOrgInvites", "createOrgInvite", "updateOrgInvites", "getOrgInvite",
            "updateOrgInviteById", "deleteOrgInvite", "listOrgTeamUsers", "addOrgTeamUsers",
            "removeOrgTeamUserFromTeam", "createUser", "getUser", "getUserByName",
        )
    },
    **{
        (name, "2023-01-01"): REPLACED_IN_2023
        for name in (
            "listGroupInvites", "createGroupInvite", "updateGroupInvites", "getGroupInvite",
            "updateGroupInviteById", "deleteGroupInvite",
        )
    },
    ("addGroupAccessUser", "2023-02-01"): REPLACED_IN_2025,
    ("getFederationSettingIdentityProvider", "2023-01-01"): FOR_SAML_ALONE,
    ("updateFederationSettingIdentityProvider", "2023-01-01"): FOR_SAML_ALONE,
}  # fmt: skip


def media_type(date):
    """Return what a client writes to ask for the version of `date`."""
    return f"application/vnd.atlas.{date}+json"


def version_of(reply):
    """Return the version that a reply names, without the space that some would put before the charset."""
    content_type = reply.headers["Content-Type"]
    assert content_type.startswith("application/vnd.atlas.")
    assert content_type.endswith("+json;charset=utf-8")
    return content_type.removeprefix("application/vnd.atlas.").removesuffix("+json;charset=utf-8")


@pytest.mark.parametrize("asked", [*OFFICIAL, "2024-02-29", "2099-01-01"])
def test_the_newest_version_that_is_not_newer_answers(scene, asked):
    """A client names the date that it was written for, whichever the operation's own versions are."""
    expected = "2023-01-01" if asked < "2025-02-19" else "2025-02-19"
    reply = scene.owner.get(f"/groups/{scene.project}/users", accept=media_type(asked))
    assert (reply.status_code, version_of(reply)) == (200, expected)
    assert ("emailAddress" in reply.json()["results"][0]) == (expected == "2023-01-01")


@pytest.mark.parametrize("operation", sorted(ADMIN_API))
def test_one_new_date_serves_every_operation(scene, operation):
    """A client that always says 2025-03-12 gets the newest version of everything that is no preview."""
    reply = scene.send(operation, CALLS[operation](scene), accept=media_type("2025-03-12"))
    dated = [version.date for version in ADMIN_API[operation].versions if version.date != "preview"]
    if dated:
        assert (reply.ok, version_of(reply)) == (True, dated[-1])
    else:
        assert (reply.status_code, reply.json()["errorCode"]) == (400, "INVALID_VERSION_DATE")


@pytest.mark.parametrize("operation", sorted(ADMIN_API))
def test_a_preview_is_newer_than_every_date(scene, operation):
    """A client of what is to come gets the newest that there is."""
    reply = scene.send(operation, CALLS[operation](scene), accept=media_type("preview"))
    assert (reply.ok, version_of(reply)) == (True, ADMIN_API[operation].versions[-1].date)


@pytest.mark.parametrize("operation", sorted(ADMIN_API))
def test_a_date_before_the_first_version_is_refused(scene, operation):
    """There is nothing to answer with, and nothing is done: the same call goes well afterwards."""
    request = CALLS[operation](scene)
    refused = scene.send(operation, request, accept=media_type(TOO_OLD))
    assert (refused.status_code, refused.json()["errorCode"]) == (400, "INVALID_VERSION_DATE")
    assert refused.json()["parameters"] == [TOO_OLD]
    assert scene.send(operation, request).ok


def test_a_newer_operation_refuses_an_older_date(scene):
    """An operation of 2025 has no version for a client of 2023."""
    reply = scene.owner.get(f"/orgs/{scene.org}/users/{scene.member}", accept=media_type("2024-11-13"))
    assert (reply.status_code, reply.json()["errorCode"]) == (400, "INVALID_VERSION_DATE")


@pytest.mark.parametrize("asked", ["previews", "2025-13-01", "2025-02-30", "20250312", "2025-W11-3", "2025", "latest"])
def test_what_is_no_date_is_refused(scene, asked):
    """A date has one form, and beside dates there is one word."""
    reply = scene.owner.get(f"/orgs/{scene.org}", accept=media_type(asked))
    assert (reply.status_code, reply.json()["errorCode"]) == (400, "INVALID_VERSION_DATE")
    assert reply.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    "accept",
    [None, "", "application/json", "*/*", "application/*", "application/json, */*;q=0.1", "text/html,*/*;q=0.8"],
)
def test_a_plain_type_gets_the_first_version(scene, accept):
    """Clients that know of no versions were written for the first one."""
    reply = scene.owner.get(f"/groups/{scene.project}/users", accept=accept)
    assert (reply.status_code, version_of(reply)) == (200, "2023-01-01")


@pytest.mark.parametrize(
    "accept", ["application/vnd.atlas.2023-01-01+json;charset=utf-8", "Application/VND.Atlas.2023-01-01+JSON"]
)
def test_a_type_is_read_as_types_are(scene, accept):
    """Parameters and capitals do not change what is asked for."""
    assert version_of(scene.owner.get(f"/groups/{scene.project}/users", accept=accept)) == "2023-01-01"


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "application/vnd.atlas.2023-01-01+csv"])
def test_another_type_is_not_served(scene, accept):
    """There is JSON only; the refusal is JSON all the same."""
    reply = scene.owner.get(f"/orgs/{scene.org}", accept=accept)
    assert (reply.status_code, reply.json()["errorCode"]) == (406, "NOT_ACCEPTABLE")
    assert reply.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    "declared",
    ["application/json", "application/json; charset=utf-8", media_type("2023-01-01"), media_type("2025-03-12")],
)
def test_a_body_may_be_declared_plainly_or_by_version(scene, declared):
    """Some clients send the dated type, others plain JSON, with whichever Accept."""
    raw = b'{"name":"Wire"}'
    reply = scene.owner("PATCH", f"/orgs/{scene.org}", raw=raw, headers={"Content-Type": declared})
    assert reply.status_code == 200, reply.text


def test_a_body_of_another_type_is_refused(scene):
    """A form is no JSON."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    reply = scene.owner("PATCH", f"/orgs/{scene.org}", raw=b"name=Wire", headers=headers)
    assert (reply.status_code, reply.json()["errorCode"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize(("operation", "version"), EACH_VERSION)
def test_a_version_that_ends_says_so(scene, operation, version):
    """Replaced versions carry the day of their successor and the day of their end, the day not padded; others none."""
    reply = scene.send(operation, CALLS[operation](scene), accept=media_type(version))
    said = (reply.headers.get("Deprecation"), reply.headers.get("Sunset"))
    assert said == DEPRECATED.get((operation, version), STAYS)


@pytest.mark.parametrize(("operation", "version"), ENDED)
def test_a_version_that_has_ended_is_gone(scene, operation, version):
    """Whoever asks for one whose end has passed is told so, and nothing is done; a plain type gets the next one."""
    request = CALLS[operation](scene)
    refused = scene.send(operation, request, accept=media_type(version))
    assert (refused.status_code, refused.json()["errorCode"]) == (410, "VERSION_GONE")
    assert refused.headers["Content-Type"] == "application/json"
    plain = scene.send(operation, request, accept="application/json")
    assert (plain.ok, version_of(plain)) == (True, ADMIN_API[operation].versions[1].date)


def test_what_has_ended_is_what_the_real_service_ended(live):
    """Two operations had a version whose last day was in 2024; all others that are replaced go on for years."""
    assert {name for (name, _), said in DEPRECATED.items() if said == FOR_SAML_ALONE} <= {name for name, _ in ENDED}
    assert all("2027" in DEPRECATED[name][1] for name in set(DEPRECATED) - set(ENDED))


def test_an_empty_reply_names_its_version(scene):
    """Also a reply without a body carries its media type."""
    reply = scene.send("deleteOrgApiKey", CALLS["deleteOrgApiKey"](scene))
    assert (reply.status_code, reply.content, version_of(reply)) == (204, b"", "2023-01-01")


def test_what_has_no_versions_is_plain(live):
    """Outside the Admin API there are none, and a vendor's type is passed over."""
    assert not SERVED["getOpenApi"].versions
    reply = live.nobody.get("/openapi.json", accept="*/*")
    assert (reply.status_code, reply.headers["Content-Type"]) == (200, "application/json")
