"""Show the library's own source in a lesson, so that what is read is what runs."""

import inspect
import re
import textwrap
from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """The source of one function or class: highlighted where Markdown is rendered, plain elsewhere."""

    text: str

    def __repr__(self):
        return self.text

    def _repr_markdown_(self):
        fence = "`" * max(3, 1 + max(map(len, re.findall("`+", self.text)), default=0))
        return f"{fence}python\n{self.text}\n{fence}"


def show(thing):
    """The source of a function, class or method, as it stands in the file now; docstrings included.

    Raises TypeError for a thing that has no Python source, such as a number or a built-in.
    """
    try:
        return Source(textwrap.dedent(inspect.getsource(thing)).strip())
    except (TypeError, OSError) as error:
        raise TypeError(f"show takes a function or class written in Python, got {thing!r:.60}") from error
