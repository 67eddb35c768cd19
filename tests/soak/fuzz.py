"""schemathesis over the OpenAPI document of a running server: never a 5xx, always the error shape."""

import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema
from schemathesis.hooks import GLOBAL_HOOK_DISPATCHER

from tests.soak.aim import Aim
from tests.soak.judge import faults_of, status_of
from tests.soak.report import Report
from tests.soak.server import run, unverified
from tests.soak.stock import Stock
from tests.store_checker import check_store
from tests.wire.live import Live, serving

SHARES = {"owner": 0.55, "member": 0.3, "nobody": 0.15}
"""Who calls, and for which part of the time."""

CHECKS = (
    "status_code_conformance", "content_type_conformance", "response_schema_conformance",
    "unsupported_method", "allow_header_conformance", "response_headers_conformance",
)  # fmt: skip
SIGN_OUT = "deleteCurrentSession"
FAULTS_KEPT = 200
MOST_UNSIGNED = 0.5
"""Of which share of a caller's answers 401 may be: more, and it is no caller who is being tested."""


def settings(seconds: int, seed: int) -> SchemathesisConfig:
    """Return the configuration of one pass: every phase, good and bad data, nothing kept on disk."""
    return SchemathesisConfig.from_dict(
        {
            "seed": seed,
            "max-time": seconds,
            "workers": 1,  # Python 3.11 can't parse source code in two threads at once, and generators are parsed
            "continue-on-failure": True,
            "request-timeout": 30,
            "cache": {"enabled": False},
            "generation": {"mode": "all", "no-shrink": True, "database": "none"},
            "checks": {"enabled": False, **{name: {"enabled": True} for name in CHECKS}},
        }
    )


@dataclass(slots=True)
class Pass:
    """All calls of one caller, and what was wrong with the answers."""

    who: str
    live: Live
    seed: int
    statuses: Counter[int] = field(default_factory=Counter)
    reached: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    faults: dict[str, str] = field(default_factory=dict)
    operations: int = 0
    stock: Stock = field(init=False)
    aim: Aim = field(init=False)

    def __post_init__(self) -> None:
        """Make what is to be aimed at."""
        self.stock = Stock(self.live, is_owner=self.who == "owner")
        self.aim = Aim(self.stock, self.seed)

    def run(self, seconds: int) -> None:
        """Call for so many seconds."""
        schema = schemathesis.openapi.from_url(f"{self.live.url}/openapi.json", config=settings(seconds, self.seed))
        self.operations = schema.statistic.operations.total

        def before_call(context: Any, case: Any, kwargs: Any) -> None:
            self.prepare(case)

        def after_call(context: Any, case: Any, response: Any) -> None:
            self.judge(case, response)

        GLOBAL_HOOK_DISPATCHER.register_hook_with_name(before_call, "before_call")
        GLOBAL_HOOK_DISPATCHER.register_hook_with_name(after_call, "after_call")
        try:
            for event in from_schema(schema).execute():
                self.take(event)
        finally:
            GLOBAL_HOOK_DISPATCHER.unregister(before_call)
            GLOBAL_HOOK_DISPATCHER.unregister(after_call)
        if self.who != "nobody" and self.statuses[401] > self.statuses.total() * MOST_UNSIGNED:
            self.keep("caller", f"{self.statuses[401]} of {self.statuses.total()} calls were nobody's", "")

    def prepare(self, case: Any) -> None:
        """Aim the call and sign it, unless it is to be seen what happens to an unsigned one."""
        self.stock.look_after()
        case.path_parameters, case.body = self.aim(case.operation.path, case.path_parameters, case.body)
        if self.who != "nobody" and not case.headers.get("Authorization"):
            is_sign_out = case.operation.definition.raw.get("operationId") == SIGN_OUT
            token = self.stock.sign_in() if is_sign_out else self.stock.token
            case.headers = {**case.headers, "Authorization": f"Bearer {token}"}

    def judge(self, case: Any, response: Any) -> None:
        """Count the answer and keep what is wrong with it."""
        status = status_of(response.status_code, response.content) if _is_enveloped(case) else response.status_code
        self.statuses[status] += 1
        self.reached[case.operation.label].add(status)
        headers = {name.lower(): values[0] for name, values in response.headers.items()}
        method, path = response.request.method, case.operation.path
        if status == 401 and self.who != "nobody":
            self.stock.stay_signed_in()
        for fault in faults_of(method, response.status_code, headers, response.content, path=path):
            self.keep(case.operation.label, fault, f"{case.as_curl_command()}\n      {response.content[:500]!r}")
        if self.who == "nobody" and _is_let_in(case, response.status_code, headers):
            self.keep(case.operation.label, f"without credentials: {response.status_code}", case.as_curl_command())

    def keep(self, label: str, fault: str, reproduction: str) -> None:
        """Keep a fault once for each operation."""
        if len(self.faults) < FAULTS_KEPT:
            self.faults.setdefault(f"{self.who}: {label}: {fault}", reproduction)

    def take(self, event: Any) -> None:
        """Take in what the engine found or could not do."""
        if isinstance(event, events.ScenarioFinished):
            for id, nodes in event.recorder.checks.items():
                for node in nodes:
                    # What is in an envelope always has the status 200; of what is in it, `judge` knows more.
                    if node.status is Status.FAILURE and not _is_enveloped(event.recorder.cases[id].value):
                        failure = node.failure_info.failure
                        title = f"{failure.title}: {failure.message.splitlines()[0] if failure.message else ''}"
                        self.keep(event.recorder.label, title, f"{node.failure_info.code_sample}")
        elif isinstance(event, events.NonFatalError):
            self.keep(event.label, event.info.title, event.info.message or "")
        elif isinstance(event, events.FatalError):
            self.keep("engine", repr(event.exception), "")

    @property
    def well_met(self) -> set[str]:
        """Return the operations that answered with a 2xx at least once."""
        return {label for label, statuses in self.reached.items() if any(200 <= found < 300 for found in statuses)}

    def line(self) -> str:
        """Return the numbers in a line."""
        classes: Counter[str] = Counter()
        for status, number in self.statuses.items():
            classes[f"{status // 100}xx"] += number
        shown = ", ".join(f"{name} {classes[name]}" for name in sorted(classes | {"5xx": 0}))
        return (
            f"{self.who}: {self.statuses.total()} calls ({shown}, 401 {self.statuses[401]}),"
            f" {len(self.well_met)} of {self.operations} operations with a 2xx"
        )


def _is_enveloped(case: Any) -> bool:
    return "envelope" in (case.query or {})


def _is_let_in(case: Any, status: int, headers: Mapping[str, str]) -> bool:
    """Say whether somebody without credentials was told more than that there are none, or that this is no call."""
    is_public = case.operation.definition.raw.get("security") == []
    is_no_call = status in {400, 401, 405} or headers.get("x-error-code") == "RESOURCE_NOT_FOUND"
    return not (is_public or is_no_call or _is_enveloped(case))


def soak(seconds: int, seed: int, shares: dict[str, float] = SHARES) -> Report:
    """Fuzz a server as an owner, as a member and as nobody."""
    began, report, lines = time.monotonic(), Report("fuzz"), []
    called: set[str] = set()
    well_met: set[str] = set()
    with TemporaryDirectory() as name:
        folder = Path(name)
        try:
            with serving(folder) as live:
                for who, share in shares.items():
                    calls = Pass(who, live, seed)
                    calls.run(max(1, round(seconds * share)))
                    report.add(f"{fault}\n      {how}" for fault, how in calls.faults.items())
                    called |= calls.reached.keys()
                    well_met |= calls.well_met
                    lines.append(calls.line())
                    print(f"fuzz: {lines[-1]}", flush=True)
        except AssertionError as error:
            report.add([str(error)[:5000]])
        report.add([unverified(run(folder, "audit", "verify"))])
        report.add(check_store(folder / "orgward.db"))
    lines.append(f"never a 2xx: {', '.join(sorted(called - well_met)) or 'none'}")
    report.line = f"seed {seed}; {time.monotonic() - began:.0f} s\n" + "\n".join(f"    {line}" for line in lines)
    return report
