// UUIDs as people write them.

/** Value of a hexadecimal digit, 255 for anything else. */
const NIBBLE = new Uint8Array(256).fill(255);
for (let v = 0; v < 16; v++) {
  const digit = v.toString(16);
  NIBBLE[digit.charCodeAt(0)] = v;
  NIBBLE[digit.toUpperCase().charCodeAt(0)] = v;
}

const HYPHEN = 0x2d;
/** Bytes before which a hyphen stands. */
const GROUPS = new Set([4, 6, 8, 10]);

/**
 * Sixteen bytes at `o` from the text `d[a..e)`: 32 hexadecimal digits, in groups with hyphens or in one, in braces or
 * without. False when it is something else.
 */
export function uuidFrom(d: Uint8Array, a: number, e: number, u8: Uint8Array, o: number): boolean {
  if (d[a] === 0x7b && d[e - 1] === 0x7d) {
    a++;
    e--;
  }
  const grouped = e - a === 36;
  if (!grouped && e - a !== 32) return false;
  for (let k = 0; k < 16; k++) {
    if (grouped && GROUPS.has(k) && d[a++] !== HYPHEN) return false;
    const high = NIBBLE[d[a++]!]!;
    const low = NIBBLE[d[a++]!]!;
    if ((high | low) > 15) return false;
    u8[o + k] = (high << 4) | low;
  }
  return true;
}
