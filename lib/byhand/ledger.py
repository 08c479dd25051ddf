"""The notes, checked: every statement of the notes beside what the lessons measured of it.

`bundled/statements.toml` lists the statements and names the claims that speak of each; `bundled/claims.json` holds
the claims of all lessons as they stand in the stored notebooks. `python -m byhand.ledger chapters` writes it anew.
"""

import html
import json
import re
import sys
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from byhand.claims import Verdict

BUNDLED = files("byhand") / "bundled"


@dataclass(frozen=True)
class Statement:
    """What the notes say, where it is taught, and the claims, dicts as `Claim` has them, that speak of it.

    `judged` is the verdict where the claims differ and one of theirs sums them up; else it is left empty.
    """

    heading: str
    says: str
    lesson: str
    title: str
    claims: list
    judged: str = ""

    @property
    def verdict(self):
        """As judged; else `HOLDS` if all claims do, `NOT_HERE` if none does, `HOLDS_WHEN` otherwise."""
        if self.judged:
            return Verdict(self.judged)
        found = {claim["verdict"] for claim in self.claims}
        return Verdict(found.pop()) if found in ({"holds"}, {str(Verdict.NOT_HERE)}) else Verdict.HOLDS_WHEN


@dataclass(frozen=True, repr=False)
class Ledger:
    """All statements, in the notes' order. It shows as a table that can be filtered by verdict."""

    statements: list

    def count(self, verdict):
        return sum(one.verdict == verdict for one in self.statements)

    def __repr__(self):
        return "\n".join(f"{one.verdict}: {one.says}" for one in self.statements)

    def _repr_html_(self):
        kinds = [("all", "all", len(self.statements)), *((_slug(v), f"{v}{' …' * (v == Verdict.HOLDS_WHEN)}",
                                                         self.count(v)) for v in Verdict)]
        hide = "".join(f".ledger:has(#ledger-{slug}:checked) :is(tr, tbody:not(:has(tr.{slug}))):not(.{slug}, .head)"
                       "{display:none}" for slug, *_ in kinds[1:])
        choices = "".join(f'<label><input type="radio" name="ledger" id="ledger-{slug}"{" checked" * (not i)}> '
                          f"{words} ({n})</label> " for i, (slug, words, n) in enumerate(kinds))
        style, bodies = (files("byhand") / "ledger.css").read_text(encoding="utf-8"), []
        for heading in dict.fromkeys(one.heading for one in self.statements):
            rows = "".join(_row(one) for one in self.statements if one.heading == heading)
            bodies.append(f'<tbody><tr class="head"><th scope="rowgroup" colspan="3">{html.escape(heading)}</th></tr>'
                          f"{rows}</tbody>")
        filters = f"<fieldset><legend>Show the statements whose verdict is</legend>{choices}</fieldset>"
        head = '<thead><tr class="head"><th>The notes say</th><th>Measured</th><th>Verdict</th></tr></thead>'
        return (f'<div class="ledger"><style>{style}{hide}</style>{filters}'
                f'<table>{head}{"".join(bodies)}</table></div>')


def ledger():
    """The `Ledger` of the whole book; KeyError for a statement that names a claim or a lesson that is not there."""
    told = json.loads((BUNDLED / "claims.json").read_text(encoding="utf-8"))
    claims = {claim["name"]: claim for claim in told["claims"]}
    rows = tomllib.loads((BUNDLED / "statements.toml").read_text(encoding="utf-8"))["statement"]
    return Ledger([Statement(row["heading"], row["says"], row["lesson"], told["lessons"][row["lesson"]],
                             [claims[name] for name in row["claims"]], row.get("verdict", "")) for row in rows])


def collect(chapters):
    """The titles of the lessons below the folder `chapters`, and all their claims, from the stored notebooks."""
    lessons, claims = {}, []
    for path in sorted(Path(chapters).glob("*/*.ipynb")):
        lesson = path.relative_to(chapters).with_suffix("").as_posix()
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        lessons[lesson] = re.match(r"# (.*)", "".join(cells[0]["source"])).group(1)
        outputs = [output for cell in cells for output in cell.get("outputs", [])]
        claims += [output["metadata"]["claim"] | {"lesson": lesson} for output in outputs
                   if "claim" in output.get("metadata", {})]
    return {"lessons": lessons, "claims": claims}


def _slug(verdict):
    return verdict.replace(" ", "-")


def _row(one):
    found = "".join(_measured(claim, one.lesson) for claim in one.claims)
    return (f'<tr class="{_slug(one.verdict)}"><td>{html.escape(one.says)} <a href="{one.lesson}.html">'
            f"{html.escape(one.title)}</a></td><td><ul>{found}</ul></td><td>{one.verdict}"
            f"{' …' * (one.verdict == Verdict.HOLDS_WHEN)}</td></tr>")


def _measured(claim, lesson):
    keys = ("sentence", "effect", "setting", "verdict")
    sentence, effect, setting, verdict = (html.escape(claim[key]) for key in keys)
    paper = f" In the literature: {html.escape(claim['paper'])}." if claim["paper"] else ""
    where = "" if claim["lesson"] == lesson else f' <a href="{claim["lesson"]}.html">Measured elsewhere.</a>'
    return f"<li>{sentence}: <b>{effect}</b> ({setting}).{paper} <i>{verdict[0].upper()}{verdict[1:]}.</i>{where}</li>"


if __name__ == "__main__":
    text = json.dumps(collect(sys.argv[1]), ensure_ascii=False, indent=1)
    Path(str(BUNDLED / "claims.json")).write_text(text + "\n", encoding="utf-8")
