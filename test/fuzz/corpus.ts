// Small sound files to damage: made by the tests' own writers, and shared ones where this machine has them.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  Bool,
  type DataType,
  DateDay,
  Decimal,
  Field,
  FixedSizeBinary,
  Float32,
  Float64,
  Int8,
  Int32,
  Int64,
  List,
  Struct,
  TimestampMicrosecond,
  Uint16,
  Utf8,
} from 'apache-arrow';
import {
  CODEC,
  type CraftedPage,
  ENCODING,
  element,
  hybrid,
  int64s,
  levels,
  oneColumn,
  PHYSICAL,
  texts,
} from '../support/craft.ts';
import { crc32 } from '../support/crc32.ts';
import { type ParquetColumn, type ParquetOptions, parquetBytes } from '../support/parquet.ts';
import { sharedPath } from '../support/shared.ts';
import { layoutOf } from './layout.ts';
import type { FuzzSeed } from './mutate.ts';

const ROWS = 300;
/** Bigger files are read too slowly to be damaged often. */
const MOST_BYTES = 40_000;
const MOST_SHARED = 400;

const column = (name: string, type: DataType, value: (row: number) => unknown): ParquetColumn => ({
  name,
  type,
  value: (row) => (row % 7 === 3 ? null : value(row)),
});

const FLAT: readonly ParquetColumn[] = [
  {
    ...column('id', new Int64(), (row) => BigInt(row) * 1_000_003n),
    nullable: false,
    value: (r) => BigInt(r),
  },
  column('small', new Int8(), (row) => (row % 200) - 100),
  column('code', new Utf8(), (row) => `code ${row % 5}`),
  column('text', new Utf8(), (row) => 'x'.repeat(row % 20)),
  column('real', new Float64(), (row) => row / 8),
  column('single', new Float32(), (row) => row / 4),
  column('yes', new Bool(), (row) => row % 3 === 0),
  column('day', new DateDay(), (row) => new Date(86_400_000 * row)),
  column('at', new TimestampMicrosecond(), (row) => 1_700_000_000_000 + row),
  column('port', new Uint16(), (row) => row * 10),
  column('bytes', new FixedSizeBinary(5), (row) => new Uint8Array(5).fill(row & 255)),
  column('money', new Decimal(2, 18), (row) => new Uint32Array([row, 0, 0, 0])),
];

const NESTED: readonly ParquetColumn[] = [
  column('list', new List(new Field('item', new Int32(), true)), (row) =>
    Array.from({ length: row % 4 }, (_, i) => (i === 1 ? null : row + i)),
  ),
  column('texts', new List(new Field('item', new Utf8(), true)), (row) =>
    Array.from({ length: row % 3 }, (_, i) => `t${row}${i}`),
  ),
  column(
    'pair',
    new Struct([new Field('a', new Int32(), true), new Field('b', new Utf8(), true)] as Field[]),
    (row) => ({ a: row, b: row % 2 === 0 ? null : `b${row}` }),
  ),
];

const WRITTEN: Readonly<Record<string, Partial<ParquetOptions>>> = {
  snappy: { codec: 'SNAPPY' },
  'plain pages': { codec: 'UNCOMPRESSED', dictionary: false, pageBytes: 400 },
  'dictionary, version 2': { codec: 'ZSTD', version: 2, pageBytes: 300 },
  'gzip, two row groups': { codec: 'GZIP', rowGroupRows: 170 },
  lz4: { codec: 'LZ4_RAW', dictionary: false },
  'no codec, no statistics': { codec: 'UNCOMPRESSED', statistics: false },
  'no codec, version 2': { codec: 'UNCOMPRESSED', version: 2, pageBytes: 300 },
  'no codec, version 2, plain': { codec: 'UNCOMPRESSED', version: 2, dictionary: false },
  'no codec, short pages': { codec: 'UNCOMPRESSED', pageBytes: 200, rowGroupRows: 100 },
};

const ENCODED: Readonly<Record<string, ParquetColumn['encoding']>> = {
  id: 'DELTA_BINARY_PACKED',
  small: 'DELTA_BINARY_PACKED',
  text: 'DELTA_BYTE_ARRAY',
  code: 'DELTA_LENGTH_BYTE_ARRAY',
  real: 'BYTE_STREAM_SPLIT',
};

/** With checksums, which the writer above does not make. */
function checkedFiles(): [string, Uint8Array][] {
  const withCrc = (page: CraftedPage): CraftedPage => ({ ...page, crc: crc32(page.body) });
  const values = Array.from({ length: 100 }, (_, i) => i);
  const optional = Buffer.concat([levels(values.map(() => 1)), texts(values.map((i) => `text ${i}`))]);
  return [
    [
      'crc, plain',
      oneColumn({ pages: [0, 1].map(() => withCrc({ body: int64s(values), values: 100 })) }, { rows: 200 }),
    ],
    [
      'crc, dictionary',
      oneColumn(
        {
          codec: CODEC.none,
          encodings: [ENCODING.plain, ENCODING.rle, ENCODING.dictionary],
          pages: [
            withCrc({ kind: 'dictionary', body: int64s([5, 6, 7, 8]), values: 4 }),
            withCrc({
              body: Buffer.concat([
                Buffer.from([2]),
                hybrid(
                  values.map((i) => i & 3),
                  2,
                ),
              ]),
              values: 100,
              encoding: ENCODING.dictionary,
            }),
          ],
        },
        { rows: 100 },
      ),
    ],
    [
      'crc, levels',
      oneColumn(
        { pages: [withCrc({ body: optional, values: 100 })] },
        {
          rows: 100,
          physical: PHYSICAL.bytes,
          element: element('a', { physical: PHYSICAL.bytes, repetition: 1 }),
        },
      ),
    ],
  ];
}

function written(): [string, Uint8Array][] {
  const files = Object.entries(WRITTEN).flatMap(([name, options]): [string, Uint8Array][] => [
    [`flat, ${name}`, parquetBytes({ rows: ROWS, columns: FLAT, ...options })],
    [`nested, ${name}`, parquetBytes({ rows: ROWS, columns: NESTED, ...options })],
  ]);
  const encoded = FLAT.map((c) => ({
    ...c,
    ...(ENCODED[c.name] === undefined ? {} : { encoding: ENCODED[c.name] }),
  }));
  const options = { rows: ROWS, dictionary: false, codec: 'UNCOMPRESSED' } as const;
  for (const version of [1, 2] as const) {
    const bytes = parquetBytes({ ...options, version, columns: encoded as ParquetColumn[] });
    files.push([`delta and split, version ${version}`, bytes]);
  }
  return files;
}

function sharedFiles(): [string, Uint8Array][] {
  const found: [string, Uint8Array][] = [];
  for (const folder of ['edge', 'corpora']) {
    const root = sharedPath('data', folder);
    if (root === null) continue;
    const names = readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.parquet'))
      .sort();
    for (const name of names) {
      const path = join(root, name);
      if (statSync(path).size <= MOST_BYTES) found.push([`${folder}/${name}`, readFileSync(path)]);
    }
  }
  // Spread over all of them.
  const step = Math.max(1, Math.floor(found.length / MOST_SHARED));
  return found.filter((_, i) => i % step === 0);
}

/** `shared`: also files that only some machines have; then the same seed means other cases elsewhere. */
export function loadCorpus({ shared }: { readonly shared: boolean }): FuzzSeed[] {
  const files = [...written(), ...checkedFiles(), ...(shared ? sharedFiles() : [])];
  return files.flatMap(([name, bytes]) => {
    try {
      return [{ name, bytes: Buffer.from(bytes), regions: layoutOf(bytes) }];
    } catch {
      // Among foreign files are damaged ones, of which nothing is known.
      return [];
    }
  });
}
