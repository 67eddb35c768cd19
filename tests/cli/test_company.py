"""The company of `demo`: what issue and brief promise of it."""

import pytest

from orgward.cli.company import fill
from orgward.cli.opening import clock
from orgward.directory.federated_identities import for_address
from orgward.store.audit import verify
from orgward.store.opening import Store
from tests.empty_store import copy_to
from tests.store_checker import check_store


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Give a filled store."""
    url = copy_to(tmp_path_factory.mktemp("demo"))
    fill(url)
    found = Store.open(url, clock=clock)
    yield found
    found.close()


def count(store, sql):
    """Give what a query counts."""
    return store.reader.execute(sql).fetchone()[0]


def test_sizes(store):
    """Three organizations of both editions, 12 projects, 60 people, keys."""
    assert count(store, "SELECT COUNT(*) FROM organizations") == 3
    assert count(store, "SELECT COUNT(DISTINCT edition) FROM organizations") == 2
    assert count(store, "SELECT COUNT(*) FROM projects") == 12
    assert count(store, "SELECT COUNT(*) FROM person_data") == 60
    assert count(store, "SELECT COUNT(*) FROM api_keys") >= 6


def test_teams_are_on_projects(store):
    """Each organization has teams with people in them, on projects; somebody invited waits in one."""
    assert count(store, "SELECT COUNT(DISTINCT org_id) FROM teams") == 3
    assert count(store, "SELECT COUNT(DISTINCT scope_id) FROM assignments WHERE holder_kind = 'team'") >= 7
    assert count(store, "SELECT COUNT(*) FROM team_members") >= 25
    waiting = "SELECT COUNT(*) FROM team_members t JOIN members m ON m.org_id = t.org_id AND m.user_id = t.user_id"
    assert count(store, f"{waiting} WHERE m.state = 'pending'") >= 1


def test_a_federation_that_keeps_nobody_out(store):
    """A domain is proven, two groups are mapped, and the provider is off: people go on with a password."""
    assert count(store, "SELECT COUNT(*) FROM federation_domains WHERE verified_at IS NOT NULL") == 1
    assert count(store, "SELECT COUNT(*) FROM role_mappings") == 2
    assert count(store, "SELECT COUNT(*) FROM connected_organizations WHERE identity_provider_id IS NOT NULL") == 1
    assert count(store, "SELECT COUNT(*) FROM identity_providers WHERE status = 'ACTIVE'") == 0
    assert for_address(store.view, "ada.okafor@northwind.example") is None


def test_nothing_dangles(store):
    """The company is as sound as any store."""
    assert check_store(store.path) == []


def test_invitations_of_every_fate(store):
    """There are pending, expired and declined invitations."""
    pending = "SELECT COUNT(*) FROM invitations WHERE state = 'pending' AND expires_at"
    assert count(store, f"{pending} > {clock()}") >= 1
    assert count(store, f"{pending} <= {clock()}") >= 1
    assert count(store, "SELECT COUNT(*) FROM invitations WHERE state = 'declined'") >= 1


def test_two_people_can_sign_in(store):
    """Hashing is dear, so two have a password."""
    assert count(store, "SELECT COUNT(*) FROM credentials WHERE kind = 'password'") == 2


def test_everything_went_through_the_log(store):
    """No row was made but by a command."""
    assert verify(store).problems == []


def test_names_are_the_same_each_time(store, tmp_path):
    """Two fillings have the same people."""
    url = copy_to(tmp_path)
    fill(url)
    again = Store.open(url, clock=clock)
    names = "SELECT GROUP_CONCAT(username) FROM (SELECT username FROM person_data ORDER BY username)"
    assert count(again, names) == count(store, names)
    again.close()
