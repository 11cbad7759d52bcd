"""Published results on NeuronIO: d_m -> parameters, AUC, true positives at 1 % false positives,
voltage RMSE (mV, mean and std matched), explained variance.

Source: evaluation table of the released models, in the repository of Spieler et al. 2024
(https://github.com/AaronSpieler/elmneuron).
"""

from __future__ import annotations

from typing import NamedTuple


class Published(NamedTuple):
    parameters: int
    auc: float
    tp_at_1: float
    rmse_mV: float
    explained: float


RELEASED = {
    1: Published(4601, 0.9437, 0.427, 1.332, 0.811),
    2: Published(4708, 0.9582, 0.545, 1.085, 0.875),
    3: Published(4823, 0.9558, 0.517, 0.976, 0.899),
    5: Published(5077, 0.9757, 0.593, 0.811, 0.930),
    7: Published(5363, 0.9827, 0.615, 0.795, 0.933),
    10: Published(5852, 0.9878, 0.655, 0.698, 0.948),
    15: Published(6827, 0.9915, 0.718, 0.663, 0.953),
    20: Published(8002, 0.9922, 0.744, 0.638, 0.957),
    25: Published(9377, 0.9926, 0.754, 0.628, 0.958),
    30: Published(10952, 0.9929, 0.771, 0.613, 0.960),
    40: Published(14702, 0.9934, 0.791, 0.602, 0.961),
    50: Published(19252, 0.9934, 0.786, 0.601, 0.962),
    75: Published(34127, 0.9938, 0.800, 0.595, 0.962),
    100: Published(54002, 0.9935, 0.790, 0.614, 0.960),
}
