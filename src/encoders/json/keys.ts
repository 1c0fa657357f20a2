// Is a key twice in one map? Keys are compared as they stand in the output.

/** Up to so many keys each is compared with each; above, by a table of hashes. */
const FEW = 8;

function same(out: Uint8Array, places: Int32Array, a: number, b: number): boolean {
  const [from, end] = [places[2 * a]!, places[2 * a + 1]!];
  const other = places[2 * b]!;
  if (end - from !== places[2 * b + 1]! - other) return false;
  for (let k = 0; k < end - from; k++) if (out[from + k] !== out[other + k]) return false;
  return true;
}

/** Slots hold an index plus one; a power of two of them, at least twice as many as keys. */
let table = new Int32Array(64);

function slotOf(out: Uint8Array, from: number, end: number, mask: number): number {
  let hash = 0x811c9dc5;
  for (let k = from; k < end; k++) hash = Math.imul(hash ^ out[k]!, 0x01000193);
  return (hash ^ (hash >>> 15)) & mask;
}

/** Key k lies at `places[2k] <= at < places[2k + 1]` of `out`. */
export function repeatedKey(out: Uint8Array, places: Int32Array, count: number): boolean {
  if (count <= FEW) {
    for (let a = 1; a < count; a++) for (let b = 0; b < a; b++) if (same(out, places, a, b)) return true;
    return false;
  }
  let size = 64;
  while (size < 2 * count) size *= 2;
  if (table.length < size) table = new Int32Array(size);
  else table.fill(0, 0, size);
  const mask = size - 1;
  for (let a = 0; a < count; a++) {
    let slot = slotOf(out, places[2 * a]!, places[2 * a + 1]!, mask);
    for (; table[slot] !== 0; slot = (slot + 1) & mask) {
      if (same(out, places, a, table[slot]! - 1)) return true;
    }
    table[slot] = a + 1;
  }
  return false;
}
