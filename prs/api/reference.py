"""The OpenAPI document as its page shows it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from prs.api.openapi import document
from prs.api.problems import TITLES


def page() -> dict[str, Any]:
    """What the page of the API shows: operations with their fields and answers, and the refusals."""
    found = document()
    operations = [
        shown(path, method, operation, schemas=found["components"]["schemas"])
        for path, methods in found["paths"].items()
        for method, operation in methods.items()
    ]
    server = found["servers"][0]["url"]
    return {"operations": operations, "server": server, "titles": sorted(TITLES.items())}


def shown(
    path: str, method: str, operation: dict[str, Any], *, schemas: dict[str, Any]
) -> dict[str, Any]:
    """One operation."""
    media = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    done = {status: each for status, each in operation["responses"].items() if status < "300"}
    example = done.get("201", {}).get("content", {}).get("application/json", {}).get("example")
    return {
        "id": operation["operationId"],
        "path": path,
        "method": method.upper(),
        "summary": operation["summary"],
        "description": operation["description"],
        "parameters": operation["parameters"],
        "fields": list(fields(media["schema"], schemas)) if media else [],
        "example": json.dumps(media["example"], indent=2) if media else "",
        "answer": json.dumps(example, indent=2) if example else "",
        "answers": [
            (status, each["description"]) for status, each in operation["responses"].items()
        ],
    }


def fields(
    schema: dict[str, Any], schemas: dict[str, Any], before: str = ""
) -> Iterator[tuple[str, str, bool, str]]:
    """Name, type, whether it is required, and limits of every field, those within objects included."""
    schema = resolved(schema, schemas)
    needed = schema.get("required", ())
    for name, given in schema.get("properties", {}).items():
        path = f"{before}{name}"
        inner = resolved(given, schemas)
        item = resolved(inner.get("items", {}), schemas) if inner.get("type") == "array" else {}
        yield path, kind(inner), name in needed, limits(inner)
        if inner.get("properties"):
            yield from fields(inner, schemas, f"{path}.")
        elif item:
            yield from fields(item, schemas, f"{path}[].")


def resolved(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    """A schema behind its reference; of several forms, the first."""
    if "$ref" in schema:
        return dict(schemas[schema["$ref"].rpartition("/")[2]])
    forms = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
    return resolved(forms[0], schemas) if forms else schema


def kind(schema: dict[str, Any]) -> str:
    """The type of a field, in a word."""
    types = schema.get("type", "string")
    plain = [each for each in types if each != "null"] if isinstance(types, list) else [types]
    return str(schema.get("format") or " / ".join(plain))


def limits(schema: dict[str, Any]) -> str:
    """How long or how large a field may be."""
    if "maxLength" in schema:
        return f"at most {schema['maxLength']}"
    if "maximum" in schema:
        return f"{schema['minimum']} to {schema['maximum']:,}"
    return f"1 to {schema['maxItems']:,}" if "maxItems" in schema else ""
