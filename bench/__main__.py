"""`python -m bench [name …]`: every benchmark, or the named ones (bench_conv, bench_optim, …)."""

import sys
from pathlib import Path

from bench.harness import main

names = sys.argv[1:] or sorted(path.stem for path in Path(__file__).parent.glob("bench_*.py"))
main(names)
