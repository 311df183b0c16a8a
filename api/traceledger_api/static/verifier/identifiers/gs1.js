// @ts-check
// The check digit of GS1's numbers.

// GS1's check digit, modulo 10: weights 3 and 1 from the right.
/** @type {(digits: string) => boolean} */
export function hasCheckDigit(digits) {
  const sum = [...digits].reduceRight(
    (total, digit, at) => total + Number(digit) * ((digits.length - at) % 2 ? 1 : 3),
    0,
  );
  return sum % 10 === 0;
}
