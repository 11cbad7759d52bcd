"""The CUBA network's page, for ``panel serve panels/cuba.py``."""

import panel as pn

if pn.state.served:
    from panels.explorer import app

    app("cuba").servable()
