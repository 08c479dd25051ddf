"""A claim is a sentence, what was measured, and the condition under which the sentence is true.

A false one stops the lesson, and with it the build. A true one is shown on the page, and it stands in the
notebook as data too, in the output's metadata, so that one page can collect the claims of all lessons.
"""

import re
from dataclasses import asdict, dataclass
from enum import StrEnum

import numpy as np

from byhand import _check
from byhand.stats import Effect


class Verdict(StrEnum):
    """What the measurement says of the notes' statement."""

    HOLDS = "holds"
    HOLDS_WHEN = "holds when"
    NOT_HERE = "does not reproduce here"


@dataclass(frozen=True)
class Claim:
    """What `claim` returns: all texts, `effect` as it is printed."""

    name: str
    sentence: str
    effect: str
    setting: str
    verdict: str
    notes: str
    paper: str

    def __repr__(self):
        paper, notes = self._sources()
        return f"{self.sentence}: {self.effect} ({self.setting}).{paper} {notes}Verdict: {self.verdict}."

    def _repr_mimebundle_(self, include=None, exclude=None):
        paper, notes = self._sources()
        shown = (f"> **Measured.** {self.sentence}: **{self.effect}** ({self.setting}).{paper}\n"
                 f"> {notes}Verdict: *{self.verdict}*.")
        return {"text/plain": repr(self), "text/markdown": shown}, {"claim": asdict(self)}

    def _sources(self):
        """What the literature says, and what the notes say where the verdict on them is not a plain one."""
        named = self.notes and self.verdict != Verdict.HOLDS
        return (f" In the literature: {self.paper}." if self.paper else "",
                f"The notes: “{self.notes}”. " if named else "")


def claim(name, sentence, effect, *, holds, setting, verdict=Verdict.HOLDS, when="", notes="", paper=""):
    """A sentence that was measured; AssertionError where `holds` is false.

    name      what the claim is called, unique in the book: lower-case words joined by hyphens.
    sentence  what is claimed, without a full stop and without numbers of its own.
    effect    what was measured: an `Effect`, or a text that code has made from numbers.
    holds     whether the sentence is true of what was measured, such as `effect.high < 0`.
    setting   data, model, and over how many seeds or draws; where `effect` is an `Effect`, its n is one of the numbers.
    when      the condition, where the verdict is `HOLDS_WHEN`: it completes the sentence "holds when …".
    notes     the statement of the notes that it speaks of.
    paper     the number in the literature and its source.
    """
    pairs = ""
    if isinstance(effect, Effect):
        _check.number("effect.mean", effect.mean)
        _check.number("effect.se", effect.se, 0)
        effect, pairs = str(effect), f"{effect.n:,}"
    given = {"name": name, "sentence": sentence, "effect": effect, "setting": setting, "verdict": verdict,
             "when": when, "notes": notes, "paper": paper}
    for what, text in given.items():
        if not isinstance(text, str):
            raise TypeError(f"{what} must be a text, got {text!r:.60}")
        if not text.strip() and what in ("sentence", "effect", "setting"):
            raise ValueError(f"{what} must not be empty, got {text!r}")
    if pairs and not re.search(rf"(?<![\d.,]){pairs}(?![\d.,]*\d)", setting):
        raise ValueError(f"setting must say over how many pairs the effect is, {pairs}, got {setting!r}")
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        raise ValueError(f"name must be lower-case words joined by hyphens, got {name!r}")
    if not isinstance(holds, (bool, np.bool_)):
        raise TypeError(f"holds must be True or False, got {holds!r:.60}")
    if verdict not in list(Verdict):
        raise ValueError(f"verdict must be one of {[str(one) for one in Verdict]}, got {verdict!r}")
    if (verdict == Verdict.HOLDS_WHEN) != bool(when.strip()):
        raise ValueError(f"when belongs to the verdict {Verdict.HOLDS_WHEN.value!r} alone, got {when!r}")
    if not holds:
        raise AssertionError(f"the claim {name!r} is false: {sentence}, but measured {effect} ({setting})")
    return Claim(name, sentence, effect, setting, f"{Verdict(verdict)} {when}".strip(), notes, paper)


def glue(name, text):
    """Keeps a computed `text` under `name`, for the prose to quote by MyST's role glue:text.

    The same as `myst_nb.glue` for a text, without the need for a site generator in the notebook's environment.
    """
    from IPython.display import display

    if not isinstance(name, str) or not name.strip():
        raise TypeError(f"name must be a text, got {name!r:.60}")
    if not isinstance(text, str):
        raise TypeError(f"text must be a str, such as f'{{x:.2f}}', got {text!r:.60}")
    prefix = "application/papermill.record/"
    # As a literal: without its quotes '1,797' would be read as a pair of numbers, and '0.50' as 0.5.
    display({prefix + "text/plain": repr(text)}, raw=True,
            metadata={"scrapbook": {"name": name, "mime_prefix": prefix}})
