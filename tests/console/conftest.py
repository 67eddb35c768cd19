"""What the tests of pages share: a small company, and its people in front of the console."""

import pytest

from tests.visitor import Visitor, visitor_of


class Company:
    """An organization with an owner, a member, two projects and a team; everybody can be visited as."""

    def __init__(self, world, edition="atlas"):
        """Build it through the operator's commands and the API."""
        self.world = world
        self.org = world.organization("Nordwind", edition=edition, owner="carla@nordwind.example")
        self.id, self.key = self.org.id, self.org.key
        self.owner = world.session(self.org.owner)
        self.member = world.user("mia@nordwind.example", orgs={self.id: ["ORG_MEMBER"]})
        self.prod = self._project("prod")
        self.dev = self._project("dev")
        self.reader = world.user(
            "rob@nordwind.example", orgs={self.id: ["ORG_MEMBER"]}, projects={self.prod: ["GROUP_READ_ONLY"]}
        )
        self.stranger = world.user("sam@elsewhere.example")
        made = self.key.post(f"/orgs/{self.id}/teams", {"name": "On-call", "usernames": ["mia@nordwind.example"]})
        assert made.status == 201, made.json
        self.team = made.json["id"]

    def _project(self, name):
        made = self.key.post("/groups", {"name": name, "orgId": self.id, "withDefaultAlertsSettings": False})
        assert made.status == 201, made.json
        return made.json["id"]

    def visit(self, caller) -> Visitor:
        """Give the person of `caller` in front of the console."""
        return visitor_of(caller)


@pytest.fixture
def company(world):
    """Give a company of the edition `atlas`."""
    return Company(world)


@pytest.fixture
def old_company(world):
    """Give a company of the edition `cloud_manager`."""
    return Company(world, edition="cloud_manager")
