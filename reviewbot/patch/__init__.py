# SPDX-License-Identifier: GPL-2.0-or-later
"""Diffs, hunks, line anchors, damage and its repair; does not know where the tree is."""
