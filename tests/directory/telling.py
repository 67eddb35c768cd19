"""What commands tell: the events in the rows that they leave in the log."""

from functools import partial

from tests.directory.company import address, done, log_rows

READ, OTHER = "GROUP_READ_ONLY", "GROUP_DATA_ACCESS_READ_ONLY"
OLD = "application/vnd.atlas.2023-01-01+json"


def raised(company, command):
    """Run a command that goes well and give the events of the rows that it leaves in the log."""
    before = len(log_rows(company.world))
    reply = command()
    assert reply.status < 300, reply.json
    return [event for row in log_rows(company.world)[before:] for event in row["body"].get("events", [])]


def told(company, command, *members):
    """Run a command and give of each event its type and what these members of it hold."""
    return [(event["type"], *(event.get(member) for member in members)) for event in raised(company, command)]


def patch(company, place, **members):
    """Give the command that changes what lies at a place."""
    return partial(company.owner_key.patch, place, members)


def new_team(company, *people):
    """Make a team of these people and give its id."""
    body = {"name": "operators", "usernames": [address(person) for person in people]}
    return done(company.ann.post(f"{company.path}/teams", body))["id"]
