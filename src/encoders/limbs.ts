// Magnitudes of integers of up to 256 bits as 16-bit limbs, least significant first, to take decimal digits from.

const limbs = new Int32Array(24);

/**
 * Loads the absolute value of a two's complement integer: `count` little-endian 32-bit words at `words[at]`.
 * Returns the number of limbs in use.
 */
export function loadMagnitude(words: Int32Array, at: number, count: number, negative: boolean): number {
  let carry = 1;
  let n = 0;
  for (let k = 0; k < count; k++) {
    const word = words[at + k]!;
    let lo = word & 0xffff;
    let hi = word >>> 16;
    if (negative) {
      // two's complement, limb by limb
      lo = (~lo & 0xffff) + carry;
      carry = lo >>> 16;
      hi = (~hi & 0xffff) + carry;
      carry = hi >>> 16;
    }
    limbs[n++] = lo & 0xffff;
    limbs[n++] = hi & 0xffff;
  }
  return usedLimbs(n);
}

/** Without the zeros on top. */
export function usedLimbs(n: number): number {
  while (n > 0 && limbs[n - 1] === 0) n--;
  return n;
}

/** Divides the `n` limbs by `divisor` <= 10^4 in place; returns the remainder. */
export function divideLimbs(n: number, divisor: number): number {
  let rest = 0;
  for (let k = n - 1; k >= 0; k--) {
    const x = rest * 65536 + limbs[k]!;
    const q = (x / divisor) | 0;
    limbs[k] = q;
    rest = x - q * divisor;
  }
  return rest;
}

/** The limb of 16 bits at `k`; 0 above the top. */
export const limb = (k: number): number => limbs[k] ?? 0;
