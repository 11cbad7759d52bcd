"""Closed forms with which the experiments on the hippocampal memory are compared."""

from __future__ import annotations

import math


def false_cues_or(memories: float, density: float, bits: int) -> float:
    """False cues that an OR over ``bits`` returns: (P - 1)(1 - (1 - f)^q), on average."""
    return (memories - 1) * (1 - (1 - density) ** bits)


def false_cues_and(memories: float, density: float, bits: int) -> float:
    """False cues of a Willshaw memory, which asks for all bits at once: (P - 1) f^q."""
    return (memories - 1) * density**bits


def false_cues_exact(memories: int, ones: int, n_content: int, bits: int) -> float:
    """As ``false_cues_or`` for contents with exactly ``ones`` of ``n_content`` bits."""
    none_shared = math.comb(n_content - ones, bits) / math.comb(n_content, bits)
    return (memories - 1) * (1 - none_shared)


def inner_units(n_cues: int, n_content: int) -> int:
    """Neurons of the memory itself, without inputs and outputs: 3 C + 4 M + 1."""
    return 3 * n_cues + 4 * n_content + 1


def classical_capacities(n_cues: int, n_content: int, density: float) -> dict[str, float]:
    """Memories that classical networks of this size hold; closed forms.

    hopfield            : 0.138 N, small errors allowed (Amit, Gutfreund & Sompolinsky 1985)
    hopfield_all_exact  : N/(4 ln N), every pattern without error (McEliece et al. 1987)
    willshaw            : ln 2 m n/(k_u k_v) for pairs of contents, as dense as here
    one_hot             : as many as there are cues, which is what this model holds

    N counts the inner neurons of this model.
    """
    units = inner_units(n_cues, n_content)
    ones = max(1.0, density * n_content)
    return {
        "hopfield": 0.138 * units,
        "hopfield_all_exact": units / (4 * math.log(units)),
        "willshaw": math.log(2) * (n_content / ones) ** 2,
        "one_hot": float(n_cues),
    }


def wilson(hits: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson interval of a share, (low, high); (0, 1) when nothing was counted.

    source : Wilson (1927) J. Am. Stat. Assoc. 22:209-212; z = 1.96 covers 95 %
    """
    if n == 0:
        return 0.0, 1.0
    share = hits / n
    centre = share + z * z / (2 * n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale)
