import json
import re

import numpy as np
import pytest
from byhand.claims import Claim, Verdict, claim, glue
from byhand.stats import Effect, paired_effect
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from myst_nb import glue as myst_glue
from myst_nb.core.variables import format_plain_text

EFFECT = paired_effect([1.0, 1.1, 0.9], [1.5, 1.7, 1.3])
GIVEN = {"name": "a-claim", "sentence": "One is below the other", "effect": EFFECT, "holds": True,
         "setting": "3 seeds"}


def make(**changes):
    return claim(**GIVEN | changes)


@pytest.fixture
def stored():
    """What a notebook would store of the outputs displayed."""
    shell = InteractiveShell.instance()
    before, shell.display_pub = shell.display_pub, CapturingDisplayPublisher(parent=shell)
    yield shell.display_pub.outputs
    shell.display_pub = before
    InteractiveShell.clear_instance()


@pytest.mark.parametrize("holds", [False, np.bool_(False), np.float64(1) < 0])
def test_a_false_claim_stops(holds):
    message = f"the claim 'a-claim' is false: One is below the other, but measured {EFFECT} (3 seeds)"
    with pytest.raises(AssertionError, match=re.escape(message)):
        make(holds=holds)
    with pytest.raises(AssertionError, match=re.escape("but measured 17 % (3 seeds)")):
        make(effect="17 %", holds=holds)


@pytest.mark.parametrize("holds", [True, np.bool_(True), EFFECT.high < 0.5])
def test_a_true_claim_reads_as_one_sentence(holds):
    text = f"One is below the other: {EFFECT} (3 seeds). Verdict: holds."
    assert repr(make(holds=holds)) == text and str(EFFECT) in text and "±" in text
    assert repr(make(paper="0.4, Polyak (1964)")).endswith(
        "(3 seeds). In the literature: 0.4, Polyak (1964). Verdict: holds.")


def test_what_the_page_and_the_ledger_get():
    made = make(verdict=Verdict.HOLDS_WHEN, when="β is high", notes="the notes", paper="a paper")
    data, metadata = made._repr_mimebundle_()
    assert data["text/plain"] == repr(made)
    assert data["text/markdown"] == (
        f"> **Measured.** One is below the other: **{EFFECT}** (3 seeds). In the literature: a paper.\n"
        "> The notes: “the notes”. Verdict: *holds when β is high*.")
    assert repr(made).endswith("In the literature: a paper. The notes: “the notes”. Verdict: holds when β is high.")
    plain = make(notes="the notes")._repr_mimebundle_()[0]
    assert plain["text/markdown"].endswith("(3 seeds).\n> Verdict: *holds*.")
    fields = {"name": "a-claim", "sentence": "One is below the other", "effect": str(EFFECT), "setting": "3 seeds",
              "verdict": "holds when β is high", "notes": "the notes", "paper": "a paper"}
    assert metadata == {"claim": fields} and json.loads(json.dumps(metadata)) == metadata
    assert made == Claim(**fields)


def test_a_front_end_stores_both(stored):
    from IPython.display import display
    display(make())
    ((output,), data, metadata) = stored, *make()._repr_mimebundle_()
    assert output["data"] == data and output["metadata"] == metadata


@pytest.mark.parametrize("verdict, when, text", [
    (Verdict.HOLDS, "", "holds"), ("holds", "", "holds"), (Verdict.NOT_HERE, "", "does not reproduce here"),
    (Verdict.HOLDS_WHEN, "it rains", "holds when it rains"), ("holds when", "it rains", "holds when it rains")])
def test_verdicts(verdict, when, text):
    assert make(verdict=verdict, when=when).verdict == text


@pytest.mark.parametrize("changes, error, message", [
    ({"name": "A claim"}, ValueError, "name must be lower-case words joined by hyphens, got 'A claim'"),
    ({"name": ""}, ValueError, "name must be lower-case words joined by hyphens, got ''"),
    ({"name": "a--b"}, ValueError, "name must be lower-case words joined by hyphens, got 'a--b'"),
    ({"name": "a-b\n"}, ValueError, "name must be lower-case words joined by hyphens, got 'a-b\\n'"),
    ({"name": 3}, TypeError, "name must be a text, got 3"),
    ({"sentence": " "}, ValueError, "sentence must not be empty, got ' '"),
    ({"sentence": None}, TypeError, "sentence must be a text, got None"),
    ({"setting": ""}, ValueError, "setting must not be empty, got ''"),
    ({"setting": ["a"]}, TypeError, "setting must be a text, got ['a']"),
    ({"effect": 0.3}, TypeError, "effect must be a text, got 0.3"),
    ({"effect": ""}, ValueError, "effect must not be empty, got ''"),
    ({"effect": Effect(np.nan, 1.0, 3, 0.0, 1.0)}, ValueError, "effect.mean must be finite, got nan"),
    ({"effect": Effect(1.0, np.inf, 3, 0.0, 1.0)}, ValueError, "effect.se must be >= 0, got inf"),
    ({"setting": "13 nets, 1.3 and 3,000 steps"}, ValueError,
     "setting must say over how many pairs the effect is, 3, got '13 nets, 1.3 and 3,000 steps'"),
    ({"holds": 1}, TypeError, "holds must be True or False, got 1"),
    ({"holds": "yes"}, TypeError, "holds must be True or False, got 'yes'"),
    ({"holds": None}, TypeError, "holds must be True or False, got None"),
    ({"holds": np.array([True, True])}, TypeError, "holds must be True or False, got array([ True,  True])"),
    ({"verdict": "maybe"}, ValueError,
     "verdict must be one of ['holds', 'holds when', 'does not reproduce here'], got 'maybe'"),
    ({"verdict": None}, TypeError, "verdict must be a text, got None"),
    ({"when": "it rains"}, ValueError, "when belongs to the verdict 'holds when' alone, got 'it rains'"),
    ({"verdict": Verdict.HOLDS_WHEN}, ValueError, "when belongs to the verdict 'holds when' alone, got ''"),
    ({"when": 3}, TypeError, "when must be a text, got 3"),
    ({"notes": None}, TypeError, "notes must be a text, got None"),
    ({"paper": 1964}, TypeError, "paper must be a text, got 1964"),
])
def test_bad_claims(changes, error, message):
    for holds in (True, False):             # what is said badly is not reported as a false claim
        with pytest.raises(error, match=re.escape(message)):
            make(**{"holds": holds} | changes)


@pytest.mark.parametrize("text", ["65 %", "0.50", "1,797", "010", "−0.45 ± 0.03", "it's", 'a "b"', "", "[1]", "a\nb"])
def test_glue_stores_what_myst_glue_does_and_reads_as_the_text(stored, text):
    glue("a-name", text)
    myst_glue("a-name", text, display=False)
    ours, theirs = stored
    assert ours == theirs
    (content,) = ours["data"].values()
    assert format_plain_text(content, "") == text, "as the page shows it"


@pytest.mark.parametrize("name, text, message", [
    ("a", 0.5, "text must be a str, such as f'{x:.2f}', got 0.5"), ("a", None, "text must be a str"),
    (3, "a", "name must be a text, got 3"), ("", "a", "name must be a text, got ''")])
def test_bad_glue(stored, name, text, message):
    with pytest.raises(TypeError, match=re.escape(message)):
        glue(name, text)
    assert not stored
