# SPDX-License-Identifier: GPL-2.0-or-later
"""The mail bot: mails in, series reviewed, answers out."""
