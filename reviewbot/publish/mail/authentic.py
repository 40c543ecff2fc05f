# SPDX-License-Identifier: GPL-2.0-or-later
"""Who really wrote a mail: DKIM (RFC 6376), or the Authentication-Results (RFC 8601) of a server that is trusted.

A From field proves nothing. A DKIM signature counts where it is the sender's own domain's, covers the whole body, and
covers a field that ties the mail to its thread, so that an old mail cannot be sent again under another subject.
"""

from __future__ import annotations

import re
from typing import Protocol

from reviewbot.mail.headers import fields, people
from reviewbot.mail.message import split_head
from reviewbot.publish.mail.settings import Authority

SIGNATURES = 5
"""How many signatures of a mail are tried; each costs a look-up."""

_THREADING = {b"in-reply-to", b"references", b"subject"}
_COMMENT = re.compile(r"\([^()]{0,500}\)")
_RESULT = re.compile(r"\s*(dkim|dmarc)\s*=\s*pass\b(.{0,2000})", re.I | re.S)
_DOMAIN = re.compile(r"\bheader\.(?:d|from)\s*=\s*@?([a-z0-9.-]{1,253})", re.I)


class Dns(Protocol):
    """A look-up of a TXT record."""

    def __call__(self, name: bytes, timeout: int = 5) -> bytes | None:
        """Return the record's text, None where there is none; ConnectionError where nobody answers."""


def lookup(name: bytes, timeout: int = 5) -> bytes | None:
    """Look a TXT record up in the DNS."""
    import dns.exception
    import dns.resolver

    try:
        answer = dns.resolver.resolve(name.decode("ascii"), "TXT", lifetime=timeout)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer, UnicodeError):
        return None
    except dns.exception.DNSException as error:
        raise ConnectionError(f"the DNS does not answer: {error}") from error
    return b"".join(next(iter(answer)).strings)


def proven_sender(raw: bytes, authority: Authority, dns: Dns = lookup) -> str | None:
    """Return the address in a mail's From, in lower case, where it is proven, else None.

    `raw` is the mail as it came. ConnectionError where the DNS does not answer, so that the caller can try again.
    """
    found = fields(split_head(raw)[0])
    senders = [value for name, value in found if name == "from"]
    written = people(senders[0]) if len(senders) == 1 else ()
    if len(written) != 1 or written[0].email.count("@") != 1:
        return None
    address = written[0].email.lower()
    domain = address.partition("@")[2]
    results = [value for name, value in found if name == "authentication-results"]
    if authority.authserv_id and results and _vouched(results[0], authority.authserv_id, domain):
        return address
    if authority.dkim and _signed(raw, domain, dns):
        return address
    return None


def _aligned(signer: str, domain: str) -> bool:
    """Tell whether a signing domain is the sender's, or one above it (relaxed alignment, RFC 7489, 3.1.1)."""
    signer = signer.lower().rstrip(".")
    return "." in signer and (domain == signer or domain.endswith("." + signer))


def _vouched(result: str, server: str, domain: str) -> bool:
    """Tell whether the topmost result is of the trusted server and says that the sender's domain signed the mail.

    Only the topmost counts: the last server wrote it, and those below may be anybody's (RFC 8601, 5).
    """
    text = _COMMENT.sub(" ", result)
    name, *parts = text.split(";")
    if name.split()[:1] != [server]:
        return False
    return any(
        match is not None and any(_aligned(one, domain) for one in _DOMAIN.findall(match[2]))
        for match in map(_RESULT.match, parts)
    )


def _signed(raw: bytes, domain: str, dns: Dns) -> bool:
    """Tell whether one of a mail's signatures is the sender's domain's and holds."""
    import dkim

    try:
        mail = dkim.DKIM(raw)
        for number in range(min(SIGNATURES, sum(1 for name, _ in mail.headers if name.lower() == b"dkim-signature"))):
            if mail.verify(idx=number, dnsfunc=dns) and _covers(mail.signature_fields, domain):
                return True
    except dkim.DKIMException:
        return False
    except (ValueError, KeyError, IndexError):
        # what dkimpy raises for fields that are no signature's
        return False
    return False


def _covers(signature: dict[bytes, bytes], domain: str) -> bool:
    """Tell whether a signature that holds is the domain's and covers the body to its end and the thread."""
    covered = {one.strip().lower() for one in signature.get(b"h", b"").split(b":")}
    whole = b"l" not in signature
    return (
        whole and bool(covered & _THREADING) and _aligned(signature.get(b"d", b"").decode("ascii", "replace"), domain)
    )
