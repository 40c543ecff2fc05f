# SPDX-License-Identifier: GPL-2.0-or-later
"""C: parsing, functions, control flow, data flow, calls, fragments; does not know what a defect is."""
