// Network addresses as people write them into inet and cidr. Only whole addresses: Postgres' short forms (`10.1/16`) are
// for it to guess.

const DOT = 0x2e;
const COLON = 0x3a;
const SLASH = 0x2f;
const V4 = 2;
const V6 = 3;

/** Family, prefix, is-cidr and length, then at most 16 bytes. */
const bytes = new Uint8Array(16);

/** The number in `d[a..e)` of at most `most`, with no zero in front; -1 when it is none. */
function decimal(d: Uint8Array, a: number, e: number, most: number): number {
  if (e <= a || e - a > 3 || (e - a > 1 && d[a] === 0x30)) return -1;
  let value = 0;
  for (; a < e; a++) {
    const digit = d[a]! - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value <= most ? value : -1;
}

function parseV4(d: Uint8Array, a: number, e: number, into: number): boolean {
  for (let part = 0; part < 4; part++) {
    let end = a;
    while (end < e && d[end] !== DOT) end++;
    if (part < 3 && end === e) return false;
    if (part === 3 && end !== e) return false;
    const value = decimal(d, a, end, 255);
    if (value < 0) return false;
    bytes[into + part] = value;
    a = end + 1;
  }
  return true;
}

function hexGroup(d: Uint8Array, a: number, e: number): number {
  if (e <= a || e - a > 4) return -1;
  let value = 0;
  for (; a < e; a++) {
    const c = d[a]! | 0x20;
    const digit = c >= 0x30 && c <= 0x39 ? c - 0x30 : c >= 0x61 && c <= 0x66 ? c - 0x57 : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

function parseV6(d: Uint8Array, a: number, e: number): boolean {
  bytes.fill(0);
  let filled = 0;
  /** Where `::` stands; -1: nowhere. */
  let gap = -1;
  if (d[a] === COLON) {
    if (a + 1 >= e || d[a + 1] !== COLON) return false;
    gap = 0;
    a += 2;
  }
  while (a < e) {
    let end = a;
    while (end < e && d[end] !== COLON) end++;
    if (end === e && d.subarray(a, e).indexOf(DOT) !== -1) {
      if (filled > 12 || !parseV4(d, a, e, filled)) return false;
      filled += 4;
      break;
    }
    const value = hexGroup(d, a, end);
    if (value < 0 || filled > 14) return false;
    bytes[filled++] = value >> 8;
    bytes[filled++] = value & 255;
    if (end === e) break;
    a = end + 1;
    // a colon at the very end belongs to `::` only
    if (a === e) return false;
    if (d[a] === COLON) {
      if (gap >= 0) return false;
      gap = filled;
      a++;
    }
  }
  if (gap < 0) return filled === 16;
  if (filled > 14) return false;
  bytes.copyWithin(16 - (filled - gap), gap, filled);
  bytes.fill(0, gap, 16 - (filled - gap));
  return true;
}

function hostBits(prefix: number, size: number): boolean {
  for (let bit = prefix; bit < size * 8; bit++)
    if ((bytes[bit >> 3]! & (0x80 >> (bit & 7))) !== 0) return true;
  return false;
}

/**
 * The text `d[a..e)` as inet_recv wants it, at `o`; returns the end. 0 when it is no address, -1 for a network (cidr) with
 * bits set behind its prefix.
 */
export function addressFrom(
  d: Uint8Array,
  a: number,
  e: number,
  u8: Uint8Array,
  o: number,
  isCidr: boolean,
): number {
  const slash = d.subarray(a, e).indexOf(SLASH);
  const end = slash === -1 ? e : a + slash;
  const isV6 = d.subarray(a, end).indexOf(COLON) !== -1;
  if (!(isV6 ? parseV6(d, a, end) : parseV4(d, a, end, 0))) return 0;
  const size = isV6 ? 16 : 4;
  const prefix = slash === -1 ? size * 8 : decimal(d, end + 1, e, size * 8);
  if (prefix < 0) return 0;
  if (isCidr && hostBits(prefix, size)) return -1;
  u8[o] = isV6 ? V6 : V4;
  u8[o + 1] = prefix;
  u8[o + 2] = isCidr ? 1 : 0;
  u8[o + 3] = size;
  for (let k = 0; k < size; k++) u8[o + 4 + k] = bytes[k]!;
  return o + 4 + size;
}
