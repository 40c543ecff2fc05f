# SPDX-License-Identifier: GPL-2.0-or-later
"""A review as text, mail and JSON; sends nothing."""
