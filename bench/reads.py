"""What the console reads: every list, filtered and sorted, in an organization of 100,000 people beside one of 1,000."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bench.crowd import DAY, NOW, Crowd, crowd_of, write
from bench.pages import LONG, SHORT
from bench.table import Row, busy, by_turns, micros
from orgward.store.events import index_events
from orgward.store.load import load_snapshot
from orgward.store.log import canonical
from orgward.store.migrate import migrate
from orgward.store.reads.activity import ActivityQuery, activity_page
from orgward.store.reads.counts import member_tiles, organization_counts, project_counts
from orgward.store.reads.invitation_list import InvitationQuery, invitation_page, inviters
from orgward.store.reads.invitation_tabs import invitation_tabs
from orgward.store.reads.key_list import KeyQuery, key_page
from orgward.store.reads.keyset import START
from orgward.store.reads.logged import Shown
from orgward.store.reads.member_filters import MemberQuery
from orgward.store.reads.member_list import member_page
from orgward.store.reads.project_access import AccessQuery, access_page, sources
from orgward.store.reads.project_list import ProjectQuery, project_page
from orgward.store.reads.search import Sight, search
from orgward.store.reads.team_list import TeamQuery, team_page
from orgward.store.sqlite import connect
from orgward.store.view import SqlView

SLOWEST: Final = 0.030
SIZE: Final = 25
_NEXT: Final = ", next page"
_TYPES: Final = ("USER_ROLES_CHANGED_AUDIT", "JOINED_GROUP", "JOINED_ORG", "GROUP_TAGS_MODIFIED")

Reads = dict[str, Callable[[], object]]


def read_rows(*, quick: bool) -> Iterator[Row]:
    """Measure every list in organizations of two sizes."""
    sizes = (SHORT, 2 * SHORT if quick else LONG)
    with TemporaryDirectory() as name:
        (short, _), (long, total) = (_crowded(Path(name) / f"{size}.db", size) for size in sizes)
        for what, read in long.items():
            yardstick = short.get(what, short[what.removesuffix(_NEXT)])
            pair = by_turns(partial(busy, read), partial(busy, yardstick), 3 if quick else 11)
            # Who they are are sets from the facts of the engine, which grow with them.
            met = None if what.startswith("people of a project") else pair.figure <= SLOWEST
            yield Row(f"read {what}: of {total:,}", micros(pair.figure), f"of {sizes[0]:,} {micros(pair.yardstick)}",
                      f"{pair.ratio:.1f}", "" if met is None else "≤ 30 ms", met)  # fmt: skip


def _crowded(path: Path, size: int) -> tuple[Reads, int]:
    crowd = crowd_of(size)
    migrate(path)
    connection = connect(path)
    write(crowd, connection)
    view = SqlView(connection)
    _log(crowd, view)
    return {**_members(view, crowd), **_others(view, crowd), **_access(view, crowd), **_activity(view, crowd)}, size


def _members(view: SqlView, crowd: Crowd) -> Reads:
    asked = {
        "members": MemberQuery(),
        "members, seen last first": MemberQuery(sort="-seen"),
        "members called `an…`": MemberQuery(q="an"),
        "members called `ann k…`": MemberQuery(q="ann k"),
        "members with the role of most": MemberQuery(roles=["ORG_MEMBER"]),
        "members with a role of some": MemberQuery(roles=["ORG_READ_ONLY"]),
        "owners": MemberQuery(roles=["ORG_OWNER"]),
        "members, pending": MemberQuery(states=["pending"]),
        "members, suspended": MemberQuery(states=["suspended"]),
        "members without a second factor": MemberQuery(factors=["none"]),
        "members not seen for 90 days": MemberQuery(idle_since=NOW - 90 * DAY),
        "members not seen for 90 days, longest first": MemberQuery(idle_since=NOW - 90 * DAY, sort="seen"),
        "members of a team of a third": MemberQuery(teams=[crowd.all("teams")[0]["id"]]),
        "members of a team of 40": MemberQuery(teams=[crowd.all("teams")[1]["id"]]),
        "members by three filters": MemberQuery(roles=["ORG_MEMBER"], factors=["none"], idle_since=NOW - 30 * DAY),
    }
    found: Reads = {}
    for what, query in asked.items():
        read = partial(member_page, view, crowd.org, query, size=SIZE, now=NOW)
        after = read(START).after
        found[what] = partial(read, START)
        if after is not None:
            found[f"{what}{_NEXT}"] = partial(read, after)
    return {**found, "tiles of members": partial(member_tiles, view, crowd.org, idle_since=NOW - 90 * DAY, now=NOW)}


def _others(view: SqlView, crowd: Crowd) -> Reads:
    org, projects = crowd.org, {row["id"] for row in crowd.all("projects")}
    page = {"size": SIZE, "now": NOW}
    found: Reads = {
        f"invitations, {tab}": partial(invitation_page, view, org, InvitationQuery(tab=tab), START, **page)
        for tab in ("all", "pending", "expired", "failed", "declined", "accepted")
    }
    return {
        **found,
        "invitations to `an…`": partial(invitation_page, view, org, InvitationQuery(q="an"), START, **page),
        "invitations to a project": partial(
            invitation_page, view, org, InvitationQuery(project=min(projects)), START, **page
        ),
        "tabs of invitations": partial(invitation_tabs, view, org, NOW),
        "who has invited": partial(inviters, view, org),
        "projects": partial(project_page, view, org, ProjectQuery(visible=projects), START, **page),
        "projects without an owner": partial(
            project_page, view, org, ProjectQuery(visible=projects, without_owner=True), START, **page
        ),
        "teams": partial(team_page, view, org, TeamQuery(), START, **page),
        "keys": partial(key_page, view, org, KeyQuery(), START, **page),
        "what a search finds": partial(
            search, view, org, "an", Sight(people=None, projects=projects, teams=True), now=NOW
        ),
        "counts of an organization": partial(organization_counts, view, org, NOW),
        "counts of a project": partial(project_counts, view, min(projects), NOW),
    }


def _access(view: SqlView, crowd: Crowd) -> Reads:
    facts = load_snapshot(view._connection)  # noqa: SLF001 - as a store opens
    everybody, some = (crowd.all("projects")[number]["id"] for number in (0, 1))

    def page(project: str, query: AccessQuery) -> object:
        return access_page(view, crowd.org, project, query, place=START, size=SIZE, now=NOW)

    def whole(project: str, q: str) -> object:
        return page(project, AccessQuery(sources=sources(facts, project, NOW), q=q))

    known = sources(facts, everybody, NOW)
    return {
        "people of a project of all, who they are": partial(sources, facts, everybody, NOW),
        "people of a project of all, known who they are": partial(page, everybody, AccessQuery(sources=known)),
        "people of a project of all called `an…`": partial(page, everybody, AccessQuery(sources=known, q="an")),
        "people of a project of some": partial(whole, some, ""),
    }


def _log(crowd: Crowd, view: SqlView) -> None:
    """Write a row of the log for everybody, one in thirty a refusal, the others with an event."""
    connection, random = view._connection, crowd.random  # noqa: SLF001 - no command could write so much
    projects = [row["id"] for row in crowd.all("projects")]
    connection.execute("BEGIN")
    for revision, user in enumerate((row["user_id"] for row in crowd.all("members")), 1):
        refused, project = random.random() < 1 / 30, random.choice(projects)
        told = {"type": random.choice(_TYPES), "orgId": crowd.org, "groupId": project, "targetUserId": user}
        body = {"code": "USER_UNAUTHORIZED"} if refused else {"events": [told]}
        at, outcome = NOW + revision * 1000, "refused" if refused else "done"
        values = (revision, crowd.org, at, "user", f"{random.randrange(100):024x}", "", "change", project, "", outcome,
                  canonical(body), b"[]", "", "", "")  # fmt: skip
        connection.execute(f"INSERT INTO log VALUES ({', '.join('?' * len(values))})", values)  # noqa: S608 - own schema
        index_events(connection, revision, at, body)
    connection.execute("COMMIT")


def _activity(view: SqlView, crowd: Crowd) -> Reads:
    projects = [row["id"] for row in crowd.all("projects")]
    actor = f"{1:024x}"
    days = {"since": NOW + crowd.size * 500, "until": NOW + crowd.size * 600}
    asked = {
        "activity": (Shown(crowd.org), ActivityQuery()),
        "activity of a period": (Shown(crowd.org), ActivityQuery(**days)),
        "activity of one actor": (Shown(crowd.org), ActivityQuery(actor=actor)),
        "activity, refusals": (Shown(crowd.org), ActivityQuery(refused=True)),
        "activity of a type": (Shown(crowd.org), ActivityQuery(types=_TYPES[:1])),
        "activity of a project": (Shown(crowd.org, project=projects[0]), ActivityQuery()),
        "activity, three projects known": (Shown(crowd.org, projects=projects[:3]), ActivityQuery()),
        "activity of keys, of which there are none": (Shown(crowd.org), ActivityQuery(kinds=["api_key"])),
    }
    return {
        what: partial(activity_page, view, shown, query, START, size=SIZE) for what, (shown, query) in asked.items()
    }
