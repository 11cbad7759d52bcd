"""The CUBA network's page: nothing is special to it."""

import panel as pn

if pn.state.served or __name__ == "__main__":
    from panels.alone import show

    show(__file__)
