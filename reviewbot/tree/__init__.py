# SPDX-License-Identifier: GPL-2.0-or-later
"""Pinned trees, finding the base, applying without a checkout, reconstruction."""
