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
    "symmetric-stdp": ["symmetric_stdp/model.py", "symmetric_stdp/network.py"],
    "orthogonal-projection": ["orthogonal_projection/model.py",
                              "orthogonal_projection/network.py"],
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
    ("symmetric-stdp", "a spike of the target weakens", "symmetric_stdp/network.py",
     "w + learns_post*{nu}*x_pre", "w - learns_post*{nu}*x_pre"),
    ("symmetric-stdp", "a spike of the source weakens", "symmetric_stdp/network.py",
     "w + learns_post*{nu}*x_post", "w - learns_post*{nu}*x_post"),
    ("symmetric-stdp", "weights are scaled without their mean", "symmetric_stdp/network.py",
     "w = w*{names['mean']}*N_FROM/total_post", "w = w*N_FROM/total_post"),
    ("symmetric-stdp", "neurons inhibit themselves too", "symmetric_stdp/network.py",
     '"condition": "i != j"', '"condition": "i >= 0"'),
    ("symmetric-stdp", "thresholds rise while tested", "symmetric_stdp/network.py",
     "theta += learns*theta_plus", "theta += theta_plus"),
    ("symmetric-stdp", "the teacher goes on through the rest", "symmetric_stdp/network.py",
     "% PRESENTATION) < STIMULUS)*int(abs", "% PRESENTATION) >= 0)*int(abs"),
    ("symmetric-stdp", "the next picture however few spikes", "symmetric_stdp/network.py",
     "int(answered < least)", "int(answered < 0)"),
    ("symmetric-stdp", "class units are driven in tests", "symmetric_stdp/network.py",
     "learns*event + (1 - learns)*int(v > V_t_i) > 0.5", "learns*event > 0.5"),
    ("orthogonal-projection", "the rows of earlier tasks learn on",
     "orthogonal_projection/network.py", "int(abs(mine - task) < 0.5)", "int(mine < task + 0.5)"),
    ("orthogonal-projection", "plain Hebb without what is explained",
     "orthogonal_projection/network.py", "left = x - explained", "left = x"),
    ("orthogonal-projection", "the readout is not projected",
     "orthogonal_projection/network.py", '"error_post*free_pre"', '"error_post*x_pre"'),
    ("orthogonal-projection", "the control is projected too",
     "orthogonal_projection/network.py", '"error_post*x_pre"', '"error_post*free_pre"'),
    ("orthogonal-projection", "the present task is protected from itself",
     "orthogonal_projection/network.py", "mine < task - 0.5", "mine < task + 0.5"),
    ("orthogonal-projection", "units of tasks to come take part",
     "orthogonal_projection/network.py", "y = int(mine < task + 0.5)*(", "y = 1*("),
    ("orthogonal-projection", "the way back does not learn",
     "orthogonal_projection/network.py",
     '"explained", RETURN, "eta_h", "learns_pre*y_pre*left_post"',
     '"explained", RETURN, "eta_h", "0*y_pre*left_post"'),
    ("orthogonal-projection", "it learns on after the last task",
     "orthogonal_projection/network.py", "going = int(shown < samples*N_TASKS)", "going = 1"),
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
