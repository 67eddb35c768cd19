"""People with passwords, as the tests of accounts and sessions meet them."""

from typing import Any

from orgward.app.operator import NewUser
from orgward.store.sqlite import connect
from tests.mailbox import links_to
from tests.world import Caller, Reply, World

OWN = "/api/orgward/v1"
PASSWORD = "correct horse"
NEWER = "another staple"
LAPTOP = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"


def account(world: World, username: str, password: str = PASSWORD) -> Caller:
    """Make an account by its mailed link and give the session that begins, a second ago."""
    world.operate("enrolUser", NewUser(username=username))
    body = {"token": links_to(world, username)[-1], "password": password, "firstName": "Bob", "lastName": "Doe"}
    found = signed_in(world, world.nobody.post(f"{OWN}/accounts:setup", body))
    world.clock.advance(seconds=1)  # so that what is mailed next is the later message
    return found


def sign_in(world: World, username: str, password: str = PASSWORD, **options: Any) -> Reply:
    """Ask for a session."""
    who = Caller(world, address=options.pop("address", "127.0.0.1"))
    return who.post(f"{OWN}/sessions", {"username": username, "password": password}, **options)


def signed_in(world: World, reply: Reply) -> Caller:
    """Give whose session has begun."""
    assert reply.status == 201, reply.json
    return Caller(world, token=reply.json["token"], id=reply.json["userId"])


def session(world: World, username: str, password: str = PASSWORD, **options: Any) -> Caller:
    """Give a further session of somebody."""
    return signed_in(world, sign_in(world, username, password, **options))


def is_alive(who: Caller) -> bool:
    """Say whether a session still works; a dead one is answered like none."""
    reply = who.get(f"{OWN}/me")
    assert reply.status in {200, 401}, reply.json
    return reply.status == 200


def request_reset(world: World, username: str, *, address: str = "127.0.0.1", query: str = "") -> Reply:
    """Ask for a new password."""
    return Caller(world, address=address).post(f"{OWN}/accounts:requestReset{query}", {"username": username})


def reset_token(world: World, username: str) -> str:
    """Ask for a new password and give the token of the link that is mailed."""
    before = len(links_to(world, username, "reset"))
    reply = request_reset(world, username)
    assert (reply.status, reply.json) == (202, {}), reply.json
    world.clock.advance(seconds=1)
    found = links_to(world, username, "reset")
    assert len(found) == before + 1
    return found[-1]


def reset(world: World, token: str, password: str = NEWER) -> Reply:
    """Choose a new password with a link."""
    return world.nobody.post(f"{OWN}/accounts:reset", {"token": token, "password": password})


def verify(world: World, token: str) -> Reply:
    """Prove an address with a link."""
    return world.nobody.post(f"{OWN}/accounts:verify", {"token": token})


def subjects(messages: list[Any]) -> list[str]:
    """Give what messages are about."""
    return [str(message["Subject"]) for message in messages]


def rows(world: World, table: str, **equal: str) -> list[Any]:
    """Give rows of the store."""
    return list(world.store.view.find(table, **equal))


def number_of(world: World, table: str) -> int:
    """Give how many rows a table has."""
    return int(world.store.view.rows(f"SELECT COUNT(*) FROM {table}", {})[0][0])  # noqa: S608 - names of our own


def add_factor(world: World, user: str) -> None:
    """Give somebody a second factor, as enrolling one would leave it."""
    connection = connect(world.store.path)
    connection.execute(
        "INSERT INTO second_factors (id, user_id, kind, name, is_active, secret, counter, created_at, salt)"
        " VALUES (?, ?, 'totp', 'phone', 1, 'sealed', 0, ?, '00')",
        (f"{1:024x}", user, world.clock.now),
    )
    connection.close()
