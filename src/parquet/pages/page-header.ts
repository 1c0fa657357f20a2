import { STOP, T, ThriftReader } from '../thrift.ts';

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
  /** Of the values, by its number in parquet.thrift. */
  readonly encoding: number;
  /** Of the definition and repetition levels of version 1. */
  readonly levelEncoding: number;
  readonly repetitionEncoding: number;
  /** Version 2: bytes of the levels in front of the values. */
  readonly definitionBytes: number;
  readonly repetitionBytes: number;
  /** Version 2 can leave single pages as they are. */
  readonly isCompressed: boolean;
}

const KINDS = ['data', 'index', 'dictionary', 'data-v2'] as const;

interface PageFields {
  values: number;
  rows: number | null;
  encoding: number;
  levelEncoding: number;
  repetitionEncoding: number;
  definitionBytes: number;
  repetitionBytes: number;
  isCompressed: boolean;
}

const emptyFields = (): PageFields => ({
  values: 0,
  rows: null,
  encoding: -1,
  levelEncoding: -1,
  repetitionEncoding: -1,
  definitionBytes: 0,
  repetitionBytes: 0,
  isCompressed: true,
});

/** DataPageHeader, DictionaryPageHeader and DataPageHeaderV2 number their fields differently from the third on. */
function readFields(r: ThriftReader, isV2: boolean): PageFields {
  const f = emptyFields();
  f.values = -1;
  r.struct();
  for (let id = r.field(0); id !== STOP; id = r.field(id)) {
    if (id === 1) f.values = r.int();
    else if (isV2 && id === 3) f.rows = r.int();
    else if (isV2 && id === 4) f.encoding = r.int();
    else if (isV2 && id === 5) f.definitionBytes = r.int();
    else if (isV2 && id === 6) f.repetitionBytes = r.int();
    else if (isV2 && id === 7) f.isCompressed = r.bool();
    else if (!isV2 && id === 2) f.encoding = r.int();
    else if (!isV2 && id === 3 && r.type === T.i32) f.levelEncoding = r.int();
    else if (!isV2 && id === 4 && r.type === T.i32) f.repetitionEncoding = r.int();
    else r.skip();
  }
  return f;
}

/** The page header at `at`. A header that does not end before `bytes` does is refused like a damaged one. */
export function readPageHeader(bytes: Uint8Array, at: number): PageHeader {
  const r = new ThriftReader(bytes, at, bytes.length, 'page header');
  let kind = -1;
  let compressedBytes = -1;
  let uncompressedBytes = -1;
  let crc: number | null = null;
  let fields = emptyFields();
  for (let id = r.field(0); id !== STOP; id = r.field(id)) {
    if (id === 1) kind = r.int();
    else if (id === 2) uncompressedBytes = r.int();
    else if (id === 3) compressedBytes = r.int();
    else if (id === 4) crc = r.int() >>> 0;
    else if (id === 5 || id === 7 || id === 8) fields = readFields(r, id === 8);
    else r.skip();
  }
  if (
    kind < 0 ||
    compressedBytes < 0 ||
    uncompressedBytes < 0 ||
    fields.values < 0 ||
    fields.definitionBytes < 0 ||
    fields.repetitionBytes < 0
  ) {
    r.fail('sizes or counts are missing or negative');
  }
  return {
    kind: KINDS[kind] ?? 'other',
    headerBytes: r.at - at,
    compressedBytes,
    uncompressedBytes,
    crc,
    valueCount: fields.values,
    rowCount: fields.rows,
    encoding: fields.encoding,
    levelEncoding: fields.levelEncoding,
    repetitionEncoding: fields.repetitionEncoding,
    definitionBytes: fields.definitionBytes,
    repetitionBytes: fields.repetitionBytes,
    isCompressed: fields.isCompressed,
  };
}
