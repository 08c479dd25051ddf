"""The ticks of logarithmic axes, and their labels."""

import numpy as np
from matplotlib.ticker import LogFormatter, LogLocator


class Powers(LogFormatter):
    """Labels such as 0.01, 100 and 10⁻⁶, as a text has them: matplotlib's own are formulas, which take it long."""

    def __call__(self, x, pos=None):
        if not super().__call__(x, pos):                # not to be labelled
            return ""
        digits, _, power = (f"{x:.0e}" if x < 0.001 else f"{x:.4g}").partition("e")
        raised = str(int(power or 0)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
        return (f"{digits}·" if digits != "1" else "") + f"10{raised}" if power else digits


class Between(LogLocator):
    """Ticks between the powers, but not over more than two decades, where they have no labels."""

    def tick_values(self, vmin, vmax):
        few = max(vmin, vmax) <= 100 * min(vmin, vmax)
        return super().tick_values(vmin, vmax) if few else np.array([])
