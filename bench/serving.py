"""Over HTTP, against a served store: decisions, one object, and that a revocation reaches other processes."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, Final

from bench.storage import IN_FLIGHT, PRIVILEGE, ROLE, toggles
from bench.table import Row, micros
from bench.wire import Peer, bare, compare, message, served_process
from orgward.catalog import EDITIONS
from tests.wire.live import Live, serving
from tests.world import VERSION, Caller, opened

_ONE: Final = "/access/v1/evaluation"
_MANY: Final = "/access/v1/evaluations"
_READ: Final = min(EDITIONS["atlas"].privileges_of("GROUP_READ_ONLY", added_by_owner=False))


def serving_rows(*, quick: bool) -> Iterator[Row]:
    """Measure requests to a served store beside the bare server's."""
    with TemporaryDirectory() as folder:
        with opened(Path(folder)):
            pass
        with serving(Path(folder)) as live, bare() as yardstick:
            commands = toggles(live.world)
            first = next(commands)
            live.world.door.write(first).result()
            owner = Caller(live.world, token=f"test-{first.principal.id}")
            project = first.values["groupId"]
            people = [row[0] for row in live.world.store.view.rows("SELECT user_id FROM project_members", {})]
            ours = Peer.of(served_process(), live.url)
            yield _decision(ours, yardstick, owner, first.values["userId"], project, quick=quick)
            yield _batch(ours, owner, people, project, quick=quick)
            yield _object(ours, yardstick, live, first.values["groupId"], quick=quick)
            yield _revoked_there(ours, live, commands, owner)


def _question(user: str, action: str, project: str) -> dict[str, Any]:
    return {
        "subject": {"type": "user", "id": user},
        "action": {"name": action},
        "resource": {"type": "project", "id": project},
    }


def _asking(owner: Caller, path: str, body: Any) -> bytes:
    return message("POST", path, body, authorization=f"Bearer {owner.token}")


def _decision(ours: Peer, yardstick: Peer, owner: Caller, user: str, project: str, *, quick: bool) -> Row:
    request = _asking(owner, _ONE, _question(user, PRIVILEGE, project))
    assert json.loads(ours.ask(request))["decision"] is True
    count = 100 if quick else 1_500
    pair = compare((ours, [request] * count), (yardstick, [request] * count), 1 if quick else 5)
    return Row("decision over HTTP, bearer (no fast listener yet: the common pipeline)",
               f"{micros(pair.figure)} CPU", f"raw ASGI that says yes {micros(pair.yardstick)} CPU",
               f"{1 / pair.ratio:.2f}" if pair.ratio else "", "≥ 60 %", 1 / pair.ratio >= 0.6)  # fmt: skip


def _batch(ours: Peer, owner: Caller, people: Sequence[str], project: str, *, quick: bool) -> Row:
    actions = cycle((_READ, "project.delete"))
    asked = [_question(user, next(actions), project) for user in islice(cycle(people), 1_000)]
    request = _asking(owner, _MANY, {"evaluations": asked})
    found = json.loads(ours.ask(request))["evaluations"]
    assert [each["decision"] for each in found] == [question["action"]["name"] == _READ for question in asked]
    taken = ours.time_of(request, 5 if quick else 60)
    return Row("1,000 decisions in one request, half allowed", micros(taken), "", "", "≤ 2 ms", taken <= 2e-3)


def _object(ours: Peer, yardstick: Peer, live: Live, project: str, *, quick: bool) -> Row:
    path = f"/api/atlas/v2/groups/{project}"
    company_key = _owner_key(live)
    count, turns = (100, 1) if quick else (1_500, 5)
    requests = iter(_digested(ours, company_key, path, (count + 1) * turns + 1))
    assert json.loads(ours.ask(next(requests)))["id"] == project
    bare_request = message("GET", f"/groups/{project}")
    pair = by_turns_of(ours, requests, yardstick, bare_request, count=count, turns=turns)
    return Row("Admin API read of one object, Digest, nonce reused", f"{micros(pair.figure)} CPU",
               f"bare Starlette + msgspec {micros(pair.yardstick)} CPU", f"{pair.ratio:.1f}", "≤ 3 ×",
               pair.ratio <= 3)  # fmt: skip
