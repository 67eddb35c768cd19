"""Over HTTP, against a served store: decisions, one object, and that a revocation reaches other processes."""

import hashlib
import json
import re
from collections.abc import Iterator
from itertools import count, cycle, islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, Final

from bench.storage import IN_FLIGHT, PRIVILEGE, Scene, scene_in
from bench.table import Row, by_turns, micros
from bench.wire import Peer, bare, message, served_process
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
            scene = scene_in(live.world)
            ours = Peer.of(served_process(), live.url)
            yield _decision(ours, yardstick, scene, quick=quick)
            yield _batch(ours, scene, quick=quick)
            yield _object(ours, yardstick, live, scene, quick=quick)
            yield _revoked_there(ours, live, scene, 4 * IN_FLIGHT)


def _question(user: str, action: str, project: str) -> dict[str, Any]:
    return {
        "subject": {"type": "user", "id": user},
        "action": {"name": action},
        "resource": {"type": "project", "id": project},
    }


def _asking(owner: Caller, path: str, body: Any) -> bytes:
    return message("POST", path, body, authorization=f"Bearer {owner.token}")


def _decision(ours: Peer, yardstick: Peer, scene: Scene, *, quick: bool) -> Row:
    request = _asking(scene.owner, _ONE, _question(scene.people[-1], _READ, scene.project))
    assert json.loads(ours.ask(request))["decision"] is True
    requests = [request] * (100 if quick else 1_500)
    pair = by_turns(lambda: ours.cpu_of(requests), lambda: yardstick.cpu_of(requests), 1 if quick else 5)
    return Row("decision over HTTP, bearer (no fast listener yet: the common pipeline)",
               f"{micros(pair.figure)} CPU", f"raw ASGI that says yes {micros(pair.yardstick)} CPU",
               f"{100 / pair.ratio:.0f} %", "≥ 60 %", pair.ratio <= 1 / 0.6)  # fmt: skip


def _batch(ours: Peer, scene: Scene, *, quick: bool) -> Row:
    actions = cycle((_READ, "project.delete"))
    asked = [_question(user, next(actions), scene.project) for user in islice(cycle(scene.people), 1_000)]
    request = _asking(scene.owner, _MANY, {"evaluations": asked})
    found = json.loads(ours.ask(request))["evaluations"]
    assert [each["decision"] for each in found] == [question["action"]["name"] == _READ for question in asked]
    taken = ours.time_of(request, 5 if quick else 60)
    return Row("1,000 decisions in one request, half allowed", micros(taken), "", "", "≤ 2 ms", taken <= 2e-3)


def _object(ours: Peer, yardstick: Peer, live: Live, scene: Scene, *, quick: bool) -> Row:
    path = f"/api/atlas/v2/groups/{scene.project}"
    many, turns = (100, 1) if quick else (1_500, 5)
    requests = _digested(live, scene.key, path)
    assert json.loads(ours.ask(next(requests)))["id"] == scene.project
    plain = [message("GET", f"/groups/{scene.project}")] * many
    pair = by_turns(lambda: ours.cpu_of(list(islice(requests, many))), lambda: yardstick.cpu_of(plain), turns)
    return Row("Admin API read of one object, Digest, nonce reused", f"{micros(pair.figure)} CPU",
               f"bare Starlette + msgspec {micros(pair.yardstick)} CPU", f"{pair.ratio:.1f}", "≤ 3 ×",
               pair.ratio <= 3)  # fmt: skip


def _digested(live: Live, key: Caller, path: str) -> Iterator[bytes]:
    """Yield requests that use one nonce again and again, as clients do."""
    asked = live.nobody.get(path.removeprefix("/api/atlas/v2")).headers["WWW-Authenticate"]
    realm, nonce = (re.search(f'{name}="([^"]*)"', asked)[1] for name in ("realm", "nonce"))
    secret = _md5(f"{key.public_key}:{realm}:{key.private_key}")
    for number in count(1):
        parts = f"{nonce}:{number:08x}:0a4f113b:auth"
        response = _md5(f"{secret}:{parts}:{_md5(f'GET:{path}')}")
        credentials = (
            f'Digest username="{key.public_key}", realm="{realm}", nonce="{nonce}", uri="{path}", qop=auth,'
            f' nc={number:08x}, cnonce="0a4f113b", response="{response}", algorithm=MD5'
        )
        yield message("GET", path, authorization=credentials, accept=VERSION)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _revoked_there(ours: Peer, live: Live, scene: Scene, times: int) -> Row:
    """Give and take a role here; the next request to the other process has to follow each acknowledgement."""
    right, waited = 0, []
    for call in islice(scene.commands, times):
        request = _asking(scene.owner, _ONE, _question(call.values["userId"], PRIVILEGE, scene.project))
        live.world.door.write(call).result()
        began = perf_counter()
        right += json.loads(ours.ask(request))["decision"] == (call.operation.id == "addGroupUserRole")
        waited.append(perf_counter() - began)
    return Row("revocation acknowledged, next request in another process", f"{right} of {times} right",
               f"answered in {micros(median(waited))}", "", "refused", right == times)  # fmt: skip
