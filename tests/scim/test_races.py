"""Many at once: changes under `If-Match` lose none of each other, and nobody is brought twice."""

from concurrent.futures import ThreadPoolExecutor

from tests.scim.conftest import DOMAIN


def test_changes_under_if_match_lose_nothing(provider):
    """Eight clients that read, change and retry on 412 leave what all of them have said."""
    path = f"/Users/{provider.user()['id']}"
    parts = [("streetAddress", i) for i in range(8)]

    def change(part):
        name, number = part
        refused = 0
        while True:
            tag = provider("GET", path).headers["etag"]
            value = {"type": "work" if number % 2 else "home", name: f"street {number}"}
            add = {"op": "add", "path": "addresses", "value": [value]}
            reply = provider.patch(path, add, headers={"if-match": tag})
            if reply.status == 200:
                return refused
            assert reply.status == 412
            refused += 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(change, parts))
    streets = {address["streetAddress"] for address in provider.get(path)["addresses"]}
    assert streets == {f"street {number}" for _, number in parts}


def test_one_tag_is_good_for_one_change(provider):
    """Of eight changes that all saw the same version one is made."""
    user = provider.user()
    path, tag = f"/Users/{user['id']}", user["meta"]["version"]

    def change(number):
        replace = {"op": "replace", "path": "title", "value": f"title {number}"}
        return provider.patch(path, replace, headers={"if-match": tag}).status

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(change, range(8))) == [200, *[412] * 7]


def test_nobody_is_brought_twice_at_once(provider):
    """Of eight requests that bring the same person, or the same team, one does."""
    bodies = [("/Users", {"userName": f"bob@{DOMAIN}"}), ("/Groups", {"displayName": "Cooks"})]
    with ThreadPoolExecutor(8) as pool:
        for place, body in bodies:
            statuses = pool.map(lambda _, place=place, body=body: provider("POST", place, body).status, range(8))
            assert sorted(statuses) == [201, *[409] * 7]
