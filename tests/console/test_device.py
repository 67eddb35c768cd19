"""The page on which a device's code is typed, looked at, and approved or denied."""

import pytest

from tests.devices import Device
from tests.own_api.people import account, is_alive, session
from tests.visitor import Visitor, visitor_of

BOB = "bob@example.org"


@pytest.fixture
def bob(world):
    """Give somebody who has signed in with a browser."""
    return account(world, BOB)


@pytest.fixture
def visitor(bob):
    """Give them in front of the console."""
    return visitor_of(bob)


@pytest.fixture
def device(world, bob):
    """Give a program that waits."""
    return Device(world).begin()


def grouped(device):
    """Give a code as it is read."""
    return f"{device.user_code[:4]}-{device.user_code[4:]}"


def test_the_page_asks_for_the_code(visitor):
    """And is found from the list of sessions."""
    assert "/device" in visitor.get("/me/sessions").links
    shown = visitor.get("/device")
    assert shown.status == 200
    assert 'name="code"' in shown.text
    assert shown.actions.count("/device") == 1


def test_whoever_has_not_signed_in_does_so_first(world):
    """And comes back."""
    shown = Visitor(world).get("/device")
    assert (shown.status, shown.location) == (303, "/signin?next=/device")


@pytest.mark.parametrize("typed", [str.lower, str, lambda code: f" {code[:4]} - {code[4:]} "])
def test_what_waits_is_shown_before_it_is_decided(visitor, device, typed):
    """Program, address, time and code, however it was typed; nothing is decided by looking."""
    shown = visitor.post("/device", {"code": typed(device.user_code)})
    assert shown.status == 200
    for text in ("Atlas CLI", device.address, grouped(device), "atlascli/1.50.0"):
        assert text in shown.words
    assert device.poll().code == "DEVICE_AUTHORIZATION_PENDING"


def test_an_approved_program_is_signed_in(visitor, device):
    """And listed among the sessions."""
    shown = visitor.post("/device", {"code": device.user_code})
    done = visitor.post("/device", {"code": shown.hidden("code"), "decision": "approve"})
    assert "The program is signed in." in done.words
    device.tokens = device.poll().json
    assert is_alive(device.caller)
    listed = visitor.get("/me/sessions").words
    assert "Atlas CLI · Linux" in listed
    assert device.address in listed


def test_a_denied_program_gets_nothing(visitor, device):
    """It is told so."""
    done = visitor.post("/device", {"code": device.user_code, "decision": "deny"})
    assert "The program was denied." in done.words
    assert device.poll().code == "DEVICE_AUTHORIZATION_DENIED"


@pytest.mark.parametrize("code", ["", "BBBB-BBBB", "../../me", "%2F", "x" * 400, "<blink>", "a\0b"])
@pytest.mark.parametrize("decision", ["", "approve"])
def test_a_code_under_which_nothing_waits_can_be_typed_again(visitor, code, decision):
    """What was typed stands in the field, as text."""
    shown = visitor.post("/device", {"code": code, "decision": decision})
    assert shown.status in {400, 404}
    assert "<blink>" not in shown.text
    assert 'name="code"' in shown.text


def test_another_program_is_called_what_it_calls_itself(world, visitor):
    """With a warning that nobody has checked that."""
    device = Device(world, client="acme.deployer").begin()
    shown = visitor.post("/device", {"code": device.user_code})
    assert "The program calls itself acme.deployer." in shown.words
    assert "Atlas CLI" not in shown.words.replace("such as the Atlas CLI", "")


def test_what_a_program_says_of_itself_is_text(world, visitor):
    """It is no markup."""
    device = Device(world, agent="<blink>CLI</blink>").begin()
    shown = visitor.post("/device", {"code": device.user_code})
    assert "<blink>" not in shown.text
    assert "<blink>CLI</blink>" in shown.words


def test_in_german(visitor, device):
    """Every word of it."""
    visitor.cookies["orgward-language"] = "de"
    shown = visitor.post("/device", {"code": device.user_code})
    assert "Dieses Programm wartet auf Sie" in shown.words
    assert "Bestätigen" in shown.words


def test_whoever_guesses_is_stopped(world, visitor, device):
    """The page counts like the API."""
    for _ in range(10):
        assert visitor.post("/device", {"code": "BBBB-BBBB"}).status == 404
    assert visitor.post("/device", {"code": device.user_code}).status == 429
    assert is_alive(session(world, BOB))


def test_a_form_from_elsewhere_approves_nothing(visitor, device):
    """A page of somebody else's can't press the button."""
    fields = {"code": device.user_code, "decision": "approve"}
    assert visitor.post("/device", {**fields, "_csrf": "x"}).status == 403
    assert visitor.post("/device", fields, origin="https://evil.example").status == 403
    assert device.poll().code == "DEVICE_AUTHORIZATION_PENDING"
