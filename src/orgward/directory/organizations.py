"""Organizations: made, renamed, deleted (rules 1, 41, 85, 102, 106, 145, 153)."""

from orgward.catalog import ORGANIZATION_OWNER
from orgward.directory import account_secrets, federation, settings
from orgward.directory.ground import Change, Ground, drop, put
from orgward.directory.invitations import forget_links
from orgward.directory.names import organization_name
from orgward.directory.provisioned import organization_forgotten
from orgward.directory.roles import assign, unassign
from orgward.kernel.errors import RefusedError


def create(ground: Ground, name: str, edition: str, owner: str, *, skip_default_alerts: bool) -> Change:
    """Make an organization of `edition` whose owner is the user `owner` (rule 41)."""
    if ground.view.count("members", user_id=owner, state="active") >= ground.limits.organizations_per_user:
        raise RefusedError("MAX_ORGS_PER_USER_EXCEEDED", str(ground.limits.organizations_per_user), owner)
    org = ground.mint.id()
    deltas = [
        put(
            "organizations", org, id=org, name=organization_name(name, ground.limits.name_length), edition=edition,
            created_at=ground.now, skip_default_alerts=skip_default_alerts,
        ),
        put(
            "members", org, owner, org_id=org, user_id=owner, state="active", suspended=False,
            created_at=ground.now, invitation_id=None, expires_at=None, added_by=None,
        ),
        assign(ground, "user", owner, org, ORGANIZATION_OWNER, by_owner=False),
    ]  # fmt: skip
    return Change(deltas, {"name": name, "edition": edition, "owner": owner}, target=org, org_id=org)


def update(ground: Ground, *, name: str | None, skip_default_alerts: bool | None) -> Change:
    """Rename the organization (rule 106); members that are not named stay as they are."""
    row = dict(ground.view.get("organizations", ground.org) or {})
    if name is not None:
        row["name"] = organization_name(name, ground.limits.name_length)
    if skip_default_alerts is not None:
        row["skip_default_alerts"] = skip_default_alerts
    return Change([put("organizations", ground.org, **row)], {"name": row["name"]}, target=ground.org)


def delete(ground: Ground) -> Change:
    """Delete the organization and everything that belongs to it alone; it must hold no project (rule 102)."""
    org, view = ground.org, ground.view
    if view.count("projects", org_id=org):
        raise RefusedError("ORG_NOT_EMPTY")
    deltas = [unassign(row) for row in view.find("assignments", org_id=org)]
    deltas += [drop("members", org, row["user_id"]) for row in view.find("members", org_id=org)]
    deltas += [drop("team_members", row["user_id"], row["team_id"]) for row in view.find("team_members", org_id=org)]
    deltas += [drop("teams", row["id"]) for row in view.find("teams", org_id=org)]
    for row in view.find("invitations", org_id=org):
        deltas += [drop("invitations", row["id"]), *forget_links(ground, row["id"])]
    deltas += [drop("api_key_access", row["key_id"], row["cidr"]) for row in view.find("api_key_access", org_id=org)]
    for row in view.find("api_keys", org_id=org):
        deltas += [drop("replies", row["id"], kept["key"]) for kept in view.find("replies", principal_id=row["id"])]
        deltas += [drop("credentials", row["id"], "digest"), drop("api_keys", row["id"])]
    deltas += account_secrets.dropped(ground, view.find("service_account_secrets", org_id=org))
    for row in view.find("service_accounts", org_id=org):
        deltas += [drop("replies", row["id"], kept["key"]) for kept in view.find("replies", principal_id=row["id"])]
        deltas.append(drop("service_accounts", row["id"]))
    deltas += [*settings.forgotten(view, org), *organization_forgotten(view, org), *federation.forgotten(view, org)]
    deltas.append(drop("organizations", org))
    return Change(deltas, {}, target=org)
