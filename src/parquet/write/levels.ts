// Definition and repetition levels in the hybrid of runs and packed bits, as data pages have them.
import { ByteSink } from './byte-sink.ts';

/** A run of fewer equal levels is packed instead. */
const LEAST_RUN = 8;

export const levelBits = (max: number): number => 32 - Math.clz32(max);

/** Without the length in front. `max` is at least 1. */
export function packLevels(levels: Uint8Array, max: number): Uint8Array {
  const bits = levelBits(max);
  const out = new ByteSink(64 + (levels.length >> 2));
  const runEnd = (from: number): number => {
    let to = from + 1;
    while (to < levels.length && levels[to] === levels[from]) to++;
    return to;
  };
  for (let i = 0; i < levels.length; ) {
    const end = runEnd(i);
    if (end - i >= LEAST_RUN || end === levels.length) {
      out.varint(2 * (end - i));
      out.byte(levels[i]!);
      i = end;
      continue;
    }
    // groups of eight, up to where a run begins that is worth being one
    let groups = 0;
    for (let p = i; p < levels.length && (groups === 0 || runEnd(p) - p < LEAST_RUN); p += 8) groups++;
    out.varint(2 * groups + 1);
    packBits(out, levels, i, 8 * groups, bits);
    i += 8 * groups;
  }
  return out.written;
}

/** `count` levels from `from` on, low bits first; behind the last level come zeros. */
function packBits(out: ByteSink, levels: Uint8Array, from: number, count: number, bits: number): void {
  let [word, filled] = [0, 0];
  for (let k = 0; k < count; k++) {
    word |= (levels[from + k] ?? 0) << filled;
    for (filled += bits; filled >= 8; filled -= 8) {
      out.byte(word & 255);
      word >>>= 8;
    }
  }
}
