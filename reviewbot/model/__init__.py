# SPDX-License-Identifier: GPL-2.0-or-later
"""The frozen values that pass between the rooms.

Every room may import these modules; they import nothing but each other. Values are immutable: a stage that knows
more makes a new value with `dataclasses.replace`.
"""
