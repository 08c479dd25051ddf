import functools
import inspect
import textwrap

import numpy as np
import pytest
from byhand import claims, explore, optim
from byhand.landscapes import Quadratic
from byhand.show import Source, show


@pytest.mark.parametrize("thing", [optim.descend, optim.Momentum, optim.Momentum.step, Quadratic.grad, claims.claim,
                                   explore.Explorable, explore.Explorable.widget, Quadratic((1,)).grad])
def test_what_is_shown_is_the_source(thing):
    shown = show(thing)
    assert repr(shown) == textwrap.dedent(inspect.getsource(thing)).strip()
    assert not repr(shown).startswith(" ")
    assert shown._repr_markdown_() == f"```python\n{shown!r}\n```"


def test_a_wrapped_function_shows_what_it_wraps():
    @functools.wraps(optim.descend)
    def wrapped(*arguments):
        return optim.descend(*arguments)

    assert show(wrapped) == show(optim.descend)


@pytest.mark.parametrize("fence", ["```", "````"])
def test_a_fence_in_the_source_does_not_end_the_block(fence):
    text = f'"""Like this:\n{fence}\ncode\n{fence}\n"""'
    first, *middle, last = Source(text)._repr_markdown_().split("\n")
    assert first == f"{last}python" and len(last) > len(fence) and "\n".join(middle) == text


@pytest.mark.parametrize("thing", [3, 1.5, "descend", None, len, np.sum.__call__, int, [], optim.Momentum(0.1),
                                   functools.partial(optim.descend, None), Quadratic.condition,
                                   optim.Momentum.__init__])
def test_what_has_no_source(thing):
    with pytest.raises(TypeError, match="show takes a function or class written in Python, got "):
        show(thing)
