# SPDX-License-Identifier: GPL-2.0-or-later
"""Posting reviews: what may leave, to whom, and the outbox through which it leaves."""
