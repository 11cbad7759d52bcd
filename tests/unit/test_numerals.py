"""Numbers as papers print them."""

from __future__ import annotations

import math

import pytest

from workbench.numerals import numeral


@pytest.mark.parametrize(
    ("value", "text"),
    [(3.0, "3"), (4000, "4000"), (10_000, "10,000"), (1e6, "1,000,000"), (-1e6, "-1,000,000"),
     (2.0**31, "2,147,483,648"), (0.30000000000000004, "0.3"), (0.0002, "0.0002"), (1e-6, "10⁻⁶"),
     (-1e-6, "-10⁻⁶"), (2.5e-7, "2.5 × 10⁻⁷"), (1e12, "10¹²"), (3e20, "3 × 10²⁰"),
     (1234567.8, "1,234,570"), (123456.7, "123457"), (0.0, "0"), (math.inf, "inf")],
)  # fmt: skip
def test_a_number_is_written_as_in_a_paper(value, text):
    assert numeral(value) == text


def test_fewer_digits_are_asked_for():
    assert numeral(0.123456, 2) == "0.12" and numeral(1.26e-9, 2) == "1.3 × 10⁻⁹"
    assert numeral(123_456, 2) == "123,456"  # a whole number has no digits to spare
