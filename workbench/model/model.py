"""`Model`: one declaration from which app, command line, notebook and tests are made."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import param

from ..errors import ParameterError, unknown
from .experiment import Comparison as Comparison
from .experiment import Experiment as Experiment
from .operation import Operation
from .parameter import Parameter
from .time_step import NAME as STEP
from .time_step import TimeStep
from .units import brian_unit

if TYPE_CHECKING:
    import brian2

    from ..circuits.ncd.derive.derive import Computation
    from ..engine.session import Session
    from ..run import Run
    from .measure import RunMeasure
    from .tour import Tour
    from .training import Training


@dataclass(frozen=True)
class Fact:
    """An expected result, and how far from it we may be.

    name    : short, unique within the model
    value   : the expected number, in ``unit``
    tol     : largest allowed absolute difference
    why_tol : why that tolerance and no other
    source  : paper, table, equation, or closed form
    measure : function of a default-constructed model that returns our number
    slow    : True if measuring takes more than five seconds
    of_step : why the number belongs to the step ``dt_ms``, so that it has to change with it; ""
              for all others, which a test of convergence asks for
    """

    name: str
    value: float
    tol: float
    why_tol: str
    source: str
    measure: Callable[[Model], float]
    unit: str = "1"
    slow: bool = False
    of_step: str = ""


class _ModelType(type(param.Parameterized)):  # type: ignore[misc]
    """Makes a `TimeStep` of the plain number ``dt_ms`` of each class of models."""

    def __init__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> None:
        super().__init__(name, bases, body)
        step = TimeStep(cls.dt_ms, tick_ms=cls.tick_ms, fixed=cls.dt_fixed)
        cls.param.add_parameter(STEP, step)


class Model(param.Parameterized, metaclass=_ModelType):
    """Base of all models. A subclass declares parameters and says how to build the network.

    Class declarations
    slug        : name in the registry and in addresses, such as "hippocampal-cam"
    title       : name for people
    topic       : what it is about, in a few words; the gallery shows those of one topic together
    purpose     : one sentence that a newcomer understands
    source      : the published work
    tick_ms     : simulated time between two moments at which commands take effect
    dt_ms       : integration step by default; a parameter like the declared ones, in every model
    dt_fixed    : why the step is part of the model and cannot be another one, as a sentence
    pace        : simulated ms per wall second at which the story can be seen; None = no limit
    window_ms   : how much the raster shows
    traces      : "population.variable" -> unit: what is sampled, first entry shown first
    maps        : "population.variable" -> unit: continuous states that are sampled of every neuron
                  and shown as a map, for populations that have a rate and no spikes
    labels      : "population.variable" -> what it is, for axes, colour bars and lists: "rate r".
                  The unit follows by itself; of a plain number that has one it is part of it.
                  "population" -> its name for people, where the name itself says too little
    unit_names  : population -> what its units stand for, where that is known: letters, say
    watch       : how many neurons of each trace are sampled by default
    watched     : trace -> the neurons that are sampled by default, instead of the first ones
    populations : order in which populations are shown; those not named follow by name
    weight_unit : projection name (or "" for all) -> display unit of its weights
    operations  : classes of things that can be done to the running model
    facts       : expected results; the science tests run each
    experiments : longer jobs that reproduce tables and figures of the source
    training    : how it is fitted to data, for a model that can be
    tour        : what it shows by itself to somebody who sees it first
    measures    : what its lessons may measure of it, besides what they may of every model
    constants   : live parameters that also act on the constants of their name in namespaces
    made_by     : ("module:function", argument) from which another process makes the class again;
                  None for a class that has a file, or travels whole
    own_process : True when ``build`` may run only in a process that ends with the simulation

    show        : set by the process of a session, for a model whose program prints and draws:
                  called with "output" and a text, or "figure" and (number, PNG)
    """

    slug: ClassVar[str] = ""
    title: ClassVar[str] = ""
    topic: ClassVar[str] = ""
    purpose: ClassVar[str] = ""
    source: ClassVar[str] = ""
    tick_ms: ClassVar[float] = 1.0
    dt_ms: float = 0.1
    dt_fixed: ClassVar[str] = ""
    pace: ClassVar[float | None] = None
    window_ms: ClassVar[float] = 1000.0
    traces: ClassVar[dict[str, str]] = {}
    maps: ClassVar[dict[str, str]] = {}
    labels: ClassVar[dict[str, str]] = {}
    unit_names: ClassVar[dict[str, tuple[str, ...]]] = {}
    watch: ClassVar[int] = 3
    watched: ClassVar[dict[str, tuple[int, ...]]] = {}
    populations: ClassVar[tuple[str, ...]] = ()
    weight_unit: ClassVar[dict[str, str]] = {}
    operations: ClassVar[tuple[type[Operation], ...]] = ()
    facts: ClassVar[tuple[Fact, ...]] = ()
    experiments: ClassVar[tuple[Experiment, ...]] = ()
    training: ClassVar[Training | None] = None
    tour: ClassVar[Tour | None] = None
    measures: ClassVar[tuple[RunMeasure, ...]] = ()
    constants: ClassVar[tuple[str, ...]] = ()
    made_by: ClassVar[tuple[str, Any] | None] = None
    own_process: ClassVar[bool] = False
    made_at_ns: ClassVar[int] = 0
    show: Callable[[str, Any], None] | None = None

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.made_at_ns = time.time_ns()  # a file that changed later is not what runs
        if isinstance(vars(cls).get(STEP), Parameter):
            raise ParameterError(
                f"{cls.__name__}.{STEP} is a parameter of every model: write its default as a "
                f"plain number of ms, such as {STEP} = 0.1."
            )
        for name, value in vars(cls).items():
            own = next((b for b in cls.__mro__[1:] if name in vars(b)), None)
            if isinstance(value, Parameter) and own is not None and not _is_parameter(own, name):
                raise ParameterError(
                    f"{cls.__name__}.{name} cannot be a parameter: every model has something else "
                    f"of the name {name!r}, so give it another one, such as {name}_value."
                )

    def __init__(self, **values: Any):
        allowed = {**self.parameters(), STEP: self.parameter(STEP)}
        for name in values:
            if name not in allowed:
                raise unknown("parameter", name, allowed, owner=self.slug or type(self).__name__)
        super().__init__(**{k: allowed[k].convert(v) for k, v in values.items()})

    # -- declaration, read by everything else ------------------------------------------------

    @classmethod
    def parameters(cls) -> dict[str, Parameter]:
        """Parameters by name, in the order in which they were declared, and last the step.

        A step that is part of the model is not among them: there is nothing to choose.
        """
        found = {}
        for base in reversed(cls.__mro__):
            found.update({k: v for k, v in vars(base).items() if isinstance(v, Parameter)})
        found.pop(STEP)
        last = {} if cls.dt_fixed else {STEP: cls.param[STEP]}
        return {k: cls.param[k] for k in found} | last

    @classmethod
    def parameter(cls, name: str) -> Parameter:
        """One parameter; raises UnknownName with the nearest name."""
        if name == STEP:
            return cls.param[STEP]
        allowed = cls.parameters()
        if name not in allowed:
            raise unknown("parameter", name, allowed, owner=cls.slug or cls.__name__)
        return allowed[name]

    def values(self) -> dict[str, float]:
        """Current value of every parameter, in its declared unit."""
        return {name: getattr(self, name) for name in self.parameters()}

    def set(self, name: str, value: Any) -> float:
        """Set one parameter after checking it; returns the value in the declared unit."""
        number = self.parameter(name).convert(value)
        setattr(self, name, number)
        return number

    def chosen(self, name: str) -> str:
        """The name of the value of a parameter that is a choice."""
        return self.parameter(name).text(getattr(self, name))

    def brian(self, name: str) -> Any:
        """One parameter as a Brian2 quantity; for use inside ``build``."""
        return getattr(self, name) * brian_unit(self.parameter(name).unit)

    # -- to be written by a model --------------------------------------------------------------

    def build(self) -> brian2.Network:
        """Return the network: every object named, ``dt`` given, no magic.

        A live parameter acts on every shared variable of the same name in the network, so
        declare it in the equations as ``tau_m : second (shared)``.
        """
        raise NotImplementedError(f"{type(self).__name__} has no build()")

    def run_namespace(self) -> dict[str, Any]:
        """Names that the network which ``build`` made last may use, besides its groups' own."""
        return {}

    def own_names(self) -> dict[str, str]:
        """Name of an object of the network -> its own, where the workbench gave it another."""
        return {}

    def run_length_s(self) -> float | None:
        """How long the next run of the network lasts, s; None for as long as is asked for."""
        return None

    def next_network(self) -> brian2.Network | None:
        """The network of the run after the one that has ended; None where there is none.

        For a model whose network is that of a program, which goes on after its first run.
        """
        return None

    def weight_limits(self, projection: str) -> tuple[float, float] | None:
        """Smallest and largest weight of a projection in display units, where they are known."""
        return None

    def term(self, net: brian2.Network | None = None) -> Computation:
        """What the model computes, as a term of tensor operations: its neural circuit diagram.

        Derived from the network, ``net`` or else one that is built for it. A model whose equations
        say more than its Brian2 code does declares its own.

        raises : TermError where none can be derived
        """
        import workbench

        return workbench.term_of(self.build() if net is None else net, model=self)

    # -- what a user does with a model ---------------------------------------------------------

    def run(
        self,
        duration_ms: float,
        *,
        seed: int = 1,
        engine: str = "auto",
        operations: Sequence[Operation] = (),
        input_spikes: dict[str, tuple[Any, Any]] | None = None,
        record: Mapping[str, Any] | None = None,
        progress: Callable[[float], Any] | None = None,
    ) -> Run:
        """Simulate from t = 0 and return the finished run.

        duration_ms  : simulated time, ms
        seed         : same seed and same engine give the same spikes
        engine       : "auto", "numpy", "cython" or "compiled"
        operations   : the model's operations, each with its ``t_ms``
        input_spikes : input population -> (t_ms, i): spikes to be emitted by it
        record       : "population.variable" -> neurons to sample each tick, or "all"
        progress     : called with the fraction done; return False to stop early
        """
        import workbench

        return workbench.run_model(
            self,
            duration_ms,
            seed=seed,
            engine=engine,
            operations=operations,
            input_spikes=input_spikes,
            record=record,
            progress=progress,
        )

    def start(self, *, kind: Callable[..., Session] | None = None, **options: Any) -> Session:
        """Start a live session in a process of its own; options as for `Session`.

        kind : makes the session, if it is to be another one than a `Session`
        """
        import workbench

        return (kind or workbench.Session)(self, **options).start()


def _is_parameter(owner: type, name: str) -> bool:
    return isinstance(vars(owner)[name], Parameter)
