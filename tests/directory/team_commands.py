"""The random commands about teams, for the state machine of the directory."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from orgward.admin_api.project_teams import TeamRoleBody, TeamRolesBody
from orgward.admin_api.teams import CreateTeamBody, RenameTeamBody, TeamUserBody
from orgward.admin_api.user_bodies import OrgInvitationChangeBody, OrgUserBody, OrgUserRolesBody, OrgUserUpdateBody

NAMES = ["crew", "band", "club", "gang"]
ROLES = ["GROUP_OWNER", "GROUP_READ_ONLY", "GROUP_DATA_ACCESS_ADMIN", "GROUP_ACCESS_MANAGER", "GROUP_USER_ADMIN"]

choice = st.integers(0, 23)
names = st.sampled_from(NAMES)
roles = st.lists(st.sampled_from(ROLES), max_size=2, unique=True)


class TeamCommands:
    """What is done with teams: by the team, by the project, by the user, by an invitation."""

    def a_team(self, number, org=None):
        """Give a team, one of the organization if one is named and has any."""
        found = self.pick(number, "SELECT id FROM teams WHERE org_id = ? ORDER BY name", org) if org else None
        return found or self.pick(number, "SELECT id FROM teams ORDER BY org_id, name")

    def some_teams(self, number, org):
        """Give a few teams of the organization."""
        found = [team for (team,) in self.rows("SELECT id FROM teams WHERE org_id = ? ORDER BY name", org)]
        return [team for place, team in enumerate(found) if number >> place & 1]

    def begin_team(self, org, project, owner, people):
        """Make a team on a project, for whoever is in it at the beginning, and give its id."""
        body = CreateTeamBody(name=NAMES[0], usernames=people)
        self.run_command("createOrgTeam", owner, {"orgId": org}, body)
        team = self.a_team(0, org)
        given = TeamRoleBody(team_id=team, role_names=["GROUP_OWNER", "GROUP_READ_ONLY"])
        self.run_command("addGroupTeams", owner, {"groupId": project}, [given])
        return team

    def home_of(self, team):
        """Give the organization of a team."""
        return self.pick(0, "SELECT org_id FROM teams WHERE id = ?", team)

    @rule(a=choice, b=choice, c=choice, name=names)
    def create_team(self, a, b, c, name):
        """Somebody makes a team of people who are there, or on their way, or strangers."""
        org = self.an_org(a)
        if org:
            users = {self.a_user(number, org) for number in (c, c + 1)}
            found = [self.pick(0, "SELECT username FROM person_data WHERE id = ?", user) for user in sorted(users)]
            body = CreateTeamBody(name=name, usernames=[username for username in found if username])
            self.run_command("createOrgTeam", self.an_actor(b, org), {"orgId": org}, body)

    @rule(a=choice, b=choice, name=names, rename=st.booleans())
    def touch_team(self, a, b, name, rename):
        """Somebody renames or deletes a team."""
        team = self.a_team(a)
        if not rename and a % 3:
            team = self.pick(a, "SELECT id FROM teams WHERE id NOT IN (SELECT holder_id FROM assignments) ORDER BY 1")
        if team:
            org = self.home_of(team)
            operation, body = ("renameOrgTeam", RenameTeamBody(name=name)) if rename else ("deleteOrgTeam", None)
            self.run_command(operation, self.an_actor(b, org), {"orgId": org, "teamId": team}, body)

    @rule(a=choice, b=choice, c=choice, add=st.integers(0, 3))
    def fill_team(self, a, b, c, add):
        """Somebody puts people into a team, or takes somebody out."""
        team = self.a_team(a)
        if team:
            org = self.home_of(team)
            values, by = {"orgId": org, "teamId": team}, self.an_actor(b, org)
            user = self.not_in(team, c, org) if add else self.one_in(team, c) or self.a_user(c, org)
            if add == 1:
                body = [TeamUserBody(id=found) for found in sorted({user, self.not_in(team, c + 1, org)})]
                self.run_command("addOrgTeamUsers", by, values, body)
            elif c % 2 and not add:
                self.run_command("removeOrgTeamUserFromTeam", by, {**values, "userId": user})
            else:
                operation = "addOrgTeamUser" if add else "removeOrgTeamUser"
                self.run_command(operation, by, values, TeamUserBody(id=user))

    def one_in(self, team, number):
        """Give somebody who is in the team."""
        return self.pick(number, "SELECT user_id FROM team_members WHERE team_id = ? ORDER BY 1", team)

    def not_in(self, team, number, org):
        """Give mostly somebody of the organization who is not in the team."""
        sql = (
            "SELECT user_id FROM members WHERE org_id = ? AND user_id NOT IN"
            " (SELECT user_id FROM team_members WHERE team_id = ?) ORDER BY 1"
        )
        found = self.pick(number, sql, org, team) if number % 5 else None
        return found or self.a_user(number, org)

    @rule(a=choice, b=choice, c=choice, given=roles, what=st.sampled_from(["add", "add", "update", "remove"]))
    def assign_team(self, a, b, c, given, what):
        """Somebody puts a team on a project, gives it other roles there, or takes it off."""
        project, org = self.a_project(a)
        team = self.a_team(c, org)
        if not project or not team:
            return
        by, values = self.an_actor(b, org), {"groupId": project, "teamId": team}
        if what == "add":
            body = [TeamRoleBody(team_id=team, role_names=given)]
            self.run_command("addGroupTeams", by, {"groupId": project}, body)
        elif what == "update":
            self.run_command("updateGroupTeam", by, values, TeamRolesBody(role_names=given))
        else:
            self.run_command("removeGroupTeam", by, values)

    @rule(a=choice, b=choice, c=choice, which=st.integers(0, 7))
    def place_user(self, a, b, c, which):
        """Somebody says which teams a member, or somebody invited, is in."""
        org = self.an_org(a)
        if org:
            body = OrgUserUpdateBody(team_ids=self.some_teams(which, org))
            values = {"orgId": org, "userId": self.a_user(c, org)}
            self.run_command("updateOrgUser", self.an_actor(b, org), values, body)

    @rule(a=choice, b=choice, c=choice, which=st.integers(1, 7), amend=st.booleans())
    def invite_to_teams(self, a, b, c, which, amend):
        """Somebody invites somebody to teams, or changes the teams of an open invitation."""
        org = self.an_org(a)
        if not org:
            return
        by, teams = self.an_actor(b, org), self.some_teams(which, org)
        sql = "SELECT id FROM invitations WHERE org_id = ? AND state = 'pending' ORDER BY 1"
        invitation = self.pick(c, sql, org)
        if amend and invitation:
            values = {"orgId": org, "invitationId": invitation}
            self.run_command("updateOrgInviteById", by, values, OrgInvitationChangeBody(team_ids=teams))
            return
        username = self.pick(c, "SELECT username FROM person_data ORDER BY id")
        roles_there = OrgUserRolesBody(org_roles=["ORG_MEMBER"])
        body = OrgUserBody(username=username, roles=roles_there, team_ids=tuple(teams))
        self.run_command("createOrgUser", by, {"orgId": org}, body)
