"""What this project requires of edwards25519 points, decided here and not by a library.

Libraries disagree about points that an honest signer never produces: encodings that are not
canonical, points of small order, and points that are the sum of an honest point and one of small
order. Such a point passes with one verifier and fails with another, as
docs/adr/0011-own-signature-checks.md explains. `refuses_encoding` compares bytes and costs nothing;
`check_public_point` multiplies and takes about a millisecond. Inputs are public, so nothing here
runs in constant time.

Sources: RFC 8032 section 5.1; formulas of Hisil, Wong, Carter and Dawson, "Twisted Edwards Curves
Revisited" (2008), in extended coordinates for a = -1.
"""

from __future__ import annotations

import functools

from traceledger.errors import MalformedError

__all__ = ["ORDER", "SMALL_ORDER_Y", "check_public_point", "refuses_encoding"]

ORDER = 2**252 + 27742317777372353535851937790883648493
"""The order L of the subgroup that the base point generates."""

_P = 2**255 - 19
_D = -121665 * pow(121666, -1, _P) % _P
_ROOT_OF_MINUS_ONE = pow(2, (_P - 1) // 4, _P)
_ORDER_BITS = [bit == "1" for bit in f"{ORDER:b}"[1:]]
_SIGN = 1 << 255
SMALL_ORDER_Y = (
    0,
    1,
    _P - 1,
    2707385501144840649318225287225658788936804267575313519463743609750303402022,
    55188659117513257062467267217118295137698188065244968500265048394206261417927,
)
"""The y coordinates of the eight points of small order; the sign of x does not matter."""

_REFUSED = frozenset(
    (y | sign).to_bytes(32, "little")
    for y in (*SMALL_ORDER_Y, *range(_P, _SIGN))
    for sign in (0, _SIGN)
)


def refuses_encoding(encoding: bytes) -> bool:
    """Reports whether 32 bytes encode a point of small order or are not canonical."""
    return encoding in _REFUSED


def check_public_point(encoding: bytes) -> None:
    """Checks the 32 bytes of a public key: a point in the subgroup of prime order.

    Raises MalformedError `key.weak` for a point outside it or an encoding that is not canonical,
    and `key.form` if the bytes encode no point.
    """
    if refuses_encoding(encoding):
        raise MalformedError("key.weak", "the key is non-canonical or of small order")
    point = _decode(encoding)
    if point is None:
        raise MalformedError("key.form", "the key is not a point on the curve edwards25519")
    if not _is_annihilated(*point):
        raise MalformedError("key.weak", "the key is not in the subgroup of prime order")


def _decode(encoding: bytes) -> tuple[int, int] | None:
    """Decodes a canonical encoding (RFC 8032 section 5.1.3) that is not of small order."""
    sign, y = divmod(int.from_bytes(encoding, "little"), _SIGN)
    x_squared = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(x_squared, (_P + 3) // 8, _P)
    if (x * x - x_squared) % _P:
        x = x * _ROOT_OF_MINUS_ONE % _P
    if (x * x - x_squared) % _P:
        return None
    return (x if x & 1 == sign else _P - x), y


@functools.lru_cache(maxsize=16_384)
def _is_annihilated(x: int, y: int) -> bool:
    """Reports whether L times the point is the neutral element; computed once for each key."""
    # The point as it is added: y - x, y + x and 2dxy.
    difference, total, product = y - x, y + x, 2 * _D * x * y % _P
    x1, y1, z1 = x, y, 1
    for add in _ORDER_BITS:
        a, b = x1 * x1, y1 * y1
        h, g = a + b, a - b
        e, f = h - (x1 + y1) ** 2, 2 * z1 * z1 + g
        x1, y1, t1, z1 = e * f % _P, g * h % _P, e * h % _P, f * g % _P
        if add:
            a, b = (y1 - x1) * difference, (y1 + x1) * total
            c, d = t1 * product, 2 * z1
            e, f, g, h = b - a, d - c, d + c, b + a
            x1, y1, z1 = e * f % _P, g * h % _P, f * g % _P
    return x1 == 0 and y1 == z1
