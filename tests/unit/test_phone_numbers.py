"""Phone numbers in E.164."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dagster_project.transformation.udf.phone_numbers import e164


@pytest.mark.parametrize(
    ("delivered", "country", "expected"),
    [
        ("+420777111222", "", "+420777111222"),
        ("00420 777 111 222", "CZ", "+420777111222"),
        ("777 111 222", "CZ", "+420777111222"),
        ("777 111 222", "", None),
        ("+44 (0)20 7946 0018", "", "+442079460018"),
        ("+39 06 698 12345", "CZ", "+390669812345"),
        ("123", "CZ", None),
        ("n/a", "CZ", None),
        (None, "CZ", None),
    ],
)
def test_numbers(delivered: str | None, country: str, expected: str | None) -> None:
    assert e164(delivered, country) == expected


@given(st.text(max_size=30), st.sampled_from(["", "CZ", "US"]))
def test_no_text_is_an_error_and_e164_is_unchanged(text: str, country: str) -> None:
    number = e164(text, country)
    assert number is None or (number.startswith("+") and e164(number, country) == number)
