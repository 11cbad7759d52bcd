"""The apps, each by itself: ``panel serve panels/cuba.py``, ``python -m panels.cuba``.

The other files of this folder are parts of them. ``python -m panels`` says which are apps.
"""

from __future__ import annotations

from pathlib import Path

import panel as pn

# File -> the model whose page it is; the address of a page that is no model's.
APPS = {
    "explorer": "",
    "runs": "runs",
    "active_dendrites": "active-dendrites",
    "adaptive_reservoir": "adaptive-reservoir",
    "adaptive_whitening": "adaptive-whitening",
    "astrocyte_lsm": "astrocyte-lsm",
    "background_gain": "background-gain",
    "cuba": "cuba",
    "elm_neuron": "elm-neuron",
    "hippocampal_cam": "hippocampal-cam",
    "l2mu_braille": "l2mu-braille",
    "lmu_delay": "lmu-delay",
    "normalisation": "normalisation",
    "orthogonal_projection": "orthogonal-projection",
    "spike_matching": "spike-matching",
    "spiking_reservoir": "spiking-reservoir",
    "ssn": "ssn",
    "ssn_line": "ssn-line",
    "ssn_pair": "ssn-pair",
    "symmetric_stdp": "symmetric-stdp",
    "v1_adaptation": "v1-adaptation",
    "v1_spiking": "v1-spiking",
}


def files() -> list[Path]:
    """The files that are apps, for ``panel serve``."""
    return [Path(__file__).with_name(f"{name}.py") for name in APPS]


def show(file: str) -> None:
    """At the end of an app's file: its page in Panel's server, or a server that opens its page.

    file : the app's ``__file__``
    """
    # The modules, not the copy that is served, which forgets its names when the page is closed.
    address = APPS[Path(file).stem]
    if pn.state.curdoc is None:
        from panels import serving

        serving.serve(show_only=address)
    elif address == "runs":
        from panels.runs_page import page

        page.app().servable()
    else:
        from panels import model_page

        model_page.app(address or None).servable()
