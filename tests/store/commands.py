"""Commands for a bare store: what they write is theirs to say."""

import threading
from contextlib import contextmanager

from orgward.kernel.delta import Delta
from orgward.kernel.errors import RefusedError
from orgward.store.log import Entry
from orgward.store.writer import Outcome, Submission

ORG = "a" * 24


def project(number, name=None, org=ORG):
    """Give the delta that writes the project `number`."""
    key = f"{number:024x}"
    row = {
        "id": key, "org_id": org, "name": name or f"project {number}", "created_at": 0, "with_default_alerts": True,
        "tags": "[]",
    }  # fmt: skip
    return Delta("projects", (key,), row)


def organization(key=ORG):
    """Give the delta that writes an organization."""
    row = {"id": key, "name": "Acme", "edition": "atlas", "created_at": 0, "skip_default_alerts": False}
    return Delta("organizations", (key,), row)


def assignment(user, scope=ORG, role="ORG_OWNER", org=ORG):
    """Give the delta that gives `user` a role."""
    row = {
        "holder_id": user, "scope_id": scope, "role": role, "holder_kind": "user", "org_id": org, "starts": 0,
        "ends": 1 << 62, "added_by_owner": False, "mapped": False,
    }  # fmt: skip
    return Delta("assignments", (user, scope, role), row)


def dropped(delta):
    """Give the delta that deletes what `delta` wrote."""
    return Delta(delta.table, delta.key, None)


def entry(actor="tester", action="write", org=ORG):
    """Give the audit row of a command."""
    return Entry(action, "target", org, "operator", actor)


def submission(*deltas, run=None, actor="tester", action="write", reply=None):
    """Give a submission that writes `deltas`, or runs `run`."""
    return Submission(entry(actor, action), run or (lambda tx: Outcome(list(deltas), {"n": len(deltas)}, reply)))


def write(store, *deltas, **options):
    """Write `deltas` and wait until they are durable."""
    return store.submit(submission(*deltas, **options)).result(30)


def refusal(tx):
    """Refuse, after having looked."""
    raise RefusedError("SOME_RULE", "why")


def crash(tx):
    """Fail as a fault of the program would."""
    message = "a fault of ours"
    raise ZeroDivisionError(message)


def log_of(store):
    """Give the log of a store as tuples of revision, action and outcome."""
    return store.view.rows("SELECT revision, action, outcome FROM log ORDER BY revision", {})


@contextmanager
def one_batch(store):
    """Hold the writer, so that everything submitted inside the block runs as one batch after it."""
    reached, released = threading.Event(), threading.Event()

    def wait(tx):
        reached.set()
        assert released.wait(30)
        return Outcome([])

    held = store.submit(submission(run=wait, action="hold"))
    assert reached.wait(30)
    try:
        yield
    finally:
        released.set()
        held.result(30)
