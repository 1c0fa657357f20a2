// Well-known binary as PostGIS receives it. Its recv functions take WKB and EWKB alike; a column with an SRID refuses
// geometries without one, so the column's own is put in.

const HAS_SRID = 0x20000000;
const HEADER = 5;

/** Byte order, then the type in it. */
const isSound = (d: Uint8Array, a: number, e: number): boolean =>
  e - a >= HEADER && (d[a] === 0 || d[a] === 1);

/** `d[a..e)` at `o` with its length word; returns the end, or 0 when it is no WKB. `srid` 0: as it is. */
export function writeEwkb(
  d: Uint8Array,
  a: number,
  e: number,
  dv: DataView,
  u8: Uint8Array,
  o: number,
  srid: number,
): number {
  if (!isSound(d, a, e)) return 0;
  const little = d[a] === 1;
  const flagAt = little ? a + 4 : a + 1;
  const hasSrid = (d[flagAt]! & (HAS_SRID >>> 24)) !== 0;
  if (srid === 0 || hasSrid) {
    dv.setInt32(o, e - a);
    u8.set(d.subarray(a, e), o + 4);
    return o + 4 + e - a;
  }
  dv.setInt32(o, e - a + 4);
  u8.set(d.subarray(a, a + HEADER), o + 4);
  u8[o + 4 + flagAt - a]! |= HAS_SRID >>> 24;
  dv.setInt32(o + 4 + HEADER, srid, little);
  u8.set(d.subarray(a + HEADER, e), o + 4 + HEADER + 4);
  return o + 8 + e - a;
}
