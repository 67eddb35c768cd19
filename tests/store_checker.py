"""A checker over a whole store: rows that point at nothing, and what the writer keeps beside the rows gone wrong."""

import json
import sqlite3
import unicodedata
from contextlib import closing

_SCOPES = "SELECT id FROM organizations UNION SELECT id FROM projects"

# What must not be found: a sentence, and the rows that would prove it.
DANGLING = {
    "project without organization": "SELECT id FROM projects WHERE org_id NOT IN (SELECT id FROM organizations)",
    "member without organization": (
        "SELECT org_id, user_id FROM members WHERE org_id NOT IN (SELECT id FROM organizations)"
    ),
    "member who is no user": "SELECT org_id, user_id FROM members WHERE user_id NOT IN (SELECT id FROM users)",
    "project member without project": (
        "SELECT project_id, user_id FROM project_members m WHERE NOT EXISTS"
        " (SELECT 1 FROM projects p WHERE p.id = m.project_id AND p.org_id = m.org_id)"
    ),
    "project member outside the organization": (
        "SELECT project_id, user_id FROM project_members p WHERE NOT EXISTS"
        " (SELECT 1 FROM members m WHERE m.org_id = p.org_id AND m.user_id = p.user_id)"
    ),
    "active project member who is no active member": (
        "SELECT project_id, user_id FROM project_members p WHERE state = 'active' AND NOT EXISTS"
        " (SELECT 1 FROM members m WHERE m.org_id = p.org_id AND m.user_id = p.user_id AND m.state = 'active')"
    ),
    "active project member without a role there": (
        "SELECT project_id, user_id FROM project_members p WHERE state = 'active' AND NOT EXISTS"
        " (SELECT 1 FROM assignments a WHERE a.holder_id = p.user_id AND a.scope_id = p.project_id)"
    ),
    "active member without a role": (
        "SELECT org_id, user_id FROM members m WHERE state = 'active' AND NOT EXISTS"
        " (SELECT 1 FROM assignments a WHERE a.holder_id = m.user_id AND a.scope_id = m.org_id)"
    ),
    "assignment on nothing": f"SELECT holder_id, scope_id FROM assignments WHERE scope_id NOT IN ({_SCOPES})",  # noqa: S608 - ours
    "assignment in the wrong organization": (
        "SELECT holder_id, scope_id, org_id FROM assignments a WHERE org_id <> scope_id AND NOT EXISTS"
        " (SELECT 1 FROM projects p WHERE p.id = a.scope_id AND p.org_id = a.org_id)"
    ),
    "assignment of a user who is no active member": (
        "SELECT holder_id, scope_id FROM assignments a WHERE holder_kind = 'user' AND NOT EXISTS"
        " (SELECT 1 FROM members m WHERE m.org_id = a.org_id AND m.user_id = a.holder_id AND m.state = 'active')"
    ),
    "project role of a user who is not on the project": (
        "SELECT holder_id, scope_id FROM assignments a WHERE holder_kind = 'user' AND scope_id <> org_id AND NOT EXISTS"
        " (SELECT 1 FROM project_members m WHERE m.project_id = a.scope_id AND m.user_id = a.holder_id"
        " AND m.state = 'active')"
    ),
    "assignment of no key of the organization": (
        "SELECT holder_id, scope_id FROM assignments a WHERE holder_kind = 'api_key' AND NOT EXISTS"
        " (SELECT 1 FROM api_keys k WHERE k.id = a.holder_id AND k.org_id = a.org_id)"
    ),
    "assignment of no team of the organization": (
        "SELECT holder_id, scope_id FROM assignments a WHERE holder_kind = 'team' AND NOT EXISTS"
        " (SELECT 1 FROM teams t WHERE t.id = a.holder_id AND t.org_id = a.org_id)"
    ),
    "assignment of an unknown kind": (
        "SELECT holder_id, holder_kind FROM assignments WHERE holder_kind NOT IN"
        " ('user', 'api_key', 'service_account', 'team')"
    ),
    "assignment of no service account of the organization": (
        "SELECT holder_id, scope_id FROM assignments a WHERE holder_kind = 'service_account' AND NOT EXISTS"
        " (SELECT 1 FROM service_accounts s WHERE s.id = a.holder_id AND s.org_id = a.org_id)"
    ),
    "mapped role of nobody whom a provider brought": (
        "SELECT holder_id, scope_id FROM assignments WHERE mapped AND (holder_kind <> 'user'"
        " OR holder_id NOT IN (SELECT user_id FROM federated_identities))"
    ),
    "mapped role in an organization that is not connected": (
        "SELECT holder_id, scope_id FROM assignments WHERE mapped"
        " AND org_id NOT IN (SELECT org_id FROM connected_organizations)"
    ),
    "service account without organization": (
        "SELECT id FROM service_accounts WHERE org_id NOT IN (SELECT id FROM organizations)"
    ),
    "service account without a role in its organization": (
        "SELECT id FROM service_accounts s WHERE NOT EXISTS"
        " (SELECT 1 FROM assignments a WHERE a.holder_id = s.id AND a.scope_id = s.org_id)"
    ),
    "secret of no service account": (
        "SELECT id FROM service_account_secrets c WHERE NOT EXISTS"
        " (SELECT 1 FROM service_accounts s WHERE s.id = c.account_id AND s.org_id = c.org_id)"
    ),
    "hash of no secret": (
        "SELECT h.secret_id FROM client_secrets h WHERE NOT EXISTS"
        " (SELECT 1 FROM service_account_secrets c WHERE c.id = h.secret_id AND c.account_id = h.account_id)"
    ),
    "secret without a hash": (
        "SELECT id FROM service_account_secrets WHERE id NOT IN (SELECT secret_id FROM client_secrets)"
    ),
    "refresh token of no session": (
        "SELECT hash FROM refresh_tokens r WHERE NOT EXISTS"
        " (SELECT 1 FROM sessions s WHERE s.id = r.session_id AND s.user_id = r.user_id)"
    ),
    "device grant of nobody": (
        "SELECT hash FROM device_grants WHERE user_id IS NOT NULL AND user_id NOT IN"
        " (SELECT id FROM users WHERE account_at IS NOT NULL)"
    ),
    "federation without an organization": (
        "SELECT id FROM federations WHERE id NOT IN (SELECT federation_id FROM connected_organizations)"
    ),
    "connection of nothing": (
        "SELECT org_id FROM connected_organizations WHERE org_id NOT IN (SELECT id FROM organizations)"
        " OR federation_id NOT IN (SELECT id FROM federations)"
    ),
    "connection by a provider of another federation": (
        "SELECT org_id FROM connected_organizations c WHERE identity_provider_id IS NOT NULL AND NOT EXISTS"
        " (SELECT 1 FROM identity_providers p WHERE p.id = c.identity_provider_id"
        " AND p.federation_id = c.federation_id)"
    ),
    "identity provider without federation": (
        "SELECT id FROM identity_providers WHERE federation_id NOT IN (SELECT id FROM federations)"
    ),
    "domain of nothing": (
        "SELECT domain FROM federation_domains d WHERE federation_id NOT IN (SELECT id FROM federations)"
        " OR (identity_provider_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM identity_providers p"
        " WHERE p.id = d.identity_provider_id AND p.federation_id = d.federation_id))"
    ),
    "domain verified twice": (
        "SELECT domain FROM federation_domains WHERE verified_at IS NOT NULL GROUP BY 1 HAVING COUNT(*) > 1"
    ),
    "what a provider said of nobody": (
        "SELECT org_id, id FROM provisioned p WHERE NOT EXISTS (SELECT 1 FROM members m WHERE p.kind = 'User'"
        " AND m.org_id = p.org_id AND m.user_id = p.id) AND NOT EXISTS"
        " (SELECT 1 FROM teams t WHERE p.kind = 'Group' AND t.org_id = p.org_id AND t.id = p.id)"
    ),
    "role mapping of no connected organization": (
        "SELECT id FROM role_mappings m WHERE NOT EXISTS (SELECT 1 FROM connected_organizations c"
        " WHERE c.org_id = m.org_id AND c.federation_id = m.federation_id)"
    ),
    "identity of nobody": (
        "SELECT user_id FROM federated_identities WHERE user_id NOT IN"
        " (SELECT id FROM users WHERE account_at IS NOT NULL)"
        " OR identity_provider_id NOT IN (SELECT id FROM identity_providers)"
    ),
    "groups of no identity": (
        "SELECT user_id FROM identity_groups g WHERE NOT EXISTS (SELECT 1 FROM federated_identities i"
        " WHERE i.user_id = g.user_id AND i.identity_provider_id = g.identity_provider_id)"
    ),
    "workload identity of nothing": (
        "SELECT id FROM workload_identities w WHERE NOT EXISTS (SELECT 1 FROM service_accounts s"
        " WHERE s.id = w.account_id AND s.org_id = w.org_id)"
        " OR identity_provider_id NOT IN (SELECT id FROM identity_providers)"
    ),
    "provisioned and not there": (
        "SELECT org_id, id FROM provisioned p WHERE (kind = 'User' AND NOT EXISTS"
        " (SELECT 1 FROM members m WHERE m.org_id = p.org_id AND m.user_id = p.id))"
        " OR (kind = 'Group' AND NOT EXISTS (SELECT 1 FROM teams t WHERE t.org_id = p.org_id AND t.id = p.id))"
    ),
    "assignment that ends before it starts": "SELECT holder_id, scope_id FROM assignments WHERE ends <= starts",
    "team member without team": (
        "SELECT user_id, team_id FROM team_members m WHERE NOT EXISTS"
        " (SELECT 1 FROM teams t WHERE t.id = m.team_id AND t.org_id = m.org_id)"
    ),
    "team member who is neither a member nor invited to the team": (
        "SELECT user_id, team_id FROM team_members t WHERE NOT EXISTS"
        " (SELECT 1 FROM members m WHERE m.org_id = t.org_id AND m.user_id = t.user_id AND m.state = 'active')"
        " AND NOT EXISTS (SELECT 1 FROM invitations i, json_each(i.parts) p WHERE i.org_id = t.org_id"
        " AND i.user_id = t.user_id AND i.state = 'pending' AND p.value ->> 'scope' = 'team'"
        " AND p.value ->> 'id' = t.team_id)"
    ),
    "open invitation to a team that shows as nobody in it": (
        "SELECT i.id, p.value ->> 'id' FROM invitations i, json_each(i.parts) p WHERE i.state = 'pending'"
        " AND p.value ->> 'scope' = 'team' AND NOT EXISTS"
        " (SELECT 1 FROM team_members t WHERE t.user_id = i.user_id AND t.team_id = p.value ->> 'id')"
        " AND NOT EXISTS"
        " (SELECT 1 FROM members m WHERE m.org_id = i.org_id AND m.user_id = i.user_id AND m.state = 'active')"
    ),
    "role of a team outside projects": (
        "SELECT holder_id, scope_id FROM assignments WHERE holder_kind = 'team' AND scope_id = org_id"
    ),
    "team without organization": "SELECT id FROM teams WHERE org_id NOT IN (SELECT id FROM organizations)",
    "pending member without pending invitation": (
        "SELECT org_id, user_id FROM members m WHERE state = 'pending' AND NOT EXISTS"
        " (SELECT 1 FROM invitations i WHERE i.id = m.invitation_id AND i.state = 'pending'"
        " AND i.org_id = m.org_id AND i.user_id = m.user_id AND i.expires_at = m.expires_at)"
    ),
    "pending project member without pending invitation": (
        "SELECT project_id, user_id FROM project_members m WHERE state = 'pending' AND NOT EXISTS"
        " (SELECT 1 FROM invitations i WHERE i.id = m.invitation_id AND i.state = 'pending'"
        " AND i.org_id = m.org_id AND i.user_id = m.user_id AND i.expires_at = m.expires_at)"
    ),
    "active member with an invitation": (
        "SELECT org_id, user_id FROM members WHERE state = 'active' AND invitation_id IS NOT NULL"
    ),
    "membership in an unknown state": (
        "SELECT org_id, user_id, state FROM members WHERE state NOT IN ('active', 'pending', 'rejected')"
        " UNION SELECT project_id, user_id, state FROM project_members"
        " WHERE state NOT IN ('active', 'pending', 'rejected')"
    ),
    "suspended person who is no active member": (
        "SELECT org_id, user_id FROM members WHERE suspended AND state <> 'active'"
    ),
    "invitation without organization": "SELECT id FROM invitations WHERE org_id NOT IN (SELECT id FROM organizations)",
    "invitation without user": "SELECT id FROM invitations WHERE user_id NOT IN (SELECT id FROM users)",
    "open invitation to a project that is gone": (
        "SELECT id FROM invitations WHERE state = 'pending' AND project_id IS NOT NULL"
        " AND project_id NOT IN (SELECT id FROM projects)"
    ),
    "two open invitations of one kind": (
        "SELECT org_id, user_id, COALESCE(project_id, ''), COUNT(*) FROM invitations WHERE state = 'pending'"
        " GROUP BY 1, 2, 3 HAVING COUNT(*) > 1"
    ),
    "open invitation that shows as no membership": (
        "SELECT id FROM invitations i WHERE state = 'pending' AND NOT EXISTS"
        " (SELECT 1 FROM members m WHERE m.org_id = i.org_id AND m.user_id = i.user_id AND m.state <> 'rejected')"
    ),
    "open invitation without a link": (
        "SELECT id FROM invitations i WHERE state = 'pending' AND NOT EXISTS"
        " (SELECT 1 FROM tokens t WHERE t.invitation_id = i.id)"
        " AND NOT EXISTS (SELECT 1 FROM users u WHERE u.id = i.user_id AND u.account_at IS NOT NULL)"
    ),
    "token without user": "SELECT hash FROM tokens WHERE user_id NOT IN (SELECT id FROM users)",
    "token of no pending invitation": (
        "SELECT hash FROM tokens WHERE invitation_id IS NOT NULL AND invitation_id NOT IN"
        " (SELECT id FROM invitations WHERE state = 'pending')"
    ),
    "message to nobody": (
        "SELECT id FROM outbox WHERE user_id NOT IN (SELECT id FROM person_data) AND kind <> 'nothing'"
    ),
    "message of no pending invitation": (
        "SELECT id FROM outbox WHERE kind = 'invitation' AND (subject_id IS NULL OR subject_id NOT IN"
        " (SELECT id FROM invitations WHERE state = 'pending'))"
    ),
    "session of nobody": (
        "SELECT hash FROM sessions WHERE user_id NOT IN (SELECT id FROM users WHERE account_at IS NOT NULL)"
    ),
    "recovery codes for nothing": (
        "SELECT id FROM second_factors r WHERE kind = 'recovery' AND NOT EXISTS"
        " (SELECT 1 FROM second_factors f WHERE f.user_id = r.user_id AND f.kind <> 'recovery' AND f.is_active)"
    ),
    "session that has shown a factor that nobody has": (
        "SELECT session_hash FROM session_facts JOIN sessions ON hash = session_hash WHERE factor <> '' AND NOT EXISTS"
        " (SELECT 1 FROM federated_sessions p WHERE factor = 'federation' AND p.session_hash = hash) AND NOT EXISTS"
        " (SELECT 1 FROM second_factors f WHERE f.user_id = sessions.user_id AND f.kind <> 'recovery' AND f.is_active)"
    ),
    "credential without owner": (
        "SELECT owner_id, kind FROM credentials c WHERE NOT EXISTS"
        " (SELECT 1 FROM users u WHERE u.id = c.owner_id AND c.kind <> 'digest' AND u.account_at IS NOT NULL)"
        " AND NOT EXISTS (SELECT 1 FROM api_keys k WHERE k.id = c.owner_id AND c.kind = 'digest')"
        " AND NOT EXISTS (SELECT 1 FROM identity_providers p WHERE p.id = c.owner_id AND c.kind = 'client_secret')"
    ),
    "key without secret": (
        "SELECT id FROM api_keys WHERE id NOT IN (SELECT owner_id FROM credentials WHERE kind = 'digest')"
    ),
    "key without organization": "SELECT id FROM api_keys WHERE org_id NOT IN (SELECT id FROM organizations)",
    "key without a role in its organization": (
        "SELECT id FROM api_keys k WHERE NOT EXISTS"
        " (SELECT 1 FROM assignments a WHERE a.holder_id = k.id AND a.scope_id = k.org_id)"
    ),
    "access entry of no machine": (
        "SELECT key_id, cidr FROM api_key_access a WHERE NOT EXISTS"
        " (SELECT 1 FROM api_keys k WHERE k.id = a.key_id AND k.org_id = a.org_id) AND NOT EXISTS"
        " (SELECT 1 FROM service_accounts s WHERE s.id = a.key_id AND s.org_id = a.org_id)"
    ),
    "kept reply of nobody": (
        "SELECT principal_id FROM replies WHERE principal_id NOT IN"
        " (SELECT id FROM users WHERE account_at IS NOT NULL UNION SELECT id FROM api_keys"
        " UNION SELECT id FROM service_accounts)"
    ),
    "join request of nobody": (
        "SELECT id FROM join_requests WHERE user_id NOT IN (SELECT id FROM users WHERE account_at IS NOT NULL)"
    ),
    "join request in an unknown state": (
        "SELECT id, state FROM join_requests WHERE state NOT IN ('open', 'approved', 'denied', 'withdrawn')"
    ),
    "join request decided by nobody, or open and decided": (
        "SELECT id, state FROM join_requests WHERE (state = 'open') <> (decided_at IS NULL)"
        " OR (state = 'open') <> (decided_by IS NULL) OR (state = 'open') <> (decided_by_kind IS NULL)"
    ),
    "join request approved by who asked": (
        "SELECT id FROM join_requests WHERE state = 'approved' AND decided_by = user_id"
    ),
    "two open join requests of one person to one project": (
        "SELECT user_id, project_id FROM join_requests WHERE state = 'open' GROUP BY 1, 2 HAVING COUNT(*) > 1"
    ),
    "more join requests of one person than are kept": (
        "SELECT user_id, COUNT(*) FROM join_requests GROUP BY 1 HAVING COUNT(*) > 50"
    ),
    "settings of nothing": (
        "SELECT scope_id FROM settings s WHERE NOT EXISTS"
        " (SELECT 1 FROM organizations o WHERE o.id = s.scope_id AND o.id = s.org_id)"
        " AND NOT EXISTS (SELECT 1 FROM projects p WHERE p.id = s.scope_id AND p.org_id = s.org_id)"
    ),
    "contact of nothing": "SELECT org_id, kind FROM contacts WHERE org_id NOT IN (SELECT id FROM organizations)",
    "limit of nothing": "SELECT project_id, name FROM project_limits WHERE project_id NOT IN (SELECT id FROM projects)",
    "idle limit of no session": (
        "SELECT session_hash FROM idle_limits WHERE session_hash NOT IN (SELECT hash FROM sessions)"
    ),
    "facts of no session": (
        "SELECT session_hash FROM session_facts WHERE session_hash NOT IN (SELECT hash FROM sessions)"
    ),
    "session begun by a provider that does not know its person, or by no session": (
        "SELECT session_hash FROM federated_sessions f WHERE NOT EXISTS (SELECT 1 FROM sessions s WHERE"
        " s.hash = f.session_hash AND s.user_id = f.user_id) OR NOT EXISTS (SELECT 1 FROM federated_identities i"
        " WHERE i.identity_provider_id = f.identity_provider_id AND i.user_id = f.user_id)"
    ),
    "draft of no session": (
        "SELECT id FROM drafts d WHERE NOT EXISTS"
        " (SELECT 1 FROM sessions s WHERE s.id = d.session_id AND s.user_id = d.user_id)"
    ),
    "link of nobody": (
        "SELECT hash FROM links WHERE user_id NOT IN (SELECT id FROM users WHERE account_at IS NOT NULL)"
    ),
    "second factor of nobody": (
        "SELECT id FROM second_factors WHERE user_id NOT IN (SELECT id FROM users WHERE account_at IS NOT NULL)"
    ),
    "preferences of nobody": (
        "SELECT user_id FROM preferences WHERE user_id NOT IN (SELECT id FROM users WHERE account_at IS NOT NULL)"
    ),
    "undelivered, and no pending invitation": (
        "SELECT invitation_id FROM undelivered u WHERE NOT EXISTS"
        " (SELECT 1 FROM invitations i WHERE i.id = u.invitation_id AND i.org_id = u.org_id AND i.state = 'pending')"
    ),
    "personal data of nobody": "SELECT id FROM person_data WHERE id NOT IN (SELECT id FROM users)",
    "account without a name": (
        "SELECT id FROM users WHERE account_at IS NOT NULL AND id NOT IN (SELECT id FROM person_data)"
    ),
}

ORIGINATED = {
    "api_keys", "assignments", "invitations", "members", "organizations", "project_members", "projects",
    "service_accounts", "team_members", "teams",
}  # fmt: skip


def check_store(path):
    """Give every fault of the store at `path` as a sentence; none if all is well."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        parts = (_dangling, _parts, _counters, _events, _facets, _origins, _log)
        return [fault for part in parts for fault in part(connection)]


def _dangling(connection):
    for fault, sql in DANGLING.items():
        for row in connection.execute(sql):
            yield f"{fault}: {' '.join(map(str, row))}"


def _parts(connection):
    homes = {
        "project": dict(connection.execute("SELECT id, org_id FROM projects")),
        "team": dict(connection.execute("SELECT id, org_id FROM teams")),
        "organization": {org: org for (org,) in connection.execute("SELECT id FROM organizations")},
    }
    for invitation, org, raw in connection.execute("SELECT id, org_id, parts FROM invitations WHERE state = 'pending'"):
        for part in json.loads(raw):
            if homes[part["scope"]].get(part["id"]) != org:
                yield f"open invitation to what is not in the organization: {invitation} {part['id']}"
            if bool(part["roles"]) == (part["scope"] == "team"):
                yield f"part of an open invitation with the roles of another kind: {invitation} {part['id']}"


def _counters(connection):
    from orgward.store.schema import metadata  # noqa: PLC0415 - the rest of the checker knows SQL alone

    kept = dict(connection.execute("SELECT name, value FROM counters"))
    counted = {}
    for table in metadata.tables.values():
        for columns in table.info.get("counters", ()):
            names = ", ".join(columns)
            for *values, number in connection.execute(
                f"SELECT {names}, COUNT(*) FROM {table.name} GROUP BY {names}"  # noqa: S608 - names of our own schema
            ):
                if values[0] is not None:
                    counted["|".join((table.name, ",".join(columns), *map(str, values)))] = number
    for name in kept.keys() | counted.keys():
        if kept.get(name, 0) != counted.get(name, 0):
            yield f"counter {name} says {kept.get(name, 0)}, there are {counted.get(name, 0)}"


def _events(connection):
    """Hold the index of events against the log: each event of each feed stands there once, and nothing else."""
    from orgward.catalog.event_types import EVENT_TYPES  # noqa: PLC0415 - the rest of the checker knows SQL alone

    logged = {}
    for revision, at, body in connection.execute("SELECT revision, at, body FROM log WHERE outcome = 'done'"):
        for ordinal, event in enumerate(json.loads(body).get("events", ())):
            feeds = EVENT_TYPES[event["type"]].feeds if event["type"] in EVENT_TYPES else ()
            org = event.get("orgId") if "organization" in feeds else None
            project = event.get("groupId") if "project" in feeds else None
            if org or project:
                logged[revision, ordinal] = (org, project, event["type"], at)
    columns = "revision, ordinal, org_id, project_id, type, at"
    indexed = {row[:2]: row[2:] for row in connection.execute(f"SELECT {columns} FROM events")}  # noqa: S608 - ours
    for place in sorted(logged.keys() | indexed.keys()):
        if logged.get(place) != indexed.get(place):
            yield f"event {place}: the log says {logged.get(place)}, the index {indexed.get(place)}"


def _facets(connection):
    """Hold the facets of members against the rows that they follow from."""
    kept = set(connection.execute("SELECT org_id, facet, value, user_id FROM member_facets"))
    factors = {}
    for user, kind in connection.execute("SELECT user_id, kind FROM second_factors WHERE is_active"):
        if kind != "recovery":
            factors.setdefault(user, set()).add(kind)
    people = {user: [_plain(name) for name in names] for user, *names in connection.execute(_NAMES)}
    seen = dict(connection.execute("SELECT id, last_auth_at FROM users"))
    wanted = set()
    for org, user, state, suspended in connection.execute("SELECT org_id, user_id, state, suspended FROM members"):
        found = {("address", people[user][0])} if user in people else set()
        found |= _names_of(*people[user]) if user in people and state == "active" else set()
        found |= {("seen", ""), ("name", people[user][0])} if state == "pending" else set()
        if state == "active":
            found |= {("seen", str(seen.get(user) or 0).zfill(15))}
            found |= {("factor", kind) for kind in factors.get(user, {"none"})}
        found |= {("state", "suspended")} if suspended else set()
        wanted |= {(org, facet, value, user) for facet, value in found}
    for facet in sorted(kept ^ wanted):
        yield f"facet {facet} {'stands there for nothing' if facet in kept else 'is missing'}"


_NAMES = "SELECT id, username, first_name, last_name FROM person_data"


def _plain(text):
    """Give `text` as it is sorted and searched by."""
    signs = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return " ".join("".join(sign for sign in signs if ord(sign) not in range(0x300, 0x370)).split())


def _names_of(address, first, last):
    names = {("name", " ".join(filter(None, (first, last))) or address)}
    return names | ({("last", last)} if first and last else set())


def _origins(connection):
    """Hold the origins of rows against the log: the first delta of each that was not followed by its end."""
    wanted = {}
    sql = "SELECT revision, at, actor_kind, actor_id, deltas FROM log ORDER BY revision"
    for *told, raw in connection.execute(sql):
        for table, key, row in json.loads(raw):
            place = (table, "/".join(key))
            if row is None:
                wanted.pop(place, None)
            elif table in ORIGINATED:
                wanted.setdefault(place, tuple(told))
    kept = {row[:2]: row[2:] for row in connection.execute("SELECT * FROM origins")}
    for place in sorted(kept.keys() | wanted.keys()):
        if kept.get(place) != wanted.get(place):
            yield f"origin of {place}: the log says {wanted.get(place)}, kept is {kept.get(place)}"


def _log(connection):
    found = [row[0] for row in connection.execute("SELECT revision FROM log ORDER BY revision")]
    if found != list(range(1, len(found) + 1)):
        yield f"the log has gaps: {len(found)} rows up to {found[-1]}"
    times = [row[0] for row in connection.execute("SELECT at FROM log ORDER BY revision")]
    if times != sorted(times):
        yield "time runs backwards in the log"
