"""`users reset-factors`: the way back for somebody who lost every second factor and every recovery code (rule 87)."""

import json

import pytest

from orgward.store.audit import verify
from tests.authenticator import Authenticator
from tests.cli.conftest import CommandLine
from tests.directory.company import Company, refused
from tests.empty_store import open_world
from tests.mailbox import mailed_to
from tests.second_factors import (
    FACTORS,
    OWN,
    done,
    enrol_app,
    enrol_passkey,
    outcome,
    pending,
    question,
    session_of,
    sign_in,
    with_password,
)
from tests.second_factors import (
    verify as show,
)
from tests.world import Caller

BOB = "bob@example.org"
RESET = ["users", "reset-factors", "--username", BOB]


@pytest.fixture
def world(tmp_path):
    """Give a served store."""
    world = open_world(tmp_path)
    yield world
    world.close()


@pytest.fixture
def orgward(world, tmp_path):
    """Give the command line beside it."""
    return CommandLine(f"sqlite:///{tmp_path}/orgward.db")


@pytest.fixture
def company(world):
    """Give an organization that requires a second factor of people."""
    company = Company.found(world, "atlas")
    enrol_app(company.ann)
    done(company.ann.patch(f"{company.path}/settings", {"multiFactorAuthRequired": True}))
    return company


@pytest.fixture
def bob(world, company):
    """Give a member with an authenticator app, a passkey and recovery codes."""
    bob = with_password(world, BOB, orgs={company.id: ["ORG_READ_ONLY"]})
    enrol_app(bob)
    return bob


def test_nothing_that_was_lost_counts_and_every_session_ends(world, orgward, bob):
    """Whoever found the telephone, the key or the codes reaches nothing with them; nor does an open session."""
    app, key = enrol_app(bob, name="Tablet"), Authenticator()
    enrol_passkey(bob, key)
    recovery = done(bob.post(f"{FACTORS}/recoveryCodes"), 201)["recoveryCodes"]
    half_way = pending(world, BOB)
    assert orgward.json(*RESET) == {
        "userId": bob.id, "username": BOB, "factors": ["passkey", "recovery", "totp", "totp"],
    }  # fmt: skip
    assert bob.get(f"{OWN}/me").status == 401
    for shown in ({"code": app.next_code()}, {"code": recovery[0]}):
        assert outcome(show(world, half_way, **shown)) == (403, "PROOF_REFUSED")
    options, state = question(world.nobody, "sessions/passkey:begin")
    alone = world.nobody.post(f"{OWN}/sessions/passkey", {"state": state, "credential": key.signed(options)})
    assert outcome(alone) == (403, "PROOF_REFUSED")


def test_the_organization_asks_for_a_new_one_at_the_next_sign_in(world, orgward, company, bob):
    """As of a new member: the password signs in, the organization is closed, enrolment opens it."""
    done(bob.get(company.path))
    orgward.json(*RESET)
    back = session_of(world, sign_in(world, BOB))
    refused(back.get(company.path), 403, "MFA_REQUIRED")
    assert done(back.get(FACTORS))["recoveryCodesLeft"] == 0
    app = enrol_app(back)
    assert len(app.recovery) == 10
    assert done(back.get(company.path))["id"] == company.id
    refused(back.patch(company.path, {"name": "taken"}), 401, "USER_UNAUTHORIZED")


def test_the_person_is_told_once(world, orgward, bob):
    """The message says who did it; a command that finds nothing to take away sends none, and may be repeated."""
    orgward.json(*RESET)
    assert orgward.json(*RESET)["factors"] == []
    subject = "Your second factors were taken away"
    (message,) = [message for message in mailed_to(world, BOB) if message["Subject"] == subject]
    assert "Whoever runs this server" in message.get_content()


def test_it_is_the_operators_act_in_the_log(world, orgward, bob):
    """The row names the operator and the person, no organization, and no secret; the chains verify."""
    orgward.json(*RESET)
    rows = [json.loads(line) for line in orgward("audit", "export").stdout.splitlines()]
    (row,) = [row for row in rows if row["action"] == "resetFactors"]
    assert (row["actor_kind"], row["target"], row["org_id"]) == ("operator", bob.id, None)
    assert BOB not in json.dumps(row)
    assert verify(world.store).problems == []


def test_no_network_edge_can_do_it(world, company):
    """An owner has no way to take the second factors of a member away."""
    bob = with_password(world, BOB, orgs={company.id: ["ORG_READ_ONLY"]})
    app = enrol_app(bob)
    for path in (f"{OWN}/users/{bob.id}:resetFactors", f"{OWN}/orgs/{company.id}/members/{bob.id}:resetFactors"):
        assert company.ann.post(path, {"username": BOB}).status in {404, 405}
    assert outcome(company.ann.delete(f"{FACTORS}/{app.id}")) == (404, "SECOND_FACTOR_NOT_FOUND")
    assert done(Caller(world, token=bob.token).get(FACTORS))["recoveryCodesLeft"] == 10


def test_nobody_of_that_address_is_told_apart(orgward):
    """An unknown address is refused by the rules, a missing one by the usage."""
    assert (
        orgward.refusal("users", "reset-factors", "--username", "no@example.org")["errorCode"] == "USERNAME_NOT_FOUND"
    )
    assert orgward("users", "reset-factors").exit_code == 2
