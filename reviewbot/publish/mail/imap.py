# SPDX-License-Identifier: GPL-2.0-or-later
"""A folder of an IMAP server (RFC 3501), watched with IDLE (RFC 2177) where that is; nothing is marked read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from socket import socket
from typing import Any

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from reviewbot.model.errors import UnusableInputError
from reviewbot.publish.mail.incoming import MAX_MAIL, Arrival, SourceLostError
from reviewbot.publish.mail.settings import Account

BATCH = 20
"""Mails asked for in one command."""

LOST = (IMAPClientError, OSError, EOFError)
"""What a connection that is gone or refused raises (imaplib's errors are IMAPClientError's base)."""


class Imap:
    """One folder. The position is its UIDVALIDITY, the last UID read, and when that was."""

    def __init__(
        self, name: str, account: Account, folder: str, backlog: timedelta, clock: Callable[[], datetime]
    ) -> None:
        """Take the folder of an account, not connecting yet; the first start reads what came within `backlog`."""
        self.name = name
        self._account = account
        self._folder = folder
        self._backlog = backlog
        self._clock = clock
        self._client: IMAPClient | None = None
        self._validity = 0
        self._idling = False

    def fetch(self, position: str | None, known: Callable[[str], bool]) -> Iterator[Arrival]:
        """Yield the mails with a UID above the last one; all recent ones where the folder's UIDVALIDITY has changed."""
        try:
            client = self._connected()
            client.noop()
            seen: dict[str, Any] = json.loads(position) if position else {}
            now = self._clock()
            if seen.get("validity") == self._validity:
                last, since = int(seen["uid"]), None
            else:
                # the folder is new to the bot or was made anew: every UID may mean another mail now
                last = 0
                since = datetime.fromisoformat(seen["at"]) - timedelta(days=2) if seen else now - self._backlog
            found = sorted(uid for uid in client.search(["UID", f"{last + 1}:*"]) if uid > last)
            for start in range(0, len(found), BATCH):
                yield from self._batch(client, found[start : start + BATCH], since, known)
            if since is not None and not found:
                yield Arrival("", None, now, self._position(last))
        except LOST as error:
            self.close()
            raise SourceLostError(f"{self._account.host}: {error or type(error).__name__}") from error

    def _batch(
        self, client: IMAPClient, uids: list[int], since: datetime | None, known: Callable[[str], bool]
    ) -> Iterator[Arrival]:
        """Yield mails by their UIDs; those that came before `since` or are too big only move the position."""
        heads = client.fetch(uids, ["RFC822.SIZE", "INTERNALDATE"])
        wanted = {}
        for uid in uids:
            came = heads.get(uid, {}).get(b"INTERNALDATE")
            # IMAPClient gives a local time without a zone
            wanted[uid] = came.astimezone(UTC) if came is not None else self._clock()
        news = [
            uid
            for uid in uids
            if uid in heads
            and heads[uid].get(b"RFC822.SIZE", 0) <= MAX_MAIL
            and (since is None or wanted[uid] >= since)
            and not known(f"{self._validity}.{uid}")
        ]
        # all at once, unless that would fill the memory
        size = sum(heads[uid].get(b"RFC822.SIZE", 0) for uid in news)
        for part in [uids] if size <= MAX_MAIL else [[uid] for uid in uids]:
            asked = [uid for uid in part if uid in news]
            bodies = client.fetch(asked, ["BODY.PEEK[]"]) if asked else {}
            for uid in part:
                data = bodies.get(uid, {}).get(b"BODY[]")
                name = f"{self._validity}.{uid}" if data is not None else ""
                yield Arrival(name, data, wanted[uid], self._position(uid))

    def _position(self, uid: int) -> str:
        return json.dumps({"validity": self._validity, "uid": uid, "at": self._clock().isoformat()})

    def _connected(self) -> IMAPClient:
        """Return the connection with the folder selected, made anew where there is none."""
        if self._client is not None:
            return self._client
        account = self._account
        client = IMAPClient(
            account.host,
            account.port,
            ssl=account.security == "tls",
            ssl_context=account.trust() if account.security == "tls" else None,
            timeout=account.timeout,
        )
        try:
            if account.security == "starttls":
                client.starttls(account.trust())
            if account.user is not None:
                client.login(account.user, account.password())
            chosen = client.select_folder(self._folder, readonly=True)
        except (*LOST, UnusableInputError):
            _drop(client)
            raise
        self._validity = int(chosen[b"UIDVALIDITY"])
        self._client = client
        return client

    def idle(self) -> socket | None:
        """Ask to be told of new mail; return the socket to watch, None where the server cannot do it.

        Raises SourceLostError where the connection is gone.
        """
        try:
            if self._client is None or not self._client.has_capability("IDLE"):
                return None
            self._client.idle()
            self._idling = True
            watched: socket = self._client.socket()
            return watched
        except LOST as error:
            self.close()
            raise SourceLostError(f"{self._account.host}: {error or type(error).__name__}") from error

    def stop_idle(self) -> bool:
        """Stop being told, so that commands can be given again; tell whether new mail was told of."""
        if self._client is None or not self._idling:
            return False
        self._idling = False
        try:
            _, told = self._client.idle_done()
        except LOST as error:
            self.close()
            raise SourceLostError(f"{self._account.host}: {error or type(error).__name__}") from error
        return any(b"EXISTS" in one for one in told)

    def look(self, message_id: str) -> bool:
        """Tell whether the folder has a mail with a message-id; SourceLostError where it cannot be asked."""
        try:
            client = self._connected()
            client.noop()
            return bool(client.search(["HEADER", "Message-ID", f"<{message_id}>"]))
        except LOST as error:
            self.close()
            raise SourceLostError(f"{self._account.host}: {error or type(error).__name__}") from error

    def close(self) -> None:
        """Let go of the connection."""
        client, self._client, self._idling = self._client, None, False
        if client is not None:
            _drop(client)


def _drop(client: IMAPClient) -> None:
    """Close a connection, which may be gone already."""
    with suppress(OSError):
        client.shutdown()
