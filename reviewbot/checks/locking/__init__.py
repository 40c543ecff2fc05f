# SPDX-License-Identifier: GPL-2.0-or-later
"""Locks along the paths of a function: what is taken where, what is held at a point, what may be done then."""
