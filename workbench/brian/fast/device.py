"""A C++ standalone device whose templates are faster than Brian2's; results stay bytewise equal.

Each code object is made from a template of this package where that is possible, else from Brian2's
own; `FastStandalone.origins` says which, and why. Needs Brian2; imported by worker processes only.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import brian2
from brian2.devices.cpp_standalone.codeobject import CPPStandaloneCodeObject
from brian2.devices.cpp_standalone.device import CPPStandaloneDevice
from brian2.devices.device import all_devices

from ..patches import leave_out
from . import crossing, exp_table
from .generator import FastGenerator, Unsuitable
from .numbers import without_numbers

NAME = "workbench_standalone"
# As Brian2's, without -ffast-math: nothing may depend on how a loop is split or vectorised.
FLAGS = (
    "-w", "-O3", "-march=native", "-std=c++11", "-fno-math-errno", "-fno-trapping-math",
    "-ffp-contract=off",
)  # fmt: skip
# Brian2's own, or what the user has set. Only with -ffast-math, which is among its own, does GCC
# evaluate exp() and its kin for several neurons at once.
BRIAN2_FLAGS = tuple(brian2.prefs.codegen.cpp.extra_compile_args_gcc)
HEADER = "workbench_refractory.h"
TEMPLATES = ("stateupdate", "threshold", "synapses")
ONCE = ("group_variable_set", "synapses_create")  # templates of what runs before the time loop
# What the templates were written beside: what they replace, extend, or have to agree with.
SOURCES = (
    "devices/cpp_standalone/templates/network.cpp",
    "devices/cpp_standalone/templates/synapses_classes.cpp",
    "devices/cpp_standalone/templates/stateupdate.cpp",
    "devices/cpp_standalone/templates/threshold.cpp",
    "devices/cpp_standalone/templates/synapses.cpp",
    "devices/cpp_standalone/templates/common_group.cpp",
    "devices/cpp_standalone/templates/common_synapses.cpp",
    "devices/cpp_standalone/brianlib/clocks.h",
    "synapses/cspikequeue.cpp",
    "codegen/generators/cpp_generator.py",
)
KNOWN = {"afb834e80d343f4e": "Brian2 2.9.0"}  # digests of these files
_HERE = Path(__file__).parent
_EACH_NEURON = re.compile(r"for\s*\(\w+ _idx\s*=.*", re.DOTALL)
_FUNCTION = re.compile(r"\b_?(?:exp|expm1|exprel|log|log10|pow|sin|cos|tan|sinh|cosh|tanh)\(")
_EXP = re.compile(r"\bexp\(")
# Brian2's Poisson numbers of small mean; the same mean in the same code gives the same exp().
_POISSON = re.compile(r"^int32_t _poisson_mult\(double lam, int _vectorisation_idx\) \{$", re.M)
_MEAN = re.compile(r"\b(enlam) = exp\(-lam\);")
_KEPT = r"static workbench::KeptExp _kept_exp;\n\g<0>"
_ELSEWHERE = re.compile(r"%(\w+)_IS_WRITTEN_ELSEWHERE%")


def suitable() -> bool:
    """True when Brian2's own templates are among those that ours were written beside."""
    if digest() in KNOWN:
        return True
    leave_out("fast-templates", "its C++ templates are other ones")
    return False


def digest() -> str:
    """Digest of Brian2's files that the templates of this package have to agree with."""
    folder = Path(brian2.__file__).parent
    texts = [(folder / name).read_bytes() if (folder / name).exists() else b"" for name in SOURCES]
    return hashlib.sha256(b"|".join(texts)).hexdigest()[:16]


def support_name(support: str, code_object: str) -> str:
    """Name of the namespace of some support code.

    Equal texts share one; a text with state of its own (``static``), or with sizes that the binary
    reads when it starts, stays with its code object.
    """
    text, counts = without_numbers(support)
    stateful = "static" in re.sub(r"static inline\b|static \w+\* _namespace\w+;", "", text)
    whose = code_object if stateful or counts else ""
    return f"support_{hashlib.sha256((whose + text).encode()).hexdigest()[:12]}"


def support_text(lines: list[str]) -> str:
    """Support code; exp() of the mean of a Poisson number is kept for each neuron."""
    text = "\n".join(lines)
    return _MEAN.sub(r"\1 = _kept_exp.of(-lam, _vectorisation_idx);", _POISSON.sub(_KEPT, text))


class PlainCodeObject(CPPStandaloneCodeObject):
    """Made from Brian2's template, in a frame that lets many be compiled as one file."""

    templater = CPPStandaloneCodeObject.templater.derive(
        __package__,
        templates_dir="templates_common",
        env_globals={"support_name": support_name, "support_text": support_text},
    )


class FastCodeObject(PlainCodeObject):
    """Made from a template of this package."""

    templater = PlainCodeObject.templater.derive(__package__)
    generator_class = FastGenerator


@dataclass(frozen=True)
class Origin:
    """Where a code object's template comes from.

    reason : why it is Brian2's own; "" for one of ours
    """

    name: str
    template: str
    ours: bool
    reason: str = ""


class FastStandalone(CPPStandaloneDevice):
    """Brian2's C++ standalone device with the templates of this package, where they are suitable.

    suitable : False: it is Brian2's device in everything
    """

    def __init__(self) -> None:
        super().__init__()
        self.suitable = suitable()
        self.origins: dict[str, Origin] = {}
        self.headers.append(f'"{HEADER}"')
        if self.suitable:
            self.headers.append(f'"{exp_table.HEADER}"')

    def code_object_class(self, codeobj_class: Any = None, fallback_pref: str | None = None) -> Any:
        # Also asked for the templates of the network and of the pathways, which know no threads.
        chosen = super().code_object_class(codeobj_class, fallback_pref)
        plain = codeobj_class is not None or _threads() or not self.suitable
        return chosen if plain else FastCodeObject

    def code_object(
        self, owner: Any, name: str, abstract_code: Any, variables: Any, template_name: str,
        variable_indices: Any, codeobj_class: Any = None, **keywords: Any,
    ) -> Any:  # fmt: skip
        given = (owner, name, abstract_code, variables, template_name, variable_indices)
        reason = "there is no faster template for it"
        if template_name in TEMPLATES:
            reason = "it has a code object of its own"
            if self.code_object_class(codeobj_class) is FastCodeObject:
                try:
                    # The generator adds to the variables; Brian2's own template must not see it.
                    trial = (owner, name, abstract_code, {**variables}, *given[4:])
                    made = super().code_object(*trial, codeobj_class=FastCodeObject, **keywords)
                    self.origins[made.name] = Origin(made.name, template_name, ours=True)
                    return made
                except Unsuitable as why:
                    reason = str(why)
        # Brian2 mostly asks for the class before, and hands it over.
        own = codeobj_class
        if own is None or own is FastCodeObject:
            plain = _threads() or not self.suitable
            own = CPPStandaloneCodeObject if plain else PlainCodeObject
        made = super().code_object(*given, codeobj_class=own, **keywords)
        self.origins[made.name] = Origin(made.name, template_name, ours=False, reason=reason)
        return made

    def flags(self) -> tuple[str, ...]:
        """Flags for the compiler: Brian2's where a state update calls exp() for each neuron.

        A network of Hodgkin-Huxley neurons takes twice the time with ours.
        """
        for codeobj in self.code_objects.values():
            if codeobj.template_name == "stateupdate":
                loop = _EACH_NEURON.search(codeobj.code.cpp_file)
                if loop is not None and _FUNCTION.search(loop[0]):
                    return BRIAN2_FLAGS
        return FLAGS

    def generate_codeobj_source(self, writer: Any) -> None:
        self._join_updates_with_thresholds()
        for codeobj in self.code_objects.values():
            code = codeobj.code.cpp_file
            codeobj.code.cpp_file = _ELSEWHERE.sub(
                lambda found: "true" if self._written_elsewhere(found[1]) else "false", code
            )
        writer.write(HEADER, (_HERE / "refractory.h").read_text(encoding="utf-8"))
        super().generate_codeobj_source(writer)
        if not self.suitable:
            return
        for name, text in exp_table.sources().items():
            if name == exp_table.HEADER or self._says_exp():
                writer.write(name, text)
        # Included by one file each; what is left over is compiled by itself.
        together = [c for c in self.code_objects.values() if isinstance(c, PlainCodeObject)]
        hot = [c.name for c in together if not c.template_name.startswith(ONCE)]
        cold = [c.name for c in together if c.template_name.startswith(ONCE)]
        cold += [f"{b}_{c.name}" for c in together for b in dict.fromkeys(c.before_after_blocks)]
        for unit, names in (("hot", hot), ("cold", cold)):
            lines = [f'#include "code_objects/{name}.cpp"\n' for name in names]
            writer.write(f"{unit}.cpp.in", "".join(lines))

    def _says_exp(self) -> bool:
        """Whether any loop may call exp(): the compiler decides for how many numbers at once."""
        return any(_EXP.search(c.code.cpp_file) for c in self.code_objects.values())

    def _join_updates_with_thresholds(self) -> None:
        runs = crossing.orders(self.main_queue)
        texts = {name: codeobj.code.cpp_file for name, codeobj in self.code_objects.items()}
        for name, codeobj in self.code_objects.items():
            if not isinstance(codeobj, FastCodeObject) or codeobj.template_name != "stateupdate":
                continue
            values = None
            start = f"{codeobj.owner.name}_stateupdater_codeobject"
            if name.startswith(start):  # of the run, which numbers them alike
                there = name.replace("_stateupdater_", "_spike_thresholder_")
                threshold = self.code_objects.get(there)
                if isinstance(threshold, FastCodeObject):
                    values = crossing.joined(codeobj, threshold, runs, texts)
            text = crossing.filled(codeobj.code.cpp_file, values or crossing.ALONE)
            codeobj.code.cpp_file = text

    def _written_elsewhere(self, group: str) -> bool:
        """True when a code object that is not the group's own sets who is refractory."""
        written = re.compile(rf"_array_{group}_(?:lastspike|not_refractory)\[[^\]]*\]\s*=(?!=)")
        return any(
            written.search(codeobj.code.cpp_file)
            for codeobj in self.code_objects.values()
            if not (
                codeobj.owner.name == group
                and (
                    codeobj.template_name == "threshold"
                    or "must_test_all" in codeobj.code.cpp_file  # it keeps the list itself
                )
            )
            and not codeobj.template_name.startswith("group_variable_set")  # before a run
        )


def register() -> str:
    """Make the device known to ``brian2.set_device``; returns its name."""
    all_devices.setdefault(NAME, FastStandalone())
    return NAME


def _threads() -> int:
    return int(brian2.prefs.devices.cpp_standalone.openmp_threads)
