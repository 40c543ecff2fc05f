# SPDX-License-Identifier: GPL-2.0-or-later
"""The rule interface and the before/after engine; knows no single rule."""
