"""Uses of access lists: counted in memory, written down by a job of the server."""

import anyio
import pytest

from orgward.app.key_use import RECORD_KEY_USE, SERVER, KeyUse
from orgward.kernel.errors import UnavailableError
from orgward.kernel.principal import Principal
from tests.world import Caller


@pytest.fixture
def acme(world):
    """Give an organization of the Atlas edition."""
    return world.organization()


@pytest.fixture
def key(world, acme):
    """Give a key that may be used from 127.0.0.1 and from 10.0.0.0/8."""
    shown = acme.key.post(f"/orgs/{acme.id}/apiKeys", {"desc": "a key", "roles": ["ORG_MEMBER"]}).json
    entries = [{"ipAddress": "127.0.0.1"}, {"cidrBlock": "10.0.0.0/8"}]
    acme.key.post(f"/orgs/{acme.id}/apiKeys/{shown['id']}/accessList", entries)
    return Caller(world, shown["publicKey"], shown["privateKey"], id=shown["id"])


def entries_of(acme, key):
    """Give the entries of the key's list by block."""
    page = acme.key.get(f"/orgs/{acme.id}/apiKeys/{key.id}/accessList").json
    return {entry["cidrBlock"]: entry for entry in page["results"]}


def use(world, key, **uses):
    """Note uses of the key by address, with dots as underscores, and flush them."""
    noted = KeyUse(world.door)
    for address, times in uses.items():
        for _ in range(times):
            noted.note(Principal("api_key", key.id, address=address.strip("_").replace("_", ".")))
    submitted = noted.flush()
    return None if submitted is None else submitted.result(30)


def test_each_entry_counts_what_it_let_in(world, acme, key):
    """Counts add up over flushes; what no entry lets in is counted nowhere."""
    use(world, key, _127_0_0_1=2, _10_1_2_3=1, _10_9_9_9=3, _203_0_113_9=5)
    world.clock.advance(seconds=60)
    use(world, key, _127_0_0_1=1)
    entries = entries_of(acme, key)
    assert (entries["127.0.0.1/32"]["count"], entries["10.0.0.0/8"]["count"]) == (3, 4)
    assert entries["127.0.0.1/32"]["lastUsed"] == "2027-01-15T08:01:00Z"
    assert entries["127.0.0.1/32"]["lastUsedAddress"] == "127.0.0.1"
    assert entries["10.0.0.0/8"]["lastUsed"] == "2027-01-15T08:00:00Z"


def test_who_called_from_a_larger_block_is_not_kept(world, acme, key):
    """An address that nobody entered is in no row."""
    use(world, key, _10_1_2_3=1)
    assert "lastUsedAddress" not in entries_of(acme, key)["10.0.0.0/8"]


def test_a_use_before_the_entry_was_made_is_not_its_use(world, acme, key):
    """An entry that is added between a use and the flush starts at nought."""
    noted = KeyUse(world.door)
    noted.note(Principal("api_key", key.id, address="127.0.0.1"))
    world.clock.advance(seconds=1)
    acme.key.post(f"/orgs/{acme.id}/apiKeys/{key.id}/accessList", [{"cidrBlock": "127.0.0.0/8"}])
    noted.flush().result(30)
    entries = entries_of(acme, key)
    assert (entries["127.0.0.1/32"]["count"], entries["127.0.0.0/8"]["count"]) == (1, 0)


def test_nothing_is_written_for_keys_without_a_list(world, acme):
    """A flush that would change nothing makes no revision."""
    noted = KeyUse(world.door)
    found = acme.key.get(f"/orgs/{acme.id}/apiKeys").json["results"][0]
    noted.note(Principal("api_key", found["id"], address="127.0.0.1"))
    noted.note(Principal("user", acme.owner, address="127.0.0.1"))
    noted.note(Principal("api_key", found["id"]))
    assert noted.flush() is None


def test_what_a_full_queue_turned_away_is_flushed_the_next_time(world, acme, key, monkeypatch):
    """A flush that could not be submitted loses nothing."""
    noted = KeyUse(world.door)
    noted.note(Principal("api_key", key.id, address="127.0.0.1"))

    def full(call):
        raise UnavailableError("UNAVAILABLE")

    with monkeypatch.context() as patched:
        patched.setattr(world.door, "write", full)
        assert noted.flush() is None
    noted.flush().result(30)
    assert noted.flush() is None
    assert entries_of(acme, key)["127.0.0.1/32"]["count"] == 1


def test_the_server_counts_requests_and_flushes_when_it_ends(world, acme, key):
    """Authenticated requests count, each once; a wrong secret does not."""

    async def serve():
        """Run the application from start to end with one request in between."""
        async with world.app.router.lifespan_context(world.app):
            pass

    for _ in range(3):
        assert key.get(f"/orgs/{acme.id}").status == 200
    assert Caller(world, key.public_key, "wrong").get(f"/orgs/{acme.id}").status == 401
    assert entries_of(acme, key)["127.0.0.1/32"]["count"] == 0
    anyio.run(serve, backend="asyncio")
    assert entries_of(acme, key)["127.0.0.1/32"]["count"] == 3


def test_the_job_is_the_operators_alone():
    """No network edge reaches it: it is served nowhere, and refuses whoever is not the operator."""
    assert SERVER.is_operator
    assert RECORD_KEY_USE.privileges == ()
