"""Signing in by an identity provider with a browser: there, back, and what is said where it leads nowhere."""

import re
from html import unescape

import pytest

from tests.federated import OWN, Federated
from tests.identity_provider import IdentityProvider
from tests.own_api.people import PASSWORD, account
from tests.visitor import Visitor, visitor_of

FAY = "fay@acme.example"
HERE = "/signin/federated"


@pytest.fixture
def visitor(world):
    """Give somebody who has not signed in."""
    return Visitor(world)


def way_out(shown):
    """Give where a page sends its visitor on to, by itself and by a link."""
    found = re.search(r'<meta http-equiv="refresh" content="0; url=([^"]+)">', shown.text)
    assert found, shown.words
    assert unescape(found[1]) in shown.links
    return unescape(found[1])


def there_and_back(acme, visitor, fields):
    """Go to the provider and come back."""
    return visitor.get(acme.idp.visited(way_out(visitor.post(HERE, fields))))


def test_somebody_signs_in(acme, visitor):
    """By an address, at the provider, and on to where they wanted to go."""
    assert f"{HERE}?next=%2Fme%2Faccess" in visitor.get("/signin?next=/me/access").links
    back = there_and_back(acme, visitor, {"username": FAY, "next": "/me/access"})
    assert (back.status, back.location) == (303, "/me/access")
    assert visitor.get("/me/access").status == 200
    assert set(visitor.cookies) >= {"orgward"}
    assert "orgward-federated" not in visitor.cookies


def test_a_second_factor_there_is_shown(acme, visitor):
    """The list of sessions says that the second factor was shown at the provider."""
    acme.idp.person(amr=["mfa"])
    there_and_back(acme, visitor, {"username": FAY})
    assert "At your organization’s login" in visitor.get("/me/sessions").words


@pytest.mark.parametrize(
    "then", ["https://evil.example/", "//evil.example", "/\\evil.example", "/\r\nX: y", "javascript:1", "evil.example"]
)
def test_nobody_is_sent_elsewhere_afterwards(acme, visitor, then):
    """What somebody wrote into the address leads to no other server (open redirect)."""
    back = there_and_back(acme, visitor, {"username": FAY, "next": then})
    assert back.location == "/"


def test_a_very_long_way_is_forgotten(acme, visitor):
    """What does not fit into a cookie is left out."""
    assert there_and_back(acme, visitor, {"username": FAY, "next": "/" + "a" * 2_000}).location == "/"


def test_an_address_without_a_login_is_told_so(acme, visitor):
    """Whoever has no organization with a login signs in another way, whether or not they are known here."""
    for name in ("ann@acme.test", "nobody@acme.test"):
        shown = visitor.post(HERE, {"username": name})
        assert shown.status == 404
        assert "No organization here has a login" in shown.words
        assert name in shown.text


def test_an_account_that_is_there_is_linked_first(acme, world, visitor):
    """Whoever has an account with that address is told how to link it, and does so."""
    account(world, FAY)
    back = there_and_back(acme, visitor, {"username": FAY})
    told = visitor.get(back.location)
    assert "Linked accounts" in told.words
    assert "orgward" not in visitor.cookies
    assert visitor.post("/signin", {"username": FAY, "password": PASSWORD}).status == 303
    assert "Not linked" in visitor.get("/me/security").words
    linked = there_and_back(acme, visitor, {"purpose": "link", "provider": acme.provider})
    assert linked.location == "/me/security"
    shown = visitor.get("/me/security")
    assert "From now on you can sign in there, too." in shown.words
    assert f"/me/security/unlink/{acme.provider}" in shown.actions
    again = Visitor(world)
    assert there_and_back(acme, again, {"username": FAY}).location == "/"
    assert again.get("/me/security").status == 200
    assert visitor.post(f"/me/security/unlink/{acme.provider}").location == "/me/security"
    assert again.get("/me/security").location.startswith("/signin")


def test_who_proves_anew_goes_there(acme, visitor, world):
    """Somebody without a password is asked for a proof at the provider, and goes on."""
    there_and_back(acme, visitor, {"username": FAY})
    world.clock.advance(seconds=3_600)
    acme.idp.tell(now=world.clock.now // 1000)
    asked = visitor.post(f"/me/security/unlink/{acme.provider}", {"_back": "/me/security"})
    assert asked.location == "/prove?next=/me/security"
    assert "Go to Acme Login" in visitor.get(asked.location).words
    acme.idp.person(auth_time=world.clock.now // 1000)
    before = visitor.cookies["orgward"]
    assert there_and_back(acme, visitor, {"purpose": "proof", "next": "/me/sessions"}).location == "/me/sessions"
    assert visitor.cookies["orgward"] != before
    refused = visitor.post(f"/me/security/unlink/{acme.provider}", {"_back": "/me/security"})
    assert "no other way to sign in" in refused.words


class TestComingBack:
    """What arrives from another server."""

    def arrived(self, visitor, shown):
        """Give what a visitor reads who arrived, and is not signed in."""
        assert (shown.status, shown.location.partition("?")[0]) == (303, HERE)
        assert "orgward" not in visitor.cookies
        return visitor.get(shown.location).words

    def test_whoever_comes_from_nowhere_begins_again(self, acme, visitor):
        """Without an attempt in this browser nothing that is brought is looked at (login CSRF)."""
        other = Visitor(acme.world)
        back = acme.idp.visited(way_out(other.post(HERE, {"username": FAY})))
        assert "Begin again." in self.arrived(visitor, visitor.get(back))
        assert "Begin again." in self.arrived(visitor, visitor.get("/signin/callback"))

    def test_another_browsers_return_is_worth_nothing(self, acme, visitor):
        """Neither is it with an attempt of one's own."""
        other = Visitor(acme.world)
        back = acme.idp.visited(way_out(other.post(HERE, {"username": FAY})))
        visitor.post(HERE, {"username": FAY})
        assert "Begin again." in self.arrived(visitor, visitor.get(back))

    def test_who_was_refused_there_is_told(self, acme, visitor):
        """A provider that signs nobody in leads to a page that says so."""
        acme.idp.tell(faults=["denied"])
        shown = there_and_back(acme, visitor, {"username": FAY})
        assert "Begin again." in self.arrived(visitor, shown)

    def test_a_dead_provider_is_told_and_a_password_works(self, world, visitor):
        """Where the provider is gone a page says so, and the other ways in are open."""
        account(world, "there@acme.example")
        with IdentityProvider.started() as idp:
            acme = Federated.found(world, idp)
            back = idp.visited(way_out(visitor.post(HERE, {"username": FAY})))
            idp.kill()
            assert "does not answer as it should" in self.arrived(visitor, visitor.get(back))
            world.clock.advance(seconds=3_600)
            shown = visitor.post(HERE, {"username": FAY})
            assert (shown.status, "does not answer as it should" in shown.words) == (503, True)
            assert acme.begin().status == 503
        body = {"username": "there@acme.example", "password": PASSWORD}
        assert visitor.post("/signin", body).location == "/"

    def test_looking_ahead_brings_nothing(self, acme, visitor):
        """A HEAD of the way back is refused and uses nothing up."""
        back = acme.idp.visited(way_out(visitor.post(HERE, {"username": FAY})))
        assert visitor.head(back).status == 405
        assert visitor.get(back).location == "/"

    def test_only_what_we_say_is_told(self, acme, visitor):
        """Words in the address of the page are told to nobody."""
        shown = visitor.get(f"{HERE}?problem=%3Cb%3Ecall+this+number")
        assert (shown.status, "call this number" in shown.words) == (200, False)


def test_a_form_of_ours_alone_begins(acme, world):
    """Another site can't send somebody's browser to a provider by a form (forged request)."""
    visitor = Visitor(world)
    shown = visitor.post(HERE, {"username": FAY, "_csrf": "x"})
    assert shown.status == 403
    assert "orgward-federated" not in visitor.cookies
    signed_in = visitor_of(acme.session())
    assert signed_in.post(HERE, {"purpose": "link", "provider": acme.provider, "_csrf": "x"}).status == 403
    assert acme.world.nobody.get(f"{OWN}/me/identities").status == 401


def test_whoever_has_no_password_is_told_so_and_may_have_one_by_mail(acme, world, visitor):
    """Somebody who signs in at their organization's login alone never set one: there is nothing to change."""
    there_and_back(acme, visitor, {"username": FAY})
    shown = visitor.get("/me/security")
    assert "None; you sign in without one." in shown.words
    assert "/me/security/password" not in shown.links
    assert "/reset" in shown.actions
    changing = visitor.get("/me/security/password")
    assert 'name="current"' not in changing.text
    assert "has no password" in changing.words
    for page in (shown, changing):
        assert page.hidden("username") == FAY
    assert "a message is on its way" in visitor.post("/reset", {"username": FAY}).words
    known = visitor_of(account(world, "pat@elsewhere.example"))
    assert "Set; nobody can read it." in known.get("/me/security").words
    assert 'name="current"' in known.get("/me/security/password").text
