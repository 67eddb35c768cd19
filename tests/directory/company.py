"""An organization with people in it, in the words of the rules."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from typing import Any, Self

from orgward.app.execute import Call, Door
from orgward.app.operation import REGISTRY
from orgward.catalog import DEFAULT_LIMITS
from tests.world import Caller, Reply, World

OWN = "/api/orgward/v1"
OLD = "application/vnd.atlas.2023-01-01+json"
OLDER_ACCESS = "application/vnd.atlas.2023-02-01+json"

_NUMBERS = count(1)


@dataclass
class Company:
    """An organization of one edition; `ann` is its owner."""

    world: World
    edition: str
    id: str
    ann: Caller
    owner_key: Caller

    @classmethod
    def found(cls, world: World, edition: str, *, name: str = "Acme", owner: str = "ann") -> Self:
        """Found an organization whose owner is signed in."""
        made = world.organization(name, edition=edition, owner=f"{owner}@example.org")
        return cls(world, edition, made.id, world.session(made.owner), made.key)

    @property
    def path(self) -> str:
        """Give the path of the organization."""
        return f"/orgs/{self.id}"

    # -- building

    def person(self, name: str, *roles: str, on: dict[str, list[str]] | None = None) -> Caller:
        """Put somebody with these organization roles, and roles on projects, into the organization."""
        return self.world.user(address(name), orgs={self.id: roles or ["ORG_MEMBER"]}, projects=on)

    def outsider(self, name: str) -> Caller:
        """Make an account that is in no organization."""
        return self.world.user(address(name))

    def project(self, name: str = "web", by: Caller | None = None) -> str:
        """Make a project and give its id; its maker owns it."""
        reply = (by or self.ann).post("/groups", {"name": name, "orgId": self.id})
        assert reply.status == 201, reply.json
        return str(reply.json["id"])

    def bare_project(self, name: str = "web") -> str:
        """Make a project in which no person holds a direct role: a key made it and left it."""
        return self.project(name, self.owner_key)

    # -- doing

    def invite(self, who: str, *roles: str, by: Caller | None = None, on: Any = None) -> Reply:
        """Invite somebody to the organization."""
        given: dict[str, Any] = {"orgRoles": list(roles) or ["ORG_MEMBER"]}
        if on is not None:
            given["groupRoleAssignments"] = [{"groupId": p, "groupRoles": r} for p, r in on.items()]
        return (by or self.ann).post(f"{self.path}/users", {"username": address(who), "roles": given})

    def invited(self, who: str, *roles: str, by: Caller | None = None, on: Any = None) -> str:
        """Invite somebody to the organization and give the id of the invitation."""
        reply = self.invite(who, *roles, by=by, on=on)
        assert reply.status == 201, reply.json
        return self.invitation_of(who)

    def invitation_of(self, who: str) -> str:
        """Give the id of the open invitation of somebody to the organization."""
        rows = self.ann.get(f"{self.path}/invites?username={address(who).replace('@', '%40')}", accept=OLD).json
        return str(rows[0]["id"])

    def add(self, project: str, who: str, *roles: str, by: Caller | None = None) -> Reply:
        """Bring somebody into a project."""
        body = {"username": address(who), "roles": list(roles) or ["GROUP_READ_ONLY"]}
        return (by or self.ann).post(f"/groups/{project}/users", body)

    def change(self, user: str, *roles: str, by: Caller | None = None) -> Reply:
        """Replace somebody's organization roles."""
        return (by or self.ann).patch(f"{self.path}/users/{user}", {"roles": {"orgRoles": list(roles)}})

    def add_role(self, user: str, role: str, *, project: str = "", by: Caller | None = None) -> Reply:
        """Give somebody one more role in the organization, or in a project."""
        return self._verb("addRole", user, role, project, by)

    def remove_role(self, user: str, role: str, *, project: str = "", by: Caller | None = None) -> Reply:
        """Take one role in the organization, or in a project, from somebody."""
        return self._verb("removeRole", user, role, project, by)

    def _verb(self, verb: str, user: str, role: str, project: str, by: Caller | None) -> Reply:
        place = f"/groups/{project}" if project else self.path
        body = {"groupRole": role} if project else {"orgRole": role}
        return (by or self.ann).post(f"{place}/users/{user}:{verb}", body)

    def remove(self, user: str, *, project: str = "", by: Caller | None = None) -> Reply:
        """Remove somebody from the organization, or from a project."""
        place = f"/groups/{project}" if project else self.path
        return (by or self.ann).delete(f"{place}/users/{user}")

    def bound(
        self,
        user: str,
        role: str,
        *,
        project: str = "",
        starts: float | None = None,
        ends: float | None = None,
        by: Caller | None = None,
    ) -> Reply:
        """Set when somebody's role begins and ends, in seconds from now."""
        place = f"groups/{project}" if project else f"orgs/{self.id}"
        body = {
            name: instant(self.world, seconds)
            for name, seconds in (("startsAt", starts), ("endsAt", ends))
            if seconds is not None
        }
        return (by or self.ann).put(f"{OWN}/{place}/users/{user}/roles/{role}", body)

    def suspend(self, user: str, by: Caller | None = None) -> Reply:
        """Suspend a member."""
        return (by or self.ann).post(f"{OWN}/orgs/{self.id}/users/{user}:suspend")

    def reactivate(self, user: str, by: Caller | None = None) -> Reply:
        """Reactivate a member."""
        return (by or self.ann).post(f"{OWN}/orgs/{self.id}/users/{user}:reactivate")

    def key(self, *roles: str, by: Caller | None = None, project: str = "") -> Caller:
        """Make an API key of the organization, or on a project."""
        place = f"/groups/{project}" if project else self.path
        made = (by or self.ann).post(f"{place}/apiKeys", {"desc": "a key", "roles": list(roles)})
        assert made.status == 200, made.json
        shown = made.json
        return Caller(self.world, shown["publicKey"], shown["privateKey"], id=shown["id"])

    # -- teams

    def team(self, name: str = "crew", *users: Caller, by: Caller | None = None, on: Any = None) -> str:
        """Make a team of these people, `tess` if nobody is named, with roles on projects, and give its id."""
        names = [username_of(self.world, user.id) for user in users or (self.person("tess"),)]
        made = (by or self.ann).post(f"{self.path}/teams", {"name": name, "usernames": names})
        assert made.status == 201, made.json
        for project, roles in (on or {}).items():
            done(self.assign(project, str(made.json["id"]), *roles, by=by))
        return str(made.json["id"])

    def assign(self, project: str, team: str, *roles: str, by: Caller | None = None) -> Reply:
        """Put a team on a project."""
        return (by or self.ann).post(f"/groups/{project}/teams", [{"teamId": team, "roleNames": list(roles)}])

    def reassign(self, project: str, team: str, *roles: str, by: Caller | None = None) -> Reply:
        """Replace the roles of a team on a project."""
        return (by or self.ann).patch(f"/groups/{project}/teams/{team}", {"teamId": team, "roleNames": list(roles)})

    def unassign(self, project: str, team: str, *, by: Caller | None = None) -> Reply:
        """Take a team off a project."""
        return (by or self.ann).delete(f"/groups/{project}/teams/{team}")

    def put_in(self, team: str, user: str, *, by: Caller | None = None) -> Reply:
        """Put somebody into a team."""
        return (by or self.ann).post(f"{self.path}/teams/{team}:addUser", {"id": user})

    def take_out(self, team: str, user: str, *, by: Caller | None = None) -> Reply:
        """Take somebody out of a team."""
        return (by or self.ann).post(f"{self.path}/teams/{team}:removeUser", {"id": user})

    def users_in(self, team: str, query: str = "") -> list[str]:
        """Give the ids of those who are in a team, invited ones among them."""
        return [str(user["id"]) for user in done(self.ann.get(f"{self.path}/teams/{team}/users{query}"))["results"]]

    def teams_on(self, project: str) -> dict[str, list[str]]:
        """Give the roles in force of each team on a project."""
        shown = done(self.ann.get(f"/groups/{project}/teams"))["results"]
        return {team["teamId"]: team["roleNames"] for team in shown}

    # -- looking

    def user(self, user: str) -> Any:
        """Show somebody as the organization sees them; None where they are not known."""
        return _found(self.ann.get(f"{self.path}/users/{user}"))

    def roles_of(self, user: str) -> list[str]:
        """Give somebody's organization roles."""
        return list(self.user(user)["roles"]["orgRoles"])

    def project_user(self, project: str, user: str) -> Any:
        """Show somebody as a project sees them; None where they are not known."""
        return _found(self.ann.get(f"/groups/{project}/users/{user}"))

    def project_roles_of(self, project: str, user: str) -> list[str]:
        """Give somebody's direct roles in a project."""
        return list(self.project_user(project, user)["roles"])

    def status_of(self, user: str) -> str | None:
        """Give somebody's membership status in the organization, None where there is none."""
        found = self.user(user)
        return None if found is None else str(found["orgMembershipStatus"])

    def allows(self, who: Caller, action: str, on: str) -> bool:
        """Ask, as the owner, whether somebody may do `action` on the organization or project `on`."""
        kind = "organization" if on == self.id else "project"
        body = {
            "subject": {"type": "user" if who.token else "api_key", "id": who.id or who.public_key},
            "action": {"name": action},
            "resource": {"type": kind, "id": on},
        }
        reply = self.owner_key("POST", "/access/v1/evaluation", body, accept=None)
        assert reply.status == 200, reply.json
        return bool(reply.json["decision"])


def address(name: str) -> str:
    """Give somebody's address."""
    return name if "@" in name else f"{name}@example.org"


def username_of(world: World, user: str) -> str:
    """Give the address of somebody who is known by id."""
    person = world.store.view.get("person_data", user)
    assert person is not None
    return str(person["username"])


def fresh_name() -> str:
    """Give a name that no other call gives."""
    return f"somebody{next(_NUMBERS)}"


def _found(reply: Reply) -> Any:
    if reply.status == 404:
        return None
    assert reply.status == 200, reply.json
    return reply.json


def instant(world: World, seconds: float) -> str:
    """Write the time `seconds` from now."""
    return datetime.fromtimestamp(world.clock.now / 1000 + seconds, UTC).isoformat().replace("+00:00", "Z")


def own_invitations(who: Caller, state: str = "") -> list[Any]:
    """List somebody's own invitations."""
    reply = who.get(f"{OWN}/me/invitations{f'?state={state}' if state else ''}")
    assert reply.status == 200, reply.json
    return list(reply.json["results"])


def accept(who: Caller, invitation: str) -> Reply:
    """Accept an invitation."""
    return who.post(f"{OWN}/me/invitations/{invitation}:accept")


def decline(who: Caller, invitation: str) -> Reply:
    """Turn an invitation down."""
    return who.post(f"{OWN}/me/invitations/{invitation}:decline")


def refused(reply: Reply, status: int, code: str) -> None:
    """Assert that a call was refused with this status and code."""
    assert (reply.status, reply.code) == (status, code), reply.json


def done(reply: Reply) -> Any:
    """Assert that a call went well and give its body."""
    assert 200 <= reply.status < 300, reply.json
    return reply.json


def log_rows(world: World) -> list[dict[str, Any]]:
    """Give the audit rows of a store, oldest first, with their bodies decoded."""
    names = "revision, org_id, at, actor_kind, actor_id, credential, action, target, outcome, body, deltas"
    rows = world.store.view.rows(f"SELECT {names} FROM log ORDER BY revision", {})  # noqa: S608 - the line above
    found = [dict(zip(names.split(", "), row, strict=True)) for row in rows]
    return [{**row, "body": json.loads(row["body"]), "deltas": json.loads(row["deltas"])} for row in found]


def set_limits(world: World, **limits: int) -> None:
    """Set limits of the world's installation."""
    world.door.limits = replace(DEFAULT_LIMITS, **limits)


def token_mailed(world: World, who: str) -> str:
    """Give the token of the newest message that waits for somebody."""
    view = world.store.view
    user = view.find("person_data", username_key=address(who))[0]["id"]
    newest = max(view.find("outbox", user_id=user), key=lambda row: row["created_at"])
    return world.store.keyring.open(newest["sealed_token"], "token")


def submit(door: Door, operation: str, principal: Any, values: Any = None, body: Any = None) -> Any:
    """Submit a write straight to the door."""
    return door.write(Call(REGISTRY[operation], principal, values or {}, body=body))
