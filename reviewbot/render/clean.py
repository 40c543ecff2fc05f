# SPDX-License-Identifier: GPL-2.0-or-later
"""Text that every reader of JSON takes."""

from __future__ import annotations

from typing import overload


@overload
def clean(text: str) -> str: ...
@overload
def clean(text: None) -> None: ...
def clean(text: str | None) -> str | None:
    """Return text without the surrogates that stand for bytes of no charset: JSON's readers refuse them."""
    return None if text is None else text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
