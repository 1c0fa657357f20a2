import { STOP, ThriftReader } from '../thrift.ts';

export interface PageHeader {
  readonly kind: 'data' | 'data-v2' | 'dictionary' | 'index' | 'other';
  /** Bytes of the header itself. */
  readonly headerBytes: number;
  /** Bytes of the page behind it. */
  readonly compressedBytes: number;
  readonly uncompressedBytes: number;
  /** CRC-32 of the page's bytes as stored; null when the writer gave none. */
  readonly crc: number | null;
  /** Values with nulls; equals rows in columns that do not repeat. */
  readonly valueCount: number;
  /** Only version 2 says it. */
  readonly rowCount: number | null;
}

const KINDS = ['data', 'index', 'dictionary', 'data-v2'] as const;

/** Counts of any of the page structs: 1 = values in all of them, 3 = rows in version 2. */
function readCounts(r: ThriftReader, isV2: boolean): { values: number; rows: number | null } {
  let values = -1;
  let rows: number | null = null;
  r.struct();
  for (let id = r.field(0); id !== STOP; id = r.field(id)) {
    if (id === 1) values = r.int();
    else if (id === 3 && isV2) rows = r.int();
    else r.skip();
  }
  return { values, rows };
}

/** The page header at `at`. A header that does not end before `bytes` does is refused like a damaged one. */
export function readPageHeader(bytes: Uint8Array, at: number): PageHeader {
  const r = new ThriftReader(bytes, at, bytes.length, 'page header');
  let kind = -1;
  let compressedBytes = -1;
  let uncompressedBytes = -1;
  let crc: number | null = null;
  let counts: { values: number; rows: number | null } = { values: 0, rows: null };
  for (let id = r.field(0); id !== STOP; id = r.field(id)) {
    if (id === 1) kind = r.int();
    else if (id === 2) uncompressedBytes = r.int();
    else if (id === 3) compressedBytes = r.int();
    else if (id === 4) crc = r.int() >>> 0;
    else if (id === 5 || id === 7 || id === 8) counts = readCounts(r, id === 8);
    else r.skip();
  }
  if (kind < 0 || compressedBytes < 0 || uncompressedBytes < 0 || counts.values < 0) {
    r.fail('sizes or counts are missing or negative');
  }
  return {
    kind: KINDS[kind] ?? 'other',
    headerBytes: r.at - at,
    compressedBytes,
    uncompressedBytes,
    crc,
    valueCount: counts.values,
    rowCount: counts.rows,
  };
}
