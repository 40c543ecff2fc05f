# SPDX-License-Identifier: GPL-2.0-or-later
"""Commands in replies, and the proof that they are somebody's: real DKIM signatures, checked without a network."""

from __future__ import annotations

import subprocess
from base64 import b64encode
from functools import lru_cache

import dkim
import pytest

from reviewbot.publish.mail.authentic import proven_sender
from reviewbot.publish.mail.commands import HELP, Command, read_command, refused
from reviewbot.publish.mail.settings import Authority
from tests.mailkit import mail

DKIM = Authority(dkim=True)
TRUSTED = Authority(authserv_id="mx.example.net")
REPLY = mail("Re: [PATCH] one", "#reviewbot stop\n", "r@example.org", "1@example.org")


@pytest.mark.parametrize(
    ("body", "command"),
    [
        ("#reviewbot stop\n", Command("stop")),
        ("Hello,\n\n#reviewbot again\n\nThanks\n", Command("again")),
        ("#reviewbot false-positive lost-wakeup\n", Command("false-positive", "lost-wakeup")),
        ("#reviewbot base v6.1-rc3~2\n", Command("base", "v6.1-rc3~2")),
        ("#reviewbot   help  \r\n", Command("help")),
        ("#reviewbot again\n#reviewbot stop\n", Command("again")),
        ("#reviewbot dance\n#reviewbot stop\n", Command("stop")),
        ("> #reviewbot stop\n", None),
        (" #reviewbot stop\n", None),
        ("please #reviewbot stop\n", None),
        ('"#reviewbot stop"\n', None),
        ("#reviewbot stop it now\n", None),
        ("#reviewbot Stop\n", None),
        ("#reviewbot dance\n", None),
        ("#reviewbot again please\n", None),
        ("#reviewbot base\n", None),
        ("#reviewbot base --upload-pack=x\n", None),
        ("#reviewbot base a..b\n", None),
        ("#reviewbot false-positive\n", None),
        ("#reviewbot false-positive ../rule\n", None),
        ("#reviewbotstop\n", None),
        (HELP, None),
        ("", None),
    ],
)
def test_one_known_command_at_the_start_of_a_line(body: str, command: Command | None) -> None:
    assert read_command(body) == command


AUTHORS, MAINTAINERS = {"ada@example.org"}, {"max@example.org"}
OBEYED = {
    "the author may ask again": ("again", "ada@example.org", True),
    "a maintainer may": ("again", "max@example.org", True),
    "others may not": ("again", "rob@example.org", False),
    "others cannot choose the base": ("base", "rob@example.org", False),
    "others cannot call a finding false": ("false-positive", "rob@example.org", False),
    "anybody may stop mails to himself": ("stop", "rob@example.org", True),
    "anybody may ask for help": ("help", "rob@example.org", True),
    "nobody unproven may stop": ("stop", None, False),
    "nobody unproven may ask for help": ("help", None, False),
    "nobody unproven may ask again": ("again", None, False),
}


@pytest.mark.parametrize(("action", "sender", "obeyed"), OBEYED.values(), ids=OBEYED.keys())
def test_whose_word_counts(action: str, sender: str | None, obeyed: bool) -> None:
    assert (refused(action, sender, AUTHORS, MAINTAINERS) == "") == obeyed  # type: ignore[arg-type]


@lru_cache
def keys() -> tuple[bytes, bytes]:
    """A private key in PEM, and the record that publishes the public one."""
    made = subprocess.run(["openssl", "genrsa", "-traditional", "1024"], capture_output=True, check=True).stdout
    public = ["openssl", "rsa", "-pubout", "-outform", "DER"]
    der = subprocess.run(public, input=made, capture_output=True, check=True).stdout
    return made, b"v=DKIM1; k=rsa; p=" + b64encode(der)


def dns(name: bytes, timeout: int = 5) -> bytes | None:
    """Answer for two domains that publish the key."""
    return keys()[1] if name in (b"key._domainkey.example.org.", b"key._domainkey.evil.net.") else None


def signed(raw: bytes = REPLY, domain: bytes = b"example.org", fields: bytes = b"from,subject,in-reply-to") -> bytes:
    head: bytes = dkim.sign(raw, b"key", domain, keys()[0], include_headers=fields.split(b","))
    return head + raw


ADA = "ada@example.org"
OTHER = REPLY.replace(b"ada@example.org", b"ada@sub.example.org")
PROOFS = {
    "a signature of the sender's domain": (signed(), ADA),
    "one of the domain above": (signed(OTHER), "ada@sub.example.org"),
    "none": (REPLY, None),
    "one of another domain": (signed(domain=b"evil.net"), None),
    "a good one under a bad one": (signed(signed(domain=b"evil.net")), ADA),
    "of a domain that publishes no key": (signed(domain=b"nokey.org"), None),
    "over another text": (signed().replace(b"reviewbot stop", b"reviewbot again"), None),
    "over another sender": (signed().replace(b"ada@", b"max@"), None),
    "that does not cover the thread": (signed(fields=b"from,date"), None),
    "with a second sender": (signed().replace(b"Subject:", b"From: max@example.org\nSubject:"), None),
    "that is rubbish": (b"DKIM-Signature: v=1; a=\xff; b==;;\n" + REPLY, None),
}


@pytest.mark.parametrize(("raw", "sender"), PROOFS.values(), ids=PROOFS.keys())
def test_a_signature_proves_the_sender(raw: bytes, sender: str | None) -> None:
    assert proven_sender(raw, DKIM, dns) == sender


def test_a_signature_over_the_beginning_of_the_body_alone_proves_nothing() -> None:
    head = dkim.sign(REPLY, b"key", b"example.org", keys()[0], include_headers=[b"from", b"subject"], length=True)
    assert dkim.verify(head + REPLY, dnsfunc=dns)
    assert proven_sender(head + REPLY, DKIM, dns) is None


def test_a_name_server_that_does_not_answer_is_no_verdict() -> None:
    def silent(name: bytes, timeout: int = 5) -> bytes | None:
        raise ConnectionError("the DNS does not answer")

    with pytest.raises(ConnectionError):
        proven_sender(signed(), DKIM, silent)


def results(*values: str) -> bytes:
    return "".join(f"Authentication-Results: {value}\n" for value in values).encode() + REPLY


PASS = "mx.example.net; spf=none; dkim=pass (1024 bits) header.d=example.org"
VOUCHED = {
    "its word for the domain": (results(PASS), ADA),
    "its word by dmarc": (results("mx.example.net; dmarc=pass header.from=example.org"), ADA),
    "its word for another domain": (results("mx.example.net; dkim=pass header.d=evil.net"), None),
    "its word against it": (results("mx.example.net; dkim=fail header.d=example.org"), None),
    "another server's word": (results("mx.evil.net; dkim=pass header.d=example.org"), None),
    "its name below another's": (results("mx.evil.net; none", PASS), None),
    "its word in a comment": (results("mx.example.net; spf=pass (; dkim=pass header.d=example.org)"), None),
    "no word": (REPLY, None),
}


@pytest.mark.parametrize(("raw", "sender"), VOUCHED.values(), ids=VOUCHED.keys())
def test_a_trusted_server_vouches_for_the_sender(raw: bytes, sender: str | None) -> None:
    assert proven_sender(raw, TRUSTED, dns) == sender


def test_with_neither_nobody_is_proven() -> None:
    assert proven_sender(signed(results(PASS)), Authority(), dns) is None
