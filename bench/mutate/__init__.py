# SPDX-License-Identifier: GPL-2.0-or-later
"""A mutation benchmark of the rules: defects planted into real functions of a kernel tree."""
