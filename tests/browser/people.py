"""What people do on their way in: set an account up, sign in, show a factor; and where their mail is."""

import re

import pyotp

PASSWORD = "a long enough phrase"


def set_up(person, token, first="Ann", last="Keller"):
    """Set an account up by its link, with the password that everybody has here."""
    person.open(f"/setup/{token}")
    person.page.fill("input[name=firstName]", first)
    person.page.fill("input[name=lastName]", last)
    person.page.fill("input[name=password]", PASSWORD)
    person.page.click("main form[action*='/setup/'] button[type=submit]")


def sign_in(person, address, password=PASSWORD):
    """Fill the form for signing in and send it."""
    if "/signin" not in person.page.url:
        person.open("/signin")
    person.page.fill("input[name=username]", address)
    person.page.fill("input[name=password]", password)
    person.page.click("form[action='/signin'] button[type=submit]")


def sign_out(person):
    """Sign out by the menu."""
    person.page.click(".ow-account > summary")
    person.page.click("form[action='/signout'] button")


def code_of(secret, clock, *, steps=0):
    """Give the code that an app shows at the world's time, some steps of 30 seconds later."""
    return pyotp.TOTP(secret).at(clock.now // 1000 + 30 * steps)


def enrol_app(person, clock):
    """Add an authenticator app and give its secret and the recovery codes that come with it."""
    person.open("/me/security")
    person.page.click("main a[href='/me/security/totp']")
    person.page.click("form[action='/me/security/totp'] button[type=submit]")
    secret = re.search(r"\b[A-Z2-7]{32}\b", person.page.inner_text("main"))[0]
    person.page.fill("input[name=code]", code_of(secret, clock))
    person.page.click("form[action*='/me/security/totp/'] button[type=submit]")
    codes = person.page.inner_text("#secret-1").split()
    person.page.check("#stored")
    person.page.click("[data-secret] form button")
    return secret, codes


def give_authenticator(person):
    """Give the browser an authenticator that is always touched and always knows its owner."""
    session = person.context.new_cdp_session(person.page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session
