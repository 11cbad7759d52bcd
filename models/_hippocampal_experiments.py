from workbench.model import Experiment

EXPERIMENTS: tuple[Experiment, ...] = ()
