"""JSON Feed 1.1 (jsonfeed.org/version/1.1) as a JSON Schema, in words of our own.

Stricter than the specification where feedpub is: 1.1 only (no `author`), every address absolute,
every date RFC 3339, and no key that the specification does not know but its extensions.
"""

from collections import Counter
from typing import Any

from jsonschema import Draft202012Validator

_ADDRESS = {"type": "string", "pattern": r"^https?://[a-z0-9.:_\[\]-]+/[\x21-\x7e]*$"}
_TEXT = {"type": "string", "pattern": r"\S"}
_DATE = {
    "type": "string",
    "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$",
}
_LANGUAGE = {"type": "string", "pattern": r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"}
# "Custom objects": an object under a key that begins with `_`, a letter after it, and has no dot.
_EXTENSIONS = {"^_[A-Za-z][^.]*$": {"type": "object", "required": ["about"]}}
_AUTHOR = {
    "type": "object",
    "properties": {"name": _TEXT, "url": _ADDRESS, "avatar": _ADDRESS},
    "patternProperties": _EXTENSIONS,
    "additionalProperties": False,
    "minProperties": 1,
}
_AUTHORS = {"type": "array", "items": _AUTHOR, "minItems": 1}
_ATTACHMENT = {
    "type": "object",
    "properties": {
        "url": _ADDRESS,
        "mime_type": {"type": "string", "pattern": r"^[a-z]+/[a-z0-9][a-z0-9.+-]*$"},
        "title": _TEXT,
        "size_in_bytes": {"type": "integer", "minimum": 1},
        "duration_in_seconds": {"type": "number", "exclusiveMinimum": 0},
    },
    "required": ["url", "mime_type"],
    "additionalProperties": False,
}
_ITEM = {
    "type": "object",
    "properties": {
        "id": _TEXT,
        "url": _ADDRESS,
        "external_url": _ADDRESS,
        "title": _TEXT,
        "content_html": _TEXT,
        "content_text": _TEXT,
        "summary": _TEXT,
        "image": _ADDRESS,
        "banner_image": _ADDRESS,
        "date_published": _DATE,
        "date_modified": _DATE,
        "authors": _AUTHORS,
        "tags": {"type": "array", "items": _TEXT, "minItems": 1, "uniqueItems": True},
        "language": _LANGUAGE,
        "attachments": {"type": "array", "items": _ATTACHMENT, "minItems": 1},
    },
    "patternProperties": _EXTENSIONS,
    "required": ["id", "url"],
    "anyOf": [{"required": ["content_html"]}, {"required": ["content_text"]}],
    "additionalProperties": False,
}
SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "version": {"const": "https://jsonfeed.org/version/1.1"},
        "title": _TEXT,
        "home_page_url": _ADDRESS,
        "feed_url": _ADDRESS,
        "description": _TEXT,
        "user_comment": _TEXT,
        "next_url": _ADDRESS,
        "icon": _ADDRESS,
        "favicon": _ADDRESS,
        "authors": _AUTHORS,
        "language": _LANGUAGE,
        "expired": {"type": "boolean"},
        "hubs": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"type": _TEXT, "url": _ADDRESS},
                "required": ["type", "url"],
                "additionalProperties": False,
            },
        },
        "items": {"type": "array", "items": _ITEM},
    },
    "patternProperties": _EXTENSIONS,
    "required": ["version", "title", "items"],
    "additionalProperties": False,
}

_validator = Draft202012Validator(SCHEMA)


def json_feed_faults(document: Any) -> list[str]:
    """Return what is wrong with a JSON Feed, each fault with its place."""
    faults = [f"{error.json_path}: {error.message}" for error in _validator.iter_errors(document)]
    ids = Counter(item.get("id") for item in document.get("items", ()))
    faults += [f"id {found!r} appears twice" for found, count in ids.items() if count > 1]
    if "next_url" in document and document["next_url"] == document.get("feed_url"):
        faults.append("next_url is the feed itself")
    return faults
