"""Service accounts for tests: made by whoever may, and what their makers see."""

from tests.directory.company import done

DAY = {"secretExpiresAfterHours": 24}


def new_account(by, place, *roles, name="ci", **members):
    """Make a service account at a place, `/orgs/…` or `/groups/…`, and give it as it was shown."""
    body = {"name": name, "description": "deploys", "roles": list(roles), **DAY, **members}
    return done(by.post(f"{place}/serviceAccounts", body))


def id_of(shown):
    """Give the id behind the client id of an account."""
    return shown["clientId"].removeprefix("mdb_sa_id_")
