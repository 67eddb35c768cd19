"""Row 16: by whichever way somebody signs in, an organization's conditions are the same."""

import re
from pathlib import Path

import pytest

import orgward.directory
from orgward.app.operator import NewUser
from tests.devices import Device
from tests.directory.company import OWN, done, refused
from tests.federated import Federated
from tests.own_api.people import PASSWORD, account, links_to
from tests.world import Caller

FAY = "fay@acme.example"


@pytest.fixture
def home(world, process):
    """An organization with a provider, and Fay in it, who has a password, too."""
    process.tell(reset=True)
    home = Federated.found(world, process)
    fay = account(world, FAY)
    world.operate("enrolUser", NewUser(username=FAY, organizations={home.org.id: ["ORG_READ_ONLY"]}))
    done(home.link(fay, sub="fay"))
    return home


def by_password(home):
    """Sign in with the password."""
    reply = home.world.nobody.post(f"{OWN}/sessions", {"username": FAY, "password": PASSWORD})
    return Caller(home.world, token=done(reply)["token"])


def by_provider(home):
    """Sign in by the identity provider."""
    return home.session(FAY, sub="fay")


def by_a_program(home):
    """Let a program in."""
    return Device(home.world, address="127.0.0.1").signed_in(by_password(home)).caller


def by_a_new_password(home):
    """Set a new password by a mailed link, and sign in with it."""
    done(home.world.nobody.post(f"{OWN}/accounts:requestReset", {"username": FAY}))
    token = links_to(home.world, FAY, "reset")[-1]
    body = {"token": token, "password": f"{PASSWORD} anew"}
    reply = home.world.nobody.post(f"{OWN}/accounts:reset", body)
    if "token" in (reply.json or {}):
        return Caller(home.world, token=reply.json["token"])
    reply = home.world.nobody.post(f"{OWN}/sessions", {"username": FAY, "password": f"{PASSWORD} anew"})
    return Caller(home.world, token=done(reply)["token"])


WAYS = {"password": by_password, "provider": by_provider, "program": by_a_program, "new password": by_a_new_password}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_row_16_every_way_in_meets_the_same_conditions(home, way):
    """A second factor that is required, an address that is not listed, a suspension: refused alike."""
    org, fay = home.org, way(home)
    assert fay.get(f"/orgs/{org.id}").status == 200
    done(org.key.patch(f"/orgs/{org.id}/settings", {"multiFactorAuthRequired": True}))
    refused(fay.get(f"/orgs/{org.id}"), 403, "MFA_REQUIRED")
    done(org.key.patch(f"/orgs/{org.id}/settings", {"multiFactorAuthRequired": False}))
    user = done(fay.get(f"{OWN}/me"))["userId"]
    done(org.key.post(f"{OWN}/orgs/{org.id}/users/{user}:suspend"))
    refused(fay.get(f"/orgs/{org.id}"), 403, "USER_SUSPENDED")


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_row_16_every_way_in_lasts_as_long(home, way):
    """Rule 90: the organization says how long a session lasts, whichever way it began."""
    done(
        home.org.key.patch(
            f"/orgs/{home.org.id}/settings", {"customSessionTimeouts": {"absoluteSessionTimeoutInSeconds": 3600}}
        )
    )
    fay = way(home)
    assert fay.get(f"{OWN}/me").status == 200
    home.world.clock.advance(seconds=3601)
    assert fay.get(f"{OWN}/me").status == 401


def test_row_16_no_session_begins_elsewhere():
    """Sessions begin in these modules alone: another one is another way in, and belongs here."""
    begins = re.compile(r"\b(new_session|start_session|sessions\.begin|begin)\(ground")
    found = {p.name for p in Path(orgward.directory.__path__[0]).glob("*.py") if begins.search(p.read_text("utf-8"))}
    known = {"accounts.py", "device_sessions.py", "federated_identities.py", "second_factors.py", "sessions.py"}
    assert found - {"device_grants.py"} == known
