# SPDX-License-Identifier: GPL-2.0-or-later
"""Who sleeps on which queue for what, and who wakes them: facts about kernel code that several rules share."""
