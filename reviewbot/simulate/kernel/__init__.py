# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernel's primitives, one file each: what they do to the machine, and what the model leaves out."""
