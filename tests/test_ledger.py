"""The ledger has every statement of the notes, and every number in it is a lesson's."""

import json
import tomllib
from collections import Counter

import pytest
from byhand import ledger as module
from byhand.claims import Verdict
from byhand.ledger import Ledger, Statement, collect, ledger
from conftest import ROOT

ROWS = tomllib.loads((module.BUNDLED / "statements.toml").read_text(encoding="utf-8"))["statement"]
LINES = [line.split() for line in (ROOT / "tests/references/notes.txt").read_text(encoding="utf-8").splitlines()
         if line and not line.startswith("#")]


def test_no_statement_of_the_notes_is_missing():
    wanted = [fingerprint for fingerprint, kind in LINES if kind == "statement"]
    assert [row["line"] for row in ROWS] == wanted


def test_the_numbers_are_those_of_the_stored_lessons():
    told = json.loads((module.BUNDLED / "claims.json").read_text(encoding="utf-8"))
    assert told == collect(ROOT / "chapters"), "stale: run make ledger"


def test_every_statement_is_measured_and_taught_where_it_says():
    for statement in ledger().statements:
        assert statement.claims, statement.says
        assert (ROOT / "chapters" / f"{statement.lesson}.ipynb").exists()
        assert any(claim["lesson"] == statement.lesson for claim in statement.claims), statement.says


def test_a_judged_verdict_is_one_of_those_measured():
    for statement in ledger().statements:
        assert not statement.judged or statement.judged in {claim["verdict"] for claim in statement.claims}


def test_what_the_lessons_say_of_the_notes_is_in_the_ledger():
    """A claim that speaks of the notes is listed with one of their statements."""
    listed = {name for row in ROWS for name in row["claims"]}
    speaking = [claim["name"] for claim in collect(ROOT / "chapters")["claims"] if claim["notes"]]
    assert not set(speaking) - listed


def test_the_page_shows_what_the_lessons_store():
    cells = json.loads((ROOT / "chapters/the-notes-checked.ipynb").read_text(encoding="utf-8"))["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    shown = "".join("".join(output["data"].get("text/html", "")) for output in outputs)
    assert shown == ledger()._repr_html_(), "stale: run make ledger"


CLAIM = {"name": "a", "sentence": "It <falls>", "effect": "−1.0 ± 0.1", "setting": "4 seeds", "notes": "", "paper": "",
         "lesson": "x/y", "verdict": "holds"}


@pytest.mark.parametrize("verdicts, wanted", [
    (["holds", "holds"], Verdict.HOLDS), (["does not reproduce here"], Verdict.NOT_HERE),
    (["holds", "does not reproduce here"], Verdict.HOLDS_WHEN), (["holds when the rate is high"], Verdict.HOLDS_WHEN),
    (["holds", "holds when it rains"], Verdict.HOLDS_WHEN)])
def test_a_statement_holds_if_all_its_claims_do(verdicts, wanted):
    one = Statement("h", "s", "x/y", "t", [CLAIM | {"verdict": verdict} for verdict in verdicts])
    assert one.verdict == wanted


def test_the_table_counts_and_escapes():
    table = Ledger([Statement("h", "a < b", "x/y", "t", [CLAIM]), Statement("h", "c", "x/z", "t", [CLAIM])])
    page = table._repr_html_()
    assert Counter(str(one.verdict) for one in table.statements) == {"holds": table.count(Verdict.HOLDS)}
    assert "a &lt; b" in page and "It &lt;falls&gt;" in page and "holds (2)" in page
    assert page.count('<tr class="holds">') == 2 and 'href="x/z.html"' in page
