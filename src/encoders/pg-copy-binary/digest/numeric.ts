// numeric by value: 1.5 and 1.50 are one, and so is each zero.
import { lanes, roundX, roundY } from './mix.ts';

const ZERO_TAG = 0x6e756d;
const HEAD_BYTES = 8;

/** numeric_send's form at `a`: digit count, weight, sign, dscale, digits to the base 10^4. Into `lanes`. */
export function hashNumeric(_u8: Uint8Array, dv: DataView, a: number): void {
  let count = dv.getInt16(a);
  let weight = dv.getInt16(a + 2);
  const sign = dv.getUint16(a + 4);
  let p = a + HEAD_BYTES;
  while (count > 0 && dv.getInt16(p) === 0) {
    p += 2;
    count--;
    weight--;
  }
  while (count > 0 && dv.getInt16(p + 2 * (count - 1)) === 0) count--;
  // signs above 0x4000 are NaN and the infinities, which have no digits
  if (count === 0 && sign <= 0x4000) {
    lanes[0] = ZERO_TAG;
    lanes[1] = ~ZERO_TAG;
    return;
  }
  const head = count === 0 ? sign : (weight << 16) | sign;
  let x = roundX(count, head);
  let y = roundY(~count, head);
  for (let k = 0; k < count; k++) {
    const digits = dv.getInt16(p + 2 * k);
    x = roundX(x, digits);
    y = roundY(y, digits);
  }
  lanes[0] = x;
  lanes[1] = y;
}
