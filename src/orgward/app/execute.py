"""The door: resolve, authorize, then read or write. Nothing else reaches the store."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from orgward.app.attempts import HOUR, FailedAttempts
from orgward.app.domain_proof import txt_records
from orgward.app.gates import gated_organizations, gates_of, require_recent_proof
from orgward.app.machine_proof import has_live_credential
from orgward.app.mint import Mint
from orgward.app.oidc import Providers
from orgward.app.operation import Oneself, Operation, OperatorOnly, Public, Refusal, Requirement
from orgward.app.outbound import Outbound
from orgward.app.repeats import Repeat, Replies
from orgward.app.sending import Sending
from orgward.app.token_limits import TokenLimits
from orgward.app.trial import concluded, tried
from orgward.catalog import DEFAULT_LIMITS, Limits
from orgward.directory.events import events_of, events_told
from orgward.engine.authorized import Authorized, Gates, Visible, authorize, visible_to
from orgward.engine.facts import machine_home
from orgward.engine.layer import Layer
from orgward.kernel.client_ids import account_of
from orgward.kernel.errors import GateError, MalformedError, NotFoundError, OrgwardError, UnauthenticatedError
from orgward.kernel.principal import Principal
from orgward.kernel.resource import ResourceRef
from orgward.store.log import Entry
from orgward.store.opening import Store
from orgward.store.view import SqlView
from orgward.store.writer import Done, Outcome, Submission, Transaction

NOBODY = Principal("user", "")
"""Who calls a public operation without credentials."""

RESETS_AN_HOUR: Final = 30
"""How many new passwords may be asked for from one address: an office full of people has one."""


@dataclass(slots=True)
class Call:
    """One request to run an operation: who, with which values, and what the face needs back at rendering.

    `prepared` is what the face worked out before the command was submitted, such as the hash of a password. A trial
    runs whole and commits nothing. `expects` raises if what the caller last saw of the resource is not so any more.
    """

    operation: Operation
    principal: Principal
    values: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    query: Any = None
    version: str = ""
    base_url: str = ""
    request_id: str = ""
    address: str = ""
    device: str = ""
    prepared: Any = None
    is_trial: bool = False
    repeat: Repeat | None = None
    expects: Callable[["Context"], None] | None = None


@dataclass(slots=True)
class Context:
    """What an operation's function gets: the call, the proof, rows, facts, and what a rule needs to decide."""

    call: Call
    authorized: Authorized
    view: SqlView
    facts: Layer
    now: int
    mint: Mint
    limits: Limits

    @property
    def principal(self) -> Principal:
        """Return who calls."""
        return self.authorized.principal

    @property
    def resource(self) -> ResourceRef:
        """Return the resource that the caller was authorized on; ids are taken from here, never from the body."""
        return self.authorized.resource

    def authorized_on(self, privileges: tuple[str, ...], resource: ResourceRef) -> Authorized:
        """Return the proof for a second resource that the body names, or raise as for the first one."""
        gates = gates_of(self.view, self.principal, resource, writes=self.call.operation.writes)
        return authorize(self.facts, self.principal, privileges, resource, now=self.now, gates=gates)

    def refusal_on(self, privileges: tuple[str, ...], resource: ResourceRef) -> OrgwardError | None:
        """Return why the caller is refused on a second resource, None if they are not."""
        try:
            self.authorized_on(privileges, resource)
        except OrgwardError as error:
            return error
        return None

    def visible(self, privilege: str) -> Visible:
        """Return the proof of what the caller may list by `privilege`."""
        gated = gated_organizations(self.view, self.principal)
        return visible_to(self.facts, self.principal, privilege, self.now, gated=gated)


class Door:
    """Runs operations against one store."""

    def __init__(self, store: Store, *, limits: Limits = DEFAULT_LIMITS) -> None:
        """Open the door to `store`."""
        self.store = store
        self.limits = limits
        self.failures = FailedAttempts(store.clock)
        self.refused_proofs = FailedAttempts(store.clock, window=HOUR)
        self.resets = FailedAttempts(store.clock, window=HOUR, most=RESETS_AN_HOUR, what="requests for a new password")
        self.token_limits = TokenLimits(store.clock)
        self.providers = Providers(Outbound(), store.clock)
        self.txt_records: Callable[[str], Sequence[str]] = txt_records
        self._replies = Replies(store.keyring)
        self._sending = Sending(limits)

    def read(self, call: Call) -> Any:
        """Return what the operation reads; it blocks on the disk, so only brief reads may run on the event loop."""
        now = self.store.clock()
        context = self._context(call, self.store.snapshot, self.store.view, now)
        return call.operation.run(context)

    def precheck(self, call: Call) -> Authorized:
        """Authorize a write before its body is looked at; a refusal leaves its audit row and is raised."""
        try:
            return self._authorize(call, self.store.snapshot, self.store.view, self.store.clock())
        except (MalformedError, UnauthenticatedError):
            raise
        except OrgwardError as error:
            if call.principal.id and not call.is_trial:
                self.store.submit(Submission(self._entry(call, error), _raising(error)))
            raise

    def write(self, call: Call) -> "Future[Done]":
        """Submit the write; the future is done when it is durable, or refused."""
        return self.store.submit(Submission(self._entry(call), lambda tx: self._run(call, tx), call.is_trial))

    def rehearse(self, calls: Sequence[Call]) -> "Future[Done]":
        """Submit writes that run one after the other and are all undone; the future answers with a Rehearsal."""
        first, *further = [partial(self._rehearsed, call) for call in calls]
        entry = self._entry(calls[0])
        submitted = Submission(entry, first, is_trial=True, further=further, rehearsed=concluded)
        return self.store.submit(submitted)

    def _rehearsed(self, call: Call, tx: Transaction) -> Outcome:
        require_live(tx.view, tx.facts, call.principal, tx.now)
        outcome: Outcome = call.operation.run(self._context(call, tx.facts, tx.view, tx.now))
        self._sending.count(call.principal, outcome.deltas, tx.now, is_trial=True)
        return outcome

    def _run(self, call: Call, tx: Transaction) -> Outcome:
        require_live(tx.view, tx.facts, call.principal, tx.now)
        context = self._context(call, tx.facts, tx.view, tx.now)
        kept = self._replies.find(tx.view, call.principal.id, call.repeat, tx.now) if call.repeat else None
        if kept is not None:
            again = Outcome([], reply=kept, kept=False)
            return tried(tx, again) if call.is_trial else again
        if call.expects is not None:
            call.expects(context)
        outcome: Outcome = call.operation.run(context)
        self._sending.count(call.principal, outcome.deltas, tx.now, is_trial=call.is_trial)
        return tried(tx, outcome) if call.is_trial else self._completed(call, context, outcome)

    def _completed(self, call: Call, context: Context, outcome: Outcome) -> Outcome:
        """Return `outcome` with its events, and with its answer to be kept where it may be asked for again."""
        if call.repeat is not None:
            salt = context.mint.salt()
            outcome.remember = self._replies.keep(call.principal.id, call.repeat, salt, context.now)
        events = events_of(context.facts, context.view, call.principal, outcome.deltas, context.now)
        events += events_told(outcome.target, outcome.body)
        if events:
            outcome.body = {**outcome.body, "events": events}
        return outcome

    def _context(self, call: Call, facts: Layer, view: SqlView, now: int) -> Context:
        proof = self._authorize(call, facts, view, now)
        return Context(call, proof, view, facts, now, Mint(self.store.keyring, now), self.limits)

    def _authorize(self, call: Call, facts: Layer, view: SqlView, now: int) -> Authorized:
        operation, principal = call.operation, call.principal
        requirement = operation.requires
        if isinstance(requirement, OperatorOnly) and not principal.is_operator:
            raise NotFoundError("RESOURCE_NOT_FOUND", operation.id)
        if isinstance(requirement, Oneself) and not principal.id:
            raise UnauthenticatedError
        if isinstance(requirement, Oneself) and requirement.keys_refused and principal.is_machine:
            raise GateError(requirement.keys_refused)
        resource = operation.on.locate(facts, view, call.values, _refusing(call, facts, view, now))
        inner = operation.inner
        is_open = _passes_gates(requirement)
        gates = Gates() if is_open else gates_of(view, principal, resource, writes=operation.writes)
        proof = authorize(
            facts, principal, _privileges(call, facts, resource), resource, now=now, gates=gates,
            find_inner=None if inner is None else lambda: inner(view, resource, call.values),
        )  # fmt: skip
        if operation.needs_recent_proof:
            require_recent_proof(view, principal, now, about_oneself=isinstance(requirement, Oneself))
        return proof

    def _entry(self, call: Call, error: OrgwardError | None = None) -> Entry:
        org = call.values.get("orgId") or self.store.snapshot.attribute("projects", call.values.get("groupId", ""))
        if isinstance(error, NotFoundError) or (org and self.store.snapshot.attribute("organizations", org) is None):
            org = None
        target = call.values.get("groupId") or call.values.get("orgId") or "store"
        principal = call.principal
        return Entry(
            call.operation.id,
            target,
            org,
            principal.kind,
            principal.id,
            principal.credential,
            call.request_id,
        )


def _raising(error: OrgwardError) -> Any:
    def run(tx: Transaction) -> Outcome:
        raise error

    return run


def _privileges(call: Call, facts: Layer, resource: ResourceRef) -> tuple[str, ...]:
    operation, machine = call.operation, call.principal
    named = {call.values.get("apiUserId"), account_of(call.values.get("clientId", ""))}
    itself = machine.is_machine and machine.id in named
    # A machine outside this organization is to be answered like any stranger.
    at_home = machine_home(facts, machine.id) == resource.org
    return () if operation.open_to_own_key and itself and at_home else operation.privileges


def _refusing(call: Call, facts: Layer, view: SqlView, now: int) -> Refusal:
    def refusal(resource: ResourceRef) -> OrgwardError | None:
        gates = gates_of(view, call.principal, resource, writes=call.operation.writes)
        try:
            authorize(facts, call.principal, call.operation.privileges, resource, now=now, gates=gates)
        except OrgwardError as error:
            return error
        return None

    return refusal


def _passes_gates(requirement: Requirement) -> bool:
    return isinstance(requirement, Public) or (isinstance(requirement, Oneself) and requirement.answers_gates)


def require_live(view: SqlView, facts: Layer, principal: Principal, now: int) -> None:
    """Raise unless the credential still works: one that ended while the command waited is no proof."""
    if principal.kind == "user" and principal.proof:
        session = view.get("sessions", principal.proof)
        if session is None or session["expires_at"] <= now:
            raise UnauthenticatedError
        if _has_lost_factor(view, principal):
            raise UnauthenticatedError
    if principal.is_machine and machine_home(facts, principal.id) is None:
        raise UnauthenticatedError
    if principal.kind == "service_account" and not has_live_credential(view, principal, now):
        raise UnauthenticatedError


def _has_lost_factor(view: SqlView, principal: Principal) -> bool:
    facts = view.get("session_facts", principal.proof) or {"factor": ""}
    return bool(principal.factor) and not facts["factor"]
