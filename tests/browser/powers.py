"""What people really may do: the answers of the decision API to every question there is."""

from orgward.catalog import PRIVILEGES

MOST = 1_000
"""How many questions one request may ask."""


def powers(asker, people, places):
    """Give (who, where, privilege) for each privilege that one of the people holds on one of the places.

    `places` are pairs of kind and id.
    """
    asked = [(who, place, name) for who in people for place in places for name in PRIVILEGES]
    held = set()
    for first in range(0, len(asked), MOST):
        batch = asked[first : first + MOST]
        reply = asker.post("/access/v1/evaluations", {"evaluations": [_question(*each) for each in batch]})
        assert reply.status == 200, reply.json
        answers = zip(batch, reply.json["evaluations"], strict=True)
        held |= {(who, place[1], name) for (who, place, name), answer in answers if answer["decision"]}
    return held


def _question(who, place, privilege):
    return {
        "subject": {"type": "user", "id": who},
        "action": {"name": privilege},
        "resource": {"type": place[0], "id": place[1]},
    }
