"""Carrying out what a form comes to: its calls, within the visitor's allowance, and once where that matters."""

from typing import Any

from orgward.console.changing.calls import Api
from orgward.console.changing.drafts import Draft, giving_back, making, spending
from orgward.console.frame.declaration import ANY, End, FormRoute, Goto, Plan
from orgward.console.frame.page import Posted
from orgward.kernel.errors import OrgwardError, UnauthenticatedError, UnavailableError


async def carried_out(api: Api, route: FormRoute, plan: Plan, posted: Posted) -> End:
    """Return where the form leads once the calls of `plan` are made, or kept as a draft; raise what refuses them.

    What is done once is spent before the first call, so that two sent at once are not both carried out; of what was
    refused whole nothing was done, and it may be sent again.
    """
    strange = {call.operation for call in plan.calls} - {*route.acts}
    if strange and route.acts != ANY:
        message = f"the form at `{route.path}` is not declared to call {strange}"
        raise RuntimeError(message)
    keyring, principal = posted.keyring, posted.principal
    if plan.summary is not None:
        draft = Draft(calls=tuple(plan.calls), summary=plan.summary)
        return Goto(url=f"/changes/{await api.write(making(keyring, principal, draft))}")
    api.admit(plan.calls)
    mark = plan.once if isinstance(plan.once, str) else posted.one("_once")
    if plan.once:
        await api.write(spending(keyring, principal, mark))
    results = await _results(api, plan)
    if plan.once and all(_is_undone(result) for result in results):
        await api.write(giving_back(keyring, principal, mark))
    if results and _ends(results[-1], plan):
        raise results[-1]
    return plan.then(results) if callable(plan.then) else plan.then


async def _results(api: Api, plan: Plan) -> list[Any]:
    """Return what each call was answered, or refused with; no call is made after one that ends the form."""
    results: list[Any] = []
    for call in plan.calls:
        try:
            results.append(await api.perform(call))
        except OrgwardError as error:
            results.append(error)
            if _ends(error, plan):
                break
    return results


def _ends(result: Any, plan: Plan) -> bool:
    return isinstance(result, UnauthenticatedError) or (isinstance(result, OrgwardError) and not plan.each)


def _is_undone(result: Any) -> bool:
    """Say whether a call certainly did nothing: of one that was not answered in time nobody knows."""
    return isinstance(result, OrgwardError) and not isinstance(result, UnavailableError)
