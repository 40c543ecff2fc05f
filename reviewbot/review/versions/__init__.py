# SPDX-License-Identifier: GPL-2.0-or-later
"""Versions of a series compared: patches as git range-diff does, findings, remarks and tags."""
