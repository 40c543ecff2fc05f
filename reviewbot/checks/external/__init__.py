# SPDX-License-Identifier: GPL-2.0-or-later
"""Other people's checkers, run before and after each patch like rules; only what is new is reported."""
