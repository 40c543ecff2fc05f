# SPDX-License-Identifier: GPL-2.0-or-later
"""What was reviewed, found, said and posted: a database that outlives a run."""
