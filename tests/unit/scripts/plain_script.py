"""A script under Brian2 alone: the spikes of its first run, as it is.

Usage: python plain_script.py SPIKES.npz SEED MS SCRIPT.py [ARGS]

SEED : before the first line of the script, "" for none;  MS : how much of the run, "" for all
"""

import sys
from pathlib import Path

import brian2
import numpy as np
from brian2.core.spikesource import SpikeSource

out, seed, most_ms, path, *args = sys.argv[1:]
sys.argv = [path, *args]
ran = brian2.Network.run


def run(net, duration, namespace=None, level=0, **_):
    inside = [part for o in net.objects for part in o.contained_objects]
    top = [o for o in net.objects if o not in inside]
    for item in net.objects:
        item._network = None
    groups = [o for o in top if isinstance(o, SpikeSource) and "_spikespace" in o.variables]
    seen = {g.name: brian2.SpikeMonitor(g, name=f"seen_{g.name}") for g in groups}
    if namespace is None:
        frame = sys._getframe(1)
        while frame.f_code.co_filename != path:
            frame = frame.f_back
        namespace = {**frame.f_globals, **frame.f_locals}
    if most_ms:
        duration = min(duration, float(most_ms) * brian2.ms)
    brian2.prefs.codegen.target = "numpy"
    ran(brian2.Network(top, seen.values()), duration, namespace=namespace)
    np.savez(out, **{name: np.array([m.t / brian2.ms, m.i]) for name, m in seen.items()})
    raise SystemExit


brian2.Network.run = run
brian2.prefs.codegen.target = "numpy"
brian2.prefs.logging.file_log = False
for home in ("brian2", "brian2.devices", "brian2.devices.device"):
    sys.modules[home].set_device = lambda *a, **k: None
if seed:
    brian2.seed(int(seed))
main = sys.modules["__main__"]
main.__file__ = path
exec(compile(Path(path).read_bytes(), path, "exec"), main.__dict__)
