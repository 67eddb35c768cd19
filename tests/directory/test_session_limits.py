"""How long sessions last, in all and idle: what organizations set counts from the next sign-in on (rule 90)."""

import anyio
import pytest

from orgward.app.execute import Call
from orgward.app.key_use import SERVER
from orgward.app.session_use import RECORD_SESSION_USE
from orgward.kernel.errors import NotFoundError, UnavailableError
from orgward.kernel.instants import FOREVER
from orgward.kernel.principal import Principal
from tests.directory.company import OWN, Company, done, log_rows
from tests.mailbox import links_to
from tests.world import Caller, opened

ABSOLUTE, IDLE = "absoluteSessionTimeoutInSeconds", "idleSessionTimeoutInSeconds"
PASSWORD = "correct horse"
BOB = "bob@example.org"
HOUR = 3_600


def sign_in(world, username=BOB):
    """Sign in and give the caller with the new session."""
    reply = Caller(world).post(f"{OWN}/sessions", {"username": username, "password": PASSWORD})
    assert reply.status == 201, reply.json
    return Caller(world, token=reply.json["token"], id=reply.json["userId"])


def set_up(world):
    """Set the account up with the mailed link and give the session that begins."""
    (token,) = links_to(world, BOB)
    body = {"token": token, "password": PASSWORD, "firstName": "Bob", "lastName": "Doe"}
    return done(world.nobody.post(f"{OWN}/accounts:setup", body))


def limit(company, **timeouts):
    """Set how long sessions of members last."""
    done(company.ann.patch(f"{company.path}/settings", {"customSessionTimeouts": timeouts}))


def is_alive(caller):
    """Say whether the session still works; a dead one is answered like none."""
    reply = caller.get(f"{OWN}/me")
    assert reply.status in {200, 401}, reply.json
    return reply.status == 200


def lasts(world, caller):
    """Give after how many whole minutes of use every minute the session is dead."""
    for minutes in range(12 * 60 + 2):
        if not is_alive(caller):
            return minutes
        world.clock.advance(seconds=60)
    return None


def flush(world):
    """Write noted uses down, as the server does once a minute."""
    submitted = uses_of(world).flush()
    if submitted is not None:
        submitted.result(30)


def uses_of(world):
    """Give what the served application notes of sessions."""
    return world.app.router.default.pipeline.session_use


def idle_rows(world):
    """Give every row of an idle limit."""
    return world.store.view.rows("SELECT session_hash, idle_seconds, used_at FROM idle_limits", {})


@pytest.fixture
def other(world, company):
    """Give another organization."""
    return Company.found(world, company.edition, name="Other", owner="olga")


@pytest.fixture
def bob(world, company):
    """Give a member with a password, who is in no other organization and not signed in."""
    world.user(BOB, orgs={company.id: ["ORG_MEMBER"]})
    session = Caller(world, token=set_up(world)["token"])
    assert session.delete(f"{OWN}/sessions/current").status == 204
    return BOB


class TestAbsolute:
    """How long a session lasts in all."""

    def test_rule_090_it_ends_when_the_organization_says(self, world, company, bob):
        """Rule 90: the absolute limit of the organization, used or not."""
        limit(company, **{ABSOLUTE: HOUR})
        assert lasts(world, sign_in(world)) == 60

    def test_rule_090_twelve_hours_where_nobody_says(self, world, company, bob):
        """Rule 90: the default is twelve hours, and no idle limit."""
        session = sign_in(world)
        world.clock.advance(seconds=12 * HOUR - 1)
        assert is_alive(session)
        world.clock.advance(seconds=1)
        assert not is_alive(session)

    def test_rule_090_it_counts_from_the_next_sign_in(self, world, company, bob):
        """Rule 90: a change is effective with the next sign-in; the session that is there keeps its end."""
        before = sign_in(world)
        limit(company, **{ABSOLUTE: HOUR, IDLE: 300})
        after = sign_in(world)
        world.clock.advance(seconds=HOUR)
        assert (is_alive(before), is_alive(after)) == (True, False)
        limit(company, **{ABSOLUTE: 2 * HOUR, IDLE: None})
        longer = sign_in(world)
        world.clock.advance(seconds=2 * HOUR - 1)
        assert is_alive(longer)

    def test_rule_090_the_shortest_of_several_organizations_counts(self, world, company, other, bob):
        """Rule 90: of each limit the shortest of all organizations in which somebody is an active member."""
        limit(company, **{ABSOLUTE: 3 * HOUR, IDLE: 600})
        limit(other, **{ABSOLUTE: HOUR, IDLE: 1_200})
        assert lasts(world, sign_in(world)) == 180
        world.user(BOB, orgs={other.id: ["ORG_MEMBER"]})
        assert lasts(world, sign_in(world)) == 60
        session = sign_in(world)
        assert [row[1] for row in idle_rows(world)] == [600]
        world.clock.advance(seconds=600)
        assert not is_alive(session)

    def test_an_invitation_shortens_nothing(self, world, company, other, bob):
        """Whoever is only invited is no active member, and the organization says nothing of their sessions."""
        limit(other, **{ABSOLUTE: HOUR, IDLE: 300})
        other.invited(BOB)
        session = sign_in(world)
        world.clock.advance(seconds=2 * HOUR)
        assert is_alive(session)

    def test_it_counts_at_set_up_too(self, world, company):
        """The session that begins with the account has the limits of its organizations, too."""
        limit(company, **{ABSOLUTE: HOUR, IDLE: 300})
        world.user(BOB, orgs={company.id: ["ORG_MEMBER"]})
        made = set_up(world)
        session = Caller(world, token=made["token"])
        assert made["expiresAt"] == "2027-01-15T09:00:00Z"
        world.clock.advance(seconds=300)
        assert not is_alive(session)


class TestIdle:
    """How long a session may be idle."""

    @pytest.fixture(autouse=True)
    def limited(self, company):
        """Let sessions be idle for ten minutes."""
        limit(company, **{IDLE: 600})

    def test_rule_090_an_idle_session_ends(self, world, bob):
        """Rule 90: idle for as long as the limit, to the millisecond; every use begins it anew."""
        session = sign_in(world)
        for _ in range(3):
            world.clock.advance(seconds=599.999)
            assert is_alive(session)
        world.clock.advance(seconds=600)
        assert not is_alive(session)
        world.clock.advance(seconds=-60)
        assert is_alive(session)

    def test_a_refused_request_is_no_use(self, world, bob):
        """Asking with a session that is idle does not wake it up."""
        session = sign_in(world)
        world.clock.advance(seconds=600)
        assert not is_alive(session)
        flush(world)
        assert not is_alive(session)

    def test_any_answered_request_is_a_use(self, world, company, bob):
        """A denial is an answer, too: somebody is there."""
        session = sign_in(world)
        for _ in range(3):
            world.clock.advance(seconds=400)
            assert session.patch(company.path, {"name": "Mine"}).status == 401
        assert is_alive(session)

    def test_uses_outlive_the_process(self, world, bob):
        """What was flushed is in the store: a process that has seen nothing of the session knows of its use."""
        session = sign_in(world)
        world.clock.advance(seconds=500)
        assert is_alive(session)
        flush(world)
        world.clock.advance(seconds=500)
        with opened(world.store.path.parent, clock=world.clock) as second:
            elsewhere = Caller(second, token=session.token)
            assert is_alive(elsewhere)
            world.clock.advance(seconds=500)
            assert is_alive(elsewhere)
            flush(second)
            world.clock.advance(seconds=500)
            assert is_alive(session)
            world.clock.advance(seconds=600)
            assert not is_alive(elsewhere)

    def test_what_was_not_flushed_is_lost_to_others(self, world, bob):
        """Another process sees what was flushed: a session seems idle for longer than it was, never for less."""
        session = sign_in(world)
        world.clock.advance(seconds=500)
        assert is_alive(session)
        world.clock.advance(seconds=100)
        with opened(world.store.path.parent, clock=world.clock) as second:
            assert not is_alive(Caller(second, token=session.token))
        assert is_alive(session)

    def test_no_request_meets_a_gap_while_uses_are_written(self, world, bob, monkeypatch):
        """A use counts from memory until it is in the store, and stays noted where the queue was full."""
        session = sign_in(world)
        world.clock.advance(seconds=500)
        assert is_alive(session)

        def full(call):
            raise UnavailableError("UNAVAILABLE")

        with monkeypatch.context() as patched:
            patched.setattr(world.door, "write", full)
            assert uses_of(world).flush() is None
        world.clock.advance(seconds=500)
        assert is_alive(session)
        flush(world)
        assert uses_of(world).flush() is None
        assert [row[2] for row in idle_rows(world)] == [world.clock.now]

    def test_little_is_written_for_sessions_without_a_limit(self, world, company, bob):
        """A session that may be idle for ever costs no row and no revision but one in ten minutes."""
        limit(company, **{IDLE: None})
        session = sign_in(world)
        before = len(log_rows(world))
        assert is_alive(session)
        assert uses_of(world).flush() is None
        assert (idle_rows(world), len(log_rows(world))) == ([], before)
        world.clock.advance(seconds=600)
        assert is_alive(session)
        flush(world)
        assert (idle_rows(world), len(log_rows(world))) == ([], before + 1)

    def test_an_ended_session_stays_ended(self, world, bob):
        """What was noted of a session that has ended meanwhile makes nothing come back."""
        session = sign_in(world)
        assert session.delete(f"{OWN}/sessions/current").status == 204
        late = {world.store.keyring.hash_token(session.token): world.clock.now + 60_000}
        world.door.write(Call(RECORD_SESSION_USE, SERVER, body=late)).result(30)
        assert (idle_rows(world), is_alive(session)) == ([], False)
        assert uses_of(world).flush() is None

    def test_the_next_sign_in_clears_what_has_ended(self, world, bob):
        """Sessions that are over, by time or idleness, go with their limits when somebody signs in again."""
        first = sign_in(world)
        world.clock.advance(seconds=600)
        second = sign_in(world)
        assert len(idle_rows(world)) == 1
        assert world.store.view.get("sessions", world.store.keyring.hash_token(first.token)) is None
        assert (is_alive(first), is_alive(second)) == (False, True)

    def test_erasure_leaves_no_limit(self, world, bob):
        """Sessions of whoever is erased end, and their limits with them."""
        session = sign_in(world)
        world.erase(BOB)
        assert (idle_rows(world), is_alive(session)) == ([], False)

    def test_the_server_flushes_when_it_ends(self, world, bob):
        """Uses that were noted are written when the server stops."""

        async def serve():
            """Run the application from start to end."""
            async with world.app.router.lifespan_context(world.app):
                pass

        session = sign_in(world)
        world.clock.advance(seconds=60)
        assert is_alive(session)
        anyio.run(serve, backend="asyncio")
        assert [row[2] for row in idle_rows(world)] == [world.clock.now]

    def test_the_job_is_the_operators_alone(self, world, company, bob):
        """No network edge reaches it, and nobody but the operator may run it."""
        session = sign_in(world)
        ann = Principal("user", company.ann.id)
        with pytest.raises(NotFoundError):
            world.door.write(Call(RECORD_SESSION_USE, ann, body={session.token: FOREVER})).result(30)
