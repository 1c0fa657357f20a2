// Stepping over thrift values. With large footers this is most of the work, so it is plain functions over plain
// numbers: each returns the position behind the value, or one of the negative codes.

/** Wire types of the compact protocol. */
export const T = {
  true: 1,
  false: 2,
  i8: 3,
  i16: 4,
  i32: 5,
  i64: 6,
  double: 7,
  binary: 8,
  list: 9,
  set: 10,
  map: 11,
  struct: 12,
  uuid: 13,
} as const;

/** Structs and containers within one another; Parquet itself needs about six. */
const MAX_DEPTH = 64;

const ENDS = -1;
const BAD_TYPE = -2;
const TOO_DEEP = -3;
const BAD_COUNT = -4;
const BAD_NUMBER = -5;
export const SKIP_FAILURES: Record<number, string> = {
  [ENDS]: 'it ends in the middle of a value that begins',
  [BAD_TYPE]: 'it has a field of an unknown type in a value that begins',
  [TOO_DEEP]: 'it is nested too deeply in a value that begins',
  [BAD_COUNT]: 'it has a list of an impossible length in a value that begins',
  [BAD_NUMBER]: 'a number has too many bytes in a value that begins',
};

function skipVarint(b: Uint8Array, at: number, end: number): number {
  for (let i = 0; i < 10; i++) {
    if (at >= end) return ENDS;
    if (b[at++]! < 128) return at;
  }
  return BAD_NUMBER;
}

/** A length that follows at `at`; -1 when it is not within `end`. The position behind it is `at` plus its bytes. */
function peekVarint(b: Uint8Array, at: number, end: number): number {
  let value = 0;
  let factor = 1;
  for (let i = 0; i < 7; i++) {
    if (at >= end) return -1;
    const byte = b[at++]!;
    value += (byte & 127) * factor;
    if (byte < 128) return value;
    factor *= 128;
  }
  return -1;
}

export function skipElements(
  b: Uint8Array,
  at: number,
  end: number,
  type: number,
  count: number,
  depth: number,
): number {
  // a boolean takes a byte here, and none as a field
  const isByte = type === T.true || type === T.false || type === T.i8;
  if (isByte) return at + count > end ? ENDS : at + count;
  for (let i = 0; i < count; i++) {
    at = skipValue(b, at, end, type, depth);
    if (at < 0) return at;
  }
  return at;
}

function skipList(b: Uint8Array, at: number, end: number, depth: number): number {
  if (at >= end) return ENDS;
  const head = b[at++]!;
  let count = head >> 4;
  if (count === 15) {
    count = peekVarint(b, at, end);
    at = skipVarint(b, at, end);
    if (at < 0) return at;
  }
  // every element takes at least one byte
  if (count < 0 || count > end - at) return BAD_COUNT;
  return skipElements(b, at, end, head & 15, count, depth);
}

function skipMap(b: Uint8Array, at: number, end: number, depth: number): number {
  const count = peekVarint(b, at, end);
  at = skipVarint(b, at, end);
  if (at < 0 || count === 0) return at;
  if (count < 0 || count > end - at) return BAD_COUNT;
  const types = b[at++]!;
  for (let i = 0; i < count; i++) {
    at = skipElements(b, at, end, types >> 4, 1, depth);
    if (at < 0) return at;
    at = skipElements(b, at, end, types & 15, 1, depth);
    if (at < 0) return at;
  }
  return at;
}

export function skipValue(b: Uint8Array, at: number, end: number, type: number, depth: number): number {
  if (depth > MAX_DEPTH) return TOO_DEEP;
  if (type >= T.i16 && type <= T.i64) return skipVarint(b, at, end);
  if (type === T.binary) {
    const length = peekVarint(b, at, end);
    if (length < 0) return BAD_NUMBER;
    at = skipVarint(b, at, end) + length;
    return at > end ? ENDS : at;
  }
  if (type === T.struct) {
    for (;;) {
      if (at >= end) return ENDS;
      const head = b[at++]!;
      if (head === 0) return at;
      if (head >> 4 === 0) {
        at = skipVarint(b, at, end);
        if (at < 0) return at;
      }
      at = skipValue(b, at, end, head & 15, depth + 1);
      if (at < 0) return at;
    }
  }
  if (type === T.list || type === T.set) return skipList(b, at, end, depth + 1);
  if (type === T.true || type === T.false) return at;
  if (type === T.map) return skipMap(b, at, end, depth + 1);
  const width = type === T.i8 ? 1 : type === T.double ? 8 : type === T.uuid ? 16 : 0;
  if (width === 0) return BAD_TYPE;
  return at + width > end ? ENDS : at + width;
}
