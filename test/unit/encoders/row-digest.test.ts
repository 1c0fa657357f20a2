// Which bytes count as one value, for types that the tests' server does not have, and what the sums tell apart.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RowDigester, valueHashOf } from '../../../src/encoders/pg-copy-binary/digest/index.ts';
import { JsonHasher } from '../../../src/encoders/pg-copy-binary/digest/json.ts';
import { lanes } from '../../../src/encoders/pg-copy-binary/digest/mix.ts';
import type { PgType } from '../../../src/encoders/pg-copy-binary/index.ts';

const type = (name: string): PgType => ({
  oid: 0,
  name,
  kind: 'base',
  typmod: -1,
  element: null,
  attributes: null,
  display: name,
});

const viewOf = (bytes: Buffer): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function hashOf(name: string, bytes: Buffer): string {
  valueHashOf(type(name))!(bytes, viewOf(bytes), 0, bytes.length);
  return lanes.join();
}

const hashJson = (text: string): string => {
  const bytes = Buffer.from(text);
  new JsonHasher().hash(bytes, viewOf(bytes), 0, bytes.length);
  return lanes.join();
};

const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const text = (value: string): Buffer => Buffer.concat([int32(Buffer.byteLength(value)), Buffer.from(value)]);

describe('one value, other bytes', () => {
  test('hstore: the order of pairs says nothing, NULL is no empty text', () => {
    const pairs = (...parts: (string | null)[]): Buffer =>
      Buffer.concat([int32(parts.length / 2), ...parts.map((p) => (p === null ? int32(-1) : text(p)))]);
    assert.equal(hashOf('hstore', pairs('a', '1', 'b', null)), hashOf('hstore', pairs('b', null, 'a', '1')));
    assert.notEqual(hashOf('hstore', pairs('a', '1', 'b', null)), hashOf('hstore', pairs('a', '1', 'b', '')));
    assert.notEqual(hashOf('hstore', pairs('a', '1', 'b', '2')), hashOf('hstore', pairs('a', '2', 'b', '1')));
  });

  test('xml: the declaration is the server’s own', () => {
    const xml = (value: string): string => hashOf('xml', Buffer.from(value));
    assert.equal(xml('<?xml version="1.0" encoding="UTF-8"?>\n<a>1</a>'), xml('<a>1</a>'));
    assert.equal(xml('<?xml version="1.1"?><a>1</a>'), xml('<a>1</a>'));
    assert.notEqual(xml('<?xml-stylesheet href="x"?><a>1</a>'), xml('<a>1</a>'));
    assert.notEqual(xml('<a>1</a>'), xml('<a>2</a>'));
  });

  test('a type that nothing is known of has no hash', () => {
    assert.equal(valueHashOf(type('geometry')), null);
    assert.equal(valueHashOf({ ...type('_geometry'), kind: 'array', element: type('geometry') }), null);
  });
});

describe('JSON by meaning', () => {
  const SAME = [
    ['{"a":1,"b":2}', '{ "b" : 2.0, "a": 10e-1 }'],
    ['{"a":1,"a":2}', '{"a":2}'],
    ['"\\u00e9\\ud83d\\ude00\\n\\/"', '"é😀\\n/"'],
    ['[0, -0, 0.000, 0e9]', '[0,0,0,0]'],
    ['1200', '1.2e3'],
    ['0.00120', '12E-4'],
    ['1e400', `1${'0'.repeat(400)}`],
    [
      `{${Array.from({ length: 60 }, (_, k) => `"k${k}":0,"k${k}":${k}`).join()}}`,
      `{${Array.from({ length: 60 }, (_, k) => `"k${59 - k}":${59 - k}`).join()}}`,
    ],
  ] as const;
  for (const [a, b] of SAME)
    test(`${a.slice(0, 40)} = ${b.slice(0, 40)}`, () => assert.equal(hashJson(a), hashJson(b)));

  test('everything else differs', () => {
    const texts = [
      '0',
      '1',
      '-1',
      '10',
      '0.1',
      '12',
      '21',
      '"1"',
      '""',
      'null',
      'true',
      'false',
      '[]',
      '{}',
      '[[]]',
      '[{}]',
      '[null]',
      '[1,2]',
      '[2,1]',
      '[[1],2]',
      '[1,[2]]',
      '{"a":1}',
      '{"a":"1"}',
      '{"b":1}',
      '{"a":{"b":1}}',
      '{"a":1,"b":2}',
      '{"a":2,"b":1}',
      '{"a":[1,2]}',
      '{"a":null}',
      '"null"',
      '"a"',
      '"é"',
      '"e"',
      '{"":1}',
      '{"":""}',
    ];
    assert.equal(new Set(texts.map(hashJson)).size, texts.length);
  });
});

describe('sums over rows', () => {
  const rowOf = (...values: (string | null)[]): Buffer =>
    Buffer.concat([
      Buffer.from([0, values.length]),
      ...values.map((v) => (v === null ? int32(-1) : text(v))),
    ]);
  const sums = (rows: readonly Buffer[], columns = 2): ReturnType<RowDigester['digest']> => {
    const digester = new RowDigester(Array.from({ length: columns }, () => type('text')));
    const bytes = Buffer.concat(rows);
    assert.equal(digester.add(bytes, viewOf(bytes), 0, bytes.length), bytes.length);
    return digester.digest();
  };

  test('are free of order, and tell cells, columns and rows apart', () => {
    const base = sums([rowOf('a', 'x'), rowOf('b', 'y'), rowOf(null, 'z')]);
    assert.deepEqual(sums([rowOf(null, 'z'), rowOf('a', 'x'), rowOf('b', 'y')]), base);
    assert.deepEqual(base.nulls, [1, 0]);
    const moved = sums([rowOf('a', 'y'), rowOf('b', 'x'), rowOf(null, 'z')]);
    assert.deepEqual(moved.columns, base.columns);
    assert.notDeepEqual(moved.whole, base.whole);
    const swapped = sums([rowOf('x', 'a'), rowOf('y', 'b'), rowOf('z', null)]);
    assert.notDeepEqual(swapped.columns.slice(0, 2), base.columns.slice(0, 2));
    assert.notDeepEqual(swapped.columns.slice(2), base.columns.slice(2));
    // not even where both columns hold the same values
    assert.notDeepEqual(sums([rowOf('a', 'b')]).whole, sums([rowOf('b', 'a')]).whole);
  });

  test('the column that moved is known by the others', () => {
    const base = sums([rowOf('1', 'a', 'x'), rowOf('2', 'b', 'y')], 3);
    const moved = sums([rowOf('1', 'b', 'x'), rowOf('2', 'a', 'y')], 3);
    assert.deepEqual(moved.without.slice(2, 4), base.without.slice(2, 4));
    assert.notDeepEqual(moved.without.slice(0, 2), base.without.slice(0, 2));
    assert.notDeepEqual(moved.without.slice(4), base.without.slice(4));
  });

  test('rows cut anywhere wait for their rest', () => {
    const whole = Buffer.concat([rowOf('abc', null), rowOf('', 'defgh'), Buffer.from([255, 255])]);
    for (let cut = 0; cut <= whole.length; cut++) {
      const digester = new RowDigester([type('text'), type('text')]);
      const end = digester.add(whole, viewOf(whole), 0, cut);
      assert.equal(digester.add(whole, viewOf(whole), end, whole.length), whole.length);
      assert.equal(digester.rows, 2);
      assert.equal(digester.ended, true);
      assert.deepEqual(digester.digest(), sums([rowOf('abc', null), rowOf('', 'defgh')]));
    }
  });
});
