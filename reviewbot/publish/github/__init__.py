# SPDX-License-Identifier: GPL-2.0-or-later
"""The GitHub bot: a pull request is a series, its review one review with line comments, a check, resolved threads."""
