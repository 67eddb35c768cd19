"""Signing in by an identity provider with a real browser: there by itself, and back with a session."""

import pytest

FAY = "fay@acme.example"


def test_somebody_signs_in_at_the_login_of_their_organization(acme, visit):
    """From the page that one wanted, by one's address, to the provider and back to that page, under the policy."""
    acme.map("staff", "ORG_MEMBER")
    acme.idp.person(groups=["staff"])
    fay = visit()
    fay.open(f"/o/{acme.org.id}/projects")
    fay.page.click("text=Sign in with your organization’s login")
    fay.page.fill("input[name=username]", FAY)
    fay.page.click("main button[type=submit]")
    fay.page.wait_for_url(f"**/o/{acme.org.id}/projects")
    assert "Acme" in fay.page.inner_text("body")


@pytest.mark.parametrize("options", [{"java_script_enabled": False}, {}])
def test_one_link_is_enough(acme, visit, options):
    """Without script, too, somebody gets there and back."""
    fay = visit(**options)
    fay.open("/signin/federated?next=/me/security")
    fay.page.fill("input[name=username]", FAY)
    fay.page.click("main button[type=submit]")
    fay.page.wait_for_url("**/me/security")
    assert "Linked accounts" in fay.page.inner_text("main")
    assert FAY in fay.page.inner_text("main")


def test_a_provider_that_is_gone_is_told(acme, visit):
    """Where the provider does not answer when one comes back, the page says so in words."""
    fay = visit()
    fay.open("/signin/federated")
    acme.idp.tell(faults=["token error"])
    fay.page.fill("input[name=username]", FAY)
    fay.page.click("main button[type=submit]")
    fay.page.wait_for_url("**/signin/federated?problem=*")
    assert "does not answer as it should" in fay.page.inner_text("main")
