# SPDX-License-Identifier: GPL-2.0-or-later
"""The one exception that means "the input is unusable"."""


class UnusableInputError(Exception):
    """The input cannot be used; the text is one clear line for the user, who gets exit status 2."""
