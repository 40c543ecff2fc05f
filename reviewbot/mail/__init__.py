# SPDX-License-Identifier: GPL-2.0-or-later
"""Messages, threads, series, versions and people; knows neither git nor C."""
