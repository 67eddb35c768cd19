"""What happened, as the activity pages tell it: a sentence about who did what to whom, and the roles that changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from markupsafe import Markup, escape

from orgward.catalog import EDITIONS, ORGANIZATION_OWNER, PRIVILEGES, PROJECT_OWNER, Role
from orgward.console.frame.page import Page
from orgward.console.frame.problems import sentence_of
from orgward.console.listing.naming import initials
from orgward.edge.errors import ANSWERS
from orgward.kernel.client_ids import client_id_of
from orgward.kernel.errors import OrgwardError
from orgward.store.reads.actors import Actor, actors
from orgward.store.reads.logged import Logged, RoleOf

OWNER_GIVEN: Final = "OWNER_ROLE_GIVEN_BY_NON_OWNER"
COUNTED: Final = "refusals.counted"
"""The action of a row that stands for more refusals than were kept."""

_OWNERS: Final = {ORGANIZATION_OWNER, PROJECT_OWNER}
_AVATARS: Final = {"user": "person", "api_key": "key", "service_account": "service", "operator": "command"}
_THROUGH: Final = {"user": "session", "api_key": "key", "service_account": "token", "operator": "cli"}
_MOST: Final = 6
_MOST_SENTENCES: Final = 4
_ROLES: Final = {name: role for edition in EDITIONS.values() for name, role in edition.roles.items()}


@dataclass(frozen=True, slots=True)
class Happened:
    """One row of the log as a page shows it."""

    row: Logged
    sentence: Markup
    further: Sequence[Markup]
    n_left_out: int
    through: str
    avatar: str
    initials: str | None
    taken: Sequence[Mapping[str, Any]]
    given: Sequence[Mapping[str, Any]]
    missing: Sequence[str]
    labels: Sequence[str]


def happened(page: Page, rows: Sequence[Logged]) -> list[Happened]:
    """Return `rows` in words; everybody named in them is looked up once."""
    people = {(row.actor_kind, row.actor_id) for row in rows}
    events = [event for row in rows for event in row.events]
    people |= {("user", event["targetUserId"]) for event in events if "targetUserId" in event}
    telling = _Telling(page, actors(page.view, people))
    return [telling.of(row) for row in rows]


@dataclass(frozen=True, slots=True)
class _Telling:
    """What rows are told with: words, and the names of all who are in them."""

    page: Page
    names: Mapping[tuple[str, str], Actor]

    def of(self, row: Logged) -> Happened:
        """Return one row in words."""
        sentences = [self._event(row, event) for event in row.events if event["type"] != OWNER_GIVEN]
        if row.outcome == "refused":
            sentences = [self._refusal(row)]
        sentences = sentences or [self._plain(row)]
        person = self.names[row.actor_kind, row.actor_id]
        return Happened(
            row,
            sentences[0],
            sentences[1:_MOST_SENTENCES],
            max(0, len(sentences) - _MOST_SENTENCES),
            self.page.t(f"activity.through_{_THROUGH.get(row.actor_kind, 'cli')}"),
            _AVATARS.get(row.actor_kind, "command"),
            initials(person.label) if row.actor_kind == "user" and person.label else None,
            [self._chip(each, struck=True) for each in row.taken[:_MOST]],
            [self._chip(each, struck=False) for each in row.given[:_MOST]],
            [name for name in row.parameters if name in PRIVILEGES] if row.outcome == "refused" else (),
            list(_labels(self.page, row)),
        )

    def _t(self, key: str, /, **params: Any) -> Markup:
        return escape(self.page.t(key, **params))

    def _plain(self, row: Logged) -> Markup:
        return self._t("activity.plain", actor=self._actor(row), action=_code(row.action))

    def _event(self, row: Logged, event: Mapping[str, Any]) -> Markup:
        key = _key_of(self.page, row, event)
        if self.page.t.find(key) is None:
            return self._plain(row)  # the log outlives the version that wrote it
        named = {
            "actor": self._actor(row),
            "target": self._person(event.get("targetUserId", "")),
            "place": self._place(event.get("groupId") or event.get("orgId", "")),
            "team": self._place(event.get("teamId", "")),
            "key": self._key(event),
            "account": self._account(event.get("serviceAccountId", "")),
            "entry": _bold(event.get("entry", "")),
            "limit": _code(event.get("limit", "")),
            "reason": _code(event.get("notMapped", "")),
        }
        return self._t(key, **named)

    def _refusal(self, row: Logged) -> Markup:
        named = {"actor": self._actor(row), "place": self._place(row.target)}
        if row.action == COUNTED:
            return self._t("activity.counted", n=row.body.get("count", 0), **named)
        return self._t("activity.refused", what=self._refused(row), **named)

    def _refused(self, row: Logged) -> str:
        """Return what somebody was refused, or why; of a code that this version does not know only the code."""
        wanted = next((name for name in row.parameters if name in PRIVILEGES), None)
        if wanted:
            return self.page.t.privilege(wanted)
        if row.code not in ANSWERS:
            return _code(row.code)
        return sentence_of(self.page.t, OrgwardError(row.code, *row.parameters))

    def _actor(self, row: Logged) -> Markup:
        if row.actor_kind == "operator":
            return _bold(self.page.t("shared.actor_operator"))
        if not row.actor_id:
            return _bold(self.page.t("shared.actor_sign_in"))
        if row.actor_kind == "api_key":
            # The log keeps the public half as the credential, for a deleted key has no row any more.
            return _bold(self.names[row.actor_kind, row.actor_id].label or row.credential)
        if row.actor_kind == "service_account":
            return self._account(row.actor_id)
        return self._person(row.actor_id)

    def _person(self, user: str) -> Markup:
        found = self.names.get(("user", user))
        return _bold(found.label if found and found.label else self.page.t("shared.actor_erased"))

    def _place(self, place: str) -> Markup:
        """Return the name of an organization, project or team; of one that is gone there is only the id."""
        for table in ("projects", "organizations", "teams"):
            row = self.page.view.get(table, place)
            if row is not None:
                return _bold(row["name"])
        return _code(place) if place and place != "store" else _bold(self.page.t("activity.somewhere"))

    def _key(self, event: Mapping[str, Any]) -> Markup:
        row = self.page.view.get("api_keys", event.get("apiKeyId", ""))
        return _bold(row["description"]) if row else _code(event.get("publicKey", ""))

    def _account(self, account: str) -> Markup:
        row = self.page.view.get("service_accounts", account)
        return _bold(row["name"]) if row else _code(client_id_of(account))

    def _chip(self, given: RoleOf, *, struck: bool) -> dict[str, Any]:
        role: Role | None = _ROLES.get(given.role)
        kind = "team" if self.page.view.get("teams", given.holder) else "direct"
        is_organization = role is not None and role.scope == "organization"
        return {
            "title": role.title if role else given.role,
            "source": "organization" if is_organization else kind,
            "owner": given.role in _OWNERS,
            "struck": struck,
            "via": self._via(given),
        }

    def _via(self, given: RoleOf) -> str | None:
        if given.scope == self.page.resource.id:
            return None
        row = self.page.view.get("projects", given.scope)
        return self.page.t("activity.on", place=row["name"]) if row else None


def _key_of(page: Page, row: Logged, event: Mapping[str, Any]) -> str:
    """Return the key of an event's sentence: people do some things to themselves, and some things have no type."""
    kind = f"events.{event['type']}"
    variant = ""
    if "suspended" in event:
        variant = "suspended" if event["suspended"] else "reactivated"
    elif "readdressed" in event:
        variant = "readdressed"
    elif "notMapped" in event:
        variant = "not_mapped"
    elif event.get("targetUserId") == row.actor_id:
        variant = "self"
    found = f"{kind}.{variant}"
    return found if variant and page.t.find(found) is not None else kind


def _labels(page: Page, row: Logged) -> Iterable[str]:
    founded = {"ORG_CREATED", "GROUP_CREATED"} & {event["type"] for event in row.events}
    if any(event["type"] == OWNER_GIVEN for event in row.events):
        yield page.t("activity.owner_given_by_other")
    elif not founded and any(each.role in _OWNERS for each in row.given):
        yield page.t("shared.owner_given")


def _bold(text: str) -> Markup:
    return Markup("<b>{}</b>").format(text)


def _code(text: str) -> Markup:
    return Markup("<code>{}</code>").format(text)
