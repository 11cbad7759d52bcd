"""One of several web processes: serves all pages at a port of this machine, for a `Front`.

Its one argument is JSON: ``others``, the options of `Others`, ``front``, the port that browsers
ask, and ``lessons``, those that are offered besides the models' own. It says at which port it
listens, as JSON too, in its first line.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from panels.access.others import Others
from panels.serving import leave_out_checks, make_server, offer, serve_until_ended
from workbench.engine.session import prestart


def main(given: str) -> None:
    options = json.loads(given)
    others = options["others"]
    if others["users"] is not None:
        others["users"] = Path(others["users"])
    others["origins"] = tuple(others["origins"])
    offer(options["lessons"])
    prestart()
    leave_out_checks()
    server = make_server(None, Others(**others), front=options["front"])
    sys.stdout.write(json.dumps({"port": server.port}) + "\n")
    sys.stdout.flush()
    serve_until_ended(server)


if __name__ == "__main__":
    main(sys.argv[1])
