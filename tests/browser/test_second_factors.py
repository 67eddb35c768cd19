"""Second factors with a browser: an app, recovery codes, passkeys, and an organization that requires one."""

import pytest

from tests.browser.people import PASSWORD, code_of, enrol_app, give_authenticator, set_up, sign_in, sign_out

ADDRESS = "ann@example.org"


@pytest.fixture
def ann(world, visit):
    """Give Ann, who owns an organization and has just set her account up."""
    made = world.organization("Acme", owner=ADDRESS)
    person = visit()
    set_up(person, made.setup_token)
    person.organization = made
    return person


def test_an_app_is_asked_for_once_it_counts(ann, world, server):
    """After an app was added, the password alone opens nothing, and no code opens anything twice."""
    secret, codes = enrol_app(ann, world.clock)
    assert len(codes) == 10
    sign_out(ann)
    sign_in(ann, ADDRESS)
    assert "/signin/second" in ann.page.url
    ann.page.fill("input[name=code]", code_of(secret, world.clock))
    ann.page.click("form[action='/signin/second'] button[type=submit]")
    assert "wrong or was used before" in ann.page.inner_text("main")
    ann.page.fill("input[name=code]", code_of(secret, world.clock, steps=1))
    ann.page.click("form[action='/signin/second'] button[type=submit]")
    assert ann.page.locator(".ow-account").count() == 1


def test_a_recovery_code_opens_the_account_once(ann, world):
    """A recovery code stands in for the app, and is spent by that."""
    _, codes = enrol_app(ann, world.clock)
    for code, opens in ((codes[0], True), (codes[0], False), (codes[1], True)):
        sign_out(ann) if ann.page.locator(".ow-account").count() else ann.open("/signin")
        sign_in(ann, ADDRESS)
        ann.page.fill("input[name=code]", code)
        ann.page.click("form[action='/signin/second'] button[type=submit]")
        assert (ann.page.locator(".ow-account").count() == 1) is opens


def test_a_passkey_signs_in_by_itself(ann, server):
    """A passkey is made in the browser, and opens the account without a password."""
    give_authenticator(ann)
    ann.open("/me/security/passkey")
    ann.page.click("form[data-passkey=create] button[type=submit]")
    ann.page.wait_for_selector("#stored")
    ann.page.check("#stored")
    ann.page.click("[data-secret] form button")
    assert "Passkey" in ann.page.inner_text("main")
    sign_out(ann)
    # The form offers passkeys beside remembered passwords, and this authenticator takes every offer.
    ann.page.wait_for_selector(".ow-account")
    ann.open("/me/sessions")
    assert "Passkey" in ann.page.inner_text("main table")


def test_an_organization_that_requires_a_factor_is_closed_without_one(ann, world, visit):
    """Switching the requirement on closes the organization to members without a factor, until they add one."""
    org = ann.organization.id
    bob = visit(world.user("bob@example.org", orgs={org: ["ORG_MEMBER"]}))
    assert bob.open(f"/o/{org}/roles") == 200
    enrol_app(ann, world.clock)
    ann.open(f"/o/{org}/settings/security")
    ann.page.check("input[name=multiFactorAuthRequired]")
    ann.page.click("main form button[type=submit]")
    assert "One member has no second factor" in ann.page.inner_text("main")
    ann.page.click("form[action^='/changes/'] button[type=submit]")
    assert ann.page.is_checked("input[name=multiFactorAuthRequired]")
    assert bob.open(f"/o/{org}/roles") == 403
    assert "second factor" in bob.page.inner_text("main")
    enrol_app(bob, world.clock)
    assert bob.open(f"/o/{org}/roles") == 200


def test_a_session_ended_elsewhere_dies_at_once(ann, visit):
    """Ending the other sessions throws them out with their next request."""
    other = visit()
    sign_in(other, ADDRESS)
    assert other.open("/me/sessions") == 200
    ann.open("/me/sessions")
    ann.page.click("form[action='/me/sessions/end-others'] button")
    assert "One session was ended." in ann.page.inner_text("#toasts")
    other.open("/me/sessions")
    assert "/signin" in other.page.url


def test_an_old_proof_is_asked_for_again(ann, world):
    """A quarter of an hour after signing in, a factor is added only after another proof."""
    world.clock.advance(seconds=16 * 60)
    ann.open("/me/security/totp")
    ann.page.click("form[action='/me/security/totp'] button[type=submit]")
    assert "/prove" in ann.page.url
    ann.page.fill("input[name=password]", PASSWORD)
    ann.page.click("form[action='/prove'] button[type=submit]")
    assert ann.page.url.endswith("/me/security/totp")
    ann.page.click("form[action='/me/security/totp'] button[type=submit]")
    assert ann.page.locator(".ow-qr").count() == 1
