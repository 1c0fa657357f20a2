// Golden bytes for types that parload learned later: for every value, COPY (SELECT value) TO STDOUT (FORMAT binary) of the real
// server, with the SQL beside, must be what we write. Types are looked up in its catalog, as the sink does.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type pg from 'pg';
import type { ArrowField, ArrowType } from '../../src/model/index.ts';
import { columnOf, type Plain } from '../support/arrow-build.ts';
import { fixedColumn } from '../support/columns.ts';
import { copyOut } from '../support/copy-out.ts';
import { withPostgres } from '../support/postgres.ts';
import { OneColumn, TypeReader } from '../support/round-trip.ts';
import { part } from './properties/trees.ts';

const postgres = withPostgres();

interface Golden {
  readonly name: string;
  readonly field: ArrowField;
  readonly target: string;
  /** Each value with the SQL that the server makes it from. */
  readonly values: readonly (readonly [Plain, string])[];
}

const of = (type: ArrowType, logical: ArrowField['logical'] = null): ArrowField => part('v', type, logical);
const int = (bits: 8 | 16 | 32 | 64, signed = true): ArrowType => ({ id: 'int', bits, signed });
const utf8: ArrowType = { id: 'utf8', large: false };
const list = (item: ArrowField): ArrowType => ({ id: 'list', large: false, item });
const decimal = (bits: 32 | 64 | 128 | 256, precision: number, scale: number): ArrowType => ({
  id: 'decimal',
  bits,
  precision,
  scale,
});
const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
const DAY_NS = 86_400_000_000_000n;

const person: ArrowType = {
  id: 'struct',
  fields: [part('name', utf8), part('age', int(16)), part('tags', list(part('item', utf8)))],
};
const people = list(part('item', person));
const entries: ArrowType = {
  id: 'map',
  key: { ...part('key', utf8), nullable: false },
  value: part('value', utf8),
};

const GOLDEN: readonly Golden[] = [
  {
    name: 'interval of months',
    field: of({ id: 'interval', unit: 'month' }),
    target: 'interval',
    values: [
      [[0n], `interval '0'`],
      [[14n], `interval '1 year 2 months'`],
      [[-1n], `interval '-1 month'`],
      [null, 'null::interval'],
    ],
  },
  {
    name: 'interval of days and milliseconds',
    field: of({ id: 'interval', unit: 'dayTime' }),
    target: 'interval',
    values: [
      [[3n, 1500n], `interval '3 days 1.5 seconds'`],
      [[-3n, -1n], `interval '-3 days -0.001 seconds'`],
      [[0n, 2147483647n], `2147483647 * interval '1 millisecond'`],
    ],
  },
  {
    name: 'interval of months, days and nanoseconds',
    field: of({ id: 'interval', unit: 'monthDayNano' }),
    target: 'interval',
    values: [
      [[1n, 2n, 3_000n], `interval '1 month 2 days 0.000003 seconds'`],
      [[-1n, 30n, -(10n ** 15n)], `interval '-1 month 30 days -1000000 seconds'`],
      [[0n, 0n, 9_223_372_036_854_775_000n], `interval '9223372036 seconds 854775 microseconds'`],
    ],
  },
  {
    name: "Parquet's interval",
    field: of({ id: 'interval', unit: 'monthDayMs' }),
    target: 'interval',
    values: [
      [[1n, 2n, 3n], `interval '1 month 2 days 3 milliseconds'`],
      [[2147483647n, 0n, 0n], `interval '2147483647 months'`],
      [[0n, 0n, 4294967295n], `4294967295 * interval '1 millisecond'`],
    ],
  },
  {
    name: 'INT96',
    field: of({ id: 'int96', timezone: null }),
    target: 'timestamp',
    values: [
      [0n, `timestamp '1970-01-01'`],
      [-1000n, `timestamp '1969-12-31 23:59:59.999999'`],
      [2_932_896n * DAY_NS + 86_399_999_999_000n, `timestamp '9999-12-31 23:59:59.999999'`],
      [-719_162n * DAY_NS, `timestamp '0001-01-01'`],
      [-2_440_588n * DAY_NS, `timestamp '4714-11-24 BC'`],
      [106_751_990n * DAY_NS, `timestamp '1970-01-01' + 106751990 * interval '1 day'`],
    ],
  },
  {
    name: 'decimal of a negative scale',
    field: of(decimal(128, 5, -3)),
    target: 'numeric',
    values: [
      [0n, '0::numeric'],
      [1n, '1000::numeric'],
      [-12345n, '-12345000::numeric'],
      [99999n, '99999000::numeric'],
    ],
  },
  {
    name: 'decimal into bigint',
    field: of(decimal(128, 38, 2)),
    target: 'bigint',
    values: [
      [100n, '1::int8'],
      [-922337203685477580800n, '(-9223372036854775808)::int8'],
      [922337203685477580700n, '9223372036854775807::int8'],
      [-400n, '-4::int8'],
      [429496729600n, '4294967296::int8'],
      [-429496729600n, '-4294967296::int8'],
    ],
  },
  {
    name: 'double into numeric',
    field: of({ id: 'float', bits: 64 }),
    target: 'numeric',
    values: [
      [0, '0::numeric'],
      [0.1, '0.1::numeric'],
      [-12345.6789, '-12345.6789::numeric'],
      [1e300, '1e300::numeric'],
      [5e-324, '5e-324::numeric'],
      [1.7976931348623157e308, '1.7976931348623157e308::numeric'],
      [0.30000000000000004, '0.30000000000000004::numeric'],
      [123456789012345680, '123456789012345680::numeric'],
      [Number.NaN, `'nan'::numeric`],
      [Number.POSITIVE_INFINITY, `'infinity'::numeric`],
      [Number.NEGATIVE_INFINITY, `'-infinity'::numeric`],
    ],
  },
  {
    name: 'double into bigint',
    field: of({ id: 'float', bits: 64 }),
    target: 'bigint',
    values: [
      [-(2 ** 63), '(-9223372036854775808)::int8'],
      [2 ** 53, '9007199254740992::int8'],
      [-1, '(-1)::int8'],
    ],
  },
  {
    name: 'timestamp into date',
    field: of({ id: 'timestamp', unit: 'ns', timezone: null }),
    target: 'date',
    values: [
      [-DAY_NS, `date '1969-12-31'`],
      [19_782n * DAY_NS, `date '2024-02-29'`],
    ],
  },
  {
    name: 'list of lists',
    field: of(list(part('item', list(part('item', int(32)))))),
    target: 'integer[]',
    values: [
      [
        [
          [1n, 2n],
          [3n, null],
        ],
        'array[[1,2],[3,null]]',
      ],
      [[], `'{}'::int4[]`],
      [[[7n]], 'array[[7]]'],
      [null, 'null::int4[]'],
    ],
  },
  {
    name: 'list of lists of texts of one length',
    field: of(
      list({ ...part('item', { id: 'fixedList', size: 2, item: part('item', utf8) }), nullable: false }),
    ),
    target: 'text[]',
    values: [
      [
        [
          ['a', 'b'],
          [null, ''],
        ],
        `array[['a','b'],[null,'']]`,
      ],
      [[], `'{}'::text[]`],
    ],
  },
  {
    name: 'struct into composite',
    field: of(person),
    target: 'person',
    values: [
      [['Ada', 36n, ['x', null]], `row('Ada', 36, null, array['x', null])::person`],
      [[null, null, null], 'row(null, null, null, null)::person'],
      [['', -1n, []], `row('', -1, null, '{}')::person`],
      [null, 'null::person'],
    ],
  },
  {
    name: 'list of structs into composites',
    field: of(people),
    target: 'person[]',
    values: [
      [[['Ada', 36n, null], null], `array[row('Ada', 36, null, null)::person, null]`],
      [[], `'{}'::person[]`],
    ],
  },
  {
    name: 'map into hstore',
    field: of(entries),
    target: 'hstore',
    values: [
      [[['a', '1']], `'a=>1'::hstore`],
      [
        [
          ['a', null],
          ['bb', ''],
        ],
        `'a=>NULL,bb=>""'::hstore`,
      ],
      [[], `''::hstore`],
    ],
  },
  {
    name: 'map into pairs',
    field: of(entries),
    target: 'pair[]',
    values: [
      [
        [
          ['a', '1'],
          ['a', null],
        ],
        `array[row('a', '1'), row('a', null)]::pair[]`,
      ],
    ],
  },
  {
    name: 'struct into json',
    field: of(person),
    target: 'json',
    values: [
      [
        ['A"\\\n\u0001', 36n, ['x', null]],
        `'{"name":"A\\"\\\\\\n\\u0001","age":36,"tags":["x",null]}'::json`,
      ],
      [['\0', null, []], `'{"name":"\\u0000","age":null,"tags":[]}'::json`],
    ],
  },
  {
    name: 'map into json',
    field: of({ id: 'map', key: part('key', int(64)), value: part('value', decimal(64, 9, 2)) }),
    target: 'json',
    values: [
      [
        [
          [-1n, 150n],
          [2n, null],
        ],
        `'{"-1":1.50,"2":null}'::json`,
      ],
      [
        [
          [1n, 1n],
          [1n, 2n],
        ],
        `'[[1,0.01],[1,0.02]]'::json`,
      ],
    ],
  },
  {
    name: 'enumeration',
    field: of(utf8, 'enum'),
    target: 'mood',
    values: [
      ['ok', `'ok'::mood`],
      ['sad', `'sad'::mood`],
    ],
  },
  {
    name: 'list of enumerations',
    field: of(list(part('item', utf8, 'enum'))),
    target: 'mood[]',
    values: [[['ok', null], `array['ok', null]::mood[]`]],
  },
  {
    name: 'integer into a domain',
    field: of(int(64)),
    target: 'years',
    values: [
      [7n, '7::years'],
      [null, 'null::years'],
    ],
  },
  {
    name: 'text into a domain of varchar',
    field: of(utf8),
    target: 'code',
    values: [['abc', `'abc'::code`]],
  },
  {
    name: 'list into an array of a domain',
    field: of(list(part('item', int(64)))),
    target: 'years[]',
    values: [[[1n, 2n], 'array[1,2]::years[]']],
  },
  {
    name: 'text into uuid',
    field: of(utf8),
    target: 'uuid',
    values: [['A0EEBC99-9c0b-4ef8-bb6d-6bb9bd380a11', `'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid`]],
  },
  {
    name: 'text into inet',
    field: of(utf8),
    target: 'inet',
    values: [
      ['192.168.0.1', `'192.168.0.1'::inet`],
      ['10.1.2.3/8', `'10.1.2.3/8'::inet`],
      ['fe80::1', `'fe80::1'::inet`],
      ['::ffff:1.2.3.4/96', `'::ffff:1.2.3.4/96'::inet`],
    ],
  },
  {
    name: 'text into cidr',
    field: of(utf8),
    target: 'cidr',
    values: [
      ['10.0.0.0/8', `'10.0.0.0/8'::cidr`],
      ['2001:db8::/32', `'2001:db8::/32'::cidr`],
    ],
  },
  {
    name: 'text into bytea',
    field: of(utf8),
    target: 'bytea',
    values: [['é\0', `'\\xc3a900'::bytea`]],
  },
  {
    name: 'binary into text',
    field: of({ id: 'binary', large: false }),
    target: 'text',
    values: [[bytes('c3a9'), `'é'`]],
  },
  {
    name: 'uuid into text',
    field: of({ id: 'fixedBinary', byteWidth: 16 }, 'uuid'),
    target: 'text',
    values: [[bytes('a0eebc999c0b4ef8bb6d6bb9bd380a11'), `'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'`]],
  },
];

const SETUP = [
  `create type mood as enum ('sad', 'ok')`,
  'create domain years as integer',
  'create domain code as varchar(3)',
  'create type person as (name text, age integer, height real, tags text[])',
  'create type pair as (key text, value text)',
  'create extension hstore',
];

let opening: Promise<{ client: pg.Client; types: TypeReader }> | null = null;

async function open(): Promise<{ client: pg.Client; types: TypeReader }> {
  const db = await postgres.freshDatabase();
  const client = await db.connect();
  for (const statement of SETUP) await client.query(statement);
  return { client, types: await TypeReader.open(db) };
}

after(async () => (await opening)?.types.close());

for (const [i, { name, field, target, values }] of GOLDEN.entries()) {
  test(`${name}: bytes equal the server's`, async () => {
    opening ??= open();
    const { client, types } = await opening;
    const table = await OneColumn.create(client, types, `golden${i}`, target);
    const messages = await copyOut(client, values.map(([, sql]) => `select ${sql}`).join(' union all '));
    const expected = Buffer.concat(messages).subarray(19, -2);
    const actual = table.encode(
      field,
      columnOf(
        field,
        values.map(([value]) => value),
      ),
    );
    assert.equal(actual.toString('hex'), expected.toString('hex'));
  });
}

test('the payload of a NaN, its sign and the sign of zero arrive', async () => {
  opening ??= open();
  const { client, types } = await opening;
  const doubles = BigUint64Array.of(
    0x7ff8000000000001n,
    0xfff8000000000000n,
    0x7fffffffffffffffn,
    1n << 63n,
    1n,
  );
  const singles = Uint32Array.of(0x7fc00001, 0xffc00000, 0x7fffffff, 0x80000000, 1);
  const cases = [
    ['float8', { id: 'float', bits: 64 }, doubles, [...doubles].map((b) => b.toString(16).padStart(16, '0'))],
    ['float4', { id: 'float', bits: 32 }, singles, [...singles].map((b) => b.toString(16).padStart(8, '0'))],
  ] as const;
  for (const [name, type, values, expected] of cases) {
    const table = await OneColumn.create(client, types, `nan_${name}`, name);
    const rows = table.encode(of(type), fixedColumn(type, values, Array(values.length).fill(true)));
    assert.deepEqual(await table.through(rows, `encode(${name}send(v), 'hex')`), expected);
  }
});
