// What generated code may call. Each is called for rare values only, or does the work of a whole value.
import { writeNumeric, writeUnsigned64 } from './numeric.ts';
import { refuse } from './writer.ts';

/** IEEE 754 half precision as a number; NaN loses its payload, which float4 has no equal of anyway. */
function half(bits: number): number {
  const sign = (bits & 0x8000) === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Characters (code points) of valid UTF-8. */
function charCount(d: Uint8Array, from: number, to: number): number {
  let count = 0;
  for (let k = from; k < to; k++) if ((d[k]! & 0xc0) !== 0x80) count++;
  return count;
}

function hasNul(d: Uint8Array, from: number, to: number): boolean {
  for (let k = from; k < to; k++) if (d[k] === 0) return true;
  return false;
}

const integerWords = new Int32Array(2);

/** An integer of at most 32 bits (signed or not) as numeric with scale 0. */
function writeInteger(dv: DataView, o: number, value: number): number {
  integerWords[0] = value | 0;
  integerWords[1] = value < 0 ? -1 : 0;
  return writeNumeric(dv, o, integerWords, 0, 2, 0);
}

export const HELPERS = {
  refuse,
  half,
  charCount,
  hasNul,
  writeInteger,
  writeNumeric,
  writeUnsigned64,
} as const;
