"""One organization for the questions: whoever asks, and whoever is asked about."""

import pytest

from tests.directory.company import Company
from tests.empty_store import open_world

EVALUATION = "/access/v1/evaluation"
EVALUATIONS = "/access/v1/evaluations"


class Asker:
    """Somebody who asks for decisions."""

    def __init__(self, caller):
        """Ask as `caller`."""
        self.caller = caller

    def reply(self, body, *, path=EVALUATION, **options):
        """Give the whole reply to a body."""
        return self.caller.post(path, body, **options)

    def ask(self, principal, action, resource, *, context=None):
        """Give the decision object for one question, whose ends are (type, id)."""
        body = question(principal, action, resource, context=context)
        reply = self.reply(body)
        assert reply.status == 200, reply.json
        return reply.json

    def ask_all(self, items, **shared):
        """Give the decisions of a batch."""
        reply = self.reply({"evaluations": items, **shared}, path=EVALUATIONS)
        assert reply.status == 200, reply.json
        return reply.json["evaluations"]


def question(principal, action, resource, *, context=None):
    """Give the body of one question."""
    body = {
        "subject": {"type": principal[0], "id": principal[1]},
        "action": {"name": action},
        "resource": {"type": resource[0], "id": resource[1]},
    }
    return body if context is None else {**body, "context": context}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Open a world that the tests of a module share."""
    found = open_world(tmp_path_factory.mktemp("decisions"))
    yield found
    found.close()


@pytest.fixture(scope="module")
def acme(world):
    """Found an organization of the edition `atlas`."""
    return Company.found(world, "atlas")


@pytest.fixture(scope="module")
def web(acme):
    """Make a project in it."""
    return acme.project()


@pytest.fixture(scope="module")
def owner(acme):
    """Give its owner key as an asker."""
    return Asker(acme.owner_key)
