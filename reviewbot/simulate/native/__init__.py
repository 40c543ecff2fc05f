# SPDX-License-Identifier: GPL-2.0-or-later
"""The compiled explorer: C of ours, compiled once, that searches programs which it gets as data."""
