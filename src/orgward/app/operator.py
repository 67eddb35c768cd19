"""What only whoever can open the store may do: found organizations, vouch for people, erase people."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from orgward.app.acting import ground_of, outcome_of
from orgward.app.execute import Context
from orgward.app.operation import Operation, OperatorOnly, declare
from orgward.app.targets import Nowhere, organization, project
from orgward.catalog import EDITIONS, ORGANIZATION_OWNER
from orgward.directory import accounts, domains, enrolment, organizations, people, second_factors, setup_links
from orgward.directory.credentials import has_password
from orgward.directory.ground import Change, Ground, Token
from orgward.directory.guards import guarded
from orgward.directory.key_rows import key_deltas
from orgward.directory.roles import MEMBER_ROLE, organization_roles, project_roles
from orgward.engine.authorized import Gates, authorize
from orgward.kernel.delta import Delta
from orgward.kernel.errors import MalformedError, NotFoundError, RefusedError
from orgward.store.view import SqlView
from orgward.store.writer import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrganization:
    """The body of `bootstrap`: an organization, and the address of its owner."""

    name: str
    owner: str
    edition: str = "atlas"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUser:
    """The body of `enrolUser`: an address, and roles by organization and by project."""

    username: str
    organizations: Mapping[str, Sequence[str]] = field(default_factory=dict)
    projects: Mapping[str, Sequence[str]] = field(default_factory=dict)
    api_key: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasedUser:
    """The body of `eraseUser`: the address of whoever is to be forgotten."""

    username: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LostFactors:
    """The body of `resetFactors`: the address of whoever has lost every second factor."""

    username: str


@dataclass(frozen=True, slots=True)
class _Key:
    id: str
    public: str
    private: str
    deltas: list[Delta]


def _bootstrap(context: Context) -> Outcome:
    """Make an organization with an active owner and a key of its own (contract.md, CLI)."""
    body: NewOrganization = context.call.body
    if body.edition not in EDITIONS:
        raise MalformedError("INVALID_ATTRIBUTE", "edition")
    ground = ground_of(context)
    user, deltas = people.vouch(ground, body.owner)
    made = organizations.create(ground, body.name, body.edition, user, skip_default_alerts=False)
    org = str(made.target)
    key = _key(ground, "bootstrap", org, {org: [ORGANIZATION_OWNER]})
    deltas += [*made.deltas, *key.deltas]
    setup: Token | None = None
    if not has_password(context.view, user):
        setup, link = setup_links.setup_link(ground, user)
        deltas.append(link)
    change = Change(guarded(ground, deltas), {**made.body, "key": key.id}, target=org, org_id=org)
    shown = {"organizationId": org, **_shown(key), "setupToken": setup.token if setup else None}
    return outcome_of(change, lambda view: {**shown, **_person(view, user)})


def _enrol_user(context: Context) -> Outcome:
    """Make an active account, or reuse it, with roles in organizations and projects (contract.md, CLI)."""
    body: NewUser = context.call.body
    ground = ground_of(context)
    roles, projects = _organizations_of(ground, body), _projects_of(ground, body)
    if body.api_key and len(roles) != 1:
        raise MalformedError("INVALID_ATTRIBUTE", "apiKey")
    user, deltas = people.vouch(ground, body.username)
    enrolment.check_totals(ground, user, roles, projects)
    for org in roles:
        inside = {p: names for p, names in projects.items() if _org_of(ground, p) == org}
        deltas += enrolment.enrol(_inside(ground, org), user, roles[org], inside)
    key = None
    if body.api_key:
        key = _key(ground, "users create", next(iter(roles)), {**roles, **projects})
        deltas += key.deltas
    deltas += setup_links.mail_setup_link(ground, user)
    audited = {"roles": {**roles, **projects}, "key": key.id if key else None}
    change = Change(guarded(ground, deltas), audited, target=user)
    change.org_id = next(iter(roles)) if len(roles) == 1 else None
    return outcome_of(change, lambda view: {**_shown(key), **_person(view, user)})


def _erase_user(context: Context) -> Outcome:
    """Forget a person; what is left of them is an id in the log."""
    return outcome_of(accounts.erase(ground_of(context), context.call.body.username))


def _reset_factors(context: Context) -> Outcome:
    """Take all second factors from a person; no organization of theirs is asked."""
    change = second_factors.reset(ground_of(context), context.call.body.username)
    return outcome_of(change, lambda view: {**_person(view, str(change.target)), **change.body})


def _organizations_of(ground: Ground, body: NewUser) -> dict[str, list[str]]:
    roles: dict[str, list[str]] = {}
    for org, names in body.organizations.items():
        organization(ground.facts, org)
        roles[org] = organization_roles(ground.edition_of(org), names or [MEMBER_ROLE], org)
    for found in body.projects:
        roles.setdefault(_org_of(ground, found), [MEMBER_ROLE])
    return roles


def _projects_of(ground: Ground, body: NewUser) -> dict[str, list[str]]:
    return {
        found: project_roles(ground.edition_of(_org_of(ground, found)), names, found)
        for found, names in body.projects.items()
    }


def _org_of(ground: Ground, project_id: str) -> str:
    return project(ground.facts, project_id).org or ""


def _inside(ground: Ground, org: str) -> Ground:
    """Return `ground` with the operator's proof on `org`, whose ids the rules take from there."""
    resource = organization(ground.facts, org)
    proof = authorize(ground.facts, ground.principal, (), resource, now=ground.now, gates=Gates())
    return replace(ground, authorized=proof)


def _key(ground: Ground, description: str, org: str, roles: Mapping[str, Sequence[str]]) -> _Key:
    most = ground.limits.api_keys_per_organization
    if ground.view.count("api_keys", org_id=org) >= most:
        raise RefusedError("MAX_API_KEYS_PER_ORG_EXCEEDED", str(most), org)
    minted = ground.mint.api_key()
    key, deltas = key_deltas(ground, org, description, minted)
    return _Key(key, minted.public, minted.private, deltas + enrolment.given(ground, "api_key", key, roles))


def _shown(key: _Key | None) -> dict[str, Any]:
    return {"publicKey": key.public if key else None, "privateKey": key.private if key else None}


def _person(view: SqlView, user: str) -> dict[str, Any]:
    return {"userId": user, "username": (view.get("person_data", user) or {})["username"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenDomain:
    """The body of `vouchForDomain`: a domain, and the federation whose it is."""

    domain: str
    federation: str


def _vouch_for_domain(context: Context) -> Outcome:
    """Take a domain as proven to be a federation's, by the operator's word."""
    body: ProvenDomain = context.call.body
    if context.view.get("federations", body.federation) is None:
        raise NotFoundError("FEDERATION_NOT_FOUND", body.federation)
    change = domains.vouch(ground_of(context), body.federation, body.domain)
    return outcome_of(change, lambda _: {"domain": change.body["domain"], "federationId": body.federation})


def _declared(name: str, run: Callable[[Context], Outcome]) -> Operation:
    return declare(Operation(id=name, requires=OperatorOnly(), on=Nowhere(), inner=None, writes=True, run=run))


BOOTSTRAP: Final = _declared("bootstrap", _bootstrap)
"""Body NewOrganization; answers organizationId, userId, username, publicKey, privateKey and setupToken."""

ENROL_USER: Final = _declared("enrolUser", _enrol_user)
"""Body NewUser; answers userId, username, publicKey, privateKey (both None without `api_key`)."""

ERASE_USER: Final = _declared("eraseUser", _erase_user)
"""Body ErasedUser; answers nothing. Truncate the store's log afterwards: `Store.scrub`."""

RESET_FACTORS: Final = _declared("resetFactors", _reset_factors)
"""Body LostFactors; answers userId, username and the kinds of the factors that are gone."""

VOUCH_FOR_DOMAIN: Final = _declared("vouchForDomain", _vouch_for_domain)
"""Body ProvenDomain; answers domain and federationId."""
