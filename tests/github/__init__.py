# SPDX-License-Identifier: GPL-2.0-or-later
"""A GitHub for the tests: a loopback server that is held to GitHub's own description of its interface."""
