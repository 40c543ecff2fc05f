# SPDX-License-Identifier: GPL-2.0-or-later
"""reviewbot reviews patch series from kernel mailing lists."""

__version__ = "0.1.0"
