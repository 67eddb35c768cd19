"""The endpoints of AuthZEN: one question, several questions, and where they are asked."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from orgward.app.execute import Context
from orgward.app.operation import REGISTRY, Oneself, Public
from orgward.app.targets import Nowhere
from orgward.decision_api.bodies import (
    Batch,
    EvaluationBody,
    EvaluationsBody,
    Semantic,
    decode_evaluations,
    question_of,
)
from orgward.decision_api.contexts import render
from orgward.decision_api.decide import Deciding, Decision, Fault, Question
from orgward.decision_api.names import StoredNames
from orgward.edge.endpoint import endpoint

TAG: Final = "Decisions"
EVALUATION: Final = "/access/v1/evaluation"
EVALUATIONS: Final = "/access/v1/evaluations"

_Stops = bool | None
_STOPS_AT: Final[dict[Semantic, _Stops]] = {
    "execute_all": None,
    "deny_on_first_deny": False,
    "permit_on_first_permit": True,
}
_ASKING: Final = Oneself("what may be asked is limited question by question", answers_gates=True)


@endpoint(
    "POST", EVALUATION, id="evaluate", requires=_ASKING, on=Nowhere(), tag=TAG, reads=True,
    body=EvaluationBody, brief=True,
)  # fmt: skip
def evaluate(context: Context) -> dict[str, Any]:
    """Say whether somebody may do something, and why or why not."""
    return answers(context, [question_of(context.call.body)], stops=None)[0]


EVALUATE: Final = REGISTRY["evaluate"]
"""The operation, for whoever asks without HTTP; its body is an EvaluationBody."""


@endpoint(
    "POST", EVALUATIONS, id="evaluateMany", requires=_ASKING, on=Nowhere(), tag=TAG, reads=True,
    body=EvaluationsBody, decode=decode_evaluations,
)  # fmt: skip
def evaluate_many(context: Context) -> dict[str, Any]:
    """Answer up to 1,000 questions in their order; without a list, the one question that stands there."""
    asked: Batch | Question = context.call.body
    if isinstance(asked, Question):
        return answers(context, [asked], stops=None)[0]
    return {"evaluations": answers(context, asked.questions, stops=_STOPS_AT[asked.semantic])}


@endpoint(
    "GET", "/.well-known/authzen-configuration", id="getDecisionPoint", on=Nowhere(), tag=TAG,
    requires=Public("programs find out here where to ask, before they have credentials"),
)  # fmt: skip
def read_configuration(context: Context) -> dict[str, str]:
    """Say where questions are asked; only what is served is named."""
    base = context.call.base_url
    return {
        "policy_decision_point": base,
        "access_evaluation_endpoint": f"{base}{EVALUATION}",
        "access_evaluations_endpoint": f"{base}{EVALUATIONS}",
    }


def answers(context: Context, questions: Sequence[Question | Fault], *, stops: _Stops) -> list[dict[str, Any]]:
    """Return what is answered to `questions`, up to the first decision that equals `stops`."""
    # Read first: the facts may move on meanwhile, and are then newer than the revision says, never older.
    revision = context.facts.revision
    deciding = Deciding(context.principal, context.facts, context.now, StoredNames(context.view))
    deciding.prepare(questions)
    decisions = list(_until(map(deciding.decide, questions), stops=stops))
    return render(context.facts, context.view, decisions, revision)


def _until(decisions: Iterable[Decision], *, stops: _Stops) -> Iterator[Decision]:
    for decision in decisions:
        yield decision
        if decision.allowed is stops:
            return
