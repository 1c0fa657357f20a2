// Finds and reads the footer of a Parquet file, and says what a file is when it is not one.
import { createHash } from 'node:crypto';
import { ParloadError } from '../errors/index.ts';
import type { ByteObject } from '../model/index.ts';
import { formatBytes, KiB } from '../runtime/index.ts';
import { type ParquetMetadata, parseMetadata } from './metadata.ts';

/** Length (4 bytes) and magic (4 bytes) that end every file. */
const TAIL_BYTES = 8;
/** Read at once from the end; most footers are shorter, so one read is enough. */
const FIRST_READ_BYTES = 64 * KiB;

export interface FooterLocation {
  /** First byte of the thrift struct in the file. */
  readonly start: number;
  readonly length: number;
}

export interface ParquetFooter {
  readonly location: FooterLocation;
  readonly bytes: Uint8Array;
  /** SHA-256 of the bytes, hex. */
  readonly sha256: string;
}

const ascii = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

interface Signature {
  readonly test: (head: Uint8Array, text: string) => boolean;
  readonly is: string;
}

const startsWith =
  (...prefix: number[]): Signature['test'] =>
  (head) =>
    prefix.every((byte, i) => head[i] === byte);

/** What files that are called .parquet by mistake turn out to be, most telling first. */
const SIGNATURES: readonly Signature[] = [
  { test: startsWith(0x1f, 0x8b), is: 'gzip (decompress it first)' },
  { test: startsWith(0x28, 0xb5, 0x2f, 0xfd), is: 'zstd (decompress it first)' },
  { test: startsWith(0x42, 0x5a, 0x68), is: 'bzip2 (decompress it first)' },
  { test: startsWith(0xfd, 0x37, 0x7a, 0x58, 0x5a), is: 'xz (decompress it first)' },
  { test: startsWith(0x50, 0x4b, 0x03, 0x04), is: 'a zip archive (unpack it first)' },
  { test: (_, text) => text.startsWith('ARROW1'), is: 'an Arrow IPC (Feather) file' },
  { test: (_, text) => text.startsWith('ORC'), is: 'an ORC file' },
  { test: (_, text) => text.startsWith('Obj\x01'), is: 'an Avro file' },
  { test: (_, text) => text.startsWith('SQLite format 3'), is: 'an SQLite database' },
  { test: (_, text) => text.startsWith('%PDF'), is: 'a PDF' },
  {
    test: (_, text) => text.startsWith('version https://git-lfs'),
    is: 'a Git LFS pointer (run git lfs pull)',
  },
  { test: (_, text) => /^\s*<\?xml/i.test(text), is: 'XML (an error page of an object store?)' },
  { test: (_, text) => /^\s*<(!doctype|html|head|body)/i.test(text), is: 'an HTML page' },
  { test: (_, text) => /^\s*[[{]/.test(text), is: 'JSON' },
];

function describeHead(head: Uint8Array): string {
  const text = ascii(head);
  const known = SIGNATURES.find((s) => s.test(head, text));
  if (known !== undefined) return `it looks like ${known.is}`;
  const isText = head.every((b) => b === 9 || b === 10 || b === 13 || (b >= 32 && b !== 127));
  if (isText) return 'it looks like plain text (CSV?)';
  const hex = Array.from(head.subarray(0, 4), (b) => b.toString(16).padStart(2, '0')).join(' ');
  return `it begins with the bytes ${hex}`;
}

/** Why the end of the file is not the end of a Parquet file. */
async function explainTail(object: ByteObject): Promise<ParloadError> {
  const where = { input: object.uri };
  const head = await object.read(0, Math.min(object.sizeBytes, 64));
  const size = formatBytes(object.sizeBytes);
  if (ascii(head.subarray(0, 4)) === 'PAR1') {
    return new ParloadError(
      'PARQUET_CORRUPT',
      `${object.uri} begins as Parquet but has no footer at its end: it is cut off (${size} are there)`,
      { where },
    );
  }
  return new ParloadError('NOT_PARQUET', `${object.uri} is not Parquet: ${describeHead(head)}`, { where });
}

const encrypted = (object: ByteObject): ParloadError =>
  new ParloadError('PARQUET_UNSUPPORTED', `${object.uri} has an encrypted footer`, {
    where: { input: object.uri },
    hint: 'parload has no keys for Parquet encryption; decrypt the file where the keys are.',
  });

export async function readFooter(object: ByteObject): Promise<ParquetFooter> {
  const { sizeBytes, uri } = object;
  const where = { input: uri };
  if (sizeBytes === 0) throw new ParloadError('NOT_PARQUET', `${uri} is empty (0 bytes)`, { where });
  if (sizeBytes < TAIL_BYTES) throw await explainTail(object);
  const from = Math.max(0, sizeBytes - FIRST_READ_BYTES);
  const end = await object.read(from, sizeBytes);
  const magic = ascii(end.subarray(-4));
  if (magic === 'PARE') throw encrypted(object);
  if (magic !== 'PAR1') throw await explainTail(object);
  const length = new DataView(end.buffer, end.byteOffset + end.length - TAIL_BYTES, 4).getUint32(0, true);
  const start = sizeBytes - TAIL_BYTES - length;
  if (length === 0 || start < 0) {
    throw new ParloadError(
      'PARQUET_CORRUPT',
      `${uri} says that its footer has ${length} bytes, but the file has ${sizeBytes}`,
      { where },
    );
  }
  const bytes =
    start >= from ? end.slice(start - from, -TAIL_BYTES) : await object.read(start, sizeBytes - TAIL_BYTES);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { location: { start, length }, bytes, sha256 };
}

/** Footer -> metadata, with errors that name the file. */
export function readMetadata(object: { readonly uri: string }, footer: Uint8Array): ParquetMetadata {
  try {
    return parseMetadata(footer);
  } catch (error) {
    throw ParloadError.is(error) ? error.at({ input: object.uri }) : error;
  }
}
