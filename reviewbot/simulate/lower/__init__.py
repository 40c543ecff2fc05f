# SPDX-License-Identifier: GPL-2.0-or-later
"""From C functions to the small instruction set that the machine runs."""
