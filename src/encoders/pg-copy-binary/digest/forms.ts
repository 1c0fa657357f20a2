// Which bytes of a binary value mean the same value. What is sent and what the server sends back are equal for most types;
// those for which they are not are named here.
import type { PgType } from '../pg-type.ts';
import { JsonHasher } from './json.ts';
import { hashBytes, lanes, Parts, roundX, roundY, scatter } from './mix.ts';
import { hashNumeric } from './numeric.ts';

/** Hash of the value in bytes `a <= p < e`, without its length word, into `lanes`. */
export type ValueHash = (u8: Uint8Array, dv: DataView, a: number, e: number) => void;

/** Receive and send function are each other's inverse, byte for byte. */
const AS_SENT = new Set([
  'bool',
  'int2',
  'int4',
  'int8',
  'oid',
  'text',
  'varchar',
  'citext',
  'name',
  'json',
  'bytea',
  'uuid',
  'date',
  'time',
  'timestamp',
  'timestamptz',
  'interval',
  'inet',
  'cidr',
]);

/** Every NaN is one: the server takes them for equal. The two zeros stay two, as they are shown. */
function hashFloat8(_u8: Uint8Array, dv: DataView, a: number): void {
  let high = dv.getInt32(a);
  let low = dv.getInt32(a + 4);
  if ((high & 0x7ff00000) === 0x7ff00000 && ((high & 0xfffff) | low) !== 0) {
    high = 0x7ff80000;
    low = 0;
  }
  lanes[0] = roundX(roundX(8, high), low);
  lanes[1] = roundY(roundY(~8, high), low);
}

function hashFloat4(_u8: Uint8Array, dv: DataView, a: number): void {
  let word = dv.getInt32(a);
  if ((word & 0x7f800000) === 0x7f800000 && (word & 0x7fffff) !== 0) word = 0x7fc00000;
  lanes[0] = roundX(4, word);
  lanes[1] = roundY(~4, word);
}

/** char(n): blanks at the end are padding. */
function hashPadded(u8: Uint8Array, dv: DataView, a: number, e: number): void {
  while (e > a && u8[e - 1] === 0x20) e--;
  hashBytes(u8, dv, a, e);
}

/** jsonb_send puts the version of its form in front. */
function jsonbHash(): ValueHash {
  const json = new JsonHasher();
  return (u8, dv, a, e) => json.hash(u8, dv, a + 1, e);
}

/** `<?xml ` and what follows up to `?>`, and a line's end: the server writes its own, or none. */
function hashXml(u8: Uint8Array, dv: DataView, a: number, e: number): void {
  if (e - a > 6 && dv.getInt32(a) === 0x3c3f786d && u8[a + 4] === 0x6c && u8[a + 5]! <= 0x20) {
    let p = a;
    while (p + 1 < e && !(u8[p] === 0x3f && u8[p + 1] === 0x3e && p > a)) p++;
    a = Math.min(e, p + 2);
  }
  if (u8[a] === 0x0a && a < e) a++;
  hashBytes(u8, dv, a, e);
}

/** One value with its length word at `p`; returns where it ends. */
function hashPart(hash: ValueHash, parts: Parts, u8: Uint8Array, dv: DataView, p: number): number {
  const length = dv.getInt32(p);
  if (length < 0) {
    parts.add(-1);
    return p + 4;
  }
  hash(u8, dv, p + 4, p + 4 + length);
  parts.add(1);
  parts.addLanes();
  return p + 4 + length;
}

/** Dimensions and elements. The flag for NULLs says nothing that the elements do not say. */
function arrayHash(element: ValueHash): ValueHash {
  return (u8, dv, a, e) => {
    const dimensions = dv.getInt32(a);
    const parts = new Parts(dimensions);
    let p = a + 12;
    for (let d = 0; d < dimensions; d++, p += 8) {
      parts.add(dv.getInt32(p));
      parts.add(dv.getInt32(p + 4));
    }
    while (p < e) p = hashPart(element, parts, u8, dv, p);
    parts.seal();
  };
}

/** Attributes in their order, each behind its type's oid. */
function compositeHash(attributes: readonly ValueHash[]): ValueHash {
  return (u8, dv, a, e) => {
    const parts = new Parts(attributes.length);
    let p = a + 4;
    for (let k = 0; k < attributes.length && p < e; k++) p = hashPart(attributes[k]!, parts, u8, dv, p + 4);
    parts.seal();
  };
}

/** Pairs in any order: the server sorts them. */
function hashHstore(u8: Uint8Array, dv: DataView, a: number, e: number): void {
  let [x, y] = [0, 0];
  let p = a + 4;
  while (p < e) {
    const pair = new Parts(0);
    p = hashPart(hashBytes, pair, u8, dv, p);
    p = hashPart(hashBytes, pair, u8, dv, p);
    pair.seal();
    x += scatter(lanes[0]!);
    y += scatter(lanes[1]! + lanes[0]!);
  }
  const parts = new Parts(dv.getInt32(a));
  parts.add(x | 0);
  parts.add(y | 0);
  parts.seal();
}

/** Null: what this type's send function makes of a value is not known, so values cannot be compared. */
export function valueHashOf(type: PgType): ValueHash | null {
  if (type.kind === 'array') {
    const element = type.element === null ? null : valueHashOf(type.element);
    return element === null ? null : arrayHash(element);
  }
  if (type.kind === 'composite') {
    const attributes = (type.attributes ?? []).map((attribute) => valueHashOf(attribute.type));
    return attributes.some((hash) => hash === null) ? null : compositeHash(attributes as ValueHash[]);
  }
  if (type.kind === 'enum' || AS_SENT.has(type.name)) return hashBytes;
  switch (type.name) {
    case 'float8':
      return hashFloat8;
    case 'float4':
      return hashFloat4;
    case 'numeric':
      return hashNumeric;
    case 'bpchar':
      return hashPadded;
    case 'jsonb':
      return jsonbHash();
    case 'xml':
      return hashXml;
    case 'hstore':
      return hashHstore;
    default:
      return null;
  }
}
