"""What an expression of a mapping asks for, as far as that can be told without the engine."""

from __future__ import annotations

import re

_NAME = re.compile(r'[A-Za-z_]\w*|"[^"]+"')
# Words that stand for a value of their own, whatever the columns are called.
_VALUE = re.compile(
    r"current_(catalog|database|date|query|role|schema|setting|time|timestamp|user)"
    r"|session_user|local(time|timestamp)|user|null|true|false|default"
)


def bare_name(expression: str) -> str | None:
    """Return the column that an expression is nothing but the name of, in lower case."""
    said = expression.strip()
    if not _NAME.fullmatch(said) or _VALUE.fullmatch(said.lower()):
        return None
    return said.strip('"').lower()
