# SPDX-License-Identifier: GPL-2.0-or-later
"""Which mails programs wrote, and which only tell that a patch went into a tree.

The senders are those of the kernel lists: lkp (0day), syzbot, patchwork, tip, kernelci, pr-tracker and their like.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from reviewbot.model.mail import Person

_ADDRESS = re.compile(
    r"(?:lkp@intel\.com|syzbot\+?.{0,100}@.{0,100}|.{0,60}[-_.+]bot\d?@.{0,100}|bot[-_+.].{0,60}@.{0,100}|bot@.{0,100}"
    r"|tip-bot2?@.{0,100}|(?:noreply|no-reply|donotreply)@.{0,100}|patchwork@.{0,100}|buildbot@.{0,100}|ci@.{0,100}"
    r"|ci_?notify@.{0,100}|kernelci.{0,60}@.{0,100}|cki-project@.{0,100}|patchew.{0,60}@.{0,100}|mailer-daemon@.{0,100})",
    re.I,
)
_NAME = re.compile(r"\b(?:test robot|tip-bot2? for|bot for|kernel test robot|syzbot|patchwork-bot|kernelci)", re.I)
_NAME_ENDS = ("-bot", "_bot")
_NOTICE = re.compile(
    r'(?:patch "[^"]{0,400}" (?:has been )?added to |\+ \S{1,200}\.patch added to '
    r"|\[(?:merged|obsolete|withdrawn|folded)|\[to-be-updated\]|\[nacked\]|\[?failed[: ]|\[tip: )",
    re.I,
)


def is_bot(sender: Person, first: Mapping[str, str]) -> bool:
    """Tell whether a program wrote a mail; `first` is the mail's fields by name in lower case.

    `Precedence: bulk` says nothing here: list servers put it on everybody's mail.
    """
    auto = first.get("auto-submitted", "").partition(";")[0].strip().lower()
    if auto not in ("", "no"):
        return True
    if _ADDRESS.fullmatch(sender.email[:200]) or _NAME.search(sender.name[:200]):
        return True
    words = sender.name[:200].lower().split()
    return bool(words) and (words[-1] in ("bot", "robot") or words[-1].endswith(_NAME_ENDS))


def is_notice(subject: str) -> bool:
    """Tell whether a subject announces what became of a patch ("added to the tree"), with the patch in the mail."""
    return _NOTICE.match(subject) is not None
