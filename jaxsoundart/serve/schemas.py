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
_OR_NULL = {"type": "null"}

ORDER: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "count": {"type": "integer", "minimum": 1},
        "seed": {
            "anyOf": [
                {"type": "integer", "minimum": 0, "maximum": 2**32 - 1},
                _OR_NULL,
            ]
        },
        "style": _TEXT,
        "prompt": {"anyOf": [_TEXT, _OR_NULL]},
        "negative": _TEXT,
        "atmosphere": {"anyOf": [{"type": "string"}, _OR_NULL]},
        "guidance": {
            "anyOf": [{"type": "number", "minimum": 1, "maximum": 50}, _OR_NULL]
        },
        "excerpts": {"type": "string"},
        "hold": {"type": "boolean"},
    },
}

JOB_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["song"],
                "additionalProperties": False,
                "properties": {
                    "song": {
                        "type": "string",
                        "contentMediaType": "application/octet-stream",
                        "description": "WAV, FLAC, OGG, Opus, MP3, AIFF; with ffmpeg "
                        "on the server also M4A, AAC and video.",
                    },
                    "order": {
                        "type": "string",
                        "contentMediaType": "application/json",
                        "contentSchema": ORDER,
                        "description": "What is wanted; all of it may be left out.",
                    },
                },
            },
            "encoding": {"song": {"contentType": "application/octet-stream"}},
        }
    },
}

WORDS_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["briefs"],
                "additionalProperties": False,
                "properties": {
                    "briefs": {
                        "type": "array",
                        "minItems": 1,
                        "items": {
                            "type": "object",
                            "required": ["prompt"],
                            "additionalProperties": False,
                            "properties": {
                                "prompt": {**_TEXT, "minLength": 1},
                                "negative_prompt": _TEXT,
                            },
                        },
                    }
                },
            }
        }
    },
}

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
