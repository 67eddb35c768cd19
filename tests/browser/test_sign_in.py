"""Signing in and out with a browser."""


def test_somebody_signs_in_with_a_password(world, server, visit):
    """Address and password lead to where one wanted to go; signing out leads back."""
    made = world.organization("Acme", owner="ann@example.org")
    body = {"token": made.setup_token, "password": "a long enough phrase", "firstName": "Ann", "lastName": "Keller"}
    assert world.nobody.post("/api/orgward/v1/accounts:setup", body).status == 201
    ann = visit()
    ann.open("/me/invitations")
    assert ann.page.url.endswith("/signin?next=/me/invitations")
    ann.page.fill("input[name=username]", "ann@example.org")
    ann.page.fill("input[name=password]", "not this one at all")
    ann.page.click("main button[type=submit]")
    assert "Address or password is wrong." in ann.page.inner_text("main")
    ann.page.fill("input[name=password]", "a long enough phrase")
    ann.page.click("main button[type=submit]")
    assert ann.page.url == f"{server.url}/me/invitations"
