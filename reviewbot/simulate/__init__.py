# SPDX-License-Identifier: GPL-2.0-or-later
"""C to steps, kernel primitives, exploring, scenarios, schedules; knows nothing of mail."""
