"""What would become of each line of a file of invitations, before any is sent, and what became of it afterwards."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Final

from orgward.app.trial import Rehearsal
from orgward.catalog import Edition
from orgward.console.changing.calls import ApiCall
from orgward.console.frame.problems import sentence_of
from orgward.console.frame.words import Words
from orgward.console.listing.invitation_lines import Line
from orgward.directory.names import username_key
from orgward.directory.people import user_of
from orgward.directory.roles import MEMBER_ROLE
from orgward.kernel.errors import OrgwardError
from orgward.store.folding import folded
from orgward.store.view import SqlView

_TONES: Final = {"WILL_SEND": "ok", "SENT": "ok", "ALREADY_MEMBER": "info", "ALREADY_INVITED": "info"}
_MOST_LETTERS: Final = 120


@dataclass(frozen=True, slots=True)
class Judged:
    """What would become of a line: a code, the words for it, what to do about it, and the call that sends it."""

    line: Line
    code: str
    text: str
    advice: str = ""
    href: str = ""
    call: ApiCall | None = None

    @property
    def tone(self) -> str:
        """Return how the result is tinted."""
        return _TONES.get(self.code, "bad")

    @property
    def told(self) -> str:
        """Return the result and the advice as one text."""
        return f"{self.text}. {self.advice}".strip(". ")


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges lines for an organization: names by what there is, everything else by the server's own rehearsal."""

    view: SqlView
    words: Words
    org: str
    edition: Edition
    projects: Mapping[str, str]
    teams: Mapping[str, str]
    rehearse: Callable[[Sequence[ApiCall]], Rehearsal]
    shows_members: bool = False
    seen: dict[str, int] = field(default_factory=dict)

    def judged(self, lines: Sequence[Line]) -> list[Judged]:
        """Return what would become of each line, if they were sent one after the other."""
        self.seen.clear()
        found = [self._read(line) for line in lines]
        calls = [each.call for each in found if each.call is not None]
        errors = iter(self.rehearse(calls).errors if calls else ())
        return [each if each.call is None else self.outcome(each, next(errors)) for each in found]

    def outcome(self, each: Judged, result: Any) -> Judged:
        """Return what became of a line whose call was answered with `result`: refused, or not."""
        if not isinstance(result, OrgwardError):
            return each
        if result.code == "USER_ALREADY_EXISTS":
            return self._there_already(each.line)
        if result.code == "INVALID_EMAIL_ADDRESS":
            return self._no_address(each.line)
        text = self.words("invitation_csv.REFUSED")
        return Judged(each.line, result.code, text, sentence_of(self.words, result))

    def _there_already(self, line: Line) -> Judged:
        user = user_of(self.view, line.address)
        member = self.view.get("members", self.org, user) if user else None
        if member is None or member["state"] != "active":
            return self._wrong(line, "ALREADY_INVITED")
        advice = self.words("invitation_csv.open_member") if self.shows_members else ""
        href = f"/o/{self.org}/members/{user}" if self.shows_members else ""
        return Judged(line, "ALREADY_MEMBER", self.words("invitation_csv.ALREADY_MEMBER"), advice, href)

    def _no_address(self, line: Line) -> Judged:
        advice = self.words("invitation_csv.correct", n=line.number)
        return self._wrong(line, "NOT_AN_ADDRESS", advice=advice)

    def _wrong(self, line: Line, code: str, *, advice: str = "", **params: Any) -> Judged:
        return Judged(line, code, self.words(f"invitation_csv.{code}", **params), advice)

    def _read(self, line: Line) -> Judged:
        """Return the call that invites whom the line names, or what is wrong with it as far as names go."""
        if not line.address:
            return self._no_address(line)
        first = self.seen.setdefault(username_key(line.address), line.number)
        if first != line.number:
            return self._wrong(line, "TWICE", n=first)
        try:
            roles = [self._role(name, "organization") for name in line.names("roles")]
            projects = self._assignments(line)
            teams = [self._one(name, self.teams, "UNKNOWN_TEAM") for name in line.names("teams", self.teams)]
        except _Unknown as error:
            wrong, likely = error.name[:_MOST_LETTERS], error.likely
            advice = self.words("invitation_csv.did_you_mean", name=likely) if likely else ""
            return self._wrong(line, error.code, name=wrong, advice=advice)
        given = {"orgRoles": sorted(set(roles)) or [MEMBER_ROLE], "groupRoleAssignments": projects}
        body = {"username": line.address, "roles": given, "teamIds": teams}
        call = ApiCall(operation="createOrgUser", values={"orgId": self.org}, body=body)
        return Judged(line, "WILL_SEND", self.words("invitation_csv.WILL_SEND"), self._brings(call), call=call)

    def _brings(self, call: ApiCall) -> str:
        """Return what the invitation brings: organization roles, roles by project, and teams."""
        given, titles = call.body["roles"], {name: role.title for name, role in self.edition.roles.items()}
        said = [titles[role] for role in given["orgRoles"]]
        for each in given["groupRoleAssignments"]:
            roles = ", ".join(titles[role] for role in each["groupRoles"])
            said.append(
                self.words("invitations.project_as", project=_named(self.projects, each["groupId"]), roles=roles)
            )
        said += [self.words("invitations.team", name=_named(self.teams, team)) for team in call.body["teamIds"]]
        return "; ".join(said)

    def _assignments(self, line: Line) -> list[dict[str, Any]]:
        found: dict[str, list[str]] = {}
        for part in line.names("projects"):
            name, _, role = part.rpartition("=") if "=" in part else (part, "", "")
            if not role.strip():
                raise _Unknown("NO_PROJECT_ROLE", part)
            project = self._one(name.strip(), self.projects, "UNKNOWN_PROJECT")
            found.setdefault(project, []).append(self._role(role.strip(), "project"))
        return [{"groupId": project, "groupRoles": sorted(set(roles))} for project, roles in found.items()]

    def _role(self, text: str, scope: str) -> str:
        """Return the role that is called `text` in the API or in words, with or without the word for its scope."""
        word = "Organization" if scope == "organization" else "Project"
        for name in (text, f"{word} {text}"):
            role = self.edition.role_named(name)
            if role is not None and role.scope == scope:
                return role.name
        titles = [role.title for role in self.edition.roles.values() if role.scope == scope]
        raise _Unknown("UNKNOWN_ROLE", text, _likely(text, titles) or _likely(f"{word} {text}", titles))

    def _one(self, name: str, known: Mapping[str, str], code: str) -> str:
        """Return the id of what is called `name`, whatever its capitals; the id itself may stand there, too."""
        exact = {**{id_: id_ for id_ in known.values()}, **known}
        if name in exact:
            return exact[name]
        alike = [id_ for each, id_ in known.items() if folded(each) == folded(name)]
        if len(alike) != 1:
            raise _Unknown(code, name, _likely(name, known))
        return alike[0]


class _Unknown(Exception):
    """A line names what there is not, and perhaps meant something that there is."""

    def __init__(self, code: str, name: str, likely: str = "") -> None:
        super().__init__(code)
        self.code, self.name, self.likely = code, name, likely


def _named(known: Mapping[str, str], id_: str) -> str:
    return next((name for name, each in known.items() if each == id_), id_)


def _likely(text: str, known: Iterable[str]) -> str:
    by_folded = {folded(name): name for name in known}
    found = get_close_matches(folded(text[:_MOST_LETTERS]), by_folded, n=1)
    return by_folded[found[0]] if found else ""
