"""Random commands by random principals; after each the store must agree with itself, whichever way it is read.

Commands go straight through the door, as every face's do. Limits are small, so that they are met.
"""

import random
import sqlite3
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from orgward.admin_api.api_keys import CreateKeyBody, UpdateKeyBody
from orgward.admin_api.founding import CreateOrganizationBody
from orgward.admin_api.project_api_keys import AssignedRolesBody
from orgward.admin_api.project_move import MoveProjectBody
from orgward.admin_api.projects import CreateProjectBody
from orgward.admin_api.user_bodies import (
    GroupInvitationBody,
    GroupInvitationChangeBody,
    GroupRoleAssignmentBody,
    GroupRoleBody,
    GroupUserBody,
    InvitationAssignmentBody,
    OrgInvitationChangeBody,
    OrgRoleBody,
    OrgUserBody,
    OrgUserRolesBody,
    OrgUserUpdateBody,
)
from orgward.app import mint
from orgward.app.execute import Call
from orgward.app.operation import REGISTRY
from orgward.app.operator import ErasedUser, NewOrganization, NewUser
from orgward.catalog import Limits
from orgward.engine.overlay import everything
from orgward.engine.snapshot import Snapshot
from orgward.kernel.errors import OrgwardError
from orgward.kernel.instants import FOREVER, rfc3339
from orgward.kernel.principal import CLIENT_ID_PREFIX, Principal
from orgward.own_api.join_requests import ApprovalBody, AskBody
from orgward.own_api.members import BoundsBody
from orgward.store.audit import verify
from orgward.store.chain import rows_after
from orgward.store.load import load_snapshot
from tests.directory.machine_commands import MachineCommands
from tests.directory.team_commands import TeamCommands
from tests.empty_store import open_world
from tests.silent_changes import silent_changes
from tests.store_checker import check_store
from tests.world import OPERATOR

LIMITS = Limits(
    users_per_organization=6,
    users_per_project=4,
    organizations_per_user=4,
    projects_per_user=5,
    projects_per_organization=3,
    api_keys_per_organization=3,
    invitations_to_person_an_hour=1_000_000,
    teams_per_organization=3,
    teams_per_project=2,
    teams_per_user=2,
    users_per_team=4,
)
PEOPLE = [f"p{number}@example.org" for number in range(7)]
ORG_ROLES = ["ORG_OWNER", "ORG_MEMBER", "ORG_READ_ONLY", "ORG_GROUP_CREATOR"]
PROJECT_ROLES = ["GROUP_OWNER", "GROUP_READ_ONLY", "GROUP_DATA_ACCESS_ADMIN"]
PROJECT_ROLES += ["GROUP_ACCESS_MANAGER", "GROUP_USER_ADMIN"]
ON_INVITATIONS = ["cancel", "resend", "amend"]
ON_REQUESTS = ["approve", "approve", "deny", "withdraw"]
NO_QUERY = SimpleNamespace(parsed=SimpleNamespace(values={"projectOwnerId": ""}, per_page=100, offset=0))

org_roles = st.lists(st.sampled_from(ORG_ROLES), min_size=1, max_size=2, unique=True)
project_roles = st.lists(st.sampled_from(PROJECT_ROLES), min_size=1, max_size=2, unique=True)
choice = st.integers(0, 23)
person = st.sampled_from(PEOPLE)
moment = st.none() | st.integers(-5, 40).map(lambda days: days * 86_400_000)


class Repeatable:
    """Chance that is the same each time, so that a failing sequence of commands can be repeated."""

    def __init__(self):
        """Begin at the beginning."""
        self._random = random.Random(0)

    def token_bytes(self, count):
        """Give so many bytes."""
        return self._random.randbytes(count)

    def token_hex(self, count):
        """Give so many bytes in hexadecimal digits."""
        return self.token_bytes(count).hex()

    def token_urlsafe(self, count):
        """Give a token of so many bytes."""
        return self.token_hex(count)

    def choice(self, items):
        """Give one of the items."""
        return self._random.choice(items)


@dataclass
class Lasting:
    """Projects in Cloud Manager that had a lasting owner after the step before."""

    projects: set


class Directory(TeamCommands, MachineCommands, RuleBasedStateMachine):
    """A store under random commands."""

    def __init__(self):
        """Open an empty store."""
        super().__init__()
        self.secrets, mint.secrets = mint.secrets, Repeatable()
        self.folder = tempfile.TemporaryDirectory(prefix="orgward-machine-")
        self.world = open_world(Path(self.folder.name), limits=LIMITS)
        self.reading = sqlite3.connect(self.world.store.path, isolation_level=None)
        self.lasting = Lasting(set())
        self.done = self.refused = 0

    def teardown(self):
        """Verify the log, and close."""
        try:
            assert verify(self.world.store).problems == []
        finally:
            mint.secrets = self.secrets
            self.reading.close()
            self.world.close()
            self.folder.cleanup()

    # -- the means

    def rows(self, sql, *values):
        """Give the rows of a query, in a fixed order."""
        return self.reading.execute(sql, values).fetchall()

    def pick(self, number, sql, *values):
        """Give one of the first columns of a query, None if there are no rows."""
        found = self.rows(sql, *values)
        return found[number % len(found)][0] if found else None

    def an_org(self, number):
        """Give an organization."""
        return self.pick(number, "SELECT id FROM organizations ORDER BY id")

    def a_project(self, number):
        """Give a project and its organization."""
        project = self.pick(number, "SELECT id FROM projects ORDER BY id")
        return project, self.pick(0, "SELECT org_id FROM projects WHERE id = ?", project)

    def a_user(self, number, org=None):
        """Give a user, one known to the organization if one is named."""
        if org is not None and number % 6:
            found = self.pick(number, "SELECT user_id FROM members WHERE org_id = ? ORDER BY 1", org)
            if found is not None:
                return found
        return self.pick(number, "SELECT id FROM users ORDER BY id") or "f" * 24

    def an_actor(self, number, org):
        """Give somebody who acts: mostly an owner of the organization, else anybody with an account, or a key."""
        if number % 3:
            sql = "SELECT holder_id FROM assignments WHERE scope_id = ? AND role = 'ORG_OWNER' ORDER BY 1"
            owner = self.pick(number, sql, org)
            if owner is not None:
                return self.principal(owner)
        sql = "SELECT id FROM users WHERE account_at IS NOT NULL UNION SELECT id FROM api_keys"
        sql += " UNION SELECT id FROM service_accounts ORDER BY 1"
        return self.principal(self.pick(number, sql))

    def principal(self, key):
        """Give the principal of an id."""
        if self.rows("SELECT 1 FROM service_accounts WHERE id = ?", key):
            secret = self.pick(0, "SELECT id FROM service_account_secrets WHERE account_id = ?", key)
            return Principal("service_account", key, proof=secret or "")
        is_key = self.rows("SELECT 1 FROM api_keys WHERE id = ?", key)
        return Principal("api_key" if is_key else "user", key)

    def run_command(self, operation, by, values=None, body=None):
        """Run a command; a refusal is an answer like another, anything else is a fault."""
        call = Call(REGISTRY[operation], by, values or {}, body=body, query=NO_QUERY, version="2025-02-19")
        try:
            self.world.door.write(call).result(60)
            self.done += 1
        except OrgwardError:
            self.refused += 1

    # -- the commands

    @initialize()
    def begin(self):
        """Found an organization of each edition, with owners, projects, people and invitations, and an empty one."""
        for edition in ("atlas", "cloud_manager"):
            made = self.world.operate("bootstrap", NewOrganization(name="First", owner=PEOPLE[0], edition=edition))
            org, owner = made["organizationId"], Principal("user", made["userId"])
            for name in ("web", "shop"):
                body = CreateProjectBody(name=name, org_id=org)
                self.run_command("createGroup", owner, {"orgId": org}, body)
            project = self.pick(0, "SELECT id FROM projects WHERE org_id = ? ORDER BY 1", org)
            second = NewUser(username=PEOPLE[1], organizations={org: ["ORG_OWNER", "ORG_MEMBER"]})
            third = NewUser(
                username=PEOPLE[2],
                organizations={org: ["ORG_MEMBER"]},
                projects={project: ["GROUP_READ_ONLY", "GROUP_OWNER"]},
            )
            for body in (second, third, NewUser(username=PEOPLE[3])):
                self.world.operate("enrolUser", body)
            given = [GroupRoleAssignmentBody(group_id=project, group_roles=["GROUP_READ_ONLY"])]
            roles = OrgUserRolesBody(org_roles=["ORG_MEMBER"], group_role_assignments=given)
            asker = Principal("user", self.pick(3, "SELECT id FROM users WHERE account_at IS NOT NULL ORDER BY 1"))
            self.run_command("askToJoinGroup", asker, {"groupId": project}, AskBody())
            team = self.begin_team(org, project, owner, PEOPLE[1:3])
            for who in PEOPLE[3:5]:
                body = OrgUserBody(username=who, roles=roles, team_ids=(team,))
                self.run_command("createOrgUser", owner, {"orgId": org}, body)
        self.world.operate("bootstrap", NewOrganization(name="Second", owner=PEOPLE[0]))

    @rule(edition=st.sampled_from(["atlas", "cloud_manager"]), who=person)
    @precondition(lambda self: len(self.rows("SELECT 1 FROM organizations")) < 4)
    def bootstrap(self, edition, who):
        """The operator founds an organization."""
        self.run_command("bootstrap", OPERATOR, body=NewOrganization(name="More", owner=who, edition=edition))

    @rule(number=choice, edition=st.sampled_from(["atlas", "cloud_manager"]))
    def create_organization(self, number, edition):
        """Somebody founds an organization."""
        body = CreateOrganizationBody(name="Own", edition=edition)
        self.run_command("createOrg", self.an_actor(number * 3, ""), body=body)

    @rule(a=choice, b=choice)
    @precondition(lambda self: len(self.rows("SELECT 1 FROM organizations")) > 1)
    def delete_organization(self, a, b):
        """Somebody deletes an organization."""
        org = self.an_org(a)
        if org and b % 4 == 0:
            self.run_command("deleteOrg", self.an_actor(b, org), {"orgId": org})

    @rule(a=choice, b=choice, name=st.sampled_from(["web", "shop", "data"]))
    def create_project(self, a, b, name):
        """Somebody makes a project."""
        org = self.an_org(a)
        if org:
            values = {"orgId": org}
            self.run_command("createGroup", self.an_actor(b, org), values, CreateProjectBody(name=name, org_id=org))

    @rule(a=choice, b=choice)
    def delete_project(self, a, b):
        """Somebody deletes a project."""
        project, org = self.a_project(a)
        if a % 2:
            sql = "SELECT project_id, org_id FROM project_members WHERE state = 'pending' ORDER BY 1"
            project, org = next(iter(self.rows(sql)), (project, org))
        if project and b % 3 == 0:
            self.run_command("deleteGroup", self.an_actor(b + 1, org), {"groupId": project})

    @rule(a=choice, b=choice)
    def move_project(self, a, b):
        """Somebody, mostly an owner of both, moves a project to another organization, mostly of its edition."""
        project, org = self.a_project(a)
        sql = (
            "SELECT o.id FROM organizations o JOIN organizations h ON h.edition = o.edition"
            " WHERE h.id = ? AND o.id <> h.id ORDER BY 1"
        )
        there = self.pick(b, sql, org) or self.an_org(b)
        if project and there:
            both = (
                "SELECT a.holder_id FROM assignments a JOIN assignments b ON b.holder_id = a.holder_id"
                " WHERE a.scope_id = ? AND b.scope_id = ? AND a.role = 'ORG_OWNER' AND b.role = 'ORG_OWNER' ORDER BY 1"
            )
            owner = self.pick(a, both, org, there)
            by = self.principal(owner) if owner else self.an_actor(b, org)
            self.run_command("migrateGroup", by, {"groupId": project}, MoveProjectBody(destination_org_id=there))

    @rule(a=choice, b=choice, who=person, roles=org_roles, inside=project_roles, c=choice)
    def invite(self, a, b, who, roles, inside, c):
        """Somebody invites somebody to an organization and perhaps a project."""
        org = self.an_org(a)
        if org:
            project = self.pick(c, "SELECT id FROM projects WHERE org_id = ? ORDER BY 1", org)
            given = [GroupRoleAssignmentBody(group_id=project, group_roles=inside)] if project and c % 3 else []
            body = OrgUserBody(username=who, roles=OrgUserRolesBody(org_roles=roles, group_role_assignments=given))
            self.run_command("createOrgUser", self.an_actor(b, org), {"orgId": org}, body)

    @rule(a=choice, b=choice, roles=org_roles)
    def invite_again(self, a, b, roles):
        """Somebody invites somebody again who is not in, or not any more."""
        rows = self.rows("SELECT org_id, user_id FROM members WHERE state <> 'active' ORDER BY 1, 2")
        if rows:
            org, user = rows[a % len(rows)]
            who = self.pick(0, "SELECT username FROM person_data WHERE id = ?", user)
            body = OrgUserBody(username=who, roles=OrgUserRolesBody(org_roles=roles))
            self.run_command("createOrgUser", self.an_actor(b, org), {"orgId": org}, body)

    @rule(a=choice, b=choice, who=person, roles=project_roles, older=st.booleans())
    def add_to_project(self, a, b, who, roles, older):
        """Somebody brings somebody into a project."""
        project, org = self.a_project(a)
        if project:
            body = GroupInvitationBody(username=who, roles=roles) if older else GroupUserBody(username=who, roles=roles)
            name = "createGroupInvite" if older else "addGroupUsers"
            self.run_command(name, self.an_actor(b, org), {"groupId": project}, body)

    @rule(a=choice, accept=st.integers(0, 3))
    def answer(self, a, accept):
        """Somebody with an account answers an invitation."""
        sql = (
            "SELECT i.id FROM invitations i JOIN users u ON u.id = i.user_id WHERE i.state = 'pending'"
            " AND u.account_at IS NOT NULL ORDER BY 1"
        )
        invitation = self.pick(a, sql)
        if invitation:
            user = self.pick(0, "SELECT user_id FROM invitations WHERE id = ?", invitation)
            name = "acceptInvitation" if accept else "declineInvitation"
            self.run_command(name, Principal("user", user), {"invitationId": invitation})

    @rule(a=choice, b=choice, what=st.sampled_from(ON_INVITATIONS), roles=org_roles, inside=project_roles)
    def touch_invitation(self, a, b, what, roles, inside):
        """Somebody cancels, sends again or changes an invitation to an organization."""
        invitation = self.pick(a, "SELECT id FROM invitations WHERE project_id IS NULL ORDER BY 1")
        if invitation:
            org = self.pick(0, "SELECT org_id FROM invitations WHERE id = ?", invitation)
            project = self.pick(b, "SELECT id FROM projects WHERE org_id = ? ORDER BY 1", org)
            given = [InvitationAssignmentBody(group_id=project, roles=inside)] if project else []
            body = OrgInvitationChangeBody(roles=roles, group_role_assignments=given) if what == "amend" else None
            name = {"cancel": "deleteOrgInvite", "resend": "resendOrgInvitation", "amend": "updateOrgInviteById"}[what]
            self.run_command(name, self.an_actor(b, org), {"orgId": org, "invitationId": invitation}, body)

    @rule(a=choice, b=choice, what=st.sampled_from(ON_INVITATIONS), roles=project_roles)
    def touch_project_invitation(self, a, b, what, roles):
        """Somebody cancels, sends again or changes what an invitation gives in a project."""
        sql = "SELECT invitation_id FROM project_members WHERE invitation_id IS NOT NULL ORDER BY 1"
        invitation = self.pick(a, sql)
        if invitation:
            sql = "SELECT project_id FROM project_members WHERE invitation_id = ? ORDER BY 1"
            project = self.pick(b, sql, invitation)
            org = self.pick(0, "SELECT org_id FROM projects WHERE id = ?", project)
            body = GroupInvitationChangeBody(roles=roles) if what == "amend" else None
            names = {"cancel": "deleteGroupInvite", "resend": "resendGroupInvitation", "amend": "updateGroupInviteById"}
            values = {"groupId": project, "invitationId": invitation}
            self.run_command(names[what], self.an_actor(b, org), values, body)

    @rule(a=choice, b=choice, c=choice, role=st.sampled_from(ORG_ROLES), add=st.booleans())
    def organization_role(self, a, b, c, role, add):
        """Somebody gives or takes an organization role."""
        org = self.an_org(a)
        if org:
            values = {"orgId": org, "userId": self.a_user(c, org)}
            name = "addOrgUserRole" if add else "removeOrgUserRole"
            self.run_command(name, self.an_actor(b, org), values, OrgRoleBody(org_role=role))

    @rule(a=choice, b=choice, c=choice, role=st.sampled_from(PROJECT_ROLES), add=st.booleans())
    def project_role(self, a, b, c, role, add):
        """Somebody gives or takes a project role."""
        project, org = self.a_project(a)
        if project:
            user = self.pick(c, "SELECT user_id FROM project_members WHERE project_id = ? ORDER BY 1", project)
            values = {"groupId": project, "userId": user or self.a_user(c, org)}
            name = "addGroupUserRole" if add else "removeGroupUserRole"
            self.run_command(name, self.an_actor(b, org), values, GroupRoleBody(group_role=role))

    @rule(a=choice, b=choice, c=choice, roles=org_roles, inside=project_roles, projects=st.integers(0, 3))
    def replace_everything(self, a, b, c, roles, inside, projects):
        """Somebody replaces a member's organization roles and projects."""
        org = self.an_org(a)
        if org:
            found = self.rows("SELECT id FROM projects WHERE org_id = ? ORDER BY 1 LIMIT ?", org, projects)
            given = [GroupRoleAssignmentBody(group_id=project, group_roles=inside) for (project,) in found]
            body = OrgUserUpdateBody(roles=OrgUserRolesBody(org_roles=roles, group_role_assignments=given))
            values = {"orgId": org, "userId": self.a_user(c, org)}
            self.run_command("updateOrgUser", self.an_actor(b, org), values, body)

    @rule(a=choice, b=choice, c=choice)
    def remove_member(self, a, b, c):
        """Somebody removes a member, or leaves."""
        org = self.an_org(a)
        if org:
            self.run_command("removeOrgUser", self.an_actor(b, org), {"orgId": org, "userId": self.a_user(c, org)})

    @rule(a=choice, b=choice, c=choice)
    def remove_from_project(self, a, b, c):
        """Somebody removes somebody from a project, or leaves it."""
        project, org = self.a_project(a)
        if project:
            values = {"groupId": project, "userId": self.a_user(c, org)}
            self.run_command("removeGroupUser", self.an_actor(b, org), values)

    @rule(a=choice, b=choice, roles=project_roles)
    def ask_to_join(self, a, b, roles):
        """Somebody with an account asks to join a project, or what is none."""
        project, _ = self.a_project(a)
        user = self.pick(b, "SELECT id FROM users WHERE account_at IS NOT NULL ORDER BY 1 DESC")
        values = {"groupId": project if project and a % 8 != 7 else "f" * 24}
        self.run_command("askToJoinGroup", Principal("user", user), values, AskBody(message="please", roles=roles))

    @rule(a=choice, b=choice, what=st.sampled_from(ON_REQUESTS), roles=project_roles, ends=moment)
    def decide_request(self, a, b, what, roles, ends):
        """Somebody approves or denies a request to join, or who asked takes it back."""
        rows = self.rows("SELECT id, project_id, user_id FROM join_requests ORDER BY state = 'open' DESC, id")
        if not rows:
            return
        request, project, user = rows[a % len(rows)]
        if what == "withdraw":
            self.run_command("withdrawJoinRequest", Principal("user", user), {"joinRequestId": request})
            return
        until = None if ends is None else rfc3339(self.world.clock.now + ends)
        body = ApprovalBody(roles=roles, ends_at=until) if what == "approve" else None
        org = self.pick(0, "SELECT org_id FROM projects WHERE id = ?", project)
        values = {"groupId": project, "joinRequestId": request}
        self.run_command(f"{what}GroupJoinRequest", self.an_actor(b, org), values, body)

    @rule(a=choice, whole=st.booleans())
    def leave(self, a, whole):
        """Somebody leaves an organization or a project."""
        table, scope = ("members", "org_id") if whole else ("project_members", "project_id")
        rows = self.rows(f"SELECT {scope}, user_id FROM {table} ORDER BY 2 DESC, 1")  # noqa: S608 - the line above
        if rows:
            left, user = rows[a % len(rows)]
            if whole:
                self.run_command("leaveOrg", Principal("user", user), {"organizationId": left})
            else:
                self.run_command("leaveGroup", Principal("user", user), {"projectId": left})

    @rule(a=choice, b=choice, c=choice, on=st.booleans())
    def suspend(self, a, b, c, on):
        """Somebody suspends or reactivates a member."""
        org = self.an_org(a)
        if org:
            name = "suspendOrgUser" if on else "reactivateOrgUser"
            self.run_command(name, self.an_actor(b, org), {"orgId": org, "userId": self.a_user(c, org)})

    @rule(a=choice, b=choice, starts=moment, ends=moment)
    def bound(self, a, b, starts, ends):
        """Somebody bounds a role that is held."""
        rows = self.rows("SELECT holder_id, scope_id, role, holder_kind, org_id FROM assignments ORDER BY 1, 2, 3")
        holder, scope, role, kind, org = rows[a % len(rows)]
        now = self.world.clock.now
        texts = [None if days is None else rfc3339(now + days) for days in (starts, ends)]
        member = {"user": "userId", "api_key": "apiUserId", "service_account": "clientId", "team": "teamId"}[kind]
        shown = f"{CLIENT_ID_PREFIX}{holder}" if kind == "service_account" else holder
        place = {"orgId": org} if scope == org else {"groupId": scope}
        names = {
            ("user", True): "setOrgUserRoleBounds",
            ("user", False): "setGroupUserRoleBounds",
            ("api_key", True): "setOrgApiKeyRoleBounds",
            ("api_key", False): "setGroupApiKeyRoleBounds",
            ("service_account", True): "setOrgServiceAccountRoleBounds",
            ("service_account", False): "setGroupServiceAccountRoleBounds",
            ("team", False): "setGroupTeamRoleBounds",
        }
        body = BoundsBody(starts_at=texts[0], ends_at=texts[1])
        values = {**place, member: shown, "role": role}
        self.run_command(names[kind, scope == org], self.an_actor(b, org), values, body)

    @rule(a=choice, b=choice, roles=org_roles, inside=project_roles, in_project=st.booleans())
    def create_key(self, a, b, roles, inside, in_project):
        """Somebody makes a key."""
        org = self.an_org(a)
        project, home = self.a_project(a)
        if in_project and project:
            body = CreateKeyBody(desc="k", roles=inside)
            self.run_command("createGroupApiKey", self.an_actor(b, home), {"groupId": project}, body)
        elif org:
            body = CreateKeyBody(desc="k", roles=roles)
            self.run_command("createOrgApiKey", self.an_actor(b, org), {"orgId": org}, body)

    @rule(a=choice, b=choice, what=st.sampled_from(["delete", "update", "assign", "take off"]), roles=project_roles)
    def touch_key(self, a, b, what, roles):
        """Somebody deletes a key, changes its roles, or puts it on or off a project."""
        key = self.pick(a, "SELECT id FROM api_keys ORDER BY 1")
        if key is None:
            return
        org = self.pick(0, "SELECT org_id FROM api_keys WHERE id = ?", key)
        project = self.pick(b, "SELECT id FROM projects WHERE org_id = ? ORDER BY 1", org)
        by = self.an_actor(b, org)
        if what == "delete":
            self.run_command("deleteOrgApiKey", by, {"orgId": org, "apiUserId": key})
        elif what == "update":
            body = UpdateKeyBody(roles=[ORG_ROLES[a % 4]])
            self.run_command("updateOrgApiKey", by, {"orgId": org, "apiUserId": key}, body)
        elif project:
            name = "addGroupApiKey" if what == "assign" else "removeGroupApiKey"
            body = [AssignedRolesBody(roles=roles)] if what == "assign" else None
            self.run_command(name, by, {"groupId": project, "apiUserId": key}, body)

    @rule(a=choice, who=person, roles=org_roles, inside=project_roles)
    def enrol(self, a, who, roles, inside):
        """The operator puts somebody into an organization and a project at once."""
        org = self.an_org(a)
        if org:
            project = self.pick(a, "SELECT id FROM projects WHERE org_id = ? ORDER BY 1", org)
            projects = {project: inside} if project and a % 2 else {}
            body = NewUser(username=who, organizations={org: roles}, projects=projects)
            self.run_command("enrolUser", OPERATOR, body=body)

    @rule(who=person)
    def vouch(self, who):
        """The operator gives somebody an account, so that they can answer invitations."""
        self.run_command("enrolUser", OPERATOR, body=NewUser(username=who))

    @rule(who=person, a=choice)
    def erase(self, who, a):
        """The operator erases a person."""
        if a % 6 == 0:
            self.run_command("eraseUser", OPERATOR, body=ErasedUser(username=who))

    @rule(days=st.sampled_from([0, 1, 10, 31]))
    def time_goes_on(self, days):
        """Days pass; invitations and roles come to their ends."""
        self.world.clock.advance(days=days, seconds=1)

    # -- what holds after every step

    @invariant()
    def the_store_is_whole(self):
        """Nothing dangles, and every counter counts right."""
        assert check_store(self.world.store.path) == []

    @invariant()
    def nothing_happens_untold(self):
        """Every command that changed people, keys, teams or projects has raised an event (rule 141)."""
        assert silent_changes(self.world.store.path) == []

    @invariant()
    def an_owner_remains(self):
        """Every organization has a lasting owner; in Cloud Manager no project has lost its last one."""
        owners = set(self._owned("ORG_OWNER"))
        assert {org for (org,) in self.rows("SELECT id FROM organizations")} - owners == set()
        sql = "SELECT p.id FROM projects p JOIN organizations o ON o.id = p.org_id WHERE o.edition = 'cloud_manager'"
        projects = {project for (project,) in self.rows(sql)}
        owned = set(self._owned("GROUP_OWNER"))
        assert (self.lasting.projects & projects) - owned == set()
        self.lasting.projects = owned & projects

    def _owned(self, role):
        sql = (
            "SELECT DISTINCT a.scope_id FROM assignments a JOIN members m ON m.org_id = a.org_id"
            " AND m.user_id = a.holder_id WHERE a.role = ? AND a.holder_kind = 'user' AND a.starts <= ?"
            " AND a.ends = ? AND m.state = 'active' AND NOT m.suspended"
        )
        return [scope for (scope,) in self.rows(sql, role, self.world.clock.now, FOREVER)]

    @invariant()
    def memory_is_what_a_fresh_start_loads_and_what_the_log_says(self):
        """The snapshot equals one loaded from the tables, and one folded from the whole log."""
        loaded, folded = load_snapshot(self.reading), Snapshot.empty()
        for _, deltas in rows_after(self.reading, 0):
            folded.fold(deltas)
        served = self.world.store.snapshot
        sql = "SELECT id FROM users UNION SELECT id FROM api_keys UNION SELECT holder_id FROM assignments ORDER BY 1"
        principals = [key for (key,) in self.rows(sql)]
        now = self.world.clock.now
        for when in (now, now + 10 * 86_400_000, now + 30 * 86_400_000):
            for key in principals:
                expected = _allowed(loaded, key, when)
                assert _allowed(served, key, when) == expected
                assert _allowed(folded, key, when) == expected


def _allowed(facts, principal, when):
    return {scope: held for scope, held in everything(facts, principal, when) if held}


Directory.TestCase.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)


@pytest.mark.slow
class TestDirectory(Directory.TestCase):
    """The rules of the directory under random commands."""
