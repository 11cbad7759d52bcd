"""What `mutations.py` changes in each model, and why some changes may survive."""

from __future__ import annotations

FACTORS = (1.1, 0.9)
UNITS = {
    "ms": "second", "second": "ms", "mV": "volt", "nS": "usiemens", "pF": "nF", "nF": "uF",
    "nA": "uA", "Hz": "kHz",
}  # fmt: skip

# model -> files below models/ whose declarations and whose code for Brian2 are changed
CODE = {
    "cuba": ["cuba.py"],
    "ssn-line": ["ssn_line/model.py", "_shared/supralinear.py"],
    "adaptive-whitening": ["adaptive_whitening/model.py", "adaptive_whitening/network.py"],
    "v1-adaptation": ["v1_adaptation/model.py", "v1_adaptation/network.py"],
    "background-gain": ["background_gain/model.py", "_shared/balanced_background.py"],
    "elm-neuron": ["elm_neuron/model.py", "elm_neuron/network.py", "elm_neuron/weights.py"],
    "astrocyte-lsm": ["astrocyte_lsm/model.py", "astrocyte_lsm/network.py",
                      "astrocyte_lsm/wiring.py"],
    "v1-spiking": ["v1_spiking/model.py", "v1_spiking/network.py",
                   "_shared/balanced_background.py"],
    "hippocampal-cam": ["hippocampal_cam/model.py", "hippocampal_cam/network.py"],
    "ssn": ["ssn/model.py", "_shared/supralinear.py"],
    "ssn-pair": ["ssn_pair/model.py"],
    "normalisation": ["normalisation/model.py"],
    "l2mu-braille": ["l2mu_braille/model.py", "l2mu_braille/network.py",
                     "l2mu_braille/weights.py", "_shared/legendre.py"],
    "lmu-delay": ["lmu_delay/model.py", "lmu_delay/network.py", "_shared/legendre.py"],
}  # fmt: skip

# model, what it is, file, text that stands once in it, what stands there instead
KNOWN = (
    ("cuba", "tau_i of 9 ms", "cuba.py",
     '10.0, unit="ms", bounds=(0.2, None), softbounds=(1, 40), symbol="τ_i"',
     '9.0, unit="ms", bounds=(0.2, None), softbounds=(1, 40), symbol="τ_i"'),
    ("elm-neuron", "tanh gain of 1.7195", "elm_neuron/weights.py", "= 1.7159,", "= 1.7195,"),
    ("ssn-line", "J_IE of 1.6", "ssn_line/model.py", "_coupling(1.25,", "_coupling(1.6,"),
    ("ssn-line", "k doubled", "ssn_line/model.py", "0.01, bounds=(0, 10), softbounds=(0.002",
     "0.02, bounds=(0, 10), softbounds=(0.002"),
    ("adaptive-whitening", "decay of the plastic rule doubled", "adaptive_whitening/network.py",
     "*z_{gained} - w)", "*z_{gained} - 2*w)"),
    ("v1-adaptation", "wrong sign in the full rule", "v1_adaptation/network.py",
     "g*r*l/g**2 + 2*gamma", "g*r*l/g**2 - 2*gamma"),
    ("astrocyte-lsm", "sign of STDP at inhibitory synapses", "astrocyte_lsm/network.py",
     '_INHIBITS = {"stronger": "- ltd_post", "weaker": "+ ltp_post"}',
     '_INHIBITS = {"stronger": "+ ltd_post", "weaker": "- ltp_post"}'),
    ("astrocyte-lsm", "step of the trace x 1,000", "astrocyte_lsm/model.py",
     "0.1, bounds=(0, 100), softbounds=(0, 0.5), symbol=\"a_T\"",
     "100.0, bounds=(0, 100), softbounds=(0, 0.5), symbol=\"a_T\""),
    ("background-gain", "t_ref of 3 ms", "background_gain/model.py",
     '2.0, unit="ms", bounds=(0, 1000), softbounds=(0, 10), symbol="t_ref"',
     '3.0, unit="ms", bounds=(0, 1000), softbounds=(0, 10), symbol="t_ref"'),
    ("l2mu-braille", "A not transposed", "l2mu_braille/weights.py", "return A.T, B", "return A, B"),
    ("l2mu-braille", "a window of 11 steps", "l2mu_braille/weights.py", "WINDOW_STEPS = 10.0",
     "WINDOW_STEPS = 11.0"),
    ("l2mu-braille", "no reset", "l2mu_braille/network.py",
     " - Theta_{name}*int(V > Theta_{name})", ""),
    ("l2mu-braille", "the memory reaches h a step late", "l2mu_braille/network.py",
     'w.W_m, TURN["memory"] + 2)', "w.W_m, _NEXT)"),
    ("l2mu-braille", "the output's bias comes once", "l2mu_braille/network.py", "I = {bias}",
     "I = 0"),
    ("l2mu-braille", "not silent between letters", "l2mu_braille/network.py",
     'f"V = 0; I = {first}"', 'f"V = V; I = I"'),
    ("l2mu-braille", "channels share a memory", "l2mu_braille/network.py", "np.kron(eye, w.A)",
     "np.kron(eye + np.roll(eye, 1, 0), w.A)"),
    ("lmu-delay", "A without its signs above the diagonal", "_shared/legendre.py",
     "np.where(i < j, -1.0,", "np.where(i < j, 1.0,"),
    ("lmu-delay", "a synapse that does not hold the memory", "lmu_delay/network.py",
     "(same*(1 - keep_post)", "(same*keep_post"),
    ("lmu-delay", "phases that start anew with a spike", "lmu_delay/network.py",
     '"phase -= int(neurons < 0.5)"', '"phase = 0"'),
    ("lmu-delay", "Poisson rates doubled", "lmu_delay/network.py", "rand() < rate*dt",
     "rand() < 2*rate*dt"),
    ("lmu-delay", "the window read back to front", "lmu_delay/network.py",
     "readout(order, np.linspace(0, 1, WINDOW))", "readout(order, np.linspace(1, 0, WINDOW))"),
    ("lmu-delay", "compared with the present", "lmu_delay/network.py",
     "t='t - share*theta'", "t='t'"),
    ("lmu-delay", "spikes decoded for another neuron", "lmu_delay/network.py",
     "ensemble.decoder = drawn.encoder, drawn.decoder * second",
     "ensemble.decoder = drawn.encoder, drawn.decoder[::-1] * second"),
)  # fmt: skip

HALF_TURNS = "whole half turns more or less, of which the remainder by 180 takes no notice"
MIRRORED = "as likely on either side of the adapter, so nothing but the drawn numbers is mirrored"

# model or "" for all, pattern in the text of a change, why it may survive
REASONS: tuple[tuple[str, str, str], ...] = (
    ("", r"^(wiring_seed|weight_seed) =", "a seed: which numbers are drawn; any is as good"),
    ("elm-neuron", "^BARE_MS", "of a branch at which nothing arrives: no result depends on it"),
    ("elm-neuron", "^MAX_SIZE", "a limit on the size of a file, not a number of the model"),
    ("astrocyte-lsm", r"^t_ref = 2 → 1.8", "the program counts whole ms: 1.8 acts as 2"),
    ("astrocyte-lsm", r"^free = .*@22: 2 → 2.2", "the rule is 0, 1 or 2, and 2.2 is nearest to 2"),
    ("hippocampal-cam", r"^t_ref = 1 → 1.1", "of one step, 1 ms: 1.1 ms are rounded to it"),
    ("ssn-pair", r"\*xi : 1 @25: -$", "xi and -xi are the same white noise"),
    ("ssn", r"^d_one = .*@(33|38): -$", HALF_TURNS),
    ("ssn", r"^d_two = .*@(46|51): -$", HALF_TURNS),
    ("v1-spiking", r"^f\"exp\(-0.5.*@48: -$", HALF_TURNS),
    ("v1-spiking", r"^\"p_top\*exp.*@42: -$", HALF_TURNS),
    ("v1-spiking", r"^coming = .*@56: -$", HALF_TURNS),
    ("v1-spiking", r"^coming = .*@25: -$", MIRRORED),
    (
        "adaptive-whitening",
        r"^cycled = .*@63: \+$",
        "a sample before and one behind are both odd or both even, and nothing else is asked",
    ),
    (
        "v1-spiking",
        r"^coming = .*@35: -$",
        "drawn from all orientations alike: a mirrored one is as likely",
    ),
    (
        "v1-spiking",
        r"^remaining = .*@42: \+$",
        "nothing but rounding remains when a new orientation is shown",
    ),
    ("v1-adaptation", r"^biased = .*@(17|35): -$", MIRRORED),
)
