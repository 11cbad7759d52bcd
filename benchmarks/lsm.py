"""What a sample costs the astrocyte-modulated liquid: 250 ms, 1,000 neurons, 134,000 synapses.

``python benchmarks/lsm.py`` shows plots to the compiled liquid with STDP and astrocyte at work,
to the same liquid with fixed weights, and to a plain NumPy transcription of the source; then it
runs the live model on the compiled engine. Times are of the processor, user and system, so that
what else the machine does counts little; the plots are the built-in digits, encoded as MNIST is.
"""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np

from models.astrocyte_lsm import AstrocyteLSM
from models.astrocyte_lsm.batch.samples import Liquid
from models.astrocyte_lsm.experiments.protocol import Encoded, Keep, initialise
from models.astrocyte_lsm.images import shares
from models.astrocyte_lsm.reference import Plain
from models.astrocyte_lsm.wiring import wiring

TARGET_S = 0.08
STEPS = 250


def cpu_s(who: int) -> float:
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def compiled(liquid: Liquid, state: dict, plots: np.ndarray, rule: int) -> tuple[float, float]:
    """(processor seconds, spikes of the liquid) for one sample."""
    values = {"rule": rule}
    before = cpu_s(resource.RUSAGE_CHILDREN)
    got = liquid.answers(plots, steps=STEPS, state=state, values=values)
    used = cpu_s(resource.RUSAGE_CHILDREN) - before
    return used / len(plots), float(got.counts.sum(axis=1).mean())


def plain(model: AstrocyteLSM, state: dict, plot: np.ndarray) -> tuple[float, float]:
    """The same of the transcription, from the same weights."""
    wires = wiring(model.values())
    one = Plain(model.values(), wires)
    mine = wires.liquid_pre < wires.n_exc
    one.w[wires.input_post, one.n + wires.input_pre] = state["input_synapses.w"]
    one.w[wires.liquid_post[mine], wires.liquid_pre[mine]] = state["excitatory_synapses.w"]
    one.w[wires.liquid_post[~mine], wires.liquid_pre[~mine]] = state["inhibitory_synapses.w"]
    rng = np.random.default_rng(1)
    before, spikes = cpu_s(resource.RUSAGE_SELF), 0
    for _ in range(STEPS):
        fired = one.step(rng.random(one.n_in) < model.input_events * plot)
        spikes += int(fired[: one.n].sum())
    return cpu_s(resource.RUSAGE_SELF) - before, spikes


def live(seconds: float) -> float:
    """Simulated seconds for each wall second on the compiled engine, read as the app reads it."""
    session = AstrocyteLSM().start(engine="compiled", speed=None, paused=True)
    try:
        session.wait(600, until="ready")
        session.resume()
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            time.sleep(0.05)
            session.frames()
        wall, t_ms = time.monotonic() - began, session.status().t_ms
        session.stop()
    finally:
        session.close()
    return t_ms / 1000 / wall


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--samples", type=int, default=40)
    parser.add_argument("--live", type=float, default=10.0, help="seconds; 0 leaves it out")
    options = parser.parse_args()
    plots, labels = shares(784)
    part = Encoded(plots.astype(np.float32), labels, 19.95)
    model = AstrocyteLSM()
    liquid, fixed = Liquid(model), Liquid(model, plastic=False)
    n_synapses = sum(len(v) for k, v in liquid.start().items() if k.endswith(".w"))
    state = initialise(liquid, part, 600, Keep(liquid.folder / "keep"), rule=3)
    shown = part.shares[: options.samples]
    plastic_s, spikes = compiled(liquid, state, shown, 3)
    fixed_s, fixed_spikes = compiled(fixed, state, shown, 0)
    plain_s, plain_spikes = plain(model, state, part.shares[0])
    print(f"{n_synapses:,} synapses, {STEPS} ms a sample, after 600 initial samples")
    print(f"{'':34}{'processor s':>12}{'liquid spikes':>15}{'times NumPy':>13}")
    for name, used, count in (
        ("compiled, STDP and astrocyte", plastic_s, spikes),
        ("compiled, fixed weights", fixed_s, fixed_spikes),
        ("NumPy transcription, dense", plain_s, plain_spikes),
    ):
        print(f"{name:34}{used:12.4f}{count:15,.0f}{plain_s / used:13.0f}")
    verdict = "met" if plastic_s <= TARGET_S else "missed"
    print(f"at most {TARGET_S} s for a plastic sample: {verdict}")
    if options.live:
        factor = live(options.live)
        print(f"live, compiled engine, every spike streamed: {factor:.1f} times real time (wall)")


if __name__ == "__main__":
    main()
