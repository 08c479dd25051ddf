"""`make claims`: every lesson again, from other base seeds. Which claims stand at all of them, and how at worst?

A claim that is false stops its lesson, so a run that goes through says that all claims of that lesson stand. The worst
seed of a claim is one at which it fell, or else the one whose effect is the fewest standard errors away from zero.
"""

import argparse
import re
import sys
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).parent.parent
SEED = "np.random.default_rng(0)"


def run(path, seed):
    """The claims of one lesson from one base seed, name → effect, and what stopped it, if something did."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = cell.source.replace(f"rng = {SEED}", f"rng = np.random.default_rng({seed})")
    NotebookClient(notebook, timeout=600, allow_errors=True,
                   resources={"metadata": {"path": str(path.parent)}}).execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    claims = {one["name"]: one["effect"] for output in outputs if (one := output.get("metadata", {}).get("claim"))}
    errors = [f"{output.ename}: {output.evalue}" for output in outputs if output.output_type == "error"]
    return claims, errors


def strength(effect):
    """|mean| / standard error where the effect has both, else infinity: it cannot be compared."""
    found = re.match(r"\+?(−?[\d.,]+)%? ± ([\d.,]+)", effect)
    if not found:
        return float("inf")
    mean, error = (float(text.replace("−", "-").replace(",", "")) for text in found.groups())
    return abs(mean) / error if error else float("inf")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lessons", nargs="*", type=Path, help="notebooks; all by default")
    parser.add_argument("--seeds", type=int, default=10, help="how many base seeds, from 1 on")
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    lessons = given.lessons or sorted((ROOT / "chapters").glob("*/*.ipynb"))
    lessons = [path for path in lessons if SEED in path.read_text(encoding="utf-8")]     # others have no seed to change
    fallen = 0
    for path in lessons:
        began, seeds = time.monotonic(), range(1, given.seeds + 1)
        with ThreadPoolExecutor(given.jobs) as pool:
            runs = dict(zip(seeds, pool.map(lambda seed, path=path: run(path, seed), seeds), strict=True))
        print(f"\n{path.resolve().relative_to(ROOT)}   {len(runs)} seeds, {time.monotonic() - began:.0f} s", flush=True)
        effects = defaultdict(dict)
        for seed, (claims, errors) in runs.items():
            for name, effect in claims.items():
                effects[name][seed] = effect
            for error in errors:
                fallen += 1
                print(f"  FELL at seed {seed}: {error}")
        for name, at in effects.items():
            worst = min(at, key=lambda seed, at=at: strength(at[seed]))
            print(f"  {name:40} stands at {len(at)} of {given.seeds}   worst, seed {worst}: {at[worst]}")
    print(f"\n{fallen} errors" if fallen else "\nevery claim stands")
    return bool(fallen)


if __name__ == "__main__":
    sys.exit(main())
