// One damaged file out of a sound one. What is done follows from the random numbers alone.
import type { Region } from './layout.ts';
import type { Random } from './random.ts';
import { numbersOf } from './thrift-places.ts';

export interface FuzzSeed {
  readonly name: string;
  readonly bytes: Buffer;
  readonly regions: readonly Region[];
}

export interface Mutant {
  readonly bytes: Buffer;
  /** What was done, for people. */
  readonly told: readonly string[];
  /** Only bodies of pages with checksums were changed: such a file must be refused. */
  readonly mustRefuse: boolean;
}

const TAIL_BYTES = 8;
/** Lengths, counts and offsets that code forgets. */
const NUMBERS = [
  0,
  1,
  -1,
  2,
  0x7f,
  0x80,
  0xff,
  0x100,
  0x7fff,
  0xffff,
  0x10000,
  2 ** 31 - 1,
  -(2 ** 31),
  2 ** 30,
];
const BYTES = [0x00, 0x01, 0x7f, 0x80, 0xfe, 0xff, 0x15, 0x19, 0x2c, 0x18];
/** How often each kind of place is chosen. */
const AIMS: readonly (Region['kind'] | 'anywhere' | 'tail')[] = [
  ...Array<'footer'>(8).fill('footer'),
  ...Array<'header'>(6).fill('header'),
  ...Array<'body'>(6).fill('body'),
  'index',
  'anywhere',
  'tail',
];

interface Edit {
  readonly at: number;
  readonly remove: number;
  readonly insert: Uint8Array;
  readonly told: string;
}

export function varint(value: bigint): Buffer {
  const out: number[] = [];
  let rest = BigInt.asUintN(64, value);
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    out.push(rest === 0n ? low : low | 0x80);
  } while (rest !== 0n);
  return Buffer.from(out);
}

/** Numbers as thrift and Parquet's levels write them, some of them longer than allowed. */
function strangeVarint(random: Random): Buffer {
  switch (random.below(4)) {
    case 0:
      return Buffer.alloc(1 + random.below(12), 0xff);
    case 1:
      return varint(BigInt(random.pick(NUMBERS)));
    case 2:
      // zigzag
      return varint((BigInt(random.pick(NUMBERS)) << 1n) ^ (BigInt(random.pick(NUMBERS)) >> 63n));
    default:
      return varint(1n << BigInt(random.below(64)));
  }
}

/** How many bytes the varint at `at` has. */
function varintBytes(bytes: Uint8Array, at: number): number {
  let count = 1;
  while (count < 10 && at + count < bytes.length && bytes[at + count - 1]! >= 0x80) count++;
  return count;
}

function little(value: number, bytes: 4 | 8): Buffer {
  const out = Buffer.alloc(bytes);
  if (bytes === 4) out.writeInt32LE(value | 0);
  else out.writeBigInt64LE(BigInt(value));
  return out;
}

function editOf(random: Random, bytes: Buffer, start: number, end: number, donor: Buffer): Edit {
  const at = start + random.below(Math.max(1, end - start));
  const left = bytes.length - at;
  const edit = (remove: number, insert: Uint8Array, told: string): Edit => ({ at, remove, insert, told });
  switch (random.below(12)) {
    case 0:
    case 1:
      return edit(1, Buffer.from([bytes[at]! ^ (1 << random.below(8))]), 'a bit flipped');
    case 2:
    case 3:
      return edit(
        1,
        Buffer.from([random.chance(0.5) ? random.pick(BYTES) : random.below(256)]),
        'a byte set',
      );
    case 4:
      return edit(Math.min(4, left), little(random.pick(NUMBERS), 4), 'four bytes set');
    case 5:
      return edit(Math.min(8, left), little(random.pick(NUMBERS), 8), 'eight bytes set');
    case 6:
    case 7:
      return edit(varintBytes(bytes, at), strangeVarint(random), 'a varint replaced');
    case 8:
      return edit(Math.min(left, 1 + random.below(16)), Buffer.alloc(0), 'bytes taken out');
    case 9:
      return edit(0, random.bytes(1 + random.below(16)), 'bytes put in');
    case 10: {
      const from = start + random.below(Math.max(1, end - start));
      const count = 1 + random.below(64);
      return edit(
        random.chance(0.7) ? Math.min(count, left) : 0,
        bytes.subarray(from, from + count),
        'bytes of the same part',
      );
    }
    default: {
      const from = random.below(donor.length);
      const count = 1 + random.below(200);
      return edit(Math.min(count, left), donor.subarray(from, from + count), 'bytes of another file');
    }
  }
}

/** As many bytes as before where that is possible: continuation bytes may be empty. */
function padded(bytes: Buffer, count: number): Buffer {
  if (bytes.length >= count) return bytes;
  const out = Buffer.alloc(count, 0x80);
  out.set(bytes);
  out[bytes.length - 1]! |= 0x80;
  out[count - 1] = 0;
  return out;
}

const zigzag = (value: bigint): bigint => BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));

/** A number of the footer or of a page header becomes another one; all else stays readable. Null: there is none. */
function numberEdit(random: Random, bytes: Buffer, region: Region): Edit | null {
  const places = numbersOf(bytes, region.start).filter((place) => place.at < region.end);
  if (places.length === 0) return null;
  const { at, bytes: count, value } = random.pick(places);
  const step = BigInt(1 + random.below(3));
  const raw = [
    value + 2n * step,
    value > 2n * step ? value - 2n * step : 0n,
    value ^ 1n,
    value * 2n,
    value >> 1n,
    zigzag(BigInt(random.pick(NUMBERS))),
    zigzag(1n << BigInt(random.below(62))),
    BigInt(random.below(64)),
  ];
  let insert = padded(varint(random.pick(raw)), count);
  // Pages stay where they are.
  if (region.kind === 'header' && insert.length > count && random.chance(0.8)) {
    insert = padded(varint(BigInt(random.below(128))), count);
  }
  return { at, remove: count, insert, told: `a number (${value} as stored) changed` };
}

/** The length in the tail says again where the footer begins, so that damage is found by reading it. */
function mendTail(bytes: Buffer, footerStart: number): void {
  const at = bytes.length - TAIL_BYTES;
  if (at > footerStart) bytes.writeUInt32LE(at - footerStart, at);
}

export function mutate(seed: FuzzSeed, donor: Buffer, random: Random): Mutant {
  let bytes = Buffer.from(seed.bytes);
  const told: string[] = [];
  const footer = seed.regions[0]!;
  const checked = seed.regions.filter((region) => region.checked);
  if (checked.length > 0 && random.chance(0.3)) {
    const region = random.pick(checked);
    const at = region.start + random.below(region.end - region.start);
    bytes[at]! ^= 1 << random.below(8);
    return { bytes, told: [`a bit flipped at ${at}, in a page with a checksum`], mustRefuse: true };
  }
  let footerStart = footer.start;
  for (let count = 1; count === 1 || (count < 5 && random.chance(0.35)); count++) {
    const aim = random.pick(AIMS);
    if (aim === 'tail') {
      if (random.chance(0.5)) {
        bytes = bytes.subarray(0, random.below(bytes.length));
        told.push(`cut to ${bytes.length} bytes`);
        return { bytes, told, mustRefuse: false };
      }
      bytes.writeInt32LE(random.pick(NUMBERS) | 0, bytes.length - TAIL_BYTES);
      told.push('another length of the footer');
      return { bytes, told, mustRefuse: false };
    }
    const places = aim === 'anywhere' ? [] : seed.regions.filter((region) => region.kind === aim);
    const place = places.length === 0 ? { start: 0, end: bytes.length - TAIL_BYTES } : random.pick(places);
    const start = Math.min(place.start, bytes.length - 1);
    const structured = (aim === 'footer' || aim === 'header' || aim === 'index') && random.chance(0.6);
    const edit =
      (structured ? numberEdit(random, bytes, place as Region) : null) ??
      editOf(random, bytes, start, place.end, donor);
    const grown = edit.insert.length - edit.remove;
    bytes = Buffer.concat([bytes.subarray(0, edit.at), edit.insert, bytes.subarray(edit.at + edit.remove)]);
    // Offsets in the footer stay as they were: pages behind such an edit lie where nobody expects them.
    if (edit.at < footerStart) footerStart += grown;
    told.push(`${edit.told} at ${edit.at} (${aim})`);
  }
  if (random.chance(0.9)) mendTail(bytes, footerStart);
  return { bytes, told, mustRefuse: false };
}
