# SPDX-License-Identifier: GPL-2.0-or-later
"""What a function takes into its hands (memory, references), and what becomes of it."""
