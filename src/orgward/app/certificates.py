"""Certificates in PEM, as identity providers of SAML sign with: read once, so that none is kept that is none."""

from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509

from orgward.kernel.instants import rfc3339


class CertificateError(ValueError):
    """The text is no certificate in PEM."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate, and from when until when it is good."""

    content: str
    not_before: str
    not_after: str


def certificate(content: str) -> Certificate:
    """Return the certificate that `content` is; CertificateError if it is none."""
    try:
        found = x509.load_pem_x509_certificate(content.strip().encode())
    except ValueError as error:
        raise CertificateError(str(error)) from None
    return Certificate(content.strip(), _written(found.not_valid_before_utc), _written(found.not_valid_after_utc))


def _written(when: datetime) -> str:
    return rfc3339(int(when.astimezone(UTC).timestamp()) * 1000)
