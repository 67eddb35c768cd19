"""The words for what the catalogue lists, and for refusals: complete in both languages, and nothing left over."""

import re
import tomllib
from itertools import product
from pathlib import Path
from string import Formatter

import pytest

import orgward.console
from orgward.catalog import EDITIONS, PRIVILEGES
from orgward.catalog.event_types import EVENT_TYPES
from orgward.catalog.privilege_groups import groups_of
from orgward.catalog.role_families import families_of
from orgward.edge.errors import ANSWERS

WORDS = Path(orgward.console.__file__).parent / "words"
SCOPES = ("organization", "project")

FOR_PROGRAMS = {
    "ACCOUNT_NOT_FEDERATED", "API_KEY_CANNOT_CREATE_ORG", "ATTRIBUTE_NOT_CHANGEABLE", "CANNOT_WIDEN_OWN_ACCESS_LIST",
    "INVALID_FILTER", "INVALID_PATH", "INVALID_VERSION_DATE", "MALFORMED_JSON",
    "METHOD_NOT_ALLOWED", "NOT_ACCEPTABLE", "NOT_A_FORM", "NOT_IMPLEMENTED", "NO_TARGET", "ROLE_NEEDS_GROUP_ID",
    "ROLE_NEEDS_NO_GROUP_ID", "ROLE_NEEDS_NO_ORG_ID", "ROLE_NEEDS_ORG_ID", "SESSION_REQUIRED", "TOO_MANY_CHANGES",
    "TOO_MANY_RESULTS", "UNKNOWN_MEMBER", "UNSUPPORTED_MEDIA_TYPE", "VERSION_GONE", "WORKLOAD_IDENTITY_EXISTS",
    "WORKLOAD_IDENTITY_NOT_FOUND",
}  # fmt: skip
"""Codes that nobody meets who works with pages."""

DESIGNED = {
    "invite", "send_again", "join", "decline", "check", "back_edit", "give_n", "take_n", "create_key", "copy_api",
    "ask", "why", "yes_paths", "no_missing", "nothing_yet", "last_owner", "no_charge", "key_outlives", "self",
    "refused", "who_gives", "not_found", "edition", "secret_once", "stored", "type_name", "moved", "denied_keeps",
    "empty_teams", "no_match", "signin_wrong", "session_over",
}  # fmt: skip
"""The sentences that the console's design gives word by word."""

VARIANTS = {
    "ORG_INVITATION_DELETED.self", "JOINED_ORG.self", "REMOVED_FROM_ORG.self", "GROUP_INVITATION_DELETED.self",
    "JOINED_GROUP.self", "REMOVED_FROM_GROUP.self", "JOINED_TEAM.self", "REMOVED_FROM_TEAM.self",
    "USER_ROLES_CHANGED_AUDIT.self", "USER_ROLES_CHANGED_AUDIT.suspended", "USER_ROLES_CHANGED_AUDIT.reactivated",
    "USER_ROLES_CHANGED_AUDIT.readdressed", "USER_ROLES_CHANGED_AUDIT.not_mapped",
    "SERVICE_ACCOUNT_ROLES_CHANGED.suspended", "SERVICE_ACCOUNT_ROLES_CHANGED.reactivated",
}  # fmt: skip
"""Events of one type that are told in more than one way."""

FILES = ("catalogue", "shared", "errors", "events", "privileges", "roles")


def words(file):
    """Give the entries of one file of words by their key."""
    return tomllib.loads((WORDS / f"{file}.toml").read_text(encoding="utf-8"))


def texts(entry, language):
    """Give the texts of an entry in one language, one for each plural form."""
    found = entry.get(language, {})
    return [found] if isinstance(found, str) else list(found.values())


def placeholders(text):
    """Give the names that a text leaves room for."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def every_text(language):
    """Give each text in one language with its place."""
    for file in FILES:
        for key, entry in words(file).items():
            for text in texts(entry, language):
                yield f"{file}.{key}", text


def test_each_privilege_has_its_german_sentence():
    """English stands in the catalogue alone."""
    found = words("privileges")
    assert found.keys() == PRIVILEGES.keys()
    for name, entry in found.items():
        assert entry.keys() == {"de"}, name
        assert re.fullmatch(r"[A-ZÄÖÜ][^.]*\.", re.sub(r"X\.509", "", entry["de"])), name


def test_each_role_of_each_edition_has_its_german_sentence():
    """One name may mean another role in the other edition."""
    found = words("roles")
    assert found.keys() == {f"{edition.name}.{role}" for edition in EDITIONS.values() for role in edition.roles}
    for name, entry in found.items():
        assert entry.keys() == {"de"}, name
        assert re.fullmatch(r"[A-ZÄÖÜ][^.]*\.", entry["de"]), name


def test_each_group_and_family_has_its_names():
    """Groups have a short one too, for the head of a column."""
    everywhere = list(product(EDITIONS, SCOPES))
    groups = {group for edition, scope in everywhere for group in groups_of(edition, scope)}
    families = {family for edition, scope in everywhere for family in families_of(edition, scope)}
    expected = {f"group.{group}{form}" for group in groups for form in ("", ".short")}
    assert words("catalogue").keys() == expected | {f"family.{family}" for family in families}


def test_each_type_of_event_has_its_sentence():
    """Some have more than one: what people do to themselves, and that for which the API has no type."""
    assert words("events").keys() == EVENT_TYPES.keys() | VARIANTS


@pytest.mark.parametrize("key", sorted(EVENT_TYPES.keys() | VARIANTS))
def test_an_event_is_told_by_what_it_carries(key):
    """The log keeps who, where, and by the kind of event whom, which team, key, address or limit."""
    name, _, variant = key.partition(".")
    carried = {
        "user": {"actor", "place", "target"},
        "team": {"actor", "place", "team"},
        "api_key": {"actor", "place", "key"},
        "service_account": {"actor", "place", "account"},
        "resource": {"actor", "place"},
        "plain": {"actor", "place"},
    }[EVENT_TYPES[name].kind]
    carried |= {"team"} if name.endswith("_TEAM") else set()
    carried |= {"entry"} if "_ENTRY_" in name else set()
    carried |= {"reason"} if variant == "not_mapped" else set()
    carried |= {"limit"} if name == "PROJECT_LIMIT_UPDATED" else set()
    about = {"target", "team", "key", "account", "entry", "limit"} & carried - (
        {"target"} if variant == "self" else set()
    )
    for language in ("en", "de"):
        (text,) = texts(words("events")[key], language)
        assert about <= placeholders(text) <= carried, text


def test_each_refusal_that_people_meet_has_its_sentence():
    """What only programs can get wrong is not translated."""
    assert words("errors").keys() == ANSWERS.keys() - FOR_PROGRAMS


@pytest.mark.parametrize("code", sorted(ANSWERS.keys() - FOR_PROGRAMS))
def test_a_refusal_names_no_more_than_the_code_carries(code):
    """A sentence for people may leave out an id that the sentence of the API names."""
    carried = placeholders(ANSWERS[code].sentence)
    if code == "USER_UNAUTHORIZED":
        carried = {"0"}  # the privileges of which one is missing
    for language in ("en", "de"):
        (text,) = texts(words("errors")[code], language)
        assert placeholders(text) <= carried


def test_the_sentences_of_the_design_are_there():
    """Each in both languages."""
    assert words("shared").keys() >= DESIGNED


@pytest.mark.parametrize("file", ["catalogue", "shared", "errors", "events"])
def test_both_languages_say_the_same(file):
    """They have the same plural forms and leave room for the same names."""
    for key, entry in words(file).items():
        assert entry.keys() == {"en", "de"}, key
        english, german = texts(entry, "en"), texts(entry, "de")
        assert [placeholders(text) for text in english] == [placeholders(text) for text in german], key
        assert all(text.strip() == text != "" for text in (*english, *german)), key


def test_words_of_the_wire_stay_on_the_wire():
    """People read of projects, second factors and persons, whatever the API calls them."""
    wire = re.compile(r"\b(groups?|MFA|(?<!database )users?|usernames?|body|attribute|parameter)\b", re.IGNORECASE)
    found = [place for place, text in every_text("en") if wire.search(text)]
    assert found == ["shared.filter_groups"]  # those of privileges
    german = re.compile(r"\b(MFA|Nutzer|Benutzer|Benutzername|Parameter)\b")
    assert [place for place, text in every_text("de") if german.search(text)] == []


def test_the_voice_is_calm():
    """No exclamation, Sie and never du, no marks of gender inside words, and apostrophes as printers set them."""
    loud = re.compile(r"!|'|\"|\b([Dd]u|[Dd]ein\w*|[Ee]uch)\b|\w[*:_·]in(nen)?\b|\wInnen\b")
    found = [place for language in ("en", "de") for place, text in every_text(language) if loud.search(text)]
    assert found == []
