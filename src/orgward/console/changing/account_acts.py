"""What is done to a service account, in its organization or on a project: the calls of either, and their checks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from orgward.console.changing.calls import ApiCall
from orgward.console.changing.checking import checked
from orgward.console.changing.machines import addresses_posted, listed
from orgward.console.changing.secret_hours import hours_posted
from orgward.console.changing.summary import Difference, Summary
from orgward.console.frame.declaration import Goto, Plan
from orgward.console.frame.page import Page, Posted
from orgward.directory.addresses import block_of, lone_address
from orgward.edge.inner import account_in
from orgward.kernel.errors import NotFoundError
from orgward.store.view import Row


@dataclass(frozen=True, slots=True)
class Acts:
    """The operations by which an account is changed at one level."""

    update: str
    make_secret: str
    delete_secret: str
    add_addresses: str
    remove_address: str

    @property
    def all(self) -> tuple[str, ...]:
        """Return every one of them."""
        return (self.update, self.make_secret, self.delete_secret, self.add_addresses, self.remove_address)


IN_ORGANIZATION: Final = Acts(
    "updateOrgServiceAccount",
    "createOrgServiceAccountSecret",
    "deleteOrgServiceAccountSecret",
    "createOrgServiceAccountAccessList",
    "deleteOrgServiceAccountAccessListEntry",
)
ON_PROJECT: Final = Acts(
    "updateGroupServiceAccount",
    "createGroupServiceAccountSecret",
    "deleteGroupServiceAccountSecret",
    "createGroupServiceAccountAccessList",
    "deleteGroupServiceAccountAccessListEntry",
)


def account_row(looking: Page | Posted) -> Row:
    """Return the row of the account that the path names; of another organization's nothing is told."""
    values = looking.values
    org = values.get("orgId") or looking.facts.attribute("projects", values["groupId"])
    row = looking.view.get("service_accounts", account_in(values)) or {"org_id": None, "name": ""}
    return row if row["org_id"] == org else {"name": ""}


def home_of_account(posted: Posted) -> str:
    """Return the address of the account's own page at the level that the path names."""
    values = posted.values
    place = f"/o/{values['orgId']}" if "orgId" in values else f"/p/{values['groupId']}"
    return f"{place}/accounts/{values['clientId']}"


def said(posted: Posted, lines: Sequence[Difference], **more: Any) -> Summary:
    """Return the summary of a change to the account, which leads back to its page."""
    words, here, name = posted.words, home_of_account(posted), str(account_row(posted)["name"])
    crumbs = [(words("accounts.title"), here.rpartition("/")[0]), (name, here)]
    told = {"back": posted.path, "then": here, "crumbs": crumbs, "params": {"name": name}}
    return Summary(title=words("accounts.account_name", name=name), lines=lines, **{**told, **more})


def _noted(posted: Posted, icon: str, note: str, **more: Any) -> Summary:
    return said(posted, [Difference(icon=icon, name=str(account_row(posted)["name"]), note=note)], **more)


def change_account(posted: Posted, acts: Acts) -> Plan:
    """Return the plan of the form that was sent, which one its field says."""
    for field, act in FIELDS.items():
        if field in posted.fields:
            return act(posted, acts)
    raise NotFoundError("SERVICE_ACCOUNT_NOT_FOUND", posted.values["clientId"])


def _describe(posted: Posted, acts: Acts) -> Plan:
    name = posted.one("account_name")
    body = {"name": name, "description": posted.one("description")}
    call = ApiCall(operation=acts.update, values=posted.values, body=body)
    return Plan(calls=[call], then=Goto(url=posted.path, done="accounts.renamed", params={"name": name}))


def _make_secret(posted: Posted, acts: Acts) -> Plan:
    body = {"secretExpiresAfterHours": hours_posted(posted)}
    call = ApiCall(operation=acts.make_secret, values=posted.values, body=body)
    act = posted.words("accounts.make_secret")
    note = posted.words("accounts.secret_note")
    return checked(posted, [call], _noted(posted, "key", note, act=act, reveal="account_secret.html"))


def _delete_secret(posted: Posted, acts: Acts) -> Plan:
    held = {row["id"]: row for row in posted.view.find("service_account_secrets", account_id=account_in(posted.values))}
    secret = posted.one("secret")
    masked = held[secret]["masked"] if secret in held else ""
    is_last = {id_ for id_, row in held.items() if posted.now < row["expires_at"]} == {secret}
    notes = [posted.words("accounts.secret_gone", secret=masked), posted.words("accounts.then_none") if is_last else ""]
    call = ApiCall(operation=acts.delete_secret, values={**posted.values, "secretId": secret})
    summary = _noted(
        posted, "key", " ".join(note for note in notes if note), act=posted.words("accounts.delete_secret"),
        done="accounts.secret_deleted",
    )  # fmt: skip
    return checked(posted, [call], summary)


def _add_addresses(posted: Posted, acts: Acts) -> Plan:
    blocks = addresses_posted(posted)
    body = [{"ipAddress": lone} if (lone := lone_address(block)) else {"cidrBlock": block} for block in blocks]
    call = ApiCall(operation=acts.add_addresses, values=posted.values, body=body)
    is_first = not posted.view.find("api_key_access", key_id=account_in(posted.values))
    then = "accounts.then_only" if is_first else ""
    return checked(posted, [call], _addressed(posted, "accounts.address_added", listed(blocks), then))


def _remove_address(posted: Posted, acts: Acts) -> Plan:
    gone = block_of(posted.one("remove")) or ""
    held = [entry["cidr"] for entry in posted.view.find("api_key_access", key_id=account_in(posted.values))]
    values = {**posted.values, "ipAddress": posted.one("remove")}
    call = ApiCall(operation=acts.remove_address, values=values)
    then = "accounts.then_any" if held == [gone] else ""
    return checked(posted, [call], _addressed(posted, "accounts.address_gone", listed([gone] if gone else []), then))


def _addressed(posted: Posted, what: str, addresses: str, then: str) -> Summary:
    words = posted.words
    notes = [words(what, addresses=addresses), words(then) if then else ""]
    note = " ".join(note for note in notes if note)
    return _noted(posted, "world-pin", note, done="accounts.list_changed", act=words("accounts.change_list"))


FIELDS: Final[Mapping[str, Callable[[Posted, Acts], Plan]]] = {
    "account_name": _describe,
    "hours": _make_secret,
    "secret": _delete_secret,
    "addresses": _add_addresses,
    "remove": _remove_address,
}
"""What the form does, by the field that it was sent with."""
