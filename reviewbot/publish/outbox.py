# SPDX-License-Identifier: GPL-2.0-or-later
"""The one way out: whatever is posted is reserved, sent and confirmed here, and so never sent twice.

    held --approve--> approved --.
                                 v
    (new) ------------------> reserved --send--> sent
                               ^  |  `--NotSent--> failed --(again)--> reserved
                        (look) |  v
                             in-doubt --approve--> approved

A reservation is committed before anything is sent. Whoever dies between that and the confirmation leaves the letter
reserved, and nobody knows whether it left: then the remote is asked (`look`), and where it cannot be, a person is. A
letter waits at every state but "sent" and "dropped".
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_, insert, select, update
from sqlalchemy.exc import IntegrityError

from reviewbot.model.errors import UnusableInputError
from reviewbot.publish import owner
from reviewbot.publish.letter import Letter, Look, NotSent, OutboxRow, Outcome, Send, State, letter_key
from reviewbot.review.memory.schema import outbox
from reviewbot.review.memory.store import Store

__all__ = ["Letter", "Look", "NotSent", "Outbox", "OutboxRow", "Outcome", "Send", "State", "letter_key"]

ELSEWHERE = timedelta(hours=1)
"""A reservation of another machine, whose processes cannot be seen, is left alone for this long."""

DIED = "the process that sent it ended before it could tell"
"""Why a letter is in doubt that was found reserved."""

_DONE = ("sent", "dropped")
_REASON_MOST = 500


class Outbox:
    """The letters of a store. Any number of processes may work on it at a time."""

    def __init__(self, store: Store, *, settling: timedelta = timedelta(0)) -> None:
        """Work on the outbox of a store.

        What a dead process sent may still be under way to the remote: for the time `settling` nobody looks for it.
        """
        self._store = store
        self._settling = settling

    def post(self, letter: Letter, send: Send, *, look: Look | None = None, hold: str | None = None) -> Outcome:
        """Post a letter unless it is posted, dropped or held already, and tell what became of it.

        `hold` is the reason why a new letter waits for a person. A letter that a dead process left reserved, or whose
        delivery is in doubt, is only sent again when `look` says that the remote does not have it, or a person does.
        "in-doubt" is also the answer while another process is sending it.
        """
        if hold is not None:
            if self._insert(letter, "held", hold, None):
                return "held"
        else:
            mine = owner.take()
            try:
                if self._insert(letter, "reserved", "", mine):
                    return self._send(letter, send, mine)
            finally:
                owner.release(mine)
        return self._resume(letter.key, send, look)

    def flush(self, channel: str, send: Send, look: Look | None = None) -> dict[str, Outcome]:
        """Send what a person approved and what failed before, and settle what is in doubt as far as `look` can.

        Returns what became of each letter of the channel that was waiting, by key; those that are held are left out.
        """
        waiting = [row.key for row in self.pending() if row.channel == channel and row.state != "held"]
        return {key: self._resume(key, send, look) for key in waiting}

    def pending(self) -> tuple[OutboxRow, ...]:
        """Return the letters that are not done with, oldest first."""
        return self._rows(outbox.c.state.not_in(_DONE))

    def everything(self) -> tuple[OutboxRow, ...]:
        """Return all letters, those that are done with too, oldest first."""
        return self._rows(None)

    def state(self, key: str) -> State | None:
        """Return where a letter is; None when there is none of that key."""
        with self._store.reading() as connection:
            found: State | None = connection.execute(select(outbox.c.state).where(outbox.c.key == key)).scalar()
        return found

    def find(self, beginning: str) -> OutboxRow:
        """Return the one letter whose key begins so; UnusableInputError when there is none, or more than one."""
        rows = self._rows(outbox.c.key.startswith(beginning, autoescape=True))
        if len(rows) != 1:
            raise UnusableInputError(f"the outbox has {len(rows) or 'no'} letters whose key begins with {beginning!r}")
        return rows[0]

    def letter(self, key: str) -> Letter:
        """Return what a letter says; UnusableInputError when there is none of that key."""
        row = self._read(key)
        return Letter(row["key"], row["channel"], row["recipient"], row["subject"], bytes(row["payload"]))

    def approve(self, key: str) -> None:
        """Let a letter be sent that is held, or in doubt (once more); the channel's next `flush` or `post` sends it."""
        self._decide(key, "approved", "approved by a person")

    def drop(self, key: str) -> None:
        """Never send a letter."""
        self._decide(key, "dropped", "dropped by a person")

    def confirm(self, key: str) -> None:
        """Take a letter that is in doubt for delivered: a person has seen it."""
        if self._read(key)["state"] not in ("in-doubt", "reserved"):
            raise UnusableInputError(f"{key[:12]} is not in doubt: there is nothing to confirm")
        self._decide(key, "sent", "confirmed by a person")

    def _resume(self, key: str, send: Send, look: Look | None) -> Outcome:
        """Carry on with a letter that is in the outbox."""
        row = self._read(key)
        state: State = row["state"]
        if state == "sent":
            return "already-sent"
        if state == "held" or state == "dropped":
            return state
        doubtful = state in ("reserved", "in-doubt")
        if doubtful and self._busy(row):
            return "in-doubt"
        if doubtful and look is None:
            if state == "reserved":
                self._change(row, state="in-doubt", owner=None, reason=DIED)
            return "in-doubt"
        mine = owner.take()
        try:
            if not self._change(row, state="reserved", owner=mine, reason="", tries=row["tries"] + 1):
                return "in-doubt"
            letter = self.letter(key)
            if doubtful and look is not None:
                found = self._look(letter, look, mine)
                if found is not None:
                    return found
            return self._send(letter, send, mine)
        finally:
            owner.release(mine)

    def _look(self, letter: Letter, look: Look, mine: str) -> Outcome | None:
        """Ask the remote for a letter; None when it surely does not have it."""
        try:
            reference = look(letter)
        except Exception as error:  # whatever it was: nothing is known, so nothing may be sent
            self._settle(letter.key, mine, "in-doubt", f"could not look whether it arrived: {_words(error)}")
            return "in-doubt"
        if reference is None:
            return None
        self._settle(letter.key, mine, "sent", "found at the remote", reference)
        return "already-sent"

    def _send(self, letter: Letter, send: Send, mine: str) -> Outcome:
        try:
            reference = send(letter)
        except NotSent as error:
            self._settle(letter.key, mine, "failed", _words(error))
            return "failed"
        except BaseException as error:  # an interrupt, too, leaves a letter of which nobody knows
            self._settle(letter.key, mine, "in-doubt", _words(error))
            if isinstance(error, Exception):
                return "in-doubt"
            raise
        self._settle(letter.key, mine, "sent", "", reference)
        return "sent"

    def _insert(self, letter: Letter, state: State, reason: str, mine: str | None) -> bool:
        """Add a letter; False when it is there already."""
        now = datetime.now(UTC)
        values = {
            "key": letter.key,
            "channel": letter.channel,
            "recipient": letter.recipient,
            "subject": letter.subject,
            "payload": letter.payload,
            "state": state,
            "reason": reason,
            "owner": mine,
            "tries": int(mine is not None),
            "created": now,
            "changed": now,
        }
        try:
            with self._store.writing() as connection:
                connection.execute(insert(outbox).values(values))
        except IntegrityError:
            return False
        return True

    def _change(self, row: RowMapping, **values: Any) -> bool:
        """Change a letter that is still as `row` says; False when another process was quicker."""
        same = ("key", "state", "tries", "changed")
        unchanged = and_(*(outbox.c[name] == row[name] for name in same))
        with self._store.writing() as connection:
            done = connection.execute(update(outbox).where(unchanged).values(changed=datetime.now(UTC), **values))
            return done.rowcount == 1

    def _settle(self, key: str, mine: str, state: State, reason: str, reference: str | None = None) -> None:
        """Say what became of a letter that this process reserved."""
        held = and_(outbox.c.key == key, outbox.c.owner == mine, outbox.c.state == "reserved")
        values = {"state": state, "reason": reason, "reference": reference, "owner": None}
        with self._store.writing() as connection:
            connection.execute(update(outbox).where(held).values(changed=datetime.now(UTC), **values))

    def _decide(self, key: str, state: State, reason: str) -> None:
        row = self._read(key)
        if row["state"] in _DONE:
            raise UnusableInputError(f"{key[:12]} is {row['state']} already")
        if row["state"] == "reserved" and owner.fate(row["owner"]) == "alive":
            raise UnusableInputError(f"{key[:12]} is being sent right now")
        if not self._change(row, state=state, reason=reason, owner=None):
            raise UnusableInputError(f"{key[:12]} has just been changed by another process: look again")

    def _busy(self, row: RowMapping) -> bool:
        """Tell whether a process may be sending the letter at this moment."""
        if row["state"] != "reserved":
            return False
        fate = owner.fate(row["owner"])
        age: timedelta = datetime.now(UTC) - row["changed"]
        return fate == "alive" or age < (ELSEWHERE if fate == "unknown" else self._settling)

    def _read(self, key: str) -> RowMapping:
        with self._store.reading() as connection:
            row = connection.execute(select(outbox).where(outbox.c.key == key)).mappings().first()
        if row is None:
            raise UnusableInputError(f"the outbox has no letter {key}")
        return row

    def _rows(self, where: ColumnElement[bool] | None) -> tuple[OutboxRow, ...]:
        columns = [outbox.c[name] for name in OutboxRow.__slots__]
        query = select(*columns).order_by(outbox.c.created, outbox.c.key)
        with self._store.reading() as connection:
            rows = connection.execute(query if where is None else query.where(where)).all()
        return tuple(OutboxRow(*row) for row in rows)


def _words(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:_REASON_MOST]
