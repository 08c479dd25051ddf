"""NumPy beside its peer: the same work, in one process, in turn, as a ratio."""

import importlib
import os
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import geometric_mean, median, quantiles

import numpy as np


@dataclass
class Case:
    """One row: `ours` and `peer` do the same work; `agree` raises where their results differ."""

    name: str
    ours: Callable[[], object]
    peer: Callable[[], object]
    peer_name: str
    agree: Callable[[], object]
    group: str = ""                     # rows of one group are also summed up by their geometric mean
    goal: float | None = None           # for the row, or for its group's mean
    rounds: int = 15


def seconds(work, target=0.05):
    """The least time of one call, over enough calls to fill about `target` seconds."""
    start = time.perf_counter()
    work()
    once = time.perf_counter() - start
    calls = max(1, int(target / max(once, 1e-7)))
    start = time.perf_counter()
    for _ in range(calls):
        work()
    return (time.perf_counter() - start) / calls


def ratio(case):
    """Median and quartiles of ours / peer over interleaved rounds, and both medians in seconds."""
    case.agree()
    pairs = [(seconds(case.ours), seconds(case.peer)) for _ in range(case.rounds)]
    ratios = [a / b for a, b in pairs]
    low, _, high = quantiles(ratios, n=4)
    return median(ratios), low, high, median(a for a, _ in pairs), median(b for _, b in pairs)


def main(modules):
    """Times every case of the modules named and prints one table; returns how many goals were missed."""
    print(f"{platform.machine()}, {os.cpu_count()} cores, one thread on both sides; "
          f"Python {platform.python_version()}, NumPy {np.__version__}\n"
          "ratio = NumPy / peer, below 1 NumPy is faster; median of interleaved rounds [quartiles]\n")
    print(f"{'work':<46} {'peer':<22} {'ratio':>7} {'quartiles':>15} {'ours':>10} {'peer':>10}  goal")
    missed, groups = 0, {}
    for name in modules:
        for case in importlib.import_module(f"bench.{name}").cases():
            mid, low, high, ours, theirs = ratio(case)
            goal = None if case.group else case.goal
            missed += goal is not None and mid > goal
            print(_row(case.name, case.peer_name, mid, goal, f"{low:.3g}–{high:.3g}", ours, theirs), flush=True)
            if case.group:
                groups.setdefault((case.group, case.goal), []).append(mid)
    for (group, goal), ratios in groups.items():
        mid = geometric_mean(ratios)
        missed += goal is not None and mid > goal
        print(_row(f"{group}, geometric mean of {len(ratios)}", "", mid, goal))
    return missed


def _row(name, peer, mid, goal, spread="", ours=None, theirs=None):
    times = "".join(f" {'' if t is None else f'{t * 1e3:.3g} ms':>10}" for t in (ours, theirs))
    verdict = "" if goal is None else f"<= {goal:g} {'yes' if mid <= goal else 'MISSED'}"
    return f"{name:<46} {peer:<22} {mid:>7.3g} {spread:>15}{times}  {verdict}"
