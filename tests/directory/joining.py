"""Requests to join a project, in the words of the rules."""

from typing import Any

from tests.directory.company import OWN, Company, done
from tests.world import Caller, Reply

READ = "GROUP_READ_ONLY"


def ask(who: Caller, project: str, **body: Any) -> Reply:
    """Ask to join what the id names."""
    return who.post(f"{OWN}/groups/{project}/joinRequests", body)


def asked(company: Company, who: Caller, project: str, **body: Any) -> str:
    """Ask to join a project of the company and give the id of the request."""
    reply = ask(who, project, **body)
    assert (reply.status, reply.json) == (202, {})
    return next(row["id"] for row in requests_to(company, project) if row["userId"] == who.id)


def requests_to(company: Company, project: str, state: str = "", by: Caller | None = None) -> list[Any]:
    """List who asked to join a project."""
    query = f"?state={state}" if state else ""
    return list(done((by or company.ann).get(f"{OWN}/groups/{project}/joinRequests{query}"))["results"])


def approve(by: Caller, project: str, request: str, *roles: str, **body: Any) -> Reply:
    """Approve a request to join."""
    path = f"{OWN}/groups/{project}/joinRequests/{request}:approve"
    return by.post(path, {"roles": list(roles) or [READ], **body})


def deny(by: Caller, project: str, request: str) -> Reply:
    """Deny a request to join."""
    return by.post(f"{OWN}/groups/{project}/joinRequests/{request}:deny")


def mine(who: Caller, state: str = "") -> list[Any]:
    """List somebody's own requests."""
    return list(done(who.get(f"{OWN}/me/joinRequests{f'?state={state}' if state else ''}"))["results"])


def withdraw(who: Caller, request: str) -> Reply:
    """Take a request back."""
    return who.delete(f"{OWN}/me/joinRequests/{request}")
