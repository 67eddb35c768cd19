"""Rows that are ticked on one page of a list stay ticked on the next one, without a script (design 5)."""

import re

import pytest

from orgward.console.listing import key_listing
from orgward.console.pages import selection


@pytest.fixture
def visitor(company):
    """Give the owner in front of the console."""
    return company.visit(company.owner)


@pytest.fixture
def keys(company, monkeypatch):
    """Give the address of a list of four keys, two a page, and their ids by name."""
    monkeypatch.setattr(key_listing, "SIZE", 2)
    named = {}
    for desc in ("a-one", "b-two", "c-three", "d-four"):
        reply = company.owner.post(f"/orgs/{company.id}/apiKeys", {"desc": desc, "roles": ["ORG_READ_ONLY"]})
        named[desc] = reply.json["id"]
    return f"/o/{company.id}/keys", named


def ticked(shown):
    """Give the ids of the rows that are ticked on a page."""
    boxes = re.findall(r'<input type="checkbox" class="ow-select-row"[^>]*>', shown.text)
    return {re.search(r'value="([^"]*)"', box)[1] for box in boxes if " checked" in box}


def turn(visitor, shown, *, back=False, ids=()):
    """Press the button to the next page, or back, with these rows ticked and those kept from other pages."""
    button = next(b for b in re.findall(r"<button[^>]*formaction=[^>]*>.*?</button>", shown.text) if is_back(b) == back)
    kept = re.findall(r'<input type="hidden" name="id" value="([^"]*)">', shown.text)
    to = re.search(r' value="([^"]*)"', button)[1].replace("&amp;", "&")
    action = re.search(r'formaction="([^"]*)"', button)[1]
    return visitor.follow(visitor.post(action, {"to": to, "id": [*kept, *ids]}))


def is_back(button):
    """Say whether a button leads to the page before."""
    return "Previous" in button


def test_ticks_are_kept_from_page_to_page(visitor, keys):
    """The bar counts those of other pages, the rows are ticked where they stand, and all are posted together."""
    url, named = keys
    first = visitor.get(f"{url}?sort=name")
    assert "on other pages" not in first.words
    second = turn(visitor, first, ids=[named["a-one"]])
    assert "c-three" in second.words
    assert "and 1 on other pages" in second.words
    assert f'name="id" value="{named["a-one"]}"' in second.text
    again = turn(visitor, second, back=True, ids=[named["c-three"]])
    assert "and 1 on other pages" in again.words
    assert ticked(again) == {named["a-one"]}
    assert f"{url}?sort=name" in {link.split("&after")[0] for link in again.links if "id=" not in link}
    kept = re.findall(r'<input type="hidden" name="id" value="([^"]*)">', again.text)
    assert "a-one and c-three" in visitor.post(f"{url}/bulk", {"id": [*kept, *ticked(again)]}).words


def test_what_is_no_longer_ticked_is_forgotten(visitor, keys):
    """The button leaves out a row whose tick was taken away, though the address named it."""
    url, named = keys
    shown = visitor.get(f"{url}?id={named['a-one']}&id={named['b-two']}")
    assert ticked(shown) == {named["a-one"], named["b-two"]}
    second = turn(visitor, shown, ids=[named["b-two"]])
    assert named["b-two"] in second.text
    assert named["a-one"] not in second.text


def test_an_address_holds_only_so_many_rows(visitor, keys, monkeypatch):
    """Ids alone, each once, up to a bound; filters stay."""
    url, named = keys
    monkeypatch.setattr(selection, "MOST", 2)
    ids = ["x", named["a-one"], named["a-one"], named["b-two"], named["c-three"]]
    led = visitor.post("/selection/id", {"to": f"{url}?q=o&id={named['d-four']}", "id": ids}).location
    assert led == f"{url}?q=o&id={named['a-one']}&id={named['b-two']}"


@pytest.mark.parametrize("to", ["https://evil.example/o", "//evil.example/o", "/\\evil.example", ""])
def test_nobody_is_led_elsewhere(visitor, to):
    """What the form names is a path of this server, whatever it was."""
    led = visitor.post("/selection/id", {"to": to}).location
    assert led.startswith("/")
    assert "evil" not in led.split("/o")[0]


def test_no_other_field_is_kept(visitor):
    """Only the fields that hold ticked rows have such a form."""
    assert visitor.post("/selection/role", {"to": "/o"}).status == 404


def test_whoever_can_select_nothing_turns_pages_by_links(company, keys):
    """Without boxes there is nothing to keep."""
    shown = company.visit(company.member).get(keys[0])
    assert "/selection/id" not in shown.actions
    assert any("after=" in link for link in shown.links)
