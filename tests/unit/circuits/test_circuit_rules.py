"""Which rule made these synapses: told from the call, or from the synapses with their evidence."""

import brian2 as b2
import numpy as np
import pytest

from workbench.circuits.read.declared_rule import Call, calls, declared, watched
from workbench.circuits.read.inferred_rule import infer
from workbench.circuits.read.weights import _family

N = 60
I_ALL, J_ALL = (a.ravel() for a in np.meshgrid(np.arange(N), np.arange(N), indexing="ij"))
EACH = np.arange(N)


@pytest.fixture
def numpy_target():
    before, b2.prefs.codegen.target = b2.prefs.codegen.target, "numpy"
    yield
    b2.prefs.codegen.target = before


def drawn(rule, rng, n_pre=N, n_post=N, same=False):
    """Synapses by a rule, (i, j)."""
    if rule == "p":
        return np.nonzero(rng.random((n_pre, n_post)) < 0.2)
    if rule in ("K_in", "K_in multapses"):
        k = 12
        replace = rule.endswith("multapses")
        i = [rng.choice(n_pre, k, replace=replace) for _ in range(n_post)]
        return np.concatenate(i), np.repeat(np.arange(n_post), k)
    if rule == "K_out":
        j, i = drawn("K_in", rng, n_post, n_pre)
        return i, j
    if rule == "N_syn":
        return rng.integers(0, n_pre, 700), rng.integers(0, n_post, 700)
    raise AssertionError(rule)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(
    ("how", "symbol", "value", "multapses"),
    [
        ("p", "p", None, "no"),
        ("K_in", "K_in", 12, "no"),
        ("K_in multapses", "K_in", 12, "yes"),
        ("K_out", "K_out", 12, "no"),
        ("N_syn", "N_syn", 700, "yes"),
    ],
)
def test_random_rules_are_told_apart(how, symbol, value, multapses, seed):
    rule = infer(*drawn(how, np.random.default_rng(seed)), N, N, same=True)
    assert (rule.symbol, rule.certain, rule.source) == (symbol, True, "inferred")
    assert rule.multapses == multapses
    assert rule.autapses == "yes"
    assert rule.probabilistic
    if value is None:  # three standard deviations of 3600 draws
        assert rule.value == pytest.approx(0.2, abs=0.02)
        assert rule.evidence.p_hat == rule.value
        # The scatter of a variance over 59 degrees of freedom is 18 percent.
        assert rule.evidence.dispersion == pytest.approx(1.0, abs=0.6)
    else:
        assert rule.value == value


def test_rules_without_chance():
    near = abs(I_ALL - J_ALL) < 3
    off = I_ALL != J_ALL
    cases = [
        ((EACH, EACH), False, "δ", "unknown"),
        ((EACH, EACH), True, "δ", "yes"),
        ((I_ALL, J_ALL), True, "Ω", "yes"),
        ((I_ALL[off], J_ALL[off]), True, "Ω", "no"),
        ((I_ALL[off], J_ALL[off]), False, "X", "unknown"),
        ((I_ALL[near], J_ALL[near]), True, "X", "yes"),
        ((EACH, (EACH + 7) % N), True, "X", "unknown"),
        ((EACH, EACH // 2), False, "X", "unknown"),
    ]
    for (i, j), same, symbol, autapses in cases:
        rule = infer(i, j, N, N, same)
        assert (rule.symbol, rule.autapses, rule.probabilistic) == (symbol, autapses, False)
        assert rule.certain, (symbol, rule)


@pytest.mark.parametrize("seed", range(6))
def test_clusters_are_no_independent_pairs(seed):
    rng = np.random.default_rng(seed)
    p = np.where((I_ALL < 30) == (J_ALL < 30), 0.4, 0.1)
    mine = rng.random(len(p)) < p
    assert infer(I_ALL[mine], J_ALL[mine], N, N, True).symbol == "X"


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_tiny_networks_are_uncertain(n, seed):
    """With four neurons every rule can look like any other."""
    rng = np.random.default_rng(seed)
    i, j = np.nonzero(rng.random((n, n)) < 0.5)
    if not len(i):
        i, j = np.array([0]), np.array([1])
    rule = infer(i, j, n, n, same=True)
    assert not rule.certain
    assert "uncertain" in rule.describe()
    if not np.any(i == j):
        assert rule.autapses == "unknown" or rule.symbol == "Ω"
    one = infer(np.array([0]), np.array([0]), 1, 1, same=False)
    assert not one.certain


def test_a_fixed_number_without_multapses_cannot_be_told_from_chance_when_sparse():
    i, j = drawn("N_syn", np.random.default_rng(0))
    few = infer(i[:40], j[:40], N, N, True)
    assert not few.certain


@pytest.mark.parametrize(
    ("call", "same", "symbol", "value", "autapses", "multapses"),
    [
        ({}, True, "Ω", None, "yes", "no"),
        ({}, False, "Ω", None, "unknown", "no"),
        ({"condition": "i != j"}, True, "Ω", None, "no", "no"),
        ({"condition": "i != j"}, False, "X", None, "unknown", "no"),
        ({"condition": "i!=j", "p": 0.1}, True, "p", 0.1, "no", "no"),
        ({"p": 0.25}, True, "p", 0.25, "yes", "no"),
        ({"p": "c/4", "names": {"c": 0.8}}, True, "p", 0.2, "yes", "no"),
        ({"p": "c", "names": {"c": 0.8}, "n": 2}, True, "p", 0.8, "yes", "yes"),
        ({"p": "exp(-abs(i-j)/10.)"}, True, "f(r)", None, "yes", "no"),
        ({"condition": "abs(i-j) < 3 and i != j"}, True, "f(r)", None, "no", "no"),
        ({"condition": "x_pre > 0*meter"}, False, "f(r)", None, "unknown", "no"),
        ({"condition": "i < 10"}, False, "X", None, "unknown", "no"),
        ({"condition": "i == j"}, False, "δ", None, "unknown", "no"),
        ({"j": "i"}, True, "δ", None, "yes", "no"),
        ({"i": "j"}, False, "δ", None, "unknown", "no"),
        ({"n": 3}, False, "Ω", None, "unknown", "yes"),
        ({"j": "k for k in sample(N_post, p=0.1)"}, False, "p", 0.1, "unknown", "no"),
        ({"j": "k for k in sample(N_post, size=7)"}, False, "K_out", 7, "unknown", "no"),
        ({"i": "k for k in sample(N_pre, size=K)", "names": {"K": 5}}, True, "K_in", 5, "yes",
         "no"),
        ({"j": "int(rand()*N_post)", "n": 4}, True, "K_out", 4, "yes", "yes"),
        ({"i": "int(rand() * N_pre)", "n": 4}, False, "K_in", 4, "unknown", "yes"),
        ({"j": "k for k in range(i-3, i+4) if i != k"}, True, "f(r)", None, "yes", "no"),
        ({"j": "(i + 1) % N_post"}, True, "f(r)", None, "yes", "no"),
        ({"i": "an array", "j": "an array"}, True, "X", None, "yes", "no"),
    ],
)  # fmt: skip
def test_declared_rules(call, same, symbol, value, autapses, multapses):
    rule = declared((Call(**call),), same)
    assert (rule.symbol, rule.source) == (symbol, "declared")
    assert rule.value == pytest.approx(value)
    assert rule.multapses == multapses or symbol == "X"
    assert rule.autapses == autapses or symbol in ("X", "f(r)")
    message = str(call)
    assert rule.probabilistic == (
        symbol in ("p", "K_in", "K_out", "N_syn") or "sample" in message or "exp" in message
    )


def test_connect_is_watched_and_then_left_alone(numpy_target):
    chance = 0.5  # found in the frame that connects, as without a watch
    before = b2.Synapses.connect
    group = b2.NeuronGroup(20, "v : 1", threshold="v > 1", reset="v = 0", name="g")
    with watched():
        assert b2.Synapses.connect is not before
        seen = b2.Synapses(group, group, on_pre="v_post += 1", name="seen")
        seen.connect(p="chance", condition="i != j")
        with pytest.raises(ValueError):
            seen.connect(condition="for", j="i")
    assert b2.Synapses.connect is before
    assert calls(seen) == (Call("i != j", None, None, "chance", 1, {"chance": chance}),)
    assert 0 < len(seen) < 20 * 19
    rule = declared(calls(seen), True)
    assert (rule.symbol, rule.value, rule.autapses, rule.name) == ("p", 0.5, "no", "chance")
    unseen = b2.Synapses(group, group, on_pre="v_post += 1", name="unseen")
    unseen.connect(i=[0], j=[1])
    assert calls(unseen) == ()


def test_distributions():
    rng = np.random.default_rng(2)
    n = 2000
    assert _family(rng.normal(5, 1, n)) == "N"
    assert _family(rng.uniform(1, 2, n)) == "U"
    assert _family(rng.lognormal(0, 1, n)) == "logN"
    assert _family(rng.exponential(2.0, n)) == "exp"
    assert _family(np.repeat([1.0, 5.0], n)) == ""
    assert _family(rng.normal(5, 1, 20)) == ""  # too few to tell
