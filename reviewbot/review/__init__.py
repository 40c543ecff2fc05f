# SPDX-License-Identifier: GPL-2.0-or-later
"""Turns results into one review: anchors, people, fingerprints."""
