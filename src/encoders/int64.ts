// Division of 64-bit integers in two words: high (signed) and low (unsigned), both as doubles. No BigInt, no object.

/** What the last `divide` left. */
export const quotient = { high: 0, low: 0 };

/** Rounds down, into `quotient`; returns the remainder. `divisor` below 2^20, so that every step is exact in doubles. */
export function divide(high: number, low: number, divisor: number): number {
  const top = Math.floor(high / divisor);
  const rest = (high - top * divisor) * 4_294_967_296 + low;
  const bottom = Math.floor(rest / divisor);
  quotient.high = top;
  quotient.low = bottom;
  return rest - bottom * divisor;
}

/** The quotient as a double; exact below 2^53. */
export const quotientNumber = (): number => quotient.high * 4_294_967_296 + quotient.low;
