"""Domains of a federation: named, proven by a record of their DNS zone, given up; and who may be invited (rule 45).

An identity provider may vouch for addresses in proven domains alone, so that nobody can lie about somebody else's.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Final

import regex

from orgward.directory.ground import Change, Ground, Row, View, drop, put
from orgward.directory.names import username_key
from orgward.kernel.delta import Delta
from orgward.kernel.errors import FieldFault, MalformedError, NotFoundError, RefusedError

PROOF: Final = "orgward-domain-verification="
"""What the text of the proving record begins with."""

_LABEL: Final = r"[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?"
_DOMAIN: Final = regex.compile(rf"{_LABEL}(?:\.{_LABEL})+")
_LONGEST: Final = 253


def domain_of(address: str) -> str:
    """Return the domain of an address, in the form in which domains are kept."""
    return username_key(address).rpartition("@")[2]


def normal_domain(text: str, place: str = "domain") -> str:
    """Return the domain that `text` names; MalformedError, naming `place`, if it is none."""
    domain = username_key(text.strip()).removesuffix(".")
    if len(domain) > _LONGEST or _DOMAIN.fullmatch(domain) is None:
        raise MalformedError("INVALID_ATTRIBUTE", place, fields=[FieldFault(place, "is not a domain")])
    return domain


def verified(view: View, federation: str) -> list[Row]:
    """Return the rows of the domains that are proven to be the federation's."""
    return [row for row in view.find("federation_domains", federation_id=federation) if row["verified_at"] is not None]


def of_provider(view: View, provider: str) -> list[str]:
    """Return the domains in which the identity provider `provider` may vouch for addresses."""
    rows = view.find("federation_domains", identity_provider_id=provider)
    return [row["domain"] for row in rows if row["verified_at"] is not None]


def named(view: View, federation: str, text: str) -> Row:
    """Return the row of the federation's domain `text`; an unknown one, or another federation's, is not found."""
    row = view.get("federation_domains", federation, username_key(text))
    if row is None:
        raise NotFoundError("DOMAIN_NOT_FOUND", text)
    return row


def add(ground: Ground, federation: str, text: str) -> Change:
    """Name a domain, with a proof that its owner is to put into the DNS."""
    domain, view = normal_domain(text), ground.view
    if view.get("federation_domains", federation, domain) is not None:
        raise RefusedError("DOMAIN_ALREADY_ADDED", domain)
    most = ground.limits.domains_per_federation
    if len(view.find("federation_domains", federation_id=federation)) >= most:
        raise RefusedError("FEDERATION_LIMIT_EXCEEDED", str(most), "domains")
    row = put(
        "federation_domains", federation, domain, federation_id=federation, domain=domain, verified_at=None,
        proof=ground.mint.token().token, identity_provider_id=None, created_at=ground.now,
    )  # fmt: skip
    return Change([row], {"federation": federation, "domain": domain}, target=federation, org_id=ground.org or None)


def verify(ground: Ground, federation: str, text: str, records: Iterable[str]) -> Change:
    """Take the domain as proven if one of `records`, the texts at it in the DNS, is the proof."""
    row = named(ground.view, federation, text)
    if f"{PROOF}{row['proof']}" not in {record.strip() for record in records}:
        raise RefusedError("DOMAIN_PROOF_NOT_FOUND", row["domain"])
    return _proven(ground, row)


def vouch(ground: Ground, federation: str, text: str) -> Change:
    """Take the domain as proven by the operator's word, whether or not it was named before."""
    domain = normal_domain(text)
    row = ground.view.get("federation_domains", federation, domain)
    return _proven(ground, add(ground, federation, domain).deltas[0].row or {} if row is None else row)


def _proven(ground: Ground, row: Row) -> Change:
    domain, federation = row["domain"], row["federation_id"]
    others = [other for other in ground.view.find("federation_domains", domain=domain) if other["verified_at"]]
    if any(other["federation_id"] != federation for other in others):
        raise RefusedError("DOMAIN_IN_USE", domain)
    changed = {**row, "verified_at": row["verified_at"] or ground.now}
    delta = put("federation_domains", federation, domain, **changed)
    return Change([delta], {"federation": federation, "domain": domain}, target=federation, org_id=ground.org or None)


def remove(ground: Ground, federation: str, text: str) -> Change:
    """Give up a domain: no identity provider vouches for addresses in it any more."""
    domain = named(ground.view, federation, text)["domain"]
    deltas = [drop("federation_domains", federation, domain)]
    return Change(deltas, {"federation": federation, "domain": domain}, target=federation, org_id=ground.org)


def associated(ground: Ground, federation: str, provider: str, texts: Sequence[str]) -> list[Delta]:
    """Return the deltas after which `provider` vouches for exactly the domains `texts`, all proven and no other's."""
    place = "associatedDomains"
    wanted = {normal_domain(text, place) for text in texts}
    rows = {row["domain"]: row for row in verified(ground.view, federation)}
    for domain in sorted(wanted):
        holder = rows[domain]["identity_provider_id"] if domain in rows else None
        problem = "is not proven to be the federation's" if domain not in rows else ""
        if holder not in {None, provider}:
            problem = "belongs to another identity provider"
        if problem:
            fault = FieldFault(place, f"{domain} {problem}")
            raise MalformedError("INVALID_ATTRIBUTE", place, fields=[fault])
    held = {domain for domain, row in rows.items() if row["identity_provider_id"] == provider}
    return [
        put(
            "federation_domains", federation, domain,
            **{**rows[domain], "identity_provider_id": provider if domain in wanted else None},
        )
        for domain in sorted(wanted ^ held)
    ]  # fmt: skip


def allowed(view: View, org: str) -> frozenset[str] | None:
    """Return the domains from which people may be invited to `org`, None where any will do (rule 45).

    Those of its identity provider are among them without being listed.
    """
    row = view.get("connected_organizations", org)
    if row is None or not row["domain_restriction_enabled"]:
        return None
    listed = json.loads(row["document"])["domainAllowList"]
    return frozenset(listed).union(of_provider(view, row["identity_provider_id"] or ""))


def require_allowed(ground: Ground, address: str) -> None:
    """Raise if people with such an address may not be invited to the organization (rule 45)."""
    domains = None if ground.principal.is_operator else allowed(ground.view, ground.org)
    if domains is not None and domain_of(address) not in domains:
        raise RefusedError("DOMAIN_NOT_IN_ALLOW_LIST")
