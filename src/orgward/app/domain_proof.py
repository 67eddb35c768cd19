"""The texts that the DNS holds at a domain: whoever can put one there owns it."""

import dns.exception
import dns.name
import dns.resolver

_SECONDS = 3.0


def txt_records(domain: str) -> list[str]:
    """Return the texts at `domain` itself; none where the DNS has none, or does not answer in time."""
    try:
        name = dns.name.from_text(domain)
        answer = dns.resolver.Resolver().resolve(name, "TXT", lifetime=_SECONDS, search=False)
    except (dns.exception.DNSException, OSError, UnicodeError):
        return []
    return [b"".join(record.strings).decode("utf-8", "replace") for record in answer]
