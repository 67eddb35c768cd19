"""Questions in, decisions out, limited by what the asker may see (contract.md, Decisions)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Protocol

import msgspec

from orgward.catalog import PRIVILEGES
from orgward.engine.authorized import can_read, is_in
from orgward.engine.compile import Path
from orgward.engine.decide import Denial, deny, explain, grantors
from orgward.engine.facts import ACTIVE, home_of, kind_of
from orgward.engine.layer import Layer
from orgward.kernel.ids import is_id
from orgward.kernel.principal import MACHINES, Principal, PrincipalKind
from orgward.kernel.resource import ResourceRef

MOST_GRANTORS: Final = 20

ANYWHERE: Final = "anywhere"
"""The address of somebody of whom nobody has told from where they call."""

_TOLD: Final = "told"
"""The second factor of somebody of whom it is told, or not denied, that they show one."""

MOST_PATHS: Final = 100
"""How many paths one decision shows: by its teams somebody can have thousands, and each alone allows it."""


class Question(msgspec.Struct, frozen=True, gc=False):
    """Whether this subject may do this on this resource: from this address, with or without a second factor.

    An empty address and None are not told.
    """

    subject_type: str
    subject_id: str
    action: str
    resource_type: str
    resource_id: str
    address: str = ""
    mfa: bool | None = None


class Fault(msgspec.Struct, frozen=True, gc=False):
    """A question that can't be understood, and why."""

    message: str


class Decision(msgspec.Struct, frozen=True, gc=False):
    """What was decided and why; `gate` is the code of a closed gate where that alone stands in the way."""

    allowed: bool
    paths: Sequence[Path] = ()
    denial: Denial | None = None
    grantors: tuple[str, ...] = ()
    gate: str = ""
    fault: str = ""


class Names(Protocol):
    """Who stands behind the names of subjects, and which gates are closed to them."""

    def users_named(self, names: Iterable[str]) -> Mapping[str, str]:
        """Return the id of the user behind each of the usernames that is known."""
        ...

    def keys_named(self, names: Iterable[str]) -> Mapping[str, str]:
        """Return the id of the API key behind each of the public keys that is known."""
        ...

    def accounts_named(self, names: Iterable[str]) -> Mapping[str, str]:
        """Return the id of the service account behind each of the client ids that is known."""
        ...

    def is_user(self, user: str) -> bool:
        """Say whether there is a user with this id."""
        ...

    def closed_gate(self, principal: Principal, org: str, *, writes: bool) -> str:
        """Return the code of the gate of `org` that is closed to a request of `principal`, empty if none is."""
        ...


@dataclass(slots=True)
class Sight:
    """What the asker may see of one resource: whether it is there, and who may do what on it.

    Of machines it sees the kinds `here` as far as they are on the resource, and `throughout` wherever they are.
    """

    org: str
    others: bool
    here: frozenset[str] = frozenset()
    throughout: frozenset[str] = frozenset()


BLIND: Final = Sight("", others=False)


@dataclass(slots=True)
class Deciding:
    """Answers the questions of one request; what several of them need is looked up once."""

    asker: Principal
    facts: Layer
    now: int
    names: Names
    _ids: dict[tuple[str, str], str | None] = field(default_factory=dict)
    _sights: dict[tuple[str, str], Sight] = field(default_factory=dict)
    _denials: dict[tuple[str, str], Denial] = field(default_factory=dict)
    _grantors: dict[tuple[Any, ...], tuple[str, ...]] = field(default_factory=dict)
    _gates: dict[tuple[str, str, str, str, bool], str] = field(default_factory=dict)

    def prepare(self, questions: Iterable[Question | Fault]) -> None:
        """Look up everybody whom `questions` know by name."""
        known: dict[str, set[str]] = {"user": set(), "api_key": set(), "service_account": set()}
        look = {
            "user": self.names.users_named,
            "api_key": self.names.keys_named,
            "service_account": self.names.accounts_named,
        }
        for question in questions:
            if isinstance(question, Question) and question.subject_type in known and not is_id(question.subject_id):
                known[question.subject_type].add(question.subject_id)
        for kind, names in known.items():
            if names:
                self._ids.update({(kind, name): id for name, id in look[kind](names).items()})

    def decide(self, question: Question | Fault) -> Decision:
        """Return the decision on `question`, whose subject `prepare` has looked up."""
        if isinstance(question, Fault):
            return Decision(allowed=False, fault=question.message)
        subject = self._subject(question.subject_type, question.subject_id)
        action, resource = question.action, question.resource_id
        sight = self._sight(question.resource_type, resource)
        if subject is None or action not in PRIVILEGES:
            return _unknown(action)
        itself = subject == self.asker.id
        if not sight.org:
            return self._own_past(question) if itself else _unknown(action)
        if not itself and not sight.others:
            return _unknown(action)
        paths = explain(self.facts, subject, action, resource, self.now)
        if not paths:
            return self._denied(subject, question, sight)
        gate = self._gate_of(subject, question, sight.org, itself=itself)
        if gate:
            return Decision(allowed=False, denial=Denial("missing_privilege", action), gate=gate)
        return Decision(allowed=True, paths=paths[:MOST_PATHS])

    def _gate_of(self, subject: str, question: Question, org: str, *, itself: bool) -> str:
        """Return the gate that is closed to the subject, as far as the question or the asker tells how it calls."""
        if question.subject_type == "team":
            return ""  # nobody calls as a team
        machine = _MACHINES.get(question.subject_type)
        if machine is not None:
            judged = itself or bool(question.address)
            caller = Principal(machine, subject, address=question.address or self.asker.address)
        else:
            judged = question.mfa is False or itself or bool(question.address)
            caller = self._person(subject, question, itself=itself)
        return self._closed(caller, org, writes=not question.action.endswith(_READS)) if judged else ""

    def _person(self, subject: str, question: Question, *, itself: bool) -> Principal:
        """Return the person as they call; what nobody has told of their call stands in nobody's way."""
        address, factor = (self.asker.address, self.asker.factor) if itself else (ANYWHERE, _TOLD)
        if question.mfa is not None:
            factor = _TOLD if question.mfa else ""
        caller = self.asker if itself else Principal("user", subject)
        return replace(caller, address=question.address or address, factor=factor)

    def _own_past(self, question: Question) -> Decision:
        """Tell the asker that its own access has ended, or to the organization not begun; more would tell too much."""
        ref = resource_of(self.facts, question.resource_type, question.resource_id)
        if ref is not None:
            denial = deny(self.facts, self.asker.id, question.action, ref.scope_id, self.now)
            if denial.reason == "expired" or (denial.reason == "pending" and ref.project is None):
                return Decision(allowed=False, denial=denial)
        return _unknown(question.action)

    def _subject(self, kind: str, name: str) -> str | None:
        known = (kind, name)
        if known not in self._ids:
            self._ids[known] = self._identified(kind, name) if is_id(name) else None
        return self._ids[known]

    def _identified(self, kind: str, name: str) -> str | None:
        if kind == "user":
            return name if home_of(self.facts, name) is None else None
        table = _TABLES.get(kind)
        return name if table and self.facts.attribute(table, name) is not None else None

    def _sight(self, kind: str, resource: str) -> Sight:
        found = self._sights.get((kind, resource))
        if found is None:
            found = self._sights[kind, resource] = self._look(kind, resource)
        return found

    def _look(self, kind: str, resource: str) -> Sight:
        """Return what the asker sees of the resource; nothing where the Administration API would say 404."""
        ref = resource_of(self.facts, kind, resource)
        if ref is None:
            return BLIND
        org, asker = ref.org or "", self.asker
        if asker.is_operator:
            return Sight(org, others=True, throughout=frozenset(MACHINES))
        seen = can_read(self.facts, asker, resource, self.now) if ref.project else is_in(self.facts, asker, org)
        if not seen:
            return BLIND
        if self._closed(asker, org, writes=False):
            return Sight(org, others=False)
        return Sight(
            org,
            others=self._holds(_READING[ref.scope_kind]["user"], resource),
            here=self._machines_seen(ref.scope_kind, resource),
            throughout=self._machines_seen("organization", org),
        )

    def _machines_seen(self, kind: str, resource: str) -> frozenset[str]:
        return frozenset(machine for machine in MACHINES if self._holds(_READING[kind][machine], resource))

    def _holds(self, privilege: str, resource: str) -> bool:
        return self.facts.check(self.asker.id, privilege, resource, self.now)

    def _denied(self, subject: str, question: Question, sight: Sight) -> Decision:
        if subject != self.asker.id and not self._is_there(subject, sight.org):
            return _unknown(question.action)
        resource = question.resource_id
        denial = self._denial(subject, question, sight.org)
        if denial.reason == "not_found":
            return _unknown(question.action)
        able = self._able(denial, resource, sight) if denial.roles else ()
        if subject in able:
            able = tuple(g for g in able if g != subject)  # nobody gives a role to itself
        return Decision(allowed=False, denial=denial, grantors=able[:MOST_GRANTORS])

    def _denial(self, subject: str, question: Question, org: str) -> Denial:
        """Return why the subject may not; all active users whose roles have no bounds behind them lack it alike."""
        action, resource = question.action, question.resource_id
        is_plain = (
            question.subject_type == "user"
            and not self.facts.row(subject, self.now).since
            and self.facts.state(org, subject) == ACTIVE
        )
        if not is_plain:
            return deny(self.facts, subject, action, resource, self.now)
        found = self._denials.get((action, resource))
        if found is None:
            found = self._denials[action, resource] = deny(self.facts, subject, action, resource, self.now)
        return found

    def _is_there(self, subject: str, org: str) -> bool:
        """Say whether `subject` is in `org`, as far as the asker can tell; pending people are."""
        if org in self.facts.row(subject, self.now).allowed:
            return True
        home = home_of(self.facts, subject)
        if home is not None:
            return home == org
        if self.facts.state(org, subject) == "pending" or is_in(self.facts, Principal("user", subject), org):
            return True
        return self.asker.is_operator and self.names.is_user(subject)

    def _able(self, denial: Denial, resource: str, sight: Sight) -> tuple[str, ...]:
        """Return who could grant what is missing, such as the asker may see, one more than are shown."""
        key = (denial.roles, resource)
        found = self._grantors.get(key)
        if found is None:
            able = (g for g in grantors(self.facts, denial, resource, self.now) if self._sees(g, resource, sight))
            found = self._grantors[key] = tuple(g for g, _ in zip(able, range(MOST_GRANTORS + 1), strict=False))
        return found

    def _sees(self, grantor: str, resource: str, sight: Sight) -> bool:
        """Say whether the asker may know of a grantor: from the list of people, or from one of machines, too."""
        if grantor == self.asker.id:
            return True
        if not sight.others:
            return False
        kind = kind_of(self.facts, grantor)
        if kind not in MACHINES or kind in sight.throughout:
            return True
        return kind in sight.here and resource in self.facts.edges(grantor)

    def _closed(self, principal: Principal, org: str, *, writes: bool) -> str:
        known = (principal.id, principal.address, principal.factor, org, writes)
        found = self._gates.get(known)
        if found is None:
            found = self._gates[known] = self.names.closed_gate(principal, org, writes=writes)
        return found


_MACHINES: Final[Mapping[str, PrincipalKind]] = {kind: kind for kind in MACHINES}
_TABLES: Final = {"api_key": "api_keys", "service_account": "service_accounts", "team": "teams"}
_READS: Final = ".read"
"""How the name of a privilege ends that lets somebody look and change nothing."""

_READING: Final[Mapping[str, Mapping[str, str]]] = {
    "organization": {
        "user": "org.users.read", "api_key": "org.api_keys.read", "service_account": "org.service_accounts.read",
    },
    "project": {
        "user": "project.user_roles.read", "api_key": "project.api_keys.read",
        "service_account": "project.service_accounts.read",
    },
}  # fmt: skip
"""The privileges by which others may be asked about, and by which machines among them are seen."""


def _unknown(action: str) -> Decision:
    """Return what is said alike of everything unknown and everything unseen."""
    return Decision(allowed=False, denial=Denial("not_found", action))


def resource_of(facts: Layer, kind: str, id: str) -> ResourceRef | None:
    """Return the organization or project, None if there is none of this kind."""
    if kind == "organization" and facts.attribute("organizations", id) is not None:
        return ResourceRef(kind, id, org=id)
    org = facts.attribute("projects", id) if kind == "project" else None
    return None if org is None else ResourceRef(kind, id, org=org, project=id)
