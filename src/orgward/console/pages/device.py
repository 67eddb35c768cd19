"""Signing in on a device: the code that it shows is typed here, looked at, and approved or denied (RFC 8628, 3.3)."""

from collections.abc import Mapping
from typing import Any, Final

from orgward.app.targets import Nowhere
from orgward.console.changing.calls import ApiCall
from orgward.console.frame.declaration import Plan, Show, form, page
from orgward.console.frame.page import Page, Posted
from orgward.console.frame.problems import sentence_of
from orgward.console.pages.account import SELF
from orgward.kernel.errors import OrgwardError
from orgward.kernel.instants import parse_rfc3339

_DECISIONS: Final = {"approve": "approveDevice", "deny": "denyDevice"}
_SHOWN: Final = ("DEVICE_CODE_NOT_FOUND", "DEVICE_SESSION_REFUSED")
"""Refusals that are told beside the code, where another one can be typed."""

_LONGEST: Final = 40


@page("/device", id="showDevice", requires=SELF, on=Nowhere(), template="device.html", scope="account",
      entry="showMySessions")  # fmt: skip
def show_device(page: Page) -> Mapping[str, Any]:
    """Return the field for a device's code; after it what waits under the code, after that how it was decided."""
    return {"grant": None, "decided": "", "problem": "", "code": page.posted("code")}


@form("/device", acts=["getDevice", *_DECISIONS.values()])
def decide(posted: Posted) -> Plan:
    """Show what waits under a code; with a decision, carry it out."""
    code, decision = posted.one("code"), posted.one("decision")
    call = ApiCall(operation=_DECISIONS.get(decision, "getDevice"), values={"userCode": code[:_LONGEST] or "-"})
    return Plan(calls=[call], then=_decided if decision in _DECISIONS else _found, failed=_refused(posted))


def _found(results: Any) -> Show:
    grant = results[0].body
    times = {name: parse_rfc3339(grant[name]) for name in ("createdAt", "expiresAt")}
    return Show(model={"grant": {**grant, **times}})


def _decided(results: Any) -> Show:
    return Show(model={"decided": results[0].body["state"], "code": ""})


def _refused(posted: Posted) -> Any:
    def failed(error: OrgwardError) -> Show | None:
        if error.code not in _SHOWN:
            return None
        return Show(model={"problem": sentence_of(posted.words, error)}, status=404)

    return failed
