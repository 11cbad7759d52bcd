"""Random networks of every kind, and what their circuits must say of them.

The generator writes down what it built; nothing of that is known to the code that reads it.
"""

from __future__ import annotations

from dataclasses import dataclass

import brian2 as b2
import numpy as np
import pytest

from workbench.circuits.read.declared_rule import watched
from workbench.circuits.read.network import from_network

NETWORKS = 64
LARGE = (32, 44)  # sizes at which a rule can be told
TINY = (2, 5)  # and at which it cannot

LEAK = {"g_L": 10 * b2.nS, "E_L": -65 * b2.mV, "C_m": 200 * b2.pF, "tau": 5 * b2.ms,
        "E_e": 0 * b2.mV, "E_i": -80 * b2.mV, "R": 100 * b2.Mohm}  # fmt: skip
SPIKING = {"threshold": "v > -50*mV", "reset": "v = -65*mV"}
# family -> equations; channel of excitation and of inhibition, unit of the weight, does the sign
# lie in the weight?
FAMILIES = {
    "voltage": ("dv/dt = (E_L - v + R*coupling)/(20*ms) : volt", "v", "v", b2.mV, True),
    "current": ("dv/dt = (E_L - v + R*(I + coupling))/(20*ms) : volt\ndI/dt = -I/tau : amp",
                "I", "I", b2.nA, True),
    "alpha": ("dv/dt = (E_L - v + R*(I + coupling))/(20*ms) : volt\n"
              "dI/dt = (x - I)/tau : amp\ndx/dt = -x/tau : amp", "x", "x", b2.nA, True),
    "conductance": ("dv/dt = (g_L*(E_L - v) + g_e*(E_e - v) + g_i*(E_i - v) + coupling)/C_m : volt"
                    "\ndg_e/dt = -g_e/tau : siemens\ndg_i/dt = -g_i/tau : siemens", "g_e", "g_i",
                    b2.nS, False),
}  # fmt: skip
UNITS = {"mV": "volt", "nA": "amp", "nS": "siemens"}
PLASTIC = """w : {unit}
dbefore/dt = -before/(20*ms) : 1 (event-driven)
dafter/dt = -after/(20*ms) : 1 (event-driven)"""
RULES = ("δ", "Ω", "Ω no self", "p", "K_in", "K_out", "N_syn", "X")
EXPRESSIONS = {  # how a rule is declared to Brian2
    "δ": {"j": "i"}, "Ω": {}, "Ω no self": {"condition": "i != j"}, "p": {"p": 0.3},
    "K_in": {"i": "k for k in sample(N_pre, size=K)"},
    "K_out": {"j": "k for k in sample(N_post, size=K)"},
    "f(r)": {"condition": "abs(i - j) < 4"},
}  # fmt: skip


@dataclass
class Built:
    """What the generator knows of one projection."""

    name: str
    source: str
    target: str
    rule: str
    declared: bool
    sign: str
    plastic: bool
    delay: tuple[float, float] | None
    certain: bool
    k: int = 0
    n: int = 0


@pytest.fixture(autouse=True)
def numpy_target():
    """Nothing is simulated, so nothing needs to be compiled."""
    before, b2.prefs.codegen.target = b2.prefs.codegen.target, "numpy"
    b2.BrianLogger.suppress_name("unused_brian_object")
    yield
    b2.prefs.codegen.target = before


def population(name, size, family):
    group = b2.NeuronGroup(
        size, FAMILIES[family][0] + "\ncoupling : amp", method="euler", name=name,
        namespace=LEAK, **SPIKING,
    )  # fmt: skip
    group.v = -65 * b2.mV
    return group


def pairs(rule, rng, n_pre, n_post, k):
    """Synapses by a rule, (i, j)."""
    i, j = (a.ravel() for a in np.meshgrid(np.arange(n_pre), np.arange(n_post), indexing="ij"))
    if rule == "δ":
        n = min(n_pre, n_post)
        return np.arange(n), np.arange(n)
    if rule.startswith("Ω"):
        there = i != j if rule == "Ω no self" else np.ones(len(i), bool)
    elif rule == "p":
        there = rng.random(len(i)) < 0.3
        there[0] |= not there.any()
    elif rule in ("K_in", "K_out"):
        to, of = (n_post, n_pre) if rule == "K_in" else (n_pre, n_post)
        chosen = np.concatenate([rng.choice(of, k, replace=False) for _ in range(to)])
        each = np.repeat(np.arange(to), k)
        return (chosen, each) if rule == "K_in" else (each, chosen)
    elif rule == "N_syn":
        n = max(3, n_pre * n_post // 4)
        return rng.integers(0, n_pre, n), rng.integers(0, n_post, n)
    else:
        there = abs(i - j) < 3
    return i[there], j[there]


def project(rng, name, source, target, family, rule, sign, large, ends):
    """One projection and what is known of it. ``ends``: names of source and target."""
    _, excites, inhibits, unit, signed = FAMILIES[family]
    channel = inhibits if sign == "inhibitory" and not signed else excites
    plastic, declare = rng.random() < 0.3, rng.random() < 0.5 and rule in EXPRESSIONS
    declare &= rule != "δ" or target.N >= source.N  # else Brian2 refuses j="i"
    model = PLASTIC.format(unit=UNITS[str(unit)])
    on_pre, on_post = f"{channel}_post += w", None
    if plastic:
        on_pre += "; before += 1; w = w - 1e-6*w*after"
        on_post = "after += 1; w = w + 1e-6*w*before"
    else:
        model = model.splitlines()[0]
    s = b2.Synapses(source, target, model, on_pre=on_pre, on_post=on_post, name=name, namespace={})
    k = max(1, min(source.N, target.N) // 4)
    if declare:
        with watched():
            s.connect(**EXPRESSIONS[rule], namespace={"K": k})
    else:
        i, j = pairs(rule, rng, int(source.N), int(target.N), k)
        s.connect(i=i, j=j)
    if not len(s):
        return None, None
    weights = rng.uniform(0.5, 1.5, len(s))
    if sign == "inhibitory" and signed:
        weights = -weights
    if sign == "mixed":
        weights = weights * np.where(np.arange(len(s)) % 2, 1, -1)
    s.w = weights * unit
    delay = (0.0, 0.0)
    if rng.random() < 0.6:
        if rng.random() < 0.5:
            ms = float(rng.integers(1, 9)) / 2
            s.pre.delay, delay = ms * b2.ms, (ms, ms)
        else:
            values = rng.integers(5, 40, len(s)) / 10
            s.pre.delay, delay = values * b2.ms, (values.min(), values.max())
    return s, Built(name, *ends, rule, declare, sign, plastic, delay, large, k, len(s))


def network(seed):
    """A random network, what is known of its projections, and what else it has."""
    rng = np.random.default_rng(seed)
    large, cut = (seed // 16) % 4 != 3, seed % 3 == 0
    family = list(FAMILIES)[seed % len(FAMILIES)]
    sizes = [int(n) for n in rng.integers(*(LARGE if large else TINY), 2)]
    a, b = (population(n, size, family) for n, size in zip("ab", sizes, strict=True))
    parts, ends = [a, b], ["a", "b"]
    if cut and large:  # the first population is used in two pieces
        at = sizes[0] // 2
        parts += [b2.Subgroup(a, 0, at, name="a_low"), b2.Subgroup(a, at, sizes[0], name="a_high")]
        parts, ends = parts[1:], ["b", "a_low", "a_high"]
    noise = b2.PoissonGroup(int(rng.integers(*(LARGE if large else TINY))), 5 * b2.Hz, name="noise")
    objects, known = [a, b, noise], []
    used = [(x, y) for x in range(len(parts)) for y in range(len(parts))]
    for m in range(3):
        x, y = used[int(rng.integers(len(used)))]
        rule = (*RULES, "f(r)")[(3 * seed + m) % (len(RULES) + 1)]
        if rule == "f(r)" and m:
            rule = "p"
        signs = ["excitatory", "inhibitory", *(["mixed"] if FAMILIES[family][4] else [])]
        sign = signs[int(rng.integers(len(signs)))]
        if rule == "Ω no self" and x != y:
            y = x
        s, one = project(rng, f"s{m}", parts[x], parts[y], family, rule, sign, large,
                         (ends[x], ends[y]))  # fmt: skip
        if s is not None and (1 if sign == "mixed" else 0) < s.N:
            objects.append(s)
            known.append(one)
    s, one = project(rng, "drive", noise, b, family, "p", "excitatory", large, ("noise", "b"))
    if s is not None:
        objects.append(s)
        known.append(one)
    extra = ("gap", "poisson input", "modulator", "recorder")[(seed // 4) % 4]
    if extra == "gap":
        model = "coupling_post = 2*nS*(v_pre - v_post) : amp (summed)"
        gap = b2.Synapses(a, a, model, name="gap", namespace={})
        i, j = pairs("Ω no self", rng, sizes[0], sizes[0], 0)
        gap.connect(i=i, j=j)
        objects.append(gap)
    if extra == "poisson input":
        channel = FAMILIES[family][2]
        unit = FAMILIES[family][3] * (-1 if FAMILIES[family][4] else 1)
        objects.append(b2.PoissonInput(b, channel, 7, 3 * b2.Hz, unit))
    if extra == "recorder":
        objects += [b2.SpikeMonitor(b, name="spikes_b"), b2.StateMonitor(b, "v", 0, name="v_b")]
    if extra == "modulator":
        plastic = [(o, k) for o, k in zip(objects[3:], known, strict=True) if k.plastic]
        if plastic:
            onto, one = plastic[0]
            third = b2.PoissonGroup(1, 1 * b2.Hz, name="dopamine")
            m = b2.Synapses(third, onto, on_pre="before_post += 1", name="reward", namespace={})
            m.connect()
            objects += [third, m]
            known.append(Built("reward", "dopamine", one.target, "", False, "modulatory", False,
                               None, True))  # fmt: skip
    return b2.Network(*objects), known, extra


@pytest.mark.parametrize("seed", range(NETWORKS))
def test_random_network(seed):
    net, known, extra = network(seed)
    c = from_network(net)
    edges = {e.projection: e for e in c.edges}
    of = {n: [e for e in c.edges if e.projection == n] for n in edges}
    for k in known:
        # A population that is cut is drawn in pieces: a projection to the whole of it, in several.
        mine = of[k.name]
        if (k.source, k.target) not in {(e.source, e.target) for e in mine}:
            assert {e.source.split("_")[0] for e in mine} == {k.source.split("_")[0]}
            continue
        (e,) = [e for e in mine if (e.source, e.target) == (k.source, k.target)]
        assert e.sign == k.sign, e
        assert e.plastic == k.plastic, e
        if k.sign == "modulatory":
            assert (e.kind, e.rule) == ("modulation", None) and e.onto in edges
            continue
        assert e.n_synapses == k.n
        assert e.delay_ms == pytest.approx(k.delay)
        assert e.delay.form == ("constant" if k.delay[0] == k.delay[1] else "distributed")
        check_rule(e, k)
        if k.plastic:
            assert e.weight.form == "function"
        else:
            assert e.weight.low == pytest.approx(abs(e.weight.low) * np.sign(e.weight.low))
            assert 0.5 <= max(abs(e.weight.low), abs(e.weight.high)) <= 1.5
    kinds = {n.name: n.kind for n in c.nodes}
    assert kinds["noise"] == "input"
    if extra == "gap":
        for e in of["gap"]:
            assert (e.kind, e.sign, e.directed, e.delay) == ("gap junction", "mixed", False, None)
        assert {e.rule.symbol for e in of["gap"] if e.source == e.target} <= {"Ω"}
    if extra == "poisson input":
        (e,) = [e for e in c.edges if e.rule and e.rule.source == "declared" and e.rule.value == 7
                and e.projection not in {k.name for k in known}]  # fmt: skip
        assert (e.sign, e.rule.symbol, e.target) == ("inhibitory", "K_in", "b")
        assert c.node(e.source).device == "Poisson"
    if extra == "recorder":
        assert kinds["spikes_b"] == kinds["v_b"] == "recorder"
        assert {e.source for e in c.edges if e.kind == "recording"} == {"b"}


def check_rule(e, k):
    symbol = k.rule.split()[0]
    same = e.source == e.target
    if k.declared:
        assert (e.rule.symbol, e.rule.source, e.rule.certain) == (symbol, "declared", True), e
    elif not k.certain:
        # Too few synapses to tell: whatever it says, it must not say that it is sure, unless
        # every pair is joined, which no other rule does by accident so often.
        assert e.rule.source == "inferred"
        assert not e.rule.certain or e.n_synapses > 4, e
        return
    else:
        wanted = "X" if symbol == "f(r)" else symbol
        assert (e.rule.symbol, e.rule.source, e.rule.certain) == (wanted, "inferred", True), e
    if symbol in ("K_in", "K_out"):
        assert e.rule.value == k.k
    if symbol == "N_syn":
        assert (e.rule.value, e.rule.multapses) == (k.n, "yes")
    if symbol == "p":
        # Four standard deviations of the number of synapses.
        sd = np.sqrt(0.3 * 0.7 / (k.n / 0.3))
        assert e.rule.value == pytest.approx(0.3, abs=4 * sd)
        assert e.rule.multapses == "no"
    if k.rule == "Ω no self":
        assert e.rule.autapses == "no"
    elif same and symbol in ("δ", "Ω", "p"):
        assert e.rule.autapses == "yes"
