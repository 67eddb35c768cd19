"""Service accounts on the wire: shapes, pages, texts, secrets once, and what stays unknown to whom."""

import re

import pytest

from tests.directory.company import Company, done
from tests.service_accounts import DAY, id_of, new_account

READ = "GROUP_READ_ONLY"


@pytest.fixture
def acme(world):
    """Give a company of the Atlas edition."""
    return Company.found(world, "atlas")


def test_a_new_account_has_the_documented_shape(acme):
    """Status 201, no members but the documented ones, a client id, and one secret in full (wire.md 4)."""
    body = {"name": "ci", "description": "deploys", "roles": ["ORG_READ_ONLY"], **DAY}
    reply = acme.ann.post(f"{acme.path}/serviceAccounts", body)
    assert reply.status == 201
    assert reply.headers["content-type"] == "application/vnd.atlas.2024-08-05+json;charset=utf-8"
    assert sorted(reply.json) == ["clientId", "createdAt", "description", "name", "roles", "secrets"]
    assert re.fullmatch("mdb_sa_id_[a-f0-9]{24}", reply.json["clientId"])
    assert reply.json["roles"] == ["ORG_READ_ONLY"]
    (secret,) = reply.json["secrets"]
    assert re.fullmatch("mdb_sa_sk_[A-Za-z0-9_-]{40}", secret["secret"])
    assert (secret["createdAt"], secret["expiresAt"]) == ("2027-01-15T08:00:00Z", "2027-01-16T08:00:00Z")


def test_a_secret_is_shown_in_full_only_when_it_is_made(acme):
    """Rule 80: no later answer of any operation holds it, and its mask ends as it does."""
    project = acme.project()
    for place, role in ((acme.path, "ORG_MEMBER"), (f"/groups/{project}", READ)):
        shown = new_account(acme.ann, place, role)
        path = f"{place}/serviceAccounts/{shown['clientId']}"
        second = done(acme.ann.post(f"{path}/secrets", DAY))
        for secret in (shown["secrets"][0], second):
            masked = {
                "createdAt": secret["createdAt"],
                "expiresAt": secret["expiresAt"],
                "id": secret["id"],
                "maskedSecretValue": f"mdb_sa_sk_********{secret['secret'][-4:]}",
            }
            assert masked in acme.ann.get(path).json["secrets"]
            listed, changed = acme.ann.get(f"{place}/serviceAccounts"), acme.ann.patch(path, {"name": "x"})
            for reply in (acme.ann.get(path), listed, changed):
                assert reply.status == 200
                assert secret["secret"].encode() not in reply.body


def test_no_secret_is_in_the_store(acme, tmp_path):
    """Rule 80: what is kept of it is a hash under the key of the store."""
    shown = new_account(acme.ann, acme.path, "ORG_MEMBER")
    secret = shown["secrets"][0]["secret"].removeprefix("mdb_sa_sk_").encode()
    acme.world.store.view.find("client_secrets", account_id=id_of(shown))
    for file in tmp_path.rglob("*"):
        if file.is_file():
            assert secret not in file.read_bytes(), file.name


def test_a_list_holds_the_same_shape_as_the_single_account(acme):
    """Items of both lists equal the answers to reading each there."""
    project = acme.project()
    account = new_account(acme.ann, f"/groups/{project}", READ)["clientId"]
    new_account(acme.ann, acme.path, "ORG_OWNER")
    for place, roles in ((acme.path, ["ORG_MEMBER"]), (f"/groups/{project}", [READ])):
        items = acme.ann.get(f"{place}/serviceAccounts?includeSystemManaged=true").json["results"]
        assert [item["roles"] for item in items if item["clientId"] == account] == [roles]
        for item in items:
            assert acme.ann.get(f"{place}/serviceAccounts/{item['clientId']}").json == item


@pytest.mark.parametrize("kind", ["orgs", "groups"])
def test_lists_are_paged(acme, kind):
    """Pages follow each other without gap or repeat, and count what there is (wire.md 5)."""
    scope, role = (acme.id, "ORG_MEMBER") if kind == "orgs" else (acme.project(), READ)
    path = f"/{kind}/{scope}"
    ids = [new_account(acme.ann, path, role)["clientId"] for _ in range(5)]
    pages = [acme.ann.get(f"{path}/serviceAccounts?itemsPerPage=2&pageNum={n}").json for n in (1, 2, 3)]
    assert {page["totalCount"] for page in pages} == {5}
    assert sorted(item["clientId"] for page in pages for item in page["results"]) == sorted(ids)


def test_a_parameter_that_is_neither_true_nor_false_is_refused(acme):
    """`includeSystemManaged` changes nothing here, yet it is no free text."""
    reply = acme.ann.get(f"{acme.path}/serviceAccounts?includeSystemManaged=some")
    assert (reply.status, reply.code) == (400, "INVALID_QUERY_PARAMETER")


@pytest.mark.parametrize(("member", "most"), [("name", 64), ("description", 250)])
def test_texts_are_of_the_documented_form(acme, member, most):
    """Rule 80: 1 to so many letters, digits, spaces and -_.,' of any script, in making and in changing."""
    good = ["é" * most, "Zwölf, o'clock_1.0 - ñ", "漢字"]
    bad = ["", " ", "é" * (most + 1), "a\nb", "a<b", "a/b", "a@b", "tab\t"]
    path = f"{acme.path}/serviceAccounts"
    account = new_account(acme.ann, acme.path, "ORG_MEMBER")["clientId"]
    body = {"name": "ci", "description": "deploys", "roles": ["ORG_MEMBER"], **DAY}
    for text in good:
        assert acme.ann.post(path, {**body, member: text}).json[member] == text
        assert acme.ann.patch(f"{path}/{account}", {member: text}).json[member] == text
    for text in bad:
        for reply in (
            acme.ann.post(path, {**body, member: text}),
            acme.ann.patch(f"{path}/{account}", {member: text}),
        ):
            assert (reply.status, reply.code) == (400, "INVALID_ATTRIBUTE"), text
            assert [fault["field"] for fault in reply.json["badRequestDetail"]["fields"]] == [member]


def test_a_change_that_names_null_changes_nothing(acme):
    """The document calls both texts nullable in a change."""
    shown = new_account(acme.ann, acme.path, "ORG_MEMBER")
    path = f"{acme.path}/serviceAccounts/{shown['clientId']}"
    before = acme.ann.get(path).json
    assert acme.ann.patch(path, {"name": None, "description": None}).json == before


@pytest.mark.parametrize(
    "members", [{"roles": []}, {"roles": None}, {"secretExpiresAfterHours": "24"}, {"nonsense": 1}]
)
def test_a_faulty_body_makes_nothing(acme, members):
    """A role at least, hours as a number, and no members that nobody knows."""
    body = {"name": "ci", "description": "deploys", "roles": ["ORG_MEMBER"], **DAY, **members}
    assert acme.ann.post(f"{acme.path}/serviceAccounts", body).status == 400
    assert acme.ann.get(f"{acme.path}/serviceAccounts").json["totalCount"] == 0


@pytest.mark.parametrize(
    "written", ["x", "0" * 24, "mdb_sa_id_" + "0" * 23, "mdb_sa_id_" + "g" * 24, "mdb_sa_sk_" + "0" * 24]
)
def test_what_is_no_client_id_is_malformed(acme, written):
    """It is refused before anything is looked up."""
    reply = acme.ann.get(f"{acme.path}/serviceAccounts/{written}")
    assert (reply.status, reply.code, reply.json["parameters"]) == (400, "PATH_PARAM_PARSE_ERROR", ["clientId"])


def test_a_client_id_may_be_written_in_capitals(acme):
    """Its documented form allows them; the answer has the id as it was made."""
    shown = new_account(acme.ann, acme.path, "ORG_MEMBER")
    loud = f"mdb_sa_id_{id_of(shown).upper()}"
    assert acme.ann.get(f"{acme.path}/serviceAccounts/{loud}").json["clientId"] == shown["clientId"]


def test_an_account_of_another_organization_is_unknown(world, acme):
    """The answer for a foreign account and for none differs in the id alone, for every operation on one account."""
    other = Company.found(world, "atlas", name="Other", owner="otto")
    project = acme.project()
    shown = new_account(other.ann, other.path, "ORG_MEMBER")
    org, there = f"{acme.path}/serviceAccounts", f"/groups/{project}/serviceAccounts"
    calls = [("GET", "", None), ("PATCH", "", {"name": "mine"}), ("DELETE", "", None), ("POST", "/secrets", DAY)]
    calls += [("DELETE", f"/secrets/{shown['secrets'][0]['id']}", None), ("GET", "/accessList", None)]
    calls += [("POST", "/accessList", [{"ipAddress": "192.0.2.7"}]), ("DELETE", "/accessList/192.0.2.7", None)]
    everything = [(method, f"{path}/{{0}}{end}", body) for path in (org, there) for method, end, body in calls]
    everything += [("GET", f"{org}/{{0}}/groups", None), ("POST", f"{there}/{{0}}:invite", {"roles": [READ]})]
    for method, template, body in everything:
        answers = []
        for client in (shown["clientId"], f"mdb_sa_id_{'0' * 24}"):
            reply = acme.ann(method, template.format(client), body)
            assert (reply.status, reply.code) == (404, "SERVICE_ACCOUNT_NOT_FOUND"), template
            answers.append(reply.body.replace(client.encode(), b"ID"))
        assert answers[0] == answers[1]
    assert other.ann.get(f"{other.path}/serviceAccounts/{shown['clientId']}").json["name"] == "ci"


def test_a_secret_of_another_account_is_unknown(acme):
    """Attack row 24: nobody deletes a secret of one account by naming another that is theirs."""
    project = acme.project()
    mine, other = (new_account(acme.ann, f"/groups/{project}", READ) for _ in range(2))
    for place in (acme.path, f"/groups/{project}"):
        reply = acme.ann.delete(f"{place}/serviceAccounts/{mine['clientId']}/secrets/{other['secrets'][0]['id']}")
        assert (reply.status, reply.code) == (404, "SERVICE_ACCOUNT_SECRET_NOT_FOUND")
    assert len(acme.ann.get(f"{acme.path}/serviceAccounts/{other['clientId']}").json["secrets"]) == 1


def test_the_projects_of_an_account_are_listed_with_its_roles(acme):
    """Page by page; whoever reads accounts of the organization reads them on every project of it."""
    one, two = acme.project("one"), acme.project("two")
    account = new_account(acme.ann, f"/groups/{one}", READ)["clientId"]
    done(acme.ann.post(f"/groups/{two}/serviceAccounts/{account}:invite", {"roles": ["GROUP_OWNER", READ]}))
    path = f"{acme.path}/serviceAccounts/{account}/groups"
    found = acme.ann.get(path).json
    assert found["totalCount"] == 2
    assert {item["groupId"]: item["roles"] for item in found["results"]} == {one: [READ], two: ["GROUP_OWNER", READ]}
    pages = [acme.ann.get(f"{path}?itemsPerPage=1&pageNum={n}").json["results"] for n in (1, 2, 3)]
    assert [len(page) for page in pages] == [1, 1, 0]
    assert pages[0] != pages[1]


def test_a_project_shows_no_role_elsewhere(acme):
    """Need to know: of an account on two projects each shows its own roles, in every answer."""
    one, two = acme.project("one"), acme.project("two")
    account = new_account(acme.ann, f"/groups/{one}", READ)["clientId"]
    path = f"/groups/{two}/serviceAccounts/{account}"
    replies = [acme.ann.post(f"{path}:invite", {"roles": ["GROUP_OWNER"]}), acme.ann.get(path)]
    replies += [acme.ann.patch(path, {"name": "both"}), acme.ann.get(f"/groups/{two}/serviceAccounts")]
    for reply in replies:
        shown = reply.json["results"][0] if "results" in reply.json else reply.json
        assert (reply.status, shown["roles"]) == (200, ["GROUP_OWNER"])
        assert one.encode() not in reply.body


def test_an_entry_has_the_documented_shape(acme):
    """A single address is shown as a block of one, too; whatever adds answers a page of the list."""
    project = acme.project()
    account = new_account(acme.ann, f"/groups/{project}", READ)["clientId"]
    for n, place in enumerate((acme.path, f"/groups/{project}")):
        path = f"{place}/serviceAccounts/{account}/accessList"
        body = [{"ipAddress": f"192.0.2.{n}"}, {"cidrBlock": f"198.51.{n}.0/24"}]
        reply = acme.ann.post(f"{path}?includeCount=true&itemsPerPage=100&pageNum=1", body)
        assert reply.status == 200
        assert reply.json == acme.ann.get(path).json
        by_block = {entry["cidrBlock"]: entry for entry in reply.json["results"]}
        created = {"createdAt": "2027-01-15T08:00:00Z", "requestCount": 0}
        single = {"cidrBlock": f"192.0.2.{n}/32", "ipAddress": f"192.0.2.{n}", **created}
        assert by_block[f"192.0.2.{n}/32"] == single
        assert by_block[f"198.51.{n}.0/24"] == {"cidrBlock": f"198.51.{n}.0/24", **created}
    assert acme.ann.delete(f"{acme.path}/serviceAccounts/{account}/accessList/192.0.2.1").status == 204
    assert acme.ann.delete(f"/groups/{project}/serviceAccounts/{account}/accessList/198.51.0.0%2F24").status == 204
    reply = acme.ann.delete(f"{acme.path}/serviceAccounts/{account}/accessList/192.0.2.1")
    assert (reply.status, reply.code) == (404, "SERVICE_ACCOUNT_ACCESS_LIST_ENTRY_NOT_FOUND")


def test_a_change_honours_what_its_caller_last_saw(acme):
    """contract.md: a single account has an ETag; a trial commits nothing, and shows no secret of one that is real."""
    shown = new_account(acme.ann, acme.path, "ORG_MEMBER")
    path = f"{acme.path}/serviceAccounts/{shown['clientId']}"
    tag = acme.ann.get(path).headers["etag"]
    assert acme.ann.patch(path, {"name": "two"}, headers={"if-match": tag}).status == 200
    assert acme.ann.patch(path, {"name": "three"}, headers={"if-match": tag}).status == 412
    trial = acme.ann.post(f"{path}/secrets?dryRun=true", DAY)
    assert (trial.status, trial.json["dryRun"]) == (200, True)
    assert len(acme.ann.get(path).json["secrets"]) == 1


def test_a_repeat_gets_the_first_answer_with_its_secret(acme):
    """contract.md, Idempotency-Key: whoever lost the answer does not lose the secret, and one account is made."""
    body = {"name": "ci", "description": "deploys", "roles": ["ORG_MEMBER"], **DAY}
    first, again = (
        acme.ann.post(f"{acme.path}/serviceAccounts", body, headers={"idempotency-key": "1"}) for _ in range(2)
    )
    assert first.json == again.json
    assert acme.ann.get(f"{acme.path}/serviceAccounts").json["totalCount"] == 1
