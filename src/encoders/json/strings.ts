// Text, bytes and UUIDs.
import { offsetWords, uint8Values } from '../../arrow/index.ts';
import type { ArrowColumn } from '../../model/index.ts';
import { isFit, type TextBytes, TextRepair } from '../text-repair.ts';
import { EXTRA_BYTES, type JsonOptions, type JsonType, type JsonValues, nullTest } from './values.ts';

const BACKSLASH = 0x5c;
const QUOTE = 0x22;
const HEX = Uint8Array.from('0123456789abcdef', (c) => c.charCodeAt(0));

/** Bytes that a byte becomes at most: 6 for control characters, 2 for what has a short form. */
const SHORT = new Uint8Array(256);
for (const [byte, letter] of [
  [8, 'b'],
  [9, 't'],
  [10, 'n'],
  [12, 'f'],
  [13, 'r'],
  [QUOTE, '"'],
  [BACKSLASH, '\\'],
] as const) {
  SHORT[byte] = letter.charCodeAt(0);
}

/** The worst that a byte of these grows to; one look for a whole batch. */
export function growth(bytes: Uint8Array): 1 | 2 | 6 {
  let most: 1 | 2 = 1;
  for (let k = 0; k < bytes.length; k++) {
    const byte = bytes[k]!;
    if (byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH) continue;
    if (SHORT[byte] === 0) return 6;
    most = 2;
  }
  return most;
}

/** UTF-8 `d[a..e)` with JSON's escapes. */
export function writeEscaped(out: Uint8Array, o: number, d: Uint8Array, a: number, e: number): number {
  for (; a < e; a++) {
    const byte = d[a]!;
    if (byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH) {
      out[o++] = byte;
      continue;
    }
    out[o++] = BACKSLASH;
    if (SHORT[byte] !== 0) {
      out[o++] = SHORT[byte]!;
      continue;
    }
    out[o++] = 0x75;
    out[o++] = 0x30;
    out[o++] = 0x30;
    out[o++] = HEX[byte >> 4]!;
    out[o++] = HEX[byte & 15]!;
  }
  return o;
}

function bytesOf(column: ArrowColumn): TextBytes {
  const { values, stride } = offsetWords(column);
  return { of: values.subarray(stride * column.offset), s: stride, d: uint8Values(column) };
}

function copyShort(out: Uint8Array, o: number, d: Uint8Array, a: number, e: number): number {
  if (e - a < 40) for (; a < e; a++) out[o++] = d[a]!;
  else {
    out.set(d.subarray(a, e), o);
    o += e - a;
  }
  return o;
}

export function textType({ nul }: JsonOptions): JsonType {
  const target = { takesNul: nul === 'escape', hasEscapes: false };
  return {
    isQuoted: true,
    touches: nul === 'escape' ? ['invalidUtf8'] : ['nullByte', 'invalidUtf8'],
    bind: (column, context): JsonValues => {
      const bytes = bytesOf(column);
      const isNull = nullTest(column);
      if (!isFit(bytes, column.length, target))
        return { ...repairedText(bytes, new TextRepair(context, target)), isNull };
      const { of, s, d } = bytes;
      const factor = growth(d.subarray(of[0]!, of[column.length * s]!));
      return {
        text: (out, o, i) => {
          const a = of[i * s]!;
          const e = of[(i + 1) * s]!;
          return factor === 1 ? copyShort(out, o, d, a, e) : writeEscaped(out, o, d, a, e);
        },
        isNull,
        bound: (from, to) => (of[to * s]! - of[from * s]!) * factor + (to - from) * EXTRA_BYTES,
      };
    },
  };
}

/** Text between the file and its escaped form. */
let scratch = new Uint8Array(256);

function repairedText(bytes: TextBytes, repair: TextRepair): Omit<JsonValues, 'isNull'> {
  const { of, s, d } = bytes;
  return {
    text: (out, o, i, row) => {
      const most = repair.bound(bytes, i, i + 1);
      if (scratch.length < most) scratch = new Uint8Array(2 * most);
      const end = repair.write(scratch, 0, d, of[i * s]!, of[(i + 1) * s]!, row);
      repair.count();
      return writeEscaped(out, o, scratch, 0, end);
    },
    bound: (from, to) => 6 * repair.bound(bytes, from, to) + (to - from) * EXTRA_BYTES,
  };
}

function writeHex(out: Uint8Array, o: number, d: Uint8Array, a: number, e: number): number {
  for (; a < e; a++) {
    out[o++] = HEX[d[a]! >> 4]!;
    out[o++] = HEX[d[a]! & 15]!;
  }
  return o;
}

/** `\x00ff` as a JSON string, where the backslash is escaped: what `::bytea` reads. */
function writeBytea(out: Uint8Array, o: number, d: Uint8Array, a: number, e: number): number {
  out[o++] = BACKSLASH;
  out[o++] = BACKSLASH;
  out[o++] = 0x78;
  return writeHex(out, o, d, a, e);
}

export const binaryType: JsonType = {
  isQuoted: true,
  touches: [],
  bind: (column): JsonValues => {
    const { of, s, d } = bytesOf(column);
    return {
      text: (out, o, i) => writeBytea(out, o, d, of[i * s]!, of[(i + 1) * s]!),
      isNull: nullTest(column),
      bound: (from, to) => (of[to * s]! - of[from * s]!) * 2 + (to - from) * (EXTRA_BYTES + 3),
    };
  },
};

export const fixedBinaryType = (width: number): JsonType => ({
  isQuoted: true,
  touches: [],
  bind: (column): JsonValues => {
    const d = uint8Values(column).subarray(width * column.offset);
    return {
      text: (out, o, i) => writeBytea(out, o, d, i * width, (i + 1) * width),
      isNull: nullTest(column),
      bound: (from, to) => (to - from) * (2 * width + EXTRA_BYTES + 3),
    };
  },
});

const HYPHENS = [4, 6, 8, 10];

export const uuidType: JsonType = {
  isQuoted: true,
  touches: [],
  bind: (column): JsonValues => {
    const d = uint8Values(column).subarray(16 * column.offset);
    return {
      text: (out, o, i) => {
        let at = 0;
        for (const until of HYPHENS) {
          o = writeHex(out, o, d, i * 16 + at, i * 16 + until);
          out[o++] = 0x2d;
          at = until;
        }
        return writeHex(out, o, d, i * 16 + at, i * 16 + 16);
      },
      isNull: nullTest(column),
      bound: (from, to) => (to - from) * (36 + EXTRA_BYTES),
    };
  },
};
