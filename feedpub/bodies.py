"""Which bodies are not worth their rendering: made to cost, not to be read."""

import re

from feedpub.article import BodyFormat

# Each is about a second's work at most: the parser of HTML takes time by the square of the elements
# that are open, those that format (HTML §13.2.4.3) more than others.
_MOST_TAGS, _MOST_FORMATTING_TAGS = 20_000, 5_000
_MOST_MARKS, _MOST_LINES = 20_000, 40_000

_FORMATTING_TAG = re.compile(
    r"<(?:a|b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)\b", re.IGNORECASE
)
_MARKS = "<[!*_`&\\~|"


def is_costly(body: str, body_format: BodyFormat) -> bool:
    """Tell whether rendering a body takes longer than a second or so, as no article does."""
    tags = body.count("<")
    if tags > _MOST_TAGS:
        return True
    if tags > _MOST_FORMATTING_TAGS and len(_FORMATTING_TAG.findall(body)) > _MOST_FORMATTING_TAGS:
        return True
    if body_format == "html":
        return False
    return body.count("\n") > _MOST_LINES or sum(map(body.count, _MARKS)) > _MOST_MARKS
