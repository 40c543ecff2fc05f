# SPDX-License-Identifier: GPL-2.0-or-later
"""Reviews as compressed JSON, and back."""

from __future__ import annotations

import json
import zlib
from functools import cache
from typing import Any, get_type_hints

from cattrs.preconf.json import JsonConverter, make_converter

from reviewbot.model.comparison import Comparison
from reviewbot.model.finding import SeriesReview


@cache
def converter() -> JsonConverter:
    """Return what turns the model's values into plain ones and back; made once, as it compiles code for each class."""
    return make_converter(detailed_validation=False)


@cache
def _parts() -> dict[str, Any]:
    """Return the fields of a review that are kept, with their types: a comparison is made anew from what is kept."""
    hints = get_type_hints(SeriesReview, localns={"Comparison": Comparison})
    del hints["comparison"]
    return hints


def plain(value: object) -> str:
    """Return a value of the model as JSON, the same for the same value."""
    return json.dumps(converter().unstructure(value), sort_keys=True, separators=(",", ":"))


def packed(review: SeriesReview) -> bytes:
    """Return a review, without its comparison, as bytes."""
    return zlib.compress(plain({name: getattr(review, name) for name in _parts()}).encode("ascii"), 6)


class StaleFormError(Exception):
    """What is kept was written by a program whose model was another one."""


def unpacked(data: bytes) -> SeriesReview:
    """Return the review that `packed` made bytes of; StaleFormError when the model has changed too much since."""
    try:
        found = json.loads(zlib.decompress(data))
        return SeriesReview(**{name: converter().structure(found[name], kind) for name, kind in _parts().items()})
    except (KeyError, TypeError, ValueError, zlib.error) as error:
        raise StaleFormError(str(error)) from error
