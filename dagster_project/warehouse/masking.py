"""Keeps personal data out of messages. Belongs here: masking text that libraries wrote. Does not belong here:
the project's own messages, which hold none."""

from __future__ import annotations

import re

# Messages of libraries may quote the value that they refused.
_MASKS = (
    (re.compile(r"[^\s@'\"<>(),;]+@[^\s@'\"<>(),;]+\.\w+"), "<e-mail>"),
    (re.compile(r"(?i)(could not (?:convert|parse|cast) [\w ]*?)(['\"]).*?\2"), r"\1<value>"),
    (re.compile(r"\+?\d[\d ()/-]{7,}\d"), "<number>"),
)


def mask(text: str) -> str:
    """The text without e-mail addresses, long numbers and values that could not be converted."""
    for pattern, instead in _MASKS:
        text = pattern.sub(instead, text)
    return text
