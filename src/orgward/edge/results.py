"""From what an operation returned to status and body: pages with their links, previews, kept answers."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from orgward.app.execute import Call
from orgward.app.repeats import Repeat
from orgward.app.trial import Effect, Preview
from orgward.edge.endpoint import Endpoint
from orgward.edge.paging import Page, list_body
from orgward.edge.replies import WithStatus
from orgward.kernel.errors import MalformedError

_REPEAT_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")
_BESIDE_THE_POINT: Final = {"pretty", "envelope", "dryrun"}
"""Parameters that ask for nothing else: how the answer looks, and that this is no trial, which has no key."""


@dataclass(frozen=True, slots=True)
class Finisher:
    """Makes status and body of what the operation of one call returned; `url` is that of the request."""

    endpoint: Endpoint
    call: Call
    url: str

    def finished(self, result: Any) -> WithStatus:
        """Return the status and the body of `result`, ready to be encoded."""
        if isinstance(result, Preview):
            return WithStatus(200, self._preview(result))
        status, body, headers = self.endpoint.status, result, {}
        if isinstance(result, WithStatus):
            status, body, headers = result.status, result.body, {**result.headers}
        if isinstance(body, Page):
            body = list_body(self.endpoint, body, self.call.query.parsed, self.url)
        return WithStatus(status, body, headers)

    def _preview(self, found: Preview) -> dict[str, Any]:
        return {
            "dryRun": True,
            "gained": [_effect(effect) for effect in found.gained],
            "lost": [_effect(effect) for effect in found.lost],
            "result": self.finished(found.result).body,
            "warnings": [{"code": w.code, "ids": list(w.ids), "message": w.message} for w in found.warnings],
        }

    def repeat(self, key: str, raw: bytes, pairs: Sequence[tuple[str, str]]) -> Repeat:
        """Return what tells this request from another one with the same Idempotency-Key."""
        if not _REPEAT_KEY.fullmatch(key):
            raise MalformedError("INVALID_QUERY_PARAMETER", "Idempotency-Key")
        asked = sorted(pair for pair in pairs if pair[0].lower() not in _BESIDE_THE_POINT)
        whole = [self.call.operation.id, sorted(self.call.values.items()), self.call.version, asked, _canonical(raw)]
        fingerprint = hashlib.sha256(msgspec.json.encode(whole)).hexdigest()
        return Repeat(key, fingerprint, self._freeze, _thaw)

    def _freeze(self, result: Any) -> str:
        return msgspec.json.encode(self.finished(result), order="sorted").decode()


def _thaw(kept: str) -> WithStatus:
    return msgspec.json.decode(kept, type=WithStatus)


def _effect(effect: Effect) -> dict[str, Any]:
    return {
        "principal": {"id": effect.principal, "type": effect.principal_kind},
        "privilege": effect.privilege,
        "scope": {"id": effect.scope, "type": effect.scope_kind},
    }


def _canonical(raw: bytes) -> str:
    """Return `raw` in one form for all ways of writing the same JSON; what is none will be refused anyway."""
    try:
        return msgspec.json.encode(msgspec.json.decode(raw), order="sorted").decode()
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return raw.hex()
