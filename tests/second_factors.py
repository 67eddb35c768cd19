"""People with second factors, as their browsers and telephones would enrol and show them."""

from dataclasses import dataclass

from tests.authenticator import Authenticator, code_at
from tests.mailbox import links_to
from tests.world import Caller

OWN = "/api/orgward/v1"
FACTORS = f"{OWN}/me/factors"
PASSWORD = "umbrella over 7 lakes"


def done(reply, *statuses):
    """Give the body of an answer that is as good as expected."""
    assert reply.status in (statuses or (200, 201)), (reply.status, reply.json)
    return reply.json


def outcome(reply):
    """Give status and code."""
    return reply.status, reply.code


@dataclass(slots=True)
class App:
    """An authenticator app of somebody: the id of the factor, its seed, and the recovery codes that came with it."""

    world: object
    id: str
    seed: str
    recovery: list[str]

    def code(self, *, steps=0):
        """Give the code that it shows now, or some steps away."""
        return code_at(self.seed, self.world.clock.now, steps=steps)

    def next_code(self):
        """Give a code that it has not shown before."""
        self.world.clock.advance(seconds=30)
        return self.code()


def with_password(world, username, **roles):
    """Make a person who has chosen a password, and give their first session."""
    world.user(username, **roles)
    token = links_to(world, username)[-1]
    body = {"token": token, "password": PASSWORD, "firstName": "Bob", "lastName": "Doe"}
    made = done(world.nobody.post(f"{OWN}/accounts:setup", body))
    return Caller(world, token=made["token"], id=made["userId"])


def enrol_app(caller, **body):
    """Enrol an authenticator app and activate it."""
    begun = done(caller.post(f"{FACTORS}/totp", body), 201)
    code = code_at(begun["secret"], caller.world.clock.now)
    found = done(caller.post(f"{FACTORS}/{begun['id']}:activate", {"code": code}))
    return App(caller.world, begun["id"], begun["secret"], found["recoveryCodes"])


def enrol_passkey(caller, authenticator=None, **body):
    """Enrol a passkey, and give the authenticator that holds it with what was answered."""
    authenticator = authenticator or Authenticator()
    begun = done(caller.post(f"{FACTORS}/passkeys:begin"))
    body = {"state": begun["state"], "credential": authenticator.made(begun["options"]), **body}
    return authenticator, done(caller.post(f"{FACTORS}/passkeys", body), 201)


def sign_in(world, username, *, password=PASSWORD, address="127.0.0.1"):
    """Give the answer to a password."""
    body = {"username": username, "password": password}
    return Caller(world, address=address).post(f"{OWN}/sessions", body)


def pending(world, username, **options):
    """Give the token of a sign-in that waits for its second step."""
    return done(sign_in(world, username, **options), 202)["pending"]


def verify(world, token, *, address="127.0.0.1", **shown):
    """Give the answer to a second step."""
    return Caller(world, address=address).post(f"{OWN}/sessions:verify", {"pending": token, **shown})


def question(caller, path, body=None):
    """Give what a passkey is asked, and the state of the question."""
    found = done(caller.post(f"{OWN}/{path}", body))
    return found["options"], found["state"]


def session_of(world, reply):
    """Give the caller of a session that has just begun."""
    made = done(reply, 201)
    return Caller(world, token=made["token"], id=made["userId"])
