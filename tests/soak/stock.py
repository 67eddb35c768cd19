"""What generated calls aim at: organizations with something in each of them, made anew when calls have used them up."""

import itertools
import re
from collections.abc import Mapping, Sequence
from email import message_from_bytes
from email.policy import SMTPUTF8

from orgward.app.operator import NewUser
from orgward.catalog import EDITIONS
from tests.soak.place import HELD, OWN, Place
from tests.wire.live import Client, Live

PASSWORD = "correct horse 7"
CALLS_BETWEEN_LOOKS = 50
CROWDED = 150
LINK = re.compile(r"/setup/(\S+)")
LEAST = 4
DEVICE = "/api/private/unauth/account/device/authorize"


class Stock:
    """Who calls, and one organization of each edition to call about."""

    def __init__(self, live: Live, *, is_owner: bool) -> None:
        """Make everything for the owner of the organizations, or for a member with few roles."""
        self._live = live
        self._is_owner = is_owner
        self._calls = itertools.count(1)
        self._serial = itertools.count(1)
        self._begin()

    def look_after(self) -> None:
        """Count a call; now and then look what is left, and make what is missing."""
        if next(self._calls) % CALLS_BETWEEN_LOOKS:
            return
        if self._live.world.store.view.count("members", user_id=self.caller, state="active") > CROWDED:
            self._begin()
        self.places = [self._kept(place) for place in self.places]
        self._look_after_oneself()

    def stay_signed_in(self) -> None:
        """Sign in anew if the session of the caller is over; be somebody else if that can't be done."""
        if Client(self._live.url, bearer=self.token).get(f"{OWN}/me").ok:
            return
        try:
            self.token = self.sign_in()
        except (AssertionError, KeyError):  # the account is gone, its password another, or it wants a second factor
            self._begin()

    def sign_in(self) -> str:
        """Return the token of a new session of the caller."""
        body = {"username": self.username, "password": PASSWORD}
        return str(self._live.nobody.done("POST", f"{OWN}/sessions", body)["token"])

    def _begin(self) -> None:
        """Make a caller, and the organizations."""
        self.username = f"caller{id(self)}.{next(self._serial)}@example.org"
        session = self._live.person(self.username)
        self.caller: str = session.done("GET", f"{OWN}/me")["userId"]
        self.token = session.bearer
        self.places = [self._place(edition) for edition in EDITIONS]
        self._inviting = self._live.world.organization("Inviting", owner=f"inviting{id(self)}@example.org")
        self.empty = ""
        self._look_after_oneself()

    def _look_after_oneself(self) -> None:
        """Have an invitation to the caller, an organization without projects, and links that are not used yet."""
        view = self._live.world.store.view
        self.invitations = [
            row["id"] for row in view.find("invitations", user_id=self.caller) if row["state"] == "pending"
        ]
        if not self.invitations:
            users, owner = f"/orgs/{self._inviting.id}/users", self._live.owner(self._inviting)
            owner("DELETE", f"{users}/{self.caller}")
            owner.done("POST", users, {"username": self.username, "roles": {"orgRoles": ["ORG_MEMBER"]}})
        if not self.empty or view.get("organizations", self.empty) is None:
            self.empty = self._live.world.organization("Empty", owner=self.username).id
        newest = sorted((self._live.world.store.path.parent / "mail").glob("*.eml"))[-LEAST:]
        mailed = [message_from_bytes(path.read_bytes(), policy=SMTPUTF8).get_content() for path in newest]
        self.tokens = [token for text in mailed for token in LINK.findall(text)] or [""]
        self.own_ids = self._own_ids()

    def _own_ids(self) -> dict[str, list[str]]:
        """Return what only the caller has: requests, sessions, factors, and a device that waits."""
        view = self._live.world.store.view
        device = self._live.nobody.session.post(
            f"{self._live.url}{DEVICE}", data={"client_id": "fuzz", "scope": "openid"}, timeout=30
        )
        requests = view.find("join_requests", user_id=self.caller)
        return {
            "joinRequestId": [row["id"] for row in requests if row["state"] == "open"],
            "sessionId": [row["id"] for row in view.find("sessions", user_id=self.caller)][1:],
            "factorId": [row["id"] for row in view.find("second_factors", user_id=self.caller)],
            "userCode": [device.json()["user_code"]] if device.ok else [],
        }

    def _place(self, edition: str) -> Place:
        number = next(self._serial)
        host = self.username if self._is_owner else f"host{id(self)}.{number}@example.org"
        org = self._live.world.organization(f"Fuzzed {number}", edition=edition, owner=host)
        place = Place(org.id, edition, self._live.owner(org))
        self._top_up(place)
        if not self._is_owner:
            first, second, *_ = place.ids["groupId"]
            self._make(self.username, place, "ORG_MEMBER", {first: ["GROUP_READ_ONLY"], second: ["GROUP_OWNER"]})
        return place

    def _kept(self, place: Place) -> Place:
        """Return the place with what was missing, or another one if the caller or its key have lost their roles."""
        if self._is_usable(place):
            try:
                self._top_up(place)
            except AssertionError:
                return self._place(place.edition)
            return place
        return self._place(place.edition)

    def _is_usable(self, place: Place) -> bool:
        view = self._live.world.store.view
        role = "ORG_OWNER" if self._is_owner else "ORG_MEMBER"
        members = view.find("members", org_id=place.org, user_id=self.caller)
        is_in = any(row["state"] == "active" and not row["suspended"] for row in members)
        is_crowded = any(view.count(table, org_id=place.org) > CROWDED for table in HELD)
        return is_in and not is_crowded and view.get("assignments", self.caller, place.org, role) is not None

    def _top_up(self, place: Place) -> None:
        self._fill(place)
        while len(place.ids["groupId"]) < LEAST:
            place.add_project(next(self._serial))
            self._fill(place)
        for _ in range(len(place.ids["userId"]), LEAST):
            number = next(self._serial)
            role = "ORG_MEMBER" if number % 4 else "ORG_OWNER"
            self._make(f"member{number}@example.org", place, role, {place.ids["groupId"][0]: ["GROUP_READ_ONLY"]})
        self._look_after_federation(place)
        for name, add in (
            ("invitationId", place.add_guest), ("apiUserId", place.add_key), ("teamId", place.add_team),
            ("clientId", place.add_account), ("id", place.add_mapping),
        ):  # fmt: skip
            for _ in range(len(place.ids[name]), LEAST):
                add(next(self._serial))
            self._fill(place)
        for _ in range(len(place.on_first["joinRequestId"]), LEAST):
            self._ask(place.ids["groupId"][0])
        self._fill(place)

    def _look_after_federation(self, place: Place) -> None:
        """Found another federation if this one lacks what it began with."""
        if place.ids["workloadProvider"] and place.ids["domain"]:
            return
        for federation in place.ids["federationSettingsId"]:
            place.owner("DELETE", f"/federationSettings/{federation}")
        place.found_federation(next(self._serial))
        self._fill(place)

    def _ask(self, project: str) -> None:
        """Have a stranger, and the caller, ask to join a project."""
        stranger = self._live.person(f"asker{id(self)}.{next(self._serial)}@example.org")
        for asker in (stranger, Client(self._live.url, bearer=self.token)):
            asker("POST", f"{OWN}/groups/{project}/joinRequests", {"roles": ["GROUP_READ_ONLY"]})

    def _make(self, username: str, place: Place, role: str, projects: Mapping[str, Sequence[str]]) -> None:
        body = NewUser(username=username, organizations={place.org: [role]}, projects=projects)
        self._live.world.operate("enrolUser", body)

    def _fill(self, place: Place) -> None:
        place.fill(self._live.world.store.view, self.caller)
