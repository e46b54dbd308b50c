"""State of SES, which both versions of its API share: moto's, where a verified domain speaks for those below it.

https://docs.aws.amazon.com/ses/latest/dg/creating-identities.html, read 2026-11-25.
"""

from email.utils import parseaddr

from moto.ses.models import SESBackend, ses_backends


class LocalSESBackend(SESBackend):
    """SES of one account and region."""

    def _is_verified_address(self, source: str) -> bool:
        address = parseaddr(source)[1]
        labels = address.rpartition("@")[2].lower().split(".")
        domains = (".".join(labels[start:]) for start in range(len(labels)))
        return any(one in self.email_identities for one in (address, *domains))

    def sends_from(self, source: str) -> bool:
        """Whether the address, its domain or a domain above that is an identity in this region."""
        return self._is_verified_address(source)


__all__ = ["LocalSESBackend", "ses_backends"]

ses_backends.backend = LocalSESBackend
