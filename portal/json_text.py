"""Plain data as JSON text and back, for what is written by the hundred thousand: staged rows, rows of an upload.

Imported by the process that reads uploads, too: no Django here.
"""

from typing import Any

import orjson


def encode(value: Any) -> str:
    """Texts, numbers, truth values, lists and dictionaries with texts as keys, in one line and without blanks."""
    return orjson.dumps(value).decode()


def decode(text: str | bytes) -> Any:
    """What `encode` was given; ValueError where the text is no JSON."""
    return orjson.loads(text)
