# SPDX-License-Identifier: GPL-2.0-or-later
"""`reviewbot.toml`: what the documentation shows is read, and what is wrong is named with its file and key."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reviewbot.model.errors import UnusableInputError
from reviewbot.publish.config import Config, load_config

SMALL = """
[policy]
[bot.email]
address = "bot@example.org"
[bot.email.incoming.box]
kind = "maildir"
path = "box"
"""


def load(tmp_path: Path, text: str) -> Config:
    file = tmp_path / "reviewbot.toml"
    file.write_text(text)
    return load_config(file)


def test_the_documentation_shows_a_configuration_that_is_read_whole(root: Path, tmp_path: Path) -> None:
    shown = re.findall(r"```toml\n(.*?)```", (root / "docs" / "bots.md").read_text(), re.DOTALL)
    config = load(tmp_path, shown[0])
    assert config.email is not None and config.email.outgoing is not None and config.email.outgoing.account is not None
    assert [(one.name, one.kind) for one in config.email.incoming] == [
        ("list", "imap"),
        ("archive", "archive"),
        ("drop", "maildir"),
    ]
    assert config.email.outgoing.account.port == 587
    assert config.policy.lists["quiet@lists.example.org"].mode == "private"
    assert (config.policy.embargo_hours, config.email.quiet, config.email.authority.dkim) == (12, 1800, True)


def test_defaults_send_nothing(tmp_path: Path) -> None:
    config = load(tmp_path, SMALL)
    assert config.email is not None
    assert (config.policy.lists, config.policy.moderate, config.email.outgoing) == ({}, True, None)
    assert config.email.incoming[0].path == tmp_path / "box"
    assert (config.email.authority.dkim, config.email.authority.authserv_id) == (False, None)


WRONG = {
    "no TOML": ("=", "reviewbot.toml: "),
    "a key that is not known": ("[policy]\nmoderated = true", "policy.moderated is not known (known: "),
    "a mode that is none": ('[policy]\nmode = "loud"', "policy.mode is none of public, private, mute: 'loud'"),
    "a list's rule": ('[policy.lists."a@b"]\nmode = 1', "policy.lists.a@b.mode is not a string"),
    "a list that is no table": ("[policy]\nlists = 1", "policy.lists is not a table"),
    "a flag that is none": ('[policy]\nmoderate = "no"', "policy.moderate is neither true nor false"),
    "a cap below zero": ("[policy]\nper_day = -1", "policy.per_day is not between 0 and"),
    "half a mail": ("[policy]\nper_day = 1.5", "policy.per_day is not a whole number"),
    "no address": ("[bot.email]\npoll_seconds = 1", "bot.email.address is missing"),
    "a name for an address": (SMALL.replace("@", " at "), "bot.email.address is no mail address"),
    "no source": ('[bot.email]\naddress = "b@x"', "bot.email.incoming is missing"),
    "a source of no kind": (
        SMALL.replace("maildir", "mbox"),
        "bot.email.incoming.box.kind is none of maildir, archive",
    ),
    "a base of nothing": (SMALL.replace("[bot.email]", '[bot.email]\nbase = "v1"'), "bot.email.base needs a tree"),
    "a user without a password": (
        SMALL + '[bot.email.outgoing]\nkind = "smtp"\nhost = "h"\nuser = "u"',
        "bot.email.outgoing.user needs a password_file or password_env",
    ),
    "a password in the open": (
        SMALL + '[bot.email.outgoing]\nkind = "smtp"\nhost = "h"\nuser = "u"\npassword_env = "P"\nsecurity = "none"',
        "bot.email.outgoing.security is none: a password would be sent in the open",
    ),
}


@pytest.mark.parametrize(("text", "said"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_named_with_file_and_key(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UnusableInputError) as caught:
        load(tmp_path, text)
    assert str(caught.value).startswith(str(tmp_path / "reviewbot.toml") + ": ")
    assert said in str(caught.value)


def test_a_password_in_the_open_stays_on_this_machine(tmp_path: Path) -> None:
    end = '[bot.email.outgoing]\nkind = "smtp"\nhost = "127.0.0.1"\nuser = "u"\npassword_env = "P"\nsecurity = "none"'
    assert load(tmp_path, SMALL + end).email is not None


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnusableInputError, match="no such file"):
        load_config(tmp_path / "none.toml")
