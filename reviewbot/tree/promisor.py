# SPDX-License-Identifier: GPL-2.0-or-later
"""Partial clones: where their missing objects come from, and fetching them into the scratch repository.

Git fetches what a partial clone lacks from its promisor remote, into the clone (partial-clone.txt in git's technical
documentation). Here the scratch repository is made a partial clone of the same remote; of the user's configuration it
takes the URL alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from configparser import Error as ConfigError
from pathlib import Path

from reviewbot.tree.gitcommand import run_git

REMOTE = "promisor"
LARGEST_CONFIG = 1 << 20
# a path that is not absolute, and neither a URL nor host:path
RELATIVE = re.compile(r"[^/:]+(?:/|\Z)")
FETCH = (
    "-c", "fetch.negotiationAlgorithm=noop", "fetch", REMOTE, "--quiet", "--no-tags", "--no-write-fetch-head",
    "--no-auto-maintenance", "--recurse-submodules=no", "--filter=blob:none", "--stdin",
)  # fmt: skip


def promisor_url(git_directory: Path) -> str | None:
    """Return the URL of the remote that a partial clone gets missing objects from; None for any other repository."""
    config = git_directory / "config"
    try:
        with config.open("rb") as stream:
            text = stream.read(LARGEST_CONFIG)
    except OSError:
        return None
    if b"promisor" not in text:
        return None
    from git.config import GitConfigParser  # takes a tenth of a second to import, and few clones are partial

    try:
        with GitConfigParser(str(config), read_only=True, merge_includes=False) as reader:
            for section in reader.sections():
                if section.startswith("remote ") and reader.get_value(section, "promisor", default=False):
                    return _absolute(str(reader.get_value(section, "url", default="")), git_directory)
    except (ConfigError, OSError, UnicodeDecodeError):
        return None
    return None


def _absolute(url: str, git_directory: Path) -> str | None:
    if not url or url.startswith("-") or not url.isprintable():
        return None
    return str((git_directory.parent / url).resolve()) if RELATIVE.match(url) else url


def configuration(url: str) -> str:
    """Return what makes a scratch repository a partial clone of `url`, as text for its `config`."""
    quoted = url.replace("\\", "\\\\").replace('"', '\\"')
    return (
        f"[core]\n\trepositoryformatversion = 1\n[extensions]\n\tpartialClone = {REMOTE}\n"
        f'[remote "{REMOTE}"]\n\turl = "{quoted}"\n\tpromisor = true\n\tpartialclonefilter = blob:none\n'
    )


def fetch(store: Path, identities: Sequence[str]) -> bool:
    """Fetch objects into the scratch repository, and tell whether the remote gave them."""
    return run_git(store, FETCH, "".join(f"{identity}\n" for identity in identities).encode("ascii"))[1]
