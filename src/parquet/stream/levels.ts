// Where the levels of a page are. Version 2 has them in front of the compressed part, each with its length in the header;
// version 1 inside of it, each behind its length, or bit-packed without one as the first writers did.
import type { SchemaNode } from '../schema.ts';
import type { RawPage } from './raw-page.ts';
import { corruptPage, ENCODING } from './values.ts';

/** Runs of the RLE / bit-packing hybrid: `bytes[at..end)`. */
export interface Runs {
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly end: number;
}

export interface PageLevels {
  /** Null: all are 0. */
  readonly repetition: Runs | null;
  readonly definition: Runs | null;
  /** Where the values begin in the body. */
  readonly valuesAt: number;
}

/** Bits of a level up to `most`. */
export const levelWidth = (most: number): number => 32 - Math.clz32(most);

/** `body`: decompressed. Views of version 2 levels are copies: the stored page's memory is used again. */
export function findLevels(raw: RawPage, body: Uint8Array, leaf: SchemaNode): PageLevels {
  const { maxRepetition, maxDefinition } = leaf;
  const { header } = raw;
  if (header.kind === 'data-v2') {
    const bytes = raw.levels.slice();
    const split = header.repetitionBytes;
    return {
      repetition: maxRepetition === 0 ? null : { bytes, at: 0, end: split },
      definition: maxDefinition === 0 ? null : { bytes, at: split, end: bytes.length },
      valuesAt: 0,
    };
  }
  let at = 0;
  const next = (most: number, encoding: number): Runs | null => {
    if (most === 0) return null;
    const packed = encoding === ENCODING.bitPacked;
    const runs = packed
      ? packedRuns(body, at, raw.bodyBytes, header.valueCount, levelWidth(most))
      : lengthRuns(body, at, raw.bodyBytes, encoding);
    at = packed ? at + Math.ceil((header.valueCount * levelWidth(most)) / 8) : runs.end;
    return runs;
  };
  const repetition = next(maxRepetition, header.repetitionEncoding);
  const definition = next(maxDefinition, header.levelEncoding);
  return { repetition, definition, valuesAt: at };
}

/** Runs behind their length, four bytes. */
export function lengthRuns(body: Uint8Array, at: number, end: number, encoding: number): Runs {
  if (encoding !== ENCODING.rle) throw corruptPage('its levels have an encoding that levels cannot have');
  if (at + 4 > end) throw corruptPage('it ends in the middle of its levels');
  const length = body[at]! + body[at + 1]! * 2 ** 8 + body[at + 2]! * 2 ** 16 + body[at + 3]! * 2 ** 24;
  if (length > end - at - 4) throw corruptPage('its levels are longer than the page');
  return { bytes: body, at: at + 4, end: at + 4 + length };
}

/** BIT_PACKED, most significant bit first, as one run of the hybrid, which has the least significant bit first. */
export function packedRuns(body: Uint8Array, at: number, end: number, count: number, width: number): Runs {
  if (at + Math.ceil((count * width) / 8) > end) throw corruptPage('its levels are longer than the page');
  const groups = Math.ceil(count / 8);
  const head: number[] = [];
  for (let rest = groups * 2 + 1; ; rest = Math.floor(rest / 128)) {
    head.push((rest % 128) | (rest >= 128 ? 128 : 0));
    if (rest < 128) break;
  }
  const bytes = new Uint8Array(head.length + groups * width);
  bytes.set(head);
  for (let i = 0; i < count * width; i++) {
    const value = Math.floor(i / width);
    // bit `i` of the file is bit `width - 1 - i % width` of its value
    const to = value * width + (width - 1 - (i % width));
    const bit = (body[at + (i >> 3)]! >> (7 - (i & 7))) & 1;
    bytes[head.length + (to >> 3)]! |= bit << (to & 7);
  }
  return { bytes, at: 0, end: bytes.length };
}
