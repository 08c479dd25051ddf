"""Exercises of the lesson on boosting."""

import numpy as np

from byhand.exercises import Exercise


def _weighted_rows(rng):
    """Weights that sum up to 1, and which rows the member got wrong: some, with less than half of the weight."""
    n = rng.integers(5, 10)
    w = rng.uniform(0.2, 1, size=n)
    w /= w.sum()
    wrong = np.zeros(n, bool)
    wrong[rng.choice(n, rng.integers(1, n // 2 + 1), replace=False)] = True
    return w, wrong if w[wrong].sum() < 0.45 else w == w.min()


def _adaboost_round(w, wrong):
    error = w[wrong].sum()
    alpha = np.log((1 - error) / error)
    w = np.where(wrong, w * np.exp(alpha), w)
    return alpha, w / w.sum()


def _reweighted(w, factors):
    return w * factors / (w * factors).sum()


def _unweighted(w, wrong):
    error = wrong.mean()
    alpha = np.log((1 - error) / error)
    return alpha, _reweighted(w, np.where(wrong, np.exp(alpha), 1))


def _half_alpha(w, wrong):
    alpha = _adaboost_round(w, wrong)[0] / 2
    return alpha, _reweighted(w, np.where(wrong, np.exp(alpha), 1))


def _not_normalized(w, wrong):
    alpha, _ = _adaboost_round(w, wrong)
    return alpha, np.where(wrong, w * np.exp(alpha), w)


def _right_rows_grow(w, wrong):
    alpha, _ = _adaboost_round(w, wrong)
    return alpha, _reweighted(w, np.where(wrong, 1, np.exp(alpha)))


def _fraction_upside_down(w, wrong):
    alpha = -_adaboost_round(w, wrong)[0]
    return alpha, _reweighted(w, np.where(wrong, np.exp(alpha), 1))


def _only_the_wrong_rows(w, wrong):
    alpha, _ = _adaboost_round(w, wrong)
    return alpha, _reweighted(w, wrong)


def _votes(rng):
    M, n = rng.integers(3, 7), rng.integers(4, 8)
    return rng.uniform(0.2, 2, size=M), rng.choice([-1, 1], size=(M, n)), rng.choice([-1, 1], size=n)


def _residual_rows(rng):
    n = rng.integers(5, 10)
    left = np.zeros(n, bool)
    left[rng.choice(n, rng.integers(1, n - 1), replace=False)] = True
    return rng.normal(size=n), rng.normal(size=n) + 2, left, rng.uniform(0.05, 0.9)


def _by_leaf(values, left, summary=np.mean):
    return np.where(left, summary(values[left]), summary(values[~left]))


ADABOOST_ROUND = Exercise(
    "adaboost_round", ("alpha", "w"), _weighted_rows, _adaboost_round, {
        "the error is the weight of the wrong rows, not their share of the rows": _unweighted,
        "α was halved, but then both sides must move: the wrong rows by exp(α), the right ones by exp(−α)": _half_alpha,
        "the weights must sum up to 1 again": _not_normalized,
        "the weight went to the rows that are right": _right_rows_grow,
        "the fraction is upside down: a member with a small error must get a large α": _fraction_upside_down,
        "the right rows were dropped; they keep their weight until all are divided by the sum": _only_the_wrong_rows,
        "the new weights are missing": lambda w, wrong: (_adaboost_round(w, wrong)[0], w),
    })

MARGINS = Exercise(
    "margins", ("the margins",), _votes, lambda alphas, answers, y: y * (alphas @ answers) / alphas.sum(), {
        "the votes were not weighted by α": lambda alphas, answers, y: y * answers.mean(axis=0),
        "the sum of all α is missing below; a margin lies between −1 and 1": lambda alphas, answers, y: (
            y * (alphas @ answers)),
        "the true label is missing: a wrong row has a negative margin": lambda alphas, answers, y: (
            alphas @ answers / alphas.sum()),
        "this is how sure the vote is, not whether it is right": lambda alphas, answers, y: (
            abs(alphas @ answers) / alphas.sum()),
        "this is the share of α that is for the right label; subtract the share against it":
            lambda alphas, answers, y: alphas @ (answers == y) / alphas.sum(),
    })

BOOST_STEP = Exercise(
    "boost_step", ("F",), _residual_rows, lambda F, y, left, rate: F + rate * _by_leaf(y - F, left), {
        "the tree was fitted to y; fit it to what is left, y − F": lambda F, y, left, rate: (
            F + rate * _by_leaf(y, left)),
        "the rate is missing": lambda F, y, left, rate: F + _by_leaf(y - F, left),
        "the step goes up the slope: the negative gradient is y − F": lambda F, y, left, rate: (
            F - rate * _by_leaf(y - F, left)),
        "the leaf's value is the mean of its residuals, not their sum": lambda F, y, left, rate: (
            F + rate * _by_leaf(y - F, left, np.sum)),
        "each row got its own residual; the stump knows two values only": lambda F, y, left, rate: F + rate * (y - F),
        "both leaves got the mean of all": lambda F, y, left, rate: F + rate * np.mean(y - F),
    })
