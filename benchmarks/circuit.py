"""What drawing a circuit costs: from the form to the finished SVG, layout included.

    uv run python benchmarks/circuit.py [--nodes 60] [--edges 300] [--repeats 5]

Prints wall time and CPU time of this process, in seconds, of the first drawing in a fresh process
and of later ones of other networks. Done when the first drawing of 60 populations and 300
projections takes less than a second.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time

import numpy as np

from workbench.circuits import Circuit, Edge, Node, Param, Rule

RULES = (
    Rule("p", 0.1, "no", "no", "declared"), Rule("Ω", autapses="yes"), Rule("δ"),
    Rule("K_in", 10, "unknown", "yes"), Rule("N_syn", 700, "no", "yes", certain=False),
)  # fmt: skip


def random_circuit(n: int, m: int, seed: int) -> Circuit:
    """n populations and m projections, a tenth of them loops; a tenth of the nodes are inputs."""
    rng = np.random.default_rng(seed)
    signs = ("excitatory", "inhibitory", "mixed")
    nodes = tuple(
        Node(f"p{k}", f"population {k}", int(rng.choice([1, 80, 3200])),
             "input" if rng.random() < 0.1 else "population", signs[int(rng.integers(3))])
        for k in range(n)
    )  # fmt: skip
    targets = [x.name for x in nodes if x.kind == "population"]
    edges = []
    for k in range(m):
        a = nodes[int(rng.integers(n))]
        b = a.name if a.kind != "input" and rng.random() < 0.1 else str(rng.choice(targets))
        sign = a.sign if a.sign != "none" else "unknown"
        edges.append(
            Edge(f"e{k}", a.name, b, sign, bool(rng.random() < 0.2), 100,
                 Param("constant", 1.5, "ms", 0.0, 1.5, 1.5), RULES[int(rng.integers(len(RULES)))],
                 f"e{k}")
        )  # fmt: skip
    return Circuit(nodes, tuple(edges), f"random {seed}")


def measure(n: int, m: int, seed: int, width_mm: float | None) -> tuple[float, float, int]:
    """(wall seconds, CPU seconds, characters) of one drawing."""
    circuit = random_circuit(n, m, seed)
    wall, cpu = time.perf_counter(), time.process_time()
    svg = circuit.to_svg(width_mm=width_mm)
    return time.perf_counter() - wall, time.process_time() - cpu, len(svg)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nodes", type=int, default=60)
    parser.add_argument("--edges", type=int, default=300)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--first", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.first:
        print(*measure(given.nodes, given.edges, 0, 174.0))
        return
    command = [sys.executable, __file__, "--first", "--nodes", str(given.nodes),
               "--edges", str(given.edges)]  # fmt: skip
    firsts = [
        [float(v) for v in subprocess.run(command, capture_output=True, check=True).stdout.split()]
        for _ in range(given.repeats)
    ]
    print(f"{given.nodes} populations, {given.edges} projections, {given.repeats} repeats")
    for what, found in (
        ("first drawing, 174 mm", firsts),
        ("later ones, 174 mm", [measure(given.nodes, given.edges, k, 174.0)
                                for k in range(given.repeats + 1)][1:]),
        ("later ones, screen", [measure(given.nodes, given.edges, k, None)
                                for k in range(given.repeats)]),
    ):  # fmt: skip
        wall, cpu, size = np.median(np.array(found), axis=0)
        print(f"{what:24s} wall {wall:6.3f} s   CPU {cpu:6.3f} s   SVG {size / 1000:6.0f} kB")


if __name__ == "__main__":
    main()
