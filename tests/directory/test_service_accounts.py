"""Rules 73-84: what a service account is, who may give it what, its secrets, and what ends with it."""

import base64
import json
from functools import partial

import pytest

from orgward.catalog import Limits
from tests.clients import Client, new_client
from tests.directory.company import OWN, Company, done, log_rows
from tests.directory.telling import OTHER, READ, patch, raised, told
from tests.empty_store import open_world
from tests.service_accounts import DAY, id_of, new_account


def place_of(company, shown, project=""):
    """Give the path of an account in its organization, or on a project."""
    place = f"/groups/{project}" if project else company.path
    return f"{place}/serviceAccounts/{shown['clientId']}"


def roles_of(company, shown, project=""):
    """Give the roles of an account in its organization, or on a project."""
    return company.ann.get(place_of(company, shown, project)).json["roles"]


def client_of(world, company, shown):
    """Give the client that has the secret which was just shown."""
    (secret,) = shown["secrets"]
    return Client(world, company.id, shown["clientId"], secret["secret"], secret["id"])


def rows_about(company, shown):
    """Give the names of the tables that hold anything of an account."""
    view, account = company.world.store.view, id_of(shown)
    columns = {
        "service_accounts": "id",
        "service_account_secrets": "account_id",
        "client_secrets": "account_id",
        "api_key_access": "key_id",
        "assignments": "holder_id",
    }
    return {table for table, column in columns.items() if view.find(table, **{column: account})}


class TestRoles:
    """An account holds roles of its organization and of projects."""

    def test_rule_076_one_made_in_a_project_joins_the_organization(self, company):
        """As a member, with no more."""
        project = company.project()
        shown = new_account(company.ann, f"/groups/{project}", READ)
        assert shown["roles"] == [READ]
        assert roles_of(company, shown) == ["ORG_MEMBER"]

    def test_rule_079_taking_one_off_a_project_keeps_it(self, company):
        """The organization keeps the account with its secrets; deleting it there takes it off every project."""
        one, two = company.project("one"), company.project("two")
        shown = new_account(company.ann, f"/groups/{one}", READ)
        done(company.ann.post(f"{place_of(company, shown, two)}:invite", {"roles": [OTHER]}))
        assert company.ann.delete(place_of(company, shown, one)).status == 204
        assert company.ann.get(place_of(company, shown, one)).code == "SERVICE_ACCOUNT_NOT_FOUND"
        assert roles_of(company, shown) == ["ORG_MEMBER"]
        assert roles_of(company, shown, two) == [OTHER]
        assert company.ann.delete(place_of(company, shown)).status == 204
        assert company.ann.get(f"/groups/{two}/serviceAccounts").json["totalCount"] == 0

    def test_nothing_is_left_of_a_deleted_one(self, company):
        """Neither roles nor secrets nor addresses."""
        shown = new_account(company.ann, company.path, "ORG_MEMBER")
        done(company.ann.post(f"{place_of(company, shown)}/accessList", [{"ipAddress": "192.0.2.7"}]))
        assert len(rows_about(company, shown)) == 5
        assert company.ann.delete(place_of(company, shown)).status == 204
        assert rows_about(company, shown) == set()

    def test_rule_084_a_moved_project_leaves_its_accounts(self, company):
        """They belong to the organization that it leaves, and lose their roles on it."""
        there = Company.found(company.world, company.edition, name="There", owner="ann")
        project = company.project()
        shown = new_account(company.ann, f"/groups/{project}", READ)
        done(company.ann.post(f"/groups/{project}:migrate", {"destinationOrgId": there.id}))
        assert company.ann.get(f"/groups/{project}/serviceAccounts").json["totalCount"] == 0
        assert roles_of(company, shown) == ["ORG_MEMBER"]
        assert company.ann.get(f"{place_of(company, shown)}/groups").json["results"] == []

    def test_rule_102_an_organization_takes_its_accounts_with_it(self, company):
        """Nothing of them stays in the store."""
        shown = new_account(company.ann, company.path, "ORG_MEMBER")
        done(company.ann.post(f"{place_of(company, shown)}/accessList", [{"ipAddress": "192.0.2.7"}]))
        assert company.ann.delete(company.path).status == 204
        assert rows_about(company, shown) == set()

    def test_a_patch_changes_only_what_it_names(self, company):
        """Texts stay when roles change, and the other way round; roles elsewhere stay in both."""
        project = company.project()
        shown = new_account(company.ann, f"/groups/{project}", READ)
        here, there = place_of(company, shown), place_of(company, shown, project)
        assert done(company.ann.patch(here, {"name": "two"}))["description"] == "deploys"
        found = done(company.ann.patch(here, {"roles": ["ORG_READ_ONLY"]}))
        assert (found["name"], found["roles"]) == ("two", ["ORG_READ_ONLY"])
        found = done(company.ann.patch(there, {"description": "three", "roles": [OTHER, READ]}))
        assert (found["name"], found["description"], found["roles"]) == ("two", "three", [OTHER, READ])
        assert roles_of(company, shown) == ["ORG_READ_ONLY"]

    def test_rule_011_a_role_of_another_kind_or_edition_is_refused(self, company):
        """A project role in the organization, an organization role in a project, a role that nobody has."""
        project = company.project()
        shown = new_account(company.ann, company.path, "ORG_MEMBER")
        for place, role in ((company.path, READ), (f"/groups/{project}", "ORG_MEMBER"), (company.path, "ORG_NONE")):
            body = {"name": "ci", "description": "deploys", "roles": [role], **DAY}
            assert company.ann.post(f"{place}/serviceAccounts", body).status == 400
        assert company.ann.patch(place_of(company, shown), {"roles": [READ]}).code == "CANNOT_ADD_GROUP_ROLE"

    def test_rule_078_an_account_is_put_on_a_project_once(self, company):
        """And by owners of the organization alone; whoever owns the project manages it there afterwards."""
        project = company.project()
        shown = new_account(company.ann, company.path, "ORG_MEMBER")
        owner = company.person("pat", on={project: ["GROUP_OWNER"]})
        invite = f"{place_of(company, shown, project)}:invite"
        assert owner.post(invite, {"roles": [READ]}).code == "USER_UNAUTHORIZED"
        assert done(company.ann.post(invite, {"roles": [READ]}))["roles"] == [READ]
        again = company.ann.post(invite, {"roles": [OTHER]})
        assert (again.status, again.code) == (409, "SERVICE_ACCOUNT_ALREADY_IN_GROUP")
        assert again.json["parameters"] == [shown["clientId"], project]
        there = place_of(company, shown, project)
        assert done(owner.patch(there, {"roles": [OTHER]}))["roles"] == [OTHER]
        assert owner.post(f"{there}/secrets", DAY).status == 201
        assert owner.delete(f"{there}/secrets/{shown['secrets'][0]['id']}").status == 204
        assert owner.post(f"{there}/accessList", [{"ipAddress": "192.0.2.7"}]).status == 200
        assert owner.delete(f"{there}/accessList/192.0.2.7").status == 204
        assert owner.delete(there).status == 204

    def test_an_organization_holds_no_more_accounts_than_its_limit(self, tmp_path):
        """As with API keys: made in the organization or in a project, and free again after a deletion."""
        world = open_world(tmp_path, limits=Limits(service_accounts_per_organization=2))
        company = Company.found(world, "atlas")
        project = company.project()
        first = new_account(company.ann, company.path, "ORG_MEMBER")
        new_account(company.ann, f"/groups/{project}", READ)
        for place, role in ((company.path, "ORG_MEMBER"), (f"/groups/{project}", READ)):
            body = {"name": "ci", "description": "deploys", "roles": [role], **DAY}
            reply = company.ann.post(f"{place}/serviceAccounts", body)
            assert (reply.status, reply.code) == (400, "MAX_SERVICE_ACCOUNTS_PER_ORG_EXCEEDED")
            assert reply.json["parameters"] == ["2", company.id]
        assert company.ann.delete(place_of(company, first)).status == 204
        new_account(company.ann, company.path, "ORG_MEMBER")
        world.close()

    def test_an_account_is_no_last_owner(self, company):
        """contract.md, Last owner: a person has to stay, though an account could go on."""
        new_account(company.ann, company.path, "ORG_OWNER")
        assert company.owner_key.delete(f"{company.path}/users/{company.ann.id}").code == "CANNOT_DELETE_LAST_ADMIN"


class TestBounds:
    """Roles of accounts begin and end like those of people and keys."""

    def test_a_role_that_has_ended_is_not_shown(self, company):
        """In the organization and on a project; the listing of assignments tells of it."""
        project = company.project()
        shown = new_account(company.ann, f"/groups/{project}", READ, OTHER)
        for place, role in ((f"orgs/{company.id}", "ORG_MEMBER"), (f"groups/{project}", READ)):
            path = f"{OWN}/{place}/serviceAccounts/{shown['clientId']}/roles/{role}"
            bounds = {"role": role, "startsAt": None, "endsAt": "2027-01-16T08:00:00Z"}
            assert done(company.ann.put(path, {"endsAt": bounds["endsAt"]})) == bounds
            listed = company.ann.get(f"{OWN}/{place}/roles?clientId={shown['clientId']}").json["results"]
            ends = {item["role"]: item["endsAt"] for item in listed}
            assert ends[role] == bounds["endsAt"]
            assert {(i["holder"]["id"], i["holder"]["type"]) for i in listed} == {(id_of(shown), "service_account")}
        company.world.clock.advance(days=2)
        assert roles_of(company, shown) == []
        assert roles_of(company, shown, project) == [OTHER]

    def test_what_is_no_client_id_lists_nothing(self, company):
        """It is refused as a query, the id alone included."""
        for value in ("x", company.id):
            reply = company.ann.get(f"{OWN}/orgs/{company.id}/roles?clientId={value}")
            assert (reply.status, reply.code) == (400, "INVALID_QUERY_PARAMETER")


class TestHandingOut:
    """Who may give an account what (contract.md, attack row 24)."""

    def test_an_access_manager_has_no_part_in_accounts(self, atlas):
        """By the operations' list they are the project owners'; the access list alone is theirs, too."""
        project = atlas.project()
        keeper = atlas.person("kim", on={project: ["GROUP_ACCESS_MANAGER"]})
        body = {"name": "ci", "description": "deploys", "roles": [READ], **DAY}
        assert keeper.post(f"/groups/{project}/serviceAccounts", body).code == "USER_UNAUTHORIZED"
        shown = new_account(atlas.ann, f"/groups/{project}", READ)
        there = place_of(atlas, shown, project)
        assert keeper.patch(there, {"roles": ["GROUP_OWNER"]}).code == "USER_UNAUTHORIZED"
        assert keeper.post(f"{there}/accessList", [{"ipAddress": "192.0.2.7"}]).status == 200

    def test_a_project_owner_raises_no_account_beyond_the_project(self, company):
        """Attack row 24: neither in the organization nor on another project, whatever way they name it."""
        one, two = company.project("one"), company.project("two")
        owner = company.person("pat", on={one: ["GROUP_OWNER"]})
        shown = new_account(owner, f"/groups/{one}", "GROUP_OWNER")
        assert owner.patch(place_of(company, shown), {"roles": ["ORG_OWNER"]}).code == "USER_UNAUTHORIZED"
        assert owner.patch(place_of(company, shown, one), {"roles": ["ORG_OWNER"]}).code == "CANNOT_ADD_ORG_ROLE"
        for end, body in ((":invite", {"roles": [READ]}), ("/secrets", DAY)):
            assert owner.post(f"{place_of(company, shown, two)}{end}", body).code == "GROUP_NOT_FOUND"

    def test_an_account_of_another_project_is_not_updatable(self, company):
        """Attack row 24: it is unknown on the project of whoever owns that one alone."""
        one, two = company.project("one"), company.project("two")
        owner = company.person("pat", on={one: ["GROUP_OWNER"]})
        shown = new_account(company.ann, f"/groups/{two}", READ)
        there = place_of(company, shown, one)
        calls = [("PATCH", "", {"name": "mine"}), ("DELETE", "", None), ("POST", "/secrets", DAY)]
        calls += [("DELETE", f"/secrets/{shown['secrets'][0]['id']}", None)]
        calls += [("POST", "/accessList", [{"ipAddress": "192.0.2.7"}])]
        for method, end, body in calls:
            reply = owner(method, f"{there}{end}", body)
            assert (reply.status, reply.code) == (404, "SERVICE_ACCOUNT_NOT_FOUND"), end

    def test_no_secret_gives_its_maker_more_than_they_could_give(self, company):
        """Attack row 24: an account that is stronger elsewhere gets no secret from the owner of one project of its."""
        one, two = company.project("one"), company.project("two")
        owner = company.person("pat", on={one: ["GROUP_OWNER"]})
        for place, role in ((f"/groups/{two}", READ), (company.path, "ORG_READ_ONLY")):
            shown = new_account(company.ann, place, role)
            done(company.ann.post(f"{place_of(company, shown, one)}:invite", {"roles": [READ]}))
            reply = owner.post(f"{place_of(company, shown, one)}/secrets", DAY)
            assert (reply.status, reply.code) == (403, "SECRET_GIVES_UNGRANTABLE_ROLES")
            assert reply.json["parameters"] == []
            assert company.ann.post(f"{place_of(company, shown, one)}/secrets", DAY).status == 201

    @pytest.mark.parametrize("role", ["ORG_OWNER", READ])
    def test_no_project_owner_puts_an_account_out_of_action_that_is_more_elsewhere(self, company, role):
        """Attack row 25: they take none of its secrets, addresses and texts; the roles on their project they do."""
        one, two = company.project("one"), company.project("two")
        owner = company.person("pat", on={one: ["GROUP_OWNER"]})
        shown = new_account(company.ann, f"/groups/{two}" if role == READ else company.path, role)
        there = place_of(company, shown, one)
        done(company.ann.post(f"{there}:invite", {"roles": [READ]}))
        done(company.ann.post(f"{there}/accessList", [{"ipAddress": "192.0.2.7"}]))
        calls = [("DELETE", f"/secrets/{shown['secrets'][0]['id']}", None), ("PATCH", "", {"name": "mine"})]
        calls += [("PATCH", "", {"description": "mine"}), ("DELETE", "/accessList/192.0.2.7", None)]
        calls += [("POST", "/accessList", [{"ipAddress": "192.0.2.8"}])]
        for method, end, body in calls:
            reply = owner(method, f"{there}{end}", body)
            assert (reply.status, reply.code) == (403, "SECRET_GIVES_UNGRANTABLE_ROLES"), (method, end)
        assert owner.patch(there, {"name": shown["name"], "roles": ["GROUP_DATA_ACCESS_READ_ONLY"]}).status == 200
        assert company.ann.patch(there, {"name": "ours"}).status == 200
        assert company.ann.delete(f"{there}/accessList/192.0.2.7").status == 204
        assert company.ann.delete(f"{there}/secrets/{shown['secrets'][0]['id']}").status == 204

    def test_rule_078_a_project_owner_looks_after_an_account_that_is_no_more_than_theirs(self, company):
        """Rule 78: of an account put on the project they rotate the secrets, edit the list, and change the texts."""
        project = company.project()
        owner = company.person("pat", on={project: ["GROUP_OWNER"]})
        shown = new_account(company.ann, company.path, "ORG_MEMBER")
        there = place_of(company, shown, project)
        done(company.ann.post(f"{there}:invite", {"roles": ["GROUP_OWNER"]}))
        assert owner.post(f"{there}/secrets", DAY).status == 201
        assert owner.delete(f"{there}/secrets/{shown['secrets'][0]['id']}").status == 204
        assert owner.post(f"{there}/accessList", [{"ipAddress": "192.0.2.7"}]).status == 200
        assert owner.delete(f"{there}/accessList/192.0.2.7").status == 204
        assert owner.patch(there, {"name": "theirs", "description": "mine"}).status == 200

    def test_an_ended_role_forbids_no_secret(self, company):
        """What the account does not hold any more, its secret does not give."""
        one, two = company.project("one"), company.project("two")
        owner = company.person("pat", on={one: ["GROUP_OWNER"]})
        shown = new_account(company.ann, f"/groups/{one}", READ)
        done(company.ann.post(f"{place_of(company, shown, two)}:invite", {"roles": [READ]}))
        bounds = f"{OWN}/groups/{two}/serviceAccounts/{shown['clientId']}/roles/{READ}"
        done(company.ann.put(bounds, {"endsAt": "2027-01-01T00:00:00Z"}))
        assert owner.post(f"{place_of(company, shown, one)}/secrets", DAY).status == 201


class TestSecrets:
    """Rules 80, 81: what proves that a client is the account, for a while."""

    @pytest.mark.parametrize(("hours", "status"), [(0, 400), (7, 400), (8, 201), (8760, 201), (8761, 400), (-8, 400)])
    def test_rule_081_a_secret_is_good_for_8_hours_to_a_year(self, atlas, hours, status):
        """In making an account and in making another secret."""
        asked = {"secretExpiresAfterHours": hours}
        shown = new_account(atlas.ann, atlas.path, "ORG_MEMBER")
        body = {"name": "ci", "description": "deploys", "roles": ["ORG_MEMBER"], **asked}
        replies = [atlas.ann.post(f"{atlas.path}/serviceAccounts", body)]
        replies += [atlas.ann.post(f"{place_of(atlas, shown)}/secrets", asked)]
        for reply in replies:
            assert reply.status == status
            if status == 400:
                assert (reply.code, reply.json["parameters"]) == (
                    "INVALID_SERVICE_ACCOUNT_SECRET_VALIDITY",
                    ["8", "8760"],
                )

    def test_rule_081_an_organization_may_want_shorter_ones(self, company):
        """Its setting binds secrets made in its projects, too; those that are there go on."""
        project = company.project()
        shown = new_account(company.ann, f"/groups/{project}", READ, secretExpiresAfterHours=100)
        done(company.ann.patch(f"{company.path}/settings", {"maxServiceAccountSecretValidityInHours": 48}))
        for place in (place_of(company, shown), place_of(company, shown, project)):
            reply = company.ann.post(f"{place}/secrets", {"secretExpiresAfterHours": 49})
            assert (reply.status, reply.json["parameters"]) == (400, ["8", "48"])
        assert company.ann.post(f"{place_of(company, shown)}/secrets", {"secretExpiresAfterHours": 48}).status == 201
        assert len(company.ann.get(place_of(company, shown)).json["secrets"]) == 2

    def test_rule_081_there_are_two_secrets_while_rotating(self, company):
        """A third one waits until one is deleted or has expired, which makes room for it."""
        shown = new_account(company.ann, company.path, "ORG_MEMBER")
        path = f"{place_of(company, shown)}/secrets"
        second = done(company.ann.post(path, {"secretExpiresAfterHours": 1000}))
        reply = company.ann.post(path, DAY)
        assert (reply.status, reply.code) == (400, "MAX_SERVICE_ACCOUNT_SECRETS_EXCEEDED")
        company.world.clock.advance(days=1)
        third = done(company.ann.post(path, DAY))
        held = company.ann.get(place_of(company, shown)).json["secrets"]
        assert [secret["id"] for secret in held] == [second["id"], third["id"]]
        assert company.ann.post(path, DAY).code == "MAX_SERVICE_ACCOUNT_SECRETS_EXCEEDED"
        assert company.ann.delete(f"{path}/{second['id']}").status == 204
        assert company.ann.post(path, DAY).status == 201

    def test_the_last_secret_may_be_deleted(self, company):
        """The account stays, without any; what was known of the secret is gone."""
        shown = new_account(company.ann, company.path, "ORG_MEMBER")
        path = f"{place_of(company, shown)}/secrets/{shown['secrets'][0]['id']}"
        assert company.ann.delete(path).status == 204
        assert company.ann.get(place_of(company, shown)).json["secrets"] == []
        assert rows_about(company, shown) == {"service_accounts", "assignments"}
        assert company.ann.delete(path).code == "SERVICE_ACCOUNT_SECRET_NOT_FOUND"

    def test_the_log_holds_no_secret(self, company):
        """Neither in what a command says of itself nor in its rows."""
        shown = new_account(company.ann, company.path, "ORG_MEMBER")
        second = done(company.ann.post(f"{place_of(company, shown)}/secrets", DAY))
        text = repr(log_rows(company.world))
        for secret in (shown["secrets"][0]["secret"], second["secret"]):
            assert secret.removeprefix("mdb_sa_sk_") not in text


class TestAccessLists:
    """Rules 82, 83: the addresses from which tokens of an account work."""

    def test_rule_083_a_list_restricts_tokens_and_not_their_issue(self, world):
        """From elsewhere a token is refused by its gate, though it is issued there; an empty list means any."""
        acme = world.organization()
        client = new_client(acme)
        elsewhere = client.caller(client.ask(address="203.0.113.9").json["access_token"], address="203.0.113.9")
        path = f"/orgs/{acme.id}"
        assert elsewhere.get(path).status == 200
        done(acme.key.post(f"{path}/serviceAccounts/{client.id}/accessList", [{"cidrBlock": "127.0.0.0/8"}]))
        assert client.caller().get(path).status == 200
        for token in (elsewhere.token, client.ask(address="203.0.113.9").json["access_token"]):
            reply = client.caller(token, address="203.0.113.9").get(path)
            assert (reply.status, reply.code) == (403, "IP_ADDRESS_NOT_ON_ACCESS_LIST")

    def test_an_account_narrows_its_own_list_and_never_widens_it(self, world):
        """contract.md, Self-change: it needs no role for that, no role helps it, and it keeps its own way in."""
        acme = world.organization()
        for roles in (("ORG_MEMBER",), ("ORG_OWNER",)):
            client = new_client(acme, roles=roles)
            itself, own = client.caller(), f"/orgs/{acme.id}/serviceAccounts/{client.id}/accessList"
            assert itself.post(own, [{"cidrBlock": "127.0.0.0/8"}, {"cidrBlock": "10.0.0.0/9"}]).status == 200
            for wider in ("10.128.0.0/9", "0.0.0.0/0", "::1/128"):
                reply = itself.post(own, [{"cidrBlock": wider}])
                assert (reply.status, reply.code) == (403, "CANNOT_WIDEN_OWN_ACCESS_LIST")
            assert itself.delete(f"{own}/127.0.0.0%2F8").code == "CANNOT_REMOVE_CALLER_FROM_WHITELIST"
            assert itself.delete(f"{own}/10.0.0.0%2F9").status == 204

    def test_an_account_manages_no_list_but_its_own(self, world):
        """Nor that of a key; an organization that it is not in stays unknown to it."""
        acme, other = world.organization(), world.organization("Other", owner="otto@example.org")
        client, second = new_client(acme), new_client(acme, name="second")
        itself, entry = client.caller(), [{"ipAddress": "127.0.0.1"}]
        key = acme.key.get(f"/orgs/{acme.id}/apiKeys").json["results"][0]["id"]
        for path in (f"serviceAccounts/{second.id}", f"apiKeys/{key}"):
            assert itself.post(f"/orgs/{acme.id}/{path}/accessList", entry).code == "USER_UNAUTHORIZED"
        reply = itself.post(f"/orgs/{other.id}/serviceAccounts/{client.id}/accessList", entry)
        assert (reply.status, reply.code) == (404, "ORG_NOT_FOUND")


class TestItself:
    """An account that acts is only itself (contract.md, self-change; attack row 24)."""

    def test_an_account_may_not_raise_its_own_roles(self, world):
        """Neither in the organization nor in a project; it may lower them."""
        company = Company.found(world, "atlas")
        project = company.project()
        shown = new_account(company.ann, f"/groups/{project}", "GROUP_OWNER")
        client = client_of(world, company, shown)
        itself, there = client.caller(), place_of(company, shown, project)
        assert itself.patch(place_of(company, shown), {"roles": ["ORG_OWNER"]}).code == "USER_UNAUTHORIZED"
        assert itself.patch(there, {"roles": ["GROUP_OWNER", READ]}).status == 200
        assert itself.patch(there, {"roles": [READ]}).status == 200
        assert itself.patch(there, {"roles": ["GROUP_OWNER"]}).code == "USER_UNAUTHORIZED"

    def test_an_account_rotates_its_own_secrets_and_mints_none_for_a_stronger_one(self, world):
        """Attack row 24: whoever is only project owner gets no secret of an account with more."""
        company = Company.found(world, "atlas")
        project = company.project()
        shown = new_account(company.ann, f"/groups/{project}", "GROUP_OWNER")
        stronger = new_account(company.ann, company.path, "ORG_OWNER")
        done(company.ann.post(f"{place_of(company, stronger, project)}:invite", {"roles": [READ]}))
        itself = client_of(world, company, shown).caller()
        assert itself.post(f"{place_of(company, shown, project)}/secrets", DAY).status == 201
        reply = itself.post(f"{place_of(company, stronger, project)}/secrets", DAY)
        assert (reply.status, reply.code) == (403, "SECRET_GIVES_UNGRANTABLE_ROLES")

    def test_the_log_names_the_account_and_its_token(self, world):
        """Attack row 29: which credential was used stands on the row of what it did."""
        company = Company.found(world, "atlas")
        shown = new_account(company.ann, company.path, "ORG_OWNER")
        client = client_of(world, company, shown)
        token = client.token()
        assert client.caller(token).patch(company.path, {"name": "New"}).status == 200
        row = log_rows(world)[-1]
        assert (row["actor_kind"], row["actor_id"]) == ("service_account", id_of(shown))
        claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
        assert row["credential"] == claims["jti"]


class TestSuspension:
    """An account is suspended as a whole, without losing what it has."""

    def test_roles_and_secrets_stay_while_it_is_suspended(self, company):
        """They give nothing meanwhile, and everything again afterwards; whoever reads it sees the state."""
        shown = new_account(company.ann, company.path, "ORG_READ_ONLY")
        before, own = company.ann.get(place_of(company, shown)).json, f"{OWN}{place_of(company, shown)}"
        question = {
            "subject": {"type": "service_account", "id": shown["clientId"]},
            "action": {"name": "org.settings.read"},
            "resource": {"type": "organization", "id": company.id},
        }
        for verb, suspended in (("suspend", True), ("suspend", True), ("reactivate", False)):
            state = {"clientId": shown["clientId"], "suspended": suspended}
            assert done(company.ann.post(f"{own}:{verb}")) == state
            assert company.ann.get(own).json == state
            assert company.ann.get(place_of(company, shown)).json == before
            answer = company.ann.post("/access/v1/evaluation", question, accept=None)
            assert answer.json["decision"] is not suspended

    def test_whoever_only_reads_suspends_nothing(self, company):
        """It needs the privilege that changes accounts of the organization."""
        shown = new_account(company.ann, company.path, "ORG_READ_ONLY")
        reader = company.person("rea", "ORG_READ_ONLY")
        for verb in ("suspend", "reactivate"):
            assert reader.post(f"{OWN}{place_of(company, shown)}:{verb}").code == "USER_UNAUTHORIZED"


class TestMakers:
    """An account goes on without whoever made it (contract.md, dryRun and leaving)."""

    def test_removing_its_maker_lists_it(self, company):
        """Beside the keys, with a warning in the trial; suspended likewise."""
        bob = company.person("bob", "ORG_OWNER")
        shown = new_account(bob, company.path, "ORG_MEMBER", name="bob's")
        listed = [{"clientId": shown["clientId"], "name": "bob's"}]
        own = f"{OWN}/orgs/{company.id}/users/{bob.id}"
        trial = company.ann.post(f"{own}:remove?dryRun=true")
        warned = {warning["code"]: warning["ids"] for warning in trial.json["warnings"]}
        assert warned["KEY_OUTLIVES_MAKER"] == [id_of(shown)]
        assert done(company.ann.post(f"{own}:suspend"))["serviceAccounts"] == listed
        assert done(company.ann.post(f"{own}:remove"))["serviceAccounts"] == listed
        assert roles_of(company, shown) == ["ORG_MEMBER"]

    def test_leaving_a_project_lists_its_accounts(self, company):
        """Those on that project alone."""
        project = company.project()
        pat = company.person("pat", on={project: ["GROUP_OWNER"]})
        shown = new_account(pat, f"/groups/{project}", READ)
        left = done(pat.post(f"{OWN}/me/projects/{project}:leave"))
        assert [account["clientId"] for account in left["serviceAccounts"]] == [shown["clientId"]]


class TestEvents:
    """Rule 141: what happens to accounts is told."""

    def test_rule_141_an_accounts_life_is_told(self, company):
        """Made, described anew, given other roles, suspended, deleted; its first secret is no news of its own."""
        body = {"name": "ci", "description": "deploys", "roles": ["ORG_MEMBER"], **DAY}
        (made,) = raised(company, partial(company.ann.post, f"{company.path}/serviceAccounts", body))
        account = made["serviceAccountId"]
        assert made == {"type": "SERVICE_ACCOUNT_CREATED", "orgId": company.id, "serviceAccountId": account}
        place, about = f"{company.path}/serviceAccounts/mdb_sa_id_{account}", ("serviceAccountId",)
        for texts in ({"name": "two"}, {"description": "two"}):
            found = told(company, patch(company, place, **texts), *about)
            assert found == [("SERVICE_ACCOUNT_DETAILS_CHANGED", account)]
            assert told(company, patch(company, place, **texts)) == []
        found = told(company, patch(company, place, roles=["ORG_READ_ONLY"]), *about, "roles")
        assert found == [("SERVICE_ACCOUNT_ROLES_CHANGED", account, ["ORG_READ_ONLY"])]
        for verb, suspended in (("suspend", True), ("reactivate", False)):
            found = told(company, partial(company.ann.post, f"{OWN}{place}:{verb}"), *about, "suspended")
            assert found == [("SERVICE_ACCOUNT_ROLES_CHANGED", account, suspended)]
        assert told(company, partial(company.ann.delete, place), *about) == [("SERVICE_ACCOUNT_DELETED", account)]

    def test_rule_141_an_account_on_a_project_is_told(self, company):
        """Put on it, given others, taken off it."""
        project, about = company.project(), ("groupId", "roles")
        shown = new_account(company.ann, company.path, "ORG_MEMBER")
        there = place_of(company, shown, project)
        invite = partial(company.ann.post, f"{there}:invite", {"roles": [READ]})
        assert told(company, invite, *about) == [("SERVICE_ACCOUNT_ADDED_TO_GROUP", project, [READ])]
        found = told(company, patch(company, there, roles=[OTHER]), *about)
        assert found == [("SERVICE_ACCOUNT_ROLES_CHANGED", project, [OTHER])]
        found = told(company, partial(company.ann.delete, there), *about)
        assert found == [("SERVICE_ACCOUNT_REMOVED_FROM_GROUP", project, [])]

    def test_rule_082_its_secrets_and_addresses_are_told(self, company):
        """Which address; of a secret no more than that there is one."""
        shown = new_account(company.ann, company.path, "ORG_MEMBER")
        place, account = place_of(company, shown), id_of(shown)
        made = raised(company, partial(company.ann.post, f"{place}/secrets", DAY))
        about = {"orgId": company.id, "serviceAccountId": account}
        assert made == [{"type": "SERVICE_ACCOUNT_SECRET_ADDED", **about}]
        gone = partial(company.ann.delete, f"{place}/secrets/{shown['secrets'][0]['id']}")
        assert told(company, gone) == [("SERVICE_ACCOUNT_SECRET_DELETED",)]
        listed = partial(company.ann.post, f"{place}/accessList", [{"ipAddress": "192.0.2.7"}])
        found = told(company, listed, "serviceAccountId", "entry")
        assert found == [("SERVICE_ACCOUNT_ACCESS_LIST_ENTRY_ADDED", account, "192.0.2.7")]
        unlisted = partial(company.ann.delete, f"{place}/accessList/192.0.2.7")
        assert told(company, unlisted, "entry") == [("SERVICE_ACCOUNT_ACCESS_LIST_ENTRY_DELETED", "192.0.2.7")]
