"""An organization with as many people as are wanted and something of everything that the console lists."""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from bench.filling import count_everything
from orgward.directory.names import username_key
from orgward.kernel.instants import FOREVER
from orgward.store.facets import fill
from orgward.store.schema import metadata
from orgward.store.sqlite import upsert

Row = dict[str, Any]

NOW: Final = 1_800_000_000_000
DAY: Final = 86_400_000
FIRST: Final = [
    "Ann", "Anna", "Anton", "Ben", "Carla", "David", "Elif", "Émile", "Farid", "Greta", "Henrik", "Ines", "Jonas",
    "Karl", "Li", "Maria", "Martin", "Mateus", "Mia", "Nora", "Olaf", "Paula", "Quentin", "Rosa", "Søren", "Tomás",
    "Ulrich", "Vera", "Wei", "Xenia", "Yusuf", "Zoé",
]  # fmt: skip
LAST: Final = [
    "Keller", "Okafor", "Rossi", "Lindqvist", "Demir", "Haddad", "Wallin", "Vogel", "Almeida", "von Hohenstein",
    "Müller", "Schmidt", "Novak", "Martin", "Ånström", "O'Neill", "García", "Sato", "Kowalski", "Maier", "Mayer", "Li",
    "Ng", "Ø", "Zweig",
]  # fmt: skip
PROJECT_ROLES: Final = ("GROUP_OWNER", "GROUP_READ_ONLY", "GROUP_CLUSTER_MANAGER", "GROUP_DATA_ACCESS_READ_ONLY")


@dataclass(slots=True)
class Crowd:
    """The rows of an organization, table by table; ids are numbers in the order in which they are made."""

    size: int
    random: Random
    org: str = "f" * 24
    rows: dict[str, list[Row]] = field(default_factory=dict)
    made: int = 0

    def put(self, table: str, **row: Any) -> Row:
        """Add a row, with what it need not say."""
        columns = {column.name for column in metadata.tables[table].columns}
        known: Mapping[str, Any] = {
            "org_id": self.org, "created_at": NOW - self.random.randrange(400) * DAY, "salt": "", "added_by": None,
            "added_by_owner": False, "invitation_id": None, "expires_at": None, "starts": 0, "ends": FOREVER,
            "mapped": False,
        }  # fmt: skip
        whole = {**{name: value for name, value in known.items() if name in columns}, **row}
        self.rows.setdefault(table, []).append(whole)
        return whole

    def ids(self, number: int) -> list[str]:
        """Return ids that were not given yet; what is made later has the greater one."""
        self.made += number
        return [f"{NOW // 1000:08x}{n:016x}" for n in range(self.made - number, self.made)]

    def all(self, table: str) -> Sequence[Row]:
        """Return the rows of a table."""
        return self.rows.get(table, ())


def crowd_of(size: int, seed: int = 1) -> Crowd:
    """Return an organization of `size` people; the same seed gives the same people."""
    crowd = Crowd(size, Random(seed))
    crowd.put("organizations", id=crowd.org, name="Crowd", edition="atlas", skip_default_alerts=False)
    people = [_person(crowd) for _ in range(size)]
    members = [user for user in people if _member(crowd, user)]
    projects = _projects(crowd)
    _on_projects(crowd, projects, members)
    _teams(crowd, projects, members)
    _invitations(crowd, projects)
    _keys(crowd, projects, people)
    return crowd


def write(crowd: Crowd, connection: sqlite3.Connection) -> None:
    """Write the rows of `crowd`, with the counters and facets that commands would have kept."""
    connection.execute("BEGIN")
    for table, rows in crowd.rows.items():
        connection.executemany(upsert(metadata.tables[table]), rows)
    count_everything(connection)
    fill(connection)
    connection.execute("COMMIT")


def _person(crowd: Crowd) -> str:
    random, (user,) = crowd.random, crowd.ids(1)
    first, last = random.choice(FIRST), random.choice(LAST)
    named = random.random() > 0.05
    address = f"{first}.{last.replace(' ', '')}.{crowd.made}@{random.choice(['crowd', 'Partner'])}.example"
    seen = None if random.random() < 0.1 else NOW - int(random.expovariate(1 / 40) * DAY)
    crowd.put("users", id=user, account_at=NOW if named else None, proven_at=None, last_auth_at=seen)
    names = (first, last if random.random() > 0.02 else "") if named else ("", "")
    crowd.put("person_data", id=user, username=address, username_key=username_key(address), first_name=names[0],
              last_name=names[1], country="ZZ")  # fmt: skip
    for factor in crowd.ids(random.choice([0, 0, 0, 1, 1, 2])):
        kind = random.choice(["totp", "passkey", "passkey", "recovery"])
        crowd.put("second_factors", id=factor, user_id=user, kind=kind, name=kind, is_active=random.random() < 0.9,
                  secret="", credential_key=None, counter=0, used_at=None)  # fmt: skip
    return user


def _member(crowd: Crowd, user: str) -> bool:
    """Make `user` a member in one of the states; say whether they are an active one."""
    random = crowd.random
    state = random.choices(["active", "pending", "rejected"], [92, 6, 2])[0]
    ends = NOW + random.randrange(-20, 40) * DAY if state == "pending" else None
    crowd.put("members", user_id=user, state=state, suspended=state == "active" and random.random() < 0.02,
              expires_at=ends, invitation_id=None)  # fmt: skip
    if state != "active":
        return False
    roles = {"ORG_OWNER"} if random.random() < 3 / crowd.size else {"ORG_MEMBER"}
    roles |= {role for role in ("ORG_READ_ONLY", "ORG_BILLING_ADMIN") if random.random() < 0.07}
    for role in roles:
        ends = FOREVER if random.random() < 0.9 else NOW + random.randrange(-10, 10) * DAY
        crowd.put("assignments", holder_id=user, scope_id=crowd.org, role=role, holder_kind="user", ends=ends)
    return True


def _projects(crowd: Crowd) -> list[str]:
    projects = crowd.ids(24)
    for number, project in enumerate(projects):
        tags = [{"key": "stage", "value": crowd.random.choice(["prod", "test"])}] if number % 3 else []
        crowd.put("projects", id=project, name=f"{crowd.random.choice(LAST)} {number}", with_default_alerts=True,
                  tags=json.dumps(tags))  # fmt: skip
    return projects


def _on_projects(crowd: Crowd, projects: Sequence[str], members: Sequence[str]) -> None:
    """Put everybody on the first project and some on the others; on one in four nobody is an owner."""
    for number, project in enumerate(projects):
        here = members if number == 0 else crowd.random.sample(members, min(len(members), 5 + 3 * number))
        for user in here:
            crowd.put("project_members", project_id=project, user_id=user, state="active")
            role = crowd.random.choice(PROJECT_ROLES[number % 4 == 3 :] if number else PROJECT_ROLES[1:])
            crowd.put("assignments", holder_id=user, scope_id=project, role=role, holder_kind="user")


def _teams(crowd: Crowd, projects: Sequence[str], members: Sequence[str]) -> None:
    """Make teams, the first one of a third of the members; half of them are on projects."""
    for number, team in enumerate(crowd.ids(16)):
        crowd.put("teams", id=team, name=f"{crowd.random.choice(FIRST)} {number}")
        size = 0 if number == 15 else len(members) // 3 if number == 0 else min(len(members), 40)
        for user in crowd.random.sample(members, size):
            crowd.put("team_members", user_id=user, team_id=team)
        for project in crowd.random.sample(projects[1:], 3) if number % 2 else ():
            role = crowd.random.choice(PROJECT_ROLES)
            crowd.put("assignments", holder_id=team, scope_id=project, role=role, holder_kind="team")


def _invitations(crowd: Crowd, projects: Sequence[str]) -> None:
    """Give each member an invitation who has to have one, and to some who joined the one that they followed."""
    random = crowd.random
    inviters = [row["user_id"] for row in crowd.all("members")[:5]]
    for member in list(crowd.all("members")):
        state = {"pending": "pending", "rejected": "declined"}.get(member["state"])
        if state is None and random.random() < 0.98:
            continue
        (invitation,) = crowd.ids(1)
        project = random.choice(projects) if random.random() < 0.3 else None
        sent = NOW - random.randrange(1, 60) * DAY
        crowd.put("invitations", id=invitation, project_id=random.choice([project, None]), user_id=member["user_id"],
                  state=state or random.choice(["accepted", "cancelled"]), created_at=sent, inviter_kind="user",
                  expires_at=member["expires_at"] or sent + 30 * DAY, inviter_id=random.choice(inviters),
                  parts=json.dumps(list(_parts(crowd, project))))  # fmt: skip
        if state is not None:
            _announce(crowd, member, invitation, project)


def _announce(crowd: Crowd, member: Row, invitation: str, project: str | None) -> None:
    member["invitation_id"] = invitation
    if project is not None:
        crowd.put("project_members", project_id=project, user_id=member["user_id"], state=member["state"],
                  expires_at=member["expires_at"], invitation_id=invitation)  # fmt: skip
    if member["state"] == "pending" and crowd.random.random() < 0.1:
        crowd.put("undelivered", invitation_id=invitation, reason="no such mailbox", failed_at=NOW)


def _parts(crowd: Crowd, project: str | None) -> Iterator[Row]:
    by = {"by_kind": "user", "by_id": "", "by_owner": False}
    yield {"scope": "organization", "id": crowd.org, "roles": ["ORG_MEMBER"], **by}
    if project is not None:
        yield {"scope": "project", "id": project, "roles": ["GROUP_READ_ONLY"], **by}
    if crowd.random.random() < 0.2:
        yield {"scope": "team", "id": crowd.random.choice(crowd.all("teams"))["id"], "roles": [], **by}


def _keys(crowd: Crowd, projects: Sequence[str], people: Sequence[str]) -> None:
    random = crowd.random
    for number, key in enumerate(crowd.ids(60)):
        crowd.put("api_keys", id=key, description=f"{random.choice(FIRST)} key", public_key=f"k{number:07}", masked="",
                  maker_kind="user", maker_id=random.choice([random.choice(people), "e" * 24]))  # fmt: skip
        for scope, role in ((crowd.org, "ORG_MEMBER"), (random.choice(projects), random.choice(PROJECT_ROLES))):
            crowd.put("assignments", holder_id=key, scope_id=scope, role=role, holder_kind="api_key")
        for block in range(random.choice([0, 1, 1, 4])):
            ip = f"192.0.2.{block}"
            used = NOW - random.randrange(90) * DAY if random.random() < 0.7 else None
            crowd.put("api_key_access", key_id=key, cidr=f"{ip}/32", ip=ip, use_count=0, last_used_at=used)
