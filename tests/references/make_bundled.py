"""Writes lib/byhand/bundled/*.npz from scikit-learn's copies, and prints their checksums for byhand/data.py.

Run by hand, once: `python tests/references/make_bundled.py`.
"""

from hashlib import sha256
from pathlib import Path

import numpy as np
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits

BUNDLED = Path(__file__).parents[2] / "lib" / "byhand" / "bundled"
SOURCES = {
    "digits": (load_digits(), np.uint8),
    "breast_cancer": (load_breast_cancer(), np.float64),
    "diabetes": (load_diabetes(scaled=False), np.float64),
}

if __name__ == "__main__":
    for name, (source, dtype) in SOURCES.items():
        X, y = source.data.astype(dtype), source.target
        small = y.astype(np.uint8 if y.max() < 256 else np.uint16)
        assert np.array_equal(X, source.data) and np.array_equal(small, y), name
        file = BUNDLED / f"{name}.npz"
        np.savez_compressed(file, X=X, y=small)
        print(f'    "{name}": "{sha256(file.read_bytes()).hexdigest()}",   # {file.stat().st_size} bytes')
