"""Phone numbers. Belongs here: converting a number to E.164. Does not belong here: SQL."""

from __future__ import annotations

import phonenumbers


def e164(phone: str | None, country: str) -> str | None:
    """A phone number in E.164 (`+420777111222`), as Google's libphonenumber parses it. `country` is ISO 3166
    alpha-2 or empty. None when the text cannot be a phone number, or is a national number without country."""
    if phone is None:
        return None
    try:
        number = phonenumbers.parse(phone, country or None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
