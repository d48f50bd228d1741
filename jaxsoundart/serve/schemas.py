"""What the interface's description says beyond what its types say: OpenAPI 3.1."""

from typing import Any

from jaxsoundart.serve.problems import MEDIA_TYPE

_TEXTS = {
    400: "No HTTP that can be read.",
    401: "The token is missing or wrong.",
    403: "Another site's page asks.",
    404: "There is no such job or picture, or no more.",
    405: "This cannot be done with that.",
    408: "The body came too slowly.",
    409: "The job is not in a state for this.",
    413: "Too large, too long, or too much to decode.",
    415: "No sound, or no form.",
    421: "The server is not called by that name.",
    422: "What is asked for cannot be meant.",
    429: "Too often; Retry-After says when again.",
    500: "The server's own fault.",
    503: "The queue is full; Retry-After says when again.",
}
_ALWAYS = (401, 403, 421, 429)

_TEXT = {"type": "string", "maxLength": 1000}

PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
}


def order(most: int) -> dict[str, Any]:
    """Returns how an order for at most so many pictures is described."""
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "count": {"type": "integer", "minimum": 1, "maximum": most},
            "seed": _or_null({"type": "integer", "minimum": 0, "maximum": 2**32 - 1}),
            "style": _TEXT,
            "prompt": _or_null(_TEXT),
            "negative": _TEXT,
            "atmosphere": _or_null({"type": "string"}),
            "guidance": _or_null({"type": "number", "minimum": 1, "maximum": 50}),
            "excerpts": {"type": "string"},
            "hold": {"type": "boolean"},
        },
    }


def job_body(most: int) -> dict[str, Any]:
    """Returns how a form with a song and an order is described."""
    parts = {
        "song": {
            "type": "string",
            "contentMediaType": "application/octet-stream",
            "description": "WAV, FLAC, OGG, Opus, MP3, AIFF; with ffmpeg on the server "
            "also M4A, AAC and video.",
        },
        "order": {
            "type": "string",
            "contentMediaType": "application/json",
            "contentSchema": order(most),
            "description": "What is wanted; all of it may be left out.",
        },
    }
    form = {
        "schema": {
            "type": "object",
            "required": ["song"],
            "additionalProperties": False,
            "properties": parts,
        },
        "encoding": {"song": {"contentType": "application/octet-stream"}},
    }
    return {"required": True, "content": {"multipart/form-data": form}}


def words_body(most: int) -> dict[str, Any]:
    """Returns how the words for at most so many pictures are described."""
    brief = {
        "type": "object",
        "required": ["prompt"],
        "additionalProperties": False,
        "properties": {
            "prompt": {**_TEXT, "minLength": 1},
            "negative_prompt": _TEXT,
        },
    }
    schema = {
        "type": "object",
        "required": ["briefs"],
        "additionalProperties": False,
        "properties": {
            "briefs": {
                "type": "array",
                "minItems": 1,
                "maxItems": most,
                "items": brief,
            }
        },
    }
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Returns how answers that are problems are described."""
    return {
        status: {
            "description": _TEXTS[status],
            "content": {MEDIA_TYPE: {"schema": PROBLEM}},
        }
        for status in (*_ALWAYS, *statuses)
    }


def binary(description: str, *media_types: str) -> dict[str, Any]:
    """Returns how an answer that is a file is described."""
    schema = {"type": "string", "contentMediaType": media_types[0]}
    return {
        "description": description,
        "content": {media_type: {"schema": schema} for media_type in media_types},
    }
