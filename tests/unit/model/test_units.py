"""The reader of numbers and units: what it takes, what it refuses, and in which words."""

from __future__ import annotations

import math
import re
import string
import sys
import time
import unicodedata

import brian2 as b2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.errors import ParameterError
from workbench.model.units import (
    PREFIXES,
    SPELLED_OUT,
    brian_unit,
    number_of,
    read,
    read_whole,
    unit_of,
    whole_of,
)

# What converting between two units may cost: Brian2 itself rounds at each of its operations.
ROUNDING = 1e-14
SLOW_MACHINE = {"deadline": None, "suppress_health_check": list(HealthCheck), "database": None}


def refusal(text: str, unit: str = "mV") -> str:
    with pytest.raises(ParameterError) as caught:
        read(text, unit, what="w_e", such_as=f"1.5 {unit}")
    message = str(caught.value)
    assert len(message) <= 300
    assert "\n" not in message
    return message


# -- numbers with units ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "unit", "number"),
    [
        ("1.62", "mV", 1.62),
        ("1.62mV", "mV", 1.62),
        (" 1.62 mV ", "mV", 1.62),
        ("1.62*mV", "mV", 1.62),
        ("1.62\u00a0mV", "mV", 1.62),
        ("+.5 volt", "mV", 500.0),
        ("5.e-1 V", "mV", 500.0),
        ("-60 millivolts", "mV", -60.0),
        ("0.1 ms", "ms", 0.1),
        ("0.3 ms", "s", 0.0003),
        ("0.0003 s", "ms", 0.3),
        ("3 µs", "us", 3.0),
        ("3 µm", "um", 3.0),
        ("2 MΩ", "Mohm", 2.0),
        ("30 msiemens/cm**2", "mS/cm**2", 30.0),
        ("30 mS/cm^2", "siemens/meter**2", 300.0),
        ("1 uA*cm**-2", "uA/cm**2", 1.0),
        ("1 uA cm⁻²", "uA/cm**2", 1.0),
        ("1 pA/(mV*ms)", "nS/ms", 1.0),
        ("400 um2", "um**2", 400.0),
        ("5 /ms", "1/ms", 5.0),
        ("5 1/ms", "kHz", 5.0),
        ("50 %", "%", 50.0),
        ("50 %", "1", 0.5),
        ("90 degrees", "degree", 90.0),
        ("2 min", "s", 120.0),
        ("1e3", "1", 1000.0),
        ("0e99999999", "1", 0.0),
        ("7 wombats", "wombats", 7.0),  # a unit that only its model knows
    ],
)
def test_what_is_read(text, unit, number):
    assert read(text, unit) == number


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1,62mV", "it has a decimal comma; did you mean '1.62 mV'?"),
        ("1,5e3", "it has a decimal comma; did you mean '1.5e3'?"),
        ("-0,5", "it has a decimal comma; did you mean '-0.5'?"),
        ("1,000", "its comma may be a decimal one or separate thousands; did you mean '1000' or "
                  "'1.000'?"),
        ("1,234,567 mV", "numbers are written without thousands separators; did you mean "
                         "'1234567 mV'?"),
        ("1.234,5 mV", "numbers are written without thousands separators; did you mean "
                       "'1234.5 mV'?"),
        ("1 000", "numbers are written without thousands separators; did you mean '1000'?"),
        ("1'000", "numbers are written without thousands separators; did you mean '1000'?"),
        ("1_000", "numbers are written without thousands separators; did you mean '1000'?"),
        ("−5 mV", "its minus is not that of a keyboard; did you mean '-5 mV'?"),
        ("–5", "its minus is not that of a keyboard; did you mean '-5'?"),
        ("१५", "its digits are not 0 to 9; did you mean '15'?"),
        ("１２ mV", "its digits are not 0 to 9; did you mean '12 mV'?"),
        ("1.5×10⁻³ mV", "powers of ten are written with an e; did you mean '1.5e-3 mV'?"),
        ("2*10^5", "powers of ten are written with an e; did you mean '2e5'?"),
        ("9**9**9", "nothing is calculated here, so write the result; write a number in mV, "
                    "such as '1.5 mV'."),
        ("2*3", "nothing is calculated here"),
        ("1/3", "nothing is calculated here"),
        ("(1+2)*mV", "nothing is calculated here"),
        ("5-10 mV", "nothing is calculated here"),
        ("3 mV**99", "nothing is calculated here"),
        ("1 2", "it holds more than one number"),
        ("1 mV 2 mV", "it holds more than one number"),
        ("5 ± 2 mV", "it holds more than one number"),
        ("1..2", "it holds more than one number"),
        ("3 mV 1", "it holds more than one number"),
        ("5 mv", "the unit 'mv' is not known; did you mean 'mV'?"),
        ("5 MVolt", "the unit 'MVolt' is not known; did you mean 'mvolt'?"),
        ("5 pints", "the unit 'pints' is not known; write a number in mV, such as '1.5 mV'."),
        ("5 mV/", "its unit is not complete"),
        ("5 (mV", "a parenthesis is not closed"),
        ("1e999", "it is too large for a number here"),
        ("1e-999", "it is too small for a number here"),
        ("1e300 YV", "it is too large for a number here"),
        ("1e-322", "it is too small to be told from 0"),  # in volts, as Brian2 holds it
        ("", "write a number in mV"),
        ("mV", "write a number in mV"),
        ("true", "write a number in mV"),
        ("__import__('os').getcwd()", "write a number in mV"),
        ("3" * 5000, "it has 5,000 characters"),
        ("3 " + "m" * 5000, "it has 5,002 characters"),
    ],
)  # fmt: skip
def test_what_is_refused_and_what_was_meant(text, message):
    assert f" cannot be read: {message}" in refusal(text)
    assert refusal(text).startswith("w_e = ")


@pytest.mark.parametrize("text", ["nan", "NaN mV", "inf", "-inf", "+Infinity"])
def test_what_is_not_finite_is_refused(text):
    assert refusal(text) == f"w_e must be finite; got {text!r}."


@pytest.mark.parametrize("text", ["3 nA", "3 mV**2", "3/mV", "3 mV/mV", "1 mS"])
def test_another_dimension_is_refused(text):
    assert refusal(text) == (
        f"w_e = {text!r} has the wrong unit: it is measured in mV, such as '1.5 mV'."
    )


@pytest.mark.parametrize(
    ("text", "number"), [("12", 12), ("1e3", 1000), ("9007199254740993", 2**53 + 1)]
)
def test_whole_numbers(text, number):
    assert read_whole(text) == number
    assert type(read_whole(text)) is int


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1.5", "seed must be a whole number; got '1.5'."),
        ("1,5", "seed = '1,5' cannot be read: it has a decimal comma; did you mean '1.5'?"),
        ("abc", "seed = 'abc' cannot be read: write a whole number."),
    ],
)
def test_what_is_no_whole_number(text, message):
    with pytest.raises(ParameterError) as caught:
        whole_of(text, what="seed")
    assert str(caught.value) == message


def test_values_of_python_and_brian2():
    assert number_of(500 * b2.ms, "ms") == 500
    assert number_of(b2.second, "ms") == 1000
    assert number_of(3, "ms") == 3
    with pytest.raises(ParameterError, match=r"^t = 3\. mV has the wrong unit: .* in ms\.$"):
        number_of(3 * b2.mV, "ms", what="t")
    for value in (True, None, "yes", [1, 2], b"5", 10**400, 10**5000, float("nan")):
        with pytest.raises(ParameterError) as caught:
            number_of(value, "ms", what="t")
        assert len(str(caught.value)) <= 300


# -- units -----------------------------------------------------------------------------------------


def test_every_unit_of_brian2_is_worth_what_brian2_says():
    from brian2.units import allunits, stdunits

    known = {
        k: u for k, u in {**vars(allunits), **vars(stdunits)}.items() if isinstance(u, b2.Unit)
    }
    assert len(known) > 2000
    for name, unit in known.items():
        if name == "unit":  # the loop variable that Brian2 leaves there
            continue
        for spelled in (name, str(unit)):
            ours = unit_of(spelled)
            assert math.isclose(float(ours.size), float(unit), rel_tol=ROUNDING), spelled
            assert ours.dimension == tuple(int(d) for d in unit.dim._dims), spelled
            assert brian_unit(spelled) == unit


@pytest.mark.parametrize(
    "text", ["furlong", "9**9**9", "mV;", "__import__('os')", "mV**99", "5*mV"]
)
def test_a_unit_that_is_none(text):
    with pytest.raises(ParameterError, match=r"is no unit of Brian2"):
        brian_unit(text)


# -- against Brian2's own arithmetic -------------------------------------------------------------

NUMBERS = st.one_of(
    st.from_regex(
        r"[+-]?([0-9]{1,6}(\.[0-9]{0,6})?|\.[0-9]{1,6})([eE][+-]?[0-9]{1,3})?", fullmatch=True
    ),
    st.floats(allow_nan=True, allow_infinity=True).map(repr),
    st.integers(-(10**30), 10**30).map(str),
)
UNITS = st.sampled_from(
    ["mV", "volt", "V", "uV", "ms", "second", "s", "us", "nA", "pA", "amp", "nS", "siemens", "Hz",
     "kHz", "Mohm", "ohm", "um", "cm", "umeter", "um2", "pF", "ufarad", "mM", "mmolar", "kgram",
     "msiemens/cm**2", "uA*cm**-2", "uF/cm**2", "mV/ms", "1/ms", "nS*mV", "pA/(mV*ms)"]
)  # fmt: skip
SPELLINGS = [
    "µV", "MΩ", "uA cm**-2", "uA/cm^2", "cm²", "s⁻¹", "mS·cm⁻²", "millivolts", "msec", "mL",
    "min", "%", "degrees", "mV2", "(mV)", "/s", "1/ms", "kilogram", "volts", "nS (mV)",
]  # fmt: skip
JUNK = st.text(alphabet=string.printable + "−–’µΩ×²१\u00a0", max_size=12)
TEXTS = st.one_of(
    NUMBERS,
    st.tuples(NUMBERS, st.sampled_from(["", " ", "*", " * "]), UNITS).map("".join),
    st.tuples(
        NUMBERS, st.sampled_from([",", " ", "**", "-", "/", "+", "_", "e", "."]), NUMBERS, UNITS
    ).map("".join),
    st.tuples(NUMBERS, JUNK).map("".join),
    st.tuples(NUMBERS, st.sampled_from(SPELLINGS)).map(" ".join),
    JUNK,
    st.text(max_size=30),
)  # fmt: skip


NAMES = {k: u for k, u in vars(b2.units.allunits).items() if isinstance(u, b2.Unit)}
STANDARD = {k: u for k, u in vars(b2.units.stdunits).items() if isinstance(u, b2.Unit)}
# What is taken beyond Brian2's own names.
SECOND, LITER = b2.second, b2.liter
BEYOND = {
    "minute": 60 * SECOND, "min": 60 * SECOND, "hour": 3600 * SECOND, "h": 3600 * SECOND,
    "degree": math.pi / 180, "degrees": math.pi / 180, "deg": math.pi / 180, "percent": 0.01,
    **{f"{p}sec": 10.0**n * SECOND for p, n in {"": 0, **PREFIXES}.items()},
    **{f"{p}L": 10.0**n * LITER for p, n in {"": 0, **PREFIXES}.items()},
    **{f"{long}{k[1:]}": u for k, u in NAMES.items() for long, p in SPELLED_OUT.items()
       if k[0] == p and k[1:] in NAMES and len(k) > 3},
}  # fmt: skip
KNOWN = NAMES | STANDARD | {str(u): u for u in NAMES.values()} | BEYOND
KNOWN = {f"{k}s": u for k, u in KNOWN.items() if len(k) > 3} | KNOWN


def in_python(unit: str) -> str:
    """A unit as an expression of Python."""
    for written, meant in {"%": "percent", "µ": "u", "μ": "u", "Ω": "ohm", "^": "**"}.items():
        unit = unit.replace(written, meant)
    unit = re.sub("[·⋅]", "*", re.sub("[\u00a0\u2009\u202f\t]", " ", unit))
    unit = re.sub("([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", lambda m: f"**{unicodedata.normalize('NFKC', m[0])}", unit)
    unit = re.sub(r"([A-Za-z])([23])(?![0-9])", r"\1**\2", unit.replace("−", "-"))
    return re.sub(r"(?<=[A-Za-z0-9)]) +(?=[A-Za-z(])", "*", unit)


def brian_says(text: str) -> tuple[b2.Quantity | float, str] | None:
    """A number and the unit after it, as Python and Brian2 multiply them; and that unit."""
    number = text.strip(" \t\r\n\u00a0")
    for end in range(len(number), 0, -1):
        tail = number[end:].strip(" \u00a0").removeprefix("*").strip()
        try:
            value = float(number[:end])
            # The test's own texts, which the reader took.
            unit = eval(in_python(f"1{tail}" if tail.startswith("/") else tail or "1"), dict(KNOWN))
        except Exception:
            continue
        return value * unit, tail
    return None


# An evaluated power takes minutes, a strict reader microseconds: the bound only tells them apart.
LONG_S = 5.0


def compare_with_brian(text: str, unit: str) -> None:
    began = time.process_time()
    try:
        ours = read(text, unit)
    except ParameterError as error:
        assert len(str(error)) <= 300
        return
    finally:
        assert time.process_time() - began < LONG_S
    found = brian_says(text)
    assert found is not None, f"{text!r} was read as {ours!r}"
    theirs, tail = found
    here = brian_unit(unit)
    if not tail:  # no unit: it is in ours already
        theirs = theirs * here
    assert b2.have_same_dimensions(theirs, here), text
    assert math.isclose(float(ours * here), float(theirs), rel_tol=ROUNDING), text
    if tail in ("", unit):  # not converted: the very same float
        assert float(ours * here) == float(theirs), text


@settings(max_examples=400, derandomize=True, **SLOW_MACHINE)
@given(TEXTS, UNITS)
def test_no_text_is_read_differently_from_brian2(text, unit):
    compare_with_brian(text, unit)


@pytest.mark.slow
@settings(max_examples=10_000, **SLOW_MACHINE)
@given(TEXTS, UNITS)
def test_none_of_ten_thousand_texts_is_read_differently_from_brian2(text, unit):
    compare_with_brian(text, unit)


@settings(max_examples=200, derandomize=True, **SLOW_MACHINE)
@given(st.floats(-1e30, 1e30), UNITS)
def test_a_number_in_its_own_unit_is_the_float_of_python(number, unit):
    assert read(f"{number!r} {unit}", unit) == number
    assert number_of(number * brian_unit(unit), unit) * brian_unit(unit) == number * brian_unit(
        unit
    )


@pytest.mark.parametrize(
    "text", ["9" * 99, "9" * 10_000_000, "(" * 99, "1e" + "9" * 97, "9**" * 30, "m" * 99, "1," * 49,
             "1 mV**9" + "*mV**9" * 15, " " * 99, "1" + " " * 98, "-" * 99, "²" * 99]
)  # fmt: skip
def test_any_text_is_read_or_refused_at_once(text):
    began = time.process_time()
    try:
        read(text, "mV")
    except ParameterError as error:
        assert len(str(error)) <= 300
    assert time.process_time() - began < LONG_S


@pytest.mark.parametrize("given", ["1.9e305", "1.9e305 kHz", 1.9e305])
def test_what_is_too_large_in_si_units_is_refused(given):
    """Brian2 would go on with an infinite rate."""
    with pytest.raises(ParameterError, match=r"too large for a number here|must be finite"):
        number_of(given, "kHz")
    assert number_of("1.7e305 kHz", "kHz") == 1.7e305


def test_reading_needs_no_brian2():
    import subprocess

    code = (
        "import sys; from workbench.model.units import read; assert read('3 nA', 'pA') == 3000;"
        "sys.exit('brian2' in sys.modules or 'sympy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
