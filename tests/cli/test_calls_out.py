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
        for option in ("--allow-loopback-calls", "--port=0"):
            before = len(idp.tell())
            with started("serve", "--port", "0", "--store", url_of(tmp_path), option) as (_, line):
                url = f"{line.split()[1]}{OWN}/sessions/federated:begin"
                reply = requests.post(url, json={"username": "fay@acme.example"}, timeout=30)
            found[option] = reply.status_code, len(idp.tell()) > before
    assert found == {"--allow-loopback-calls": (200, True), "--port=0": (503, False)}
