"""What is done about members, one or many at once: the calls, and a line of the check for each of them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from orgward.console.changing.calls import ApiCall
from orgward.console.changing.summary import Chip, Difference
from orgward.console.frame.words import Words
from orgward.store.reads.member_rows import Held, Member

Mode = Literal["add", "remove", "exactly"]
MODES: Final[tuple[Mode, ...]] = ("add", "remove", "exactly")


@dataclass(frozen=True, slots=True)
class Proposal:
    """Calls, and what the check says of each person that they are about."""

    calls: list[ApiCall] = field(default_factory=list)
    lines: list[Difference] = field(default_factory=list)

    def add(self, calls: Iterable[ApiCall], line: Difference) -> None:
        """Add what is to be done about one more person."""
        self.calls.extend(calls)
        self.lines.append(line)


def shown_name(member: Member) -> str:
    """Return what a member is called here: what somebody invited is called elsewhere is for them to say."""
    return member.username if member.state == "pending" else member.name


def chips_held(held: Iterable[Held]) -> list[Chip]:
    """Return the organization roles as the check shows them."""
    return [Chip(role=each.role, source="organization", ends=each.ends) for each in held]


def line_of(member: Member, after: Iterable[Held] | None = None, *, note: str = "") -> Difference:
    """Return the line of one member: roles before and after; None where the roles themselves stay."""
    name, before = shown_name(member), chips_held(member.roles) if after is not None else ()
    return Difference(
        icon="user", name=name, place=member.username if member.username != name else "",
        before=before, after=chips_held(after or ()), note=note,
    )  # fmt: skip


def _call(operation: str, org: str, member: Member, body: Any = None) -> ApiCall:
    return ApiCall(operation=operation, values={"orgId": org, "userId": member.user_id}, body=body)


def suspended(words: Words, org: str, members: Iterable[Member]) -> Proposal:
    """Return what suspends `members`."""
    found, note = Proposal(), words("members.suspend_note")
    for member in members:
        found.add([_call("suspendOrgUser", org, member)], line_of(member, note=note))
    return found


def reactivated(words: Words, org: str, members: Iterable[Member]) -> Proposal:
    """Return what ends the suspension of `members`."""
    found, note = Proposal(), words("members.reactivate_note")
    for member in members:
        found.add([_call("reactivateOrgUser", org, member)], line_of(member, note=note))
    return found


def removed(words: Words, org: str, members: Iterable[Member]) -> Proposal:
    """Return what takes `members` out of the organization, and withdraws the invitations of those who wait."""
    found = Proposal()
    for member in members:
        note = words("members.withdraw_note" if member.state == "pending" else "members.remove_note")
        found.add([_call("removeOrgUser", org, member)], line_of(member, (), note=note))
    return found


def with_roles(org: str, members: Iterable[Member], mode: Mode, roles: Collection[str]) -> Proposal:
    """Return what gives `roles` to `members`, takes them away, or leaves exactly them; those as wanted are left out."""
    found = Proposal()
    for member in members:
        held = {each.role: each for each in member.roles}
        wanted = _wanted([*held], mode, roles)
        if set(wanted) != set(held):
            after = [held.get(role) or Held(role) for role in sorted(wanted)]
            found.add(_role_calls(org, member, wanted), line_of(member, after))
    return found


def _wanted(held: Sequence[str], mode: Mode, roles: Collection[str]) -> list[str]:
    kept = {"add": held, "remove": [role for role in held if role not in roles], "exactly": ()}[mode]
    return [*dict.fromkeys([*kept, *(roles if mode != "remove" else ())])]


def _role_calls(org: str, member: Member, wanted: Sequence[str]) -> list[ApiCall]:
    if wanted:
        return [_call("updateOrgUser", org, member, {"roles": {"orgRoles": sorted(wanted)}})]
    # Somebody always keeps a role: asked for one by one, the last is refused with its reason (rule 6).
    return [_call("removeOrgUserRole", org, member, {"orgRole": each.role}) for each in member.roles]


def into_teams(
    words: Words, org: str, members: Sequence[Member], teams: Mapping[str, str], inside: Mapping[str, Collection[str]]
) -> Proposal:
    """Return what puts `members` into `teams` (names by id); whoever is `inside` one already is left out there."""
    found = Proposal()
    for team, name in teams.items():
        new = [member for member in members if member.user_id not in inside[team]]
        if new:
            found.add([team_call(org, team, [member.user_id for member in new])], team_line(words, name, new))
    return found


def team_call(org: str, team: str, users: Iterable[str]) -> ApiCall:
    """Return the call that puts `users` into `team`."""
    body = [{"id": user} for user in users]
    return ApiCall(operation="addOrgTeamUsers", values={"orgId": org, "teamId": team}, body=body)


def team_line(words: Words, name: str, new: Sequence[Member]) -> Difference:
    """Return the line of a team that some people join."""
    place = words("shared.people_n", n=len(new))
    return Difference(icon="users", name=name, place=f"+ {place}", note=", ".join(map(shown_name, new[:20])))
