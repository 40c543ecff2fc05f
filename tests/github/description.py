# SPDX-License-Identifier: GPL-2.0-or-later
"""GitHub's OpenAPI description: which requests there are, and whether requests and answers are as it says."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from tests.github.packages import OPENAPI, load

Json = Any
# OpenAPI 3.0's way to allow null beside everything else that a schema asks for
_CHECKED = ("type", "enum", "oneOf", "anyOf", "allOf")


def _nullable(keyword: str) -> Any:
    usual = Draft202012Validator.VALIDATORS[keyword]

    def check(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        if instance is not None or not schema.get("nullable"):
            yield from usual(validator, value, instance, schema) or ()

    return check


_Validator = extend(Draft202012Validator, {keyword: _nullable(keyword) for keyword in _CHECKED})


class ViolationError(AssertionError):
    """A request or an answer is not as GitHub describes it."""


class Description:
    """The description, loaded once."""

    def __init__(self, document: Json) -> None:
        self.document = document
        self._paths = [
            (re.compile(re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(path)) + r"\Z"), path, operations)
            for path, operations in document["paths"].items()
        ]

    def resolve(self, node: Json) -> Json:
        """Follow a reference."""
        while "$ref" in node:
            found = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            node = found
        return node

    def operation(self, method: str, path: str) -> Json:
        """Return what is described for a request; ViolationError where GitHub has no such thing."""
        fitting = [
            (template.count("{"), operations[method.lower()])
            for pattern, template, operations in self._paths
            if pattern.match(path) and method.lower() in operations
        ]
        if not fitting:
            raise ViolationError(f"GitHub has no {method} {path}")
        return min(fitting, key=lambda pair: pair[0])[1]

    def _check(self, schema: Json, value: Json, what: str) -> None:
        # references in a schema are to the whole document
        whole = {"$ref": "#/schema", "schema": schema, "components": self.document["components"]}
        errors = sorted(_Validator(whole).iter_errors(value), key=str)
        if errors:
            place = "/".join(map(str, errors[0].absolute_path))
            raise ViolationError(f"{what}: at {place or 'the top'}: {errors[0].message[:300]}")

    def check_request(self, method: str, path: str, query: dict[str, str], body: Json) -> None:
        """Check a request: its path, the names and values of its query, its body."""
        found = self.operation(method, path)
        parameters = {p["name"]: p for p in map(self.resolve, found.get("parameters", [])) if p["in"] == "query"}
        for name, value in query.items():
            if name not in parameters:
                raise ViolationError(f"{method} {path}: no parameter {name}")
            schema = self.resolve(parameters[name]["schema"])
            self._check(schema, int(value) if schema.get("type") == "integer" else value, f"{method} {path}?{name}")
        described = found.get("requestBody")
        if described is None:
            if body is not None:
                raise ViolationError(f"{method} {path}: takes no body")
            return
        schema = self.resolve(described)["content"]["application/json"]["schema"]
        self._check(schema, {} if body is None else body, f"{method} {path}")
        unknown = set(body or {}) - set(self.resolve(schema).get("properties", body or {}))
        if unknown:
            raise ViolationError(f"{method} {path}: unknown {sorted(unknown)}")

    def check_answer(self, method: str, path: str, status: int, body: Json) -> None:
        """Check an answer of the server, so that the tests' GitHub is held to the same description."""
        responses = self.operation(method, path)["responses"]
        if str(status) not in responses:
            # errors that any request may meet are described in prose only
            if status in (401, 403, 404, 422, 429) or status >= 500:
                return
            raise ViolationError(f"{method} {path}: answers {status} are not described")
        content = self.resolve(responses[str(status)]).get("content", {})
        if "application/json" in content:
            self._check(content["application/json"]["schema"], body, f"answer {status} to {method} {path}")

    def example(self, name: str) -> Json:
        """Return a copy of one of GitHub's example values."""
        return copy.deepcopy(self.document["components"]["examples"][name]["value"])


@cache
def description() -> Description:
    """Load the description (skips the test where it cannot be had)."""
    return Description(load(OPENAPI))
