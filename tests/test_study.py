"""The nets trained side by side are those trained one by one, and a pair differs in its labels alone."""

import numpy as np
import pytest
from byhand.data import digits
from byhand.nn import Linear, Net, ReLU, accuracy, softmax_cross_entropy
from byhand.optim import Adam, GradientDescent
from byhand.stats import paired_effect
from byhand.study import DigitsStudy, wrong_labels


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def test_wrong_labels_are_other_labels_in_the_share_asked_for(rng):
    y = rng.integers(0, 10, 20_000)
    noisy = wrong_labels(y, 0.2, 10, rng)
    assert abs((noisy != y).mean() - 0.2) < 0.01
    shifts = np.bincount((noisy - y)[noisy != y] % 10, minlength=10)
    assert shifts[0] == 0 and shifts[1:].min() > 0.8 * shifts[1:].mean()
    assert (wrong_labels(y, 0, 10, rng) == y).all() and (wrong_labels(y, 1, 10, rng) != y).all()


def test_images_are_split_and_a_pair_shares_them(rng):
    study, (X, y) = DigitsStudy(rng, seeds=3, n=120), digits()
    assert study.X.shape == (3, 120, 64) and study.labels.shape == (6, 120)
    for s in range(3):
        sets = [study.X[s], study._validation[s], study._test[s]]
        assert [len(part) for part in sets] == [120, 120, 1797 - 240]
        assert np.array_equal(np.sort(np.concatenate(sets), axis=None), np.sort(X, axis=None))
        rows = [np.flatnonzero((X == x).all(1))[0] for x in study.X[s]]
        assert np.array_equal(X[rows], study.X[s]) and (y[rows] == study.labels[s]).all()
        assert 0.05 < (study.labels[s] != study.labels[3 + s]).mean() < 0.4


def test_side_by_side_is_one_by_one(rng):
    def layers(rng):
        return Linear(64, 7, rng), ReLU(), Linear(7, 10, rng)

    study = DigitsStudy(rng, seeds=2, n=60)
    together = study.last(layers=layers, opt=GradientDescent(0.5), count=3, size=25)
    for s, seed in enumerate(study._streams):
        for half in (0, 1):
            net, order = Net(*layers(np.random.default_rng([seed, 1]))), np.random.default_rng([seed, 2])
            labels = study.labels[s + 2 * half]
            for _ in range(3):
                rows = order.permutation(60)
                for part in (rows[:25], rows[25:50], rows[50:]):
                    net.backward(softmax_cross_entropy(net.forward(study.X[s][part]), labels[part])[1])
                    net.theta = net.theta - 0.5 * net.grad
            np.testing.assert_allclose(together.theta[s + 2 * half], net.theta, rtol=1e-9, atol=1e-12)
            assert study.accuracy(together)[half, s] == accuracy(net(study._test[s]), study._test_y[s])


def test_tools_reach_the_training(rng):
    study, seen = DigitsStudy(rng, seeds=2, n=40), []

    def batch(x, q, rng):
        seen.append((x.shape, q.shape))
        return np.zeros_like(x), q

    net = study.last(batch=batch, count=1, size=40)
    assert seen == [((40, 64), (40, 10))] * 4
    start = study.last(opt=GradientDescent(0.0), count=1, size=40)
    assert np.array_equal(net.theta[:, : 64 * 128], start.theta[:, : 64 * 128])      # black images teach no weight
    pulled = study.last(penalty=lambda theta: 1e6 * theta, opt=GradientDescent(1e-6), count=1, size=40)
    assert np.abs(pulled.theta).max() < 1e-4
    plain = study.last(count=3, size=15).theta                              # a tool's own draws change nothing else
    drawn = study.last(count=3, size=15, batch=lambda x, q, rng: (x + 0 * rng.random(), q)).theta
    moved = study.last(count=3, size=15, perturb=lambda theta, rng: theta + 0 * rng.random()).theta
    assert np.array_equal(plain, drawn) and np.array_equal(plain, moved)
    there = []
    study.last(perturb=lambda theta, rng: there.append(theta) or theta, count=2, size=20)
    assert len(there) == 4


def test_runs_are_paired_and_repeatable(rng):
    study = DigitsStudy(rng, seeds=4, n=100)
    once, again = study.last(count=5), study.last(count=5)
    assert np.array_equal(once.theta, again.theta)
    effect = paired_effect(*study.accuracy(once))
    assert effect.mean > 0 and effect.n == 4
    assert study.validation_loss(once).shape == study.training_loss(once).shape == (8,)
    assert (study.validation_loss(once, true=False)[4:] > study.validation_loss(once)[4:]).all()


def test_test_images_can_be_changed_and_their_logits_seen(rng):
    study = DigitsStudy(rng, seeds=2, n=60)
    net = study.last(count=5)
    logits, labels = study.test(net)
    assert logits.shape == (4, 1797 - 120, 10) and np.array_equal(labels[:2], labels[2:])
    assert np.array_equal((logits.argmax(-1) == labels).mean(-1).reshape(2, 2), study.accuracy(net))
    blank = study.accuracy(net, lambda x: np.zeros_like(x))
    assert (blank < 0.2).all() and np.array_equal(study.accuracy(net, lambda x: x), study.accuracy(net))


@pytest.mark.parametrize("wrong, text", [
    ({"seeds": 0}, "seeds must be at least 1, got 0"), ({"n": 5}, "n must be between 10 and 800, got 5"),
    ({"wrong": 1.5}, "wrong must be >= 0 and <= 1, got 1.5")])
def test_bad_choices_are_refused(rng, wrong, text):
    with pytest.raises(ValueError, match=text):
        DigitsStudy(rng, **wrong)


def test_a_bad_batch_size_is_refused(rng):
    with pytest.raises(ValueError, match="size must be between 1 and 40, got 50"):
        DigitsStudy(rng, seeds=1, n=40).last(opt=Adam(), size=50)
