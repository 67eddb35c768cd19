"""What a served store may call: nothing on its own machine, unless whoever runs it says so."""

from contextlib import closing

import requests

from tests.cli.conftest import started
from tests.empty_store import open_world, url_of
from tests.federated import OWN, Federated
from tests.identity_provider import IdentityProvider


def test_providers_on_this_machine_are_called_only_if_allowed(tmp_path):
    """`--allow-loopback-calls` lets an identity provider be on this machine; without it, it is not asked."""
    found = {}
    with IdentityProvider.started() as idp:
        with closing(open_world(tmp_path)) as world:
            Federated.found(world, idp)
        for command in ("serve --allow-loopback-calls", "demo --allow-loopback-calls", "serve", "demo"):
            before = len(idp.tell())
            with started(*command.split(), "--port", "0", "--store", url_of(tmp_path)) as (_, line):
                url = f"{line.split()[1]}{OWN}/sessions/federated:begin"
                reply = requests.post(url, json={"username": "fay@acme.example"}, timeout=30)
            found[command] = reply.status_code, len(idp.tell()) > before
    assert {command for command in found if found[command] == (200, True)} == {
        "serve --allow-loopback-calls",
        "demo --allow-loopback-calls",
    }
    assert {found["serve"], found["demo"]} == {(503, False)}
