"""What may be asked, as AuthZEN words it; members that it does not know are passed over."""

import ipaddress
from typing import Any, Final, Literal

import msgspec
from msgspec import UNSET, UnsetType

from orgward.decision_api.decide import Fault, Question
from orgward.edge.bodies import decode as decode_whole
from orgward.edge.bodies import parse
from orgward.kernel.errors import MalformedError, OrgwardError

MOST_EVALUATIONS: Final = 1_000

Semantic = Literal["execute_all", "deny_on_first_deny", "permit_on_first_permit"]
Properties = dict[str, Any] | UnsetType


class Entity(msgspec.Struct, frozen=True, gc=False):
    """A subject or a resource."""

    type: str
    id: str
    properties: Properties = UNSET


class Action(msgspec.Struct, frozen=True, gc=False):
    """What is to be done: a privilege by its name."""

    name: str
    properties: Properties = UNSET


class Circumstances(msgspec.Struct, frozen=True, gc=False):
    """What the asker knows of the request that it decides about."""

    ip: str | UnsetType = UNSET
    mfa: bool | UnsetType = UNSET


_Entity = Entity | UnsetType
_Action = Action | UnsetType
_Context = Circumstances | UnsetType


class EvaluationBody(msgspec.Struct, frozen=True, kw_only=True):
    """One question."""

    subject: Entity
    action: Action
    resource: Entity
    context: _Context = UNSET


class EvaluationItem(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One question of several; what it leaves out is taken from beside the list."""

    subject: _Entity = UNSET
    action: _Action = UNSET
    resource: _Entity = UNSET
    context: _Context = UNSET


class Options(msgspec.Struct, frozen=True):
    """How a list of questions is worked through."""

    evaluations_semantic: Semantic = "execute_all"


class EvaluationsBody(EvaluationItem, frozen=True, kw_only=True):
    """Several questions; what they share stands beside the list."""

    evaluations: list[EvaluationItem] | UnsetType = UNSET
    options: Options = Options()


class _LooseBody(EvaluationItem, frozen=True, kw_only=True):
    """The same with items that are looked at one by one."""

    evaluations: list[msgspec.Raw]
    options: Options = Options()


class Batch(msgspec.Struct, frozen=True):
    """Several questions, made whole; a faulty one stands as its fault."""

    questions: list[Question | Fault]
    semantic: Semantic


_ITEM: Final = msgspec.json.Decoder(EvaluationItem)


def question_of(body: EvaluationBody | EvaluationItem) -> Question:
    """Return the one question of `body`; MalformedError names the members that are missing or faulty."""
    return _question(body.subject, body.action, body.resource, body.context)


def _question(subject: _Entity, action: _Action, resource: _Entity, context: _Context) -> Question:
    if subject is UNSET or action is UNSET or resource is UNSET:
        named = {"subject": subject, "action": action, "resource": resource}
        raise MalformedError("MISSING_ATTRIBUTE", ", ".join(name for name, part in named.items() if part is UNSET))
    address, mfa = ("", None) if context is UNSET else (_address(context), _mfa(context))
    return Question(subject.type, subject.id, action.name, resource.type, resource.id, address, mfa)


def _address(context: Circumstances) -> str:
    if context.ip is UNSET:
        return ""
    try:
        return str(ipaddress.ip_address(context.ip))
    except ValueError:
        raise MalformedError("INVALID_ATTRIBUTE", "context.ip") from None


def _mfa(context: Circumstances) -> bool | None:
    return None if context.mfa is UNSET else context.mfa


def decode_evaluations(raw: bytes, kind: object) -> Question | Batch:
    """Return the one question of `raw`, or several; a faulty item of a list is a fault of its own."""
    try:
        body: EvaluationsBody = parse(raw, EvaluationsBody)
    except msgspec.ValidationError:
        return _decode_loosely(raw, kind)
    if not body.evaluations:
        return question_of(body)
    _check_count(len(body.evaluations))
    return Batch([_merged(body, item) for item in body.evaluations], body.options.evaluations_semantic)


def _decode_loosely(raw: bytes, kind: object) -> Batch:
    try:
        body: _LooseBody = parse(raw, _LooseBody)
    except msgspec.ValidationError:
        decode_whole(raw, kind)
        raise
    _check_count(len(body.evaluations))
    return Batch([_item(body, item) for item in body.evaluations], body.options.evaluations_semantic)


def _check_count(count: int) -> None:
    if count > MOST_EVALUATIONS:
        raise MalformedError("INVALID_ATTRIBUTE", "evaluations")


def _item(body: EvaluationItem, raw: msgspec.Raw) -> Question | Fault:
    try:
        item = _ITEM.decode(raw)
    except (msgspec.ValidationError, UnicodeDecodeError) as error:
        return Fault(str(error))
    return _merged(body, item)


def _merged(body: EvaluationItem, item: EvaluationItem) -> Question | Fault:
    """Return the question of `item`, each member that it leaves out taken whole from `body`."""
    try:
        return _question(
            body.subject if item.subject is UNSET else item.subject,
            body.action if item.action is UNSET else item.action,
            body.resource if item.resource is UNSET else item.resource,
            body.context if item.context is UNSET else item.context,
        )
    except OrgwardError as error:
        return Fault(f"{error.code}: {', '.join(error.parameters)}")
