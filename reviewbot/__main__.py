# SPDX-License-Identifier: GPL-2.0-or-later
"""`python -m reviewbot` is the same program as `reviewbot`."""

from reviewbot.cli.main import run

if __name__ == "__main__":
    run()
