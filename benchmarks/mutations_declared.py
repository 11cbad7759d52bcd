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
    "active-dendrites": ["active_dendrites/model.py", "active_dendrites/network.py"],
    "ssn-line": ["ssn_line/model.py", "_shared/supralinear.py"],
    "adaptive-reservoir": ["adaptive_reservoir/model.py", "adaptive_reservoir/network.py"],
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
}  # fmt: skip

# model, what it is, file, text that stands once in it, what stands there instead
KNOWN = (
    ("cuba", "tau_i of 9 ms", "cuba.py",
     '10.0, unit="ms", bounds=(0.2, None), softbounds=(1, 40), symbol="τ_i"',
     '9.0, unit="ms", bounds=(0.2, None), softbounds=(1, 40), symbol="τ_i"'),
    ("active-dendrites", "an overlap equal to the threshold is not enough",
     "active_dendrites/network.py", "v >= theta and", "v > theta and"),
    ("active-dendrites", "tested after a step of decay", "active_dendrites/network.py",
     'when = "after_synapses"', 'when = "thresholds"'),
    ("active-dendrites", "one cell too many in a volley", "active_dendrites/network.py",
     "int(rank < kept)", "int(rank <= kept)"),
    ("active-dendrites", "displaced cells are not replaced", "active_dendrites/network.py",
     " + int(rank >= n_active)*int(rank < 2*n_active - kept)", ""),
    ("active-dendrites", "synapses onto any cells", "active_dendrites/wiring.py",
     "rng.choice(known[p], s, replace=False)", "rng.choice(model.n_inputs, s, replace=False)"),
    ("active-dendrites", "a union keeps the first pattern only", "active_dendrites/wiring.py",
     "np.arange(model.n_stored)) %", "0 * np.arange(model.n_stored)) %"),
    ("active-dendrites", "a segment is active again and again", "active_dendrites/network.py",
     " and lit < 0.5", ""),
    ("active-dendrites", "input cells inhibit those that come first", "active_dendrites/network.py",
     "number_pre < number_post", "number_pre > number_post"),
    ("active-dendrites", "the law counts from above the threshold", "active_dendrites/law.py",
     "[max(0, int(np.ceil(theta))) :]", "[max(0, int(np.ceil(theta))) + 1 :]"),
    ("adaptive-reservoir", "the sign of the design in one step", "adaptive_reservoir/wiring.py",
     "A_E @ rho_E - model.theta - logit", "A_E @ rho_E - model.theta + logit"),
    ("adaptive-reservoir", "1/c left out of the design", "adaptive_reservoir/wiring.py",
     "logit(rho) / model.c", "logit(rho)"),
    ("adaptive-reservoir", "inhibition grows below the target", "adaptive_reservoir/network.py",
     "w + delta*(r_post - target_post)", "w - delta*(r_post - target_post)"),
    ("adaptive-reservoir", "adaptation to the sender's rate", "adaptive_reservoir/network.py",
     "delta*(r_post - target_post)", "delta*(r_pre - target_post)"),
    ("adaptive-reservoir", "inhibition that excites", "adaptive_reservoir/network.py",
     "from_inh_post = -w*r_pre", "from_inh_post = w*r_pre"),
    ("adaptive-reservoir", "weights may become negative", "adaptive_reservoir/network.py",
     "(r_post - target_post), 0, 1e9)", "(r_post - target_post), -1e9, 1e9)"),
    ("adaptive-reservoir", "input heard by all", "adaptive_reservoir/wiring.py",
     "np.where(heard, rng.uniform(-0.5, 0.5, n), 0.0)", "rng.uniform(-0.5, 0.5, n)"),
    ("adaptive-reservoir", "50 inhibitory inputs a neuron", "adaptive_reservoir/wiring.py",
     "k_inh = model.degree - k_exc", "k_inh = model.degree"),
    ("adaptive-reservoir", "a steep response", "adaptive_reservoir/network.py",
     "exp(-c*(V - theta))", "exp(-2*c*(V - theta))"),
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
