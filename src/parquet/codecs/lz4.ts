// LZ4 of three kinds. LZ4_RAW is a block. What is called LZ4 is deprecated because writers did not agree: Hadoop's have blocks
// with their sizes in front, others had a frame, others again a block.
import { damagedPage, type PageCodec, wrongSize } from './page-codec.ts';

const MIN_MATCH = 4;
const LONG_COPY = 32;

const cutOff = (): Error => new Error('it is cut off');

/** Decompresses the block `from[at..end)` to `to` on; returns the end of what it wrote. Matches reach back to `base`. */
function inflateBlock(
  from: Uint8Array,
  at: number,
  end: number,
  out: Uint8Array,
  to: number,
  limit: number,
  base: number,
): number {
  while (at < end) {
    const token = from[at++]!;
    let literals = token >> 4;
    if (literals === 15) {
      for (let more = 255; more === 255; literals += more) {
        if (at >= end) throw cutOff();
        more = from[at++]!;
      }
    }
    if (literals > end - at) throw cutOff();
    if (literals > limit - to) throw new Error('it is longer than its header says');
    if (literals > LONG_COPY) {
      out.set(from.subarray(at, at + literals), to);
      at += literals;
      to += literals;
    } else for (const stop = at + literals; at < stop; ) out[to++] = from[at++]!;
    // the last sequence has no match
    if (at === end) return to;
    if (end - at < 2) throw cutOff();
    const distance = from[at]! | (from[at + 1]! << 8);
    at += 2;
    let match = (token & 15) + MIN_MATCH;
    if ((token & 15) === 15) {
      for (let more = 255; more === 255; match += more) {
        if (at >= end) throw cutOff();
        more = from[at++]!;
      }
    }
    if (distance === 0 || distance > to - base) throw new Error('it refers to bytes that are not there');
    if (match > limit - to) throw new Error('it is longer than its header says');
    to = copyMatch(out, to, distance, match);
  }
  return to;
}

/** A match may reach into itself, which repeats what it has so far. */
function copyMatch(out: Uint8Array, to: number, distance: number, length: number): number {
  if (length > LONG_COPY && distance >= length) {
    out.copyWithin(to, to - distance, to - distance + length);
    return to + length;
  }
  for (const stop = to + length; to < stop; to++) out[to] = out[to - distance]!;
  return to;
}

const bigEndian = (bytes: Uint8Array, at: number): number =>
  bytes[at]! * 2 ** 24 + (bytes[at + 1]! << 16) + (bytes[at + 2]! << 8) + bytes[at + 3]!;
const littleEndian = (bytes: Uint8Array, at: number): number =>
  bytes[at]! + (bytes[at + 1]! << 8) + (bytes[at + 2]! << 16) + bytes[at + 3]! * 2 ** 24;

/** Blocks, each behind its sizes: decompressed, compressed. False when the sizes are none. */
function inflateHadoop(body: Uint8Array, out: Uint8Array, size: number): boolean {
  let to = 0;
  for (let at = 0; at < body.length; ) {
    if (body.length - at < 8) return false;
    const blockSize = bigEndian(body, at);
    const stored = bigEndian(body, at + 4);
    at += 8;
    if (blockSize > size - to || stored > body.length - at) return false;
    if (inflateBlock(body, at, at + stored, out, to, to + blockSize, to) !== to + blockSize) return false;
    at += stored;
    to += blockSize;
  }
  return to === size;
}

const FRAME_MAGIC = 0x184d2204;
/** Flags of a frame's descriptor. */
const FLAG = { dictionary: 1, checksum: 4, size: 8, blockChecksum: 16, independent: 32 } as const;
const STORED = 0x80000000;

function inflateFrame(body: Uint8Array, out: Uint8Array, size: number): number {
  const flags = body[4]!;
  let at = 7 + ((flags & FLAG.size) === 0 ? 0 : 8) + ((flags & FLAG.dictionary) === 0 ? 0 : 4);
  let to = 0;
  for (;;) {
    if (body.length - at < 4) throw cutOff();
    const head = littleEndian(body, at);
    at += 4;
    if (head === 0) return to;
    const stored = head >= STORED ? head - STORED : head;
    if (stored > body.length - at) throw cutOff();
    if (head >= STORED) {
      if (stored > size - to) throw new Error('it is longer than its header says');
      out.set(body.subarray(at, at + stored), to);
      to += stored;
    } else {
      const base = (flags & FLAG.independent) === 0 ? 0 : to;
      to = inflateBlock(body, at, at + stored, out, to, size, base);
    }
    at += stored + ((flags & FLAG.blockChecksum) === 0 ? 0 : 4);
  }
}

/** Which of the three it is shows only when it is read. */
function inflateAny(body: Uint8Array, out: Uint8Array, size: number): number {
  if (body.length >= 8 && littleEndian(body, 0) === FRAME_MAGIC) return inflateFrame(body, out, size);
  try {
    if (inflateHadoop(body, out, size)) return size;
  } catch {
    // no sizes in front, or damaged ones: the attempt as one block tells
  }
  return inflateBlock(body, 0, body.length, out, 0, size, 0);
}

/** `isRaw`: one block and nothing else. */
export const lz4Codec = (name: string, isRaw: boolean): PageCodec => ({
  inflate(body, out, size) {
    let written: number;
    try {
      written = isRaw ? inflateBlock(body, 0, body.length, out, 0, size, 0) : inflateAny(body, out, size);
    } catch (error) {
      throw damagedPage(name, error);
    }
    if (written !== size) throw wrongSize(name);
  },
});
