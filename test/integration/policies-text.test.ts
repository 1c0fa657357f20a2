// Policies on text: NUL bytes and what is not UTF-8, each type that they touch.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EXACT_POLICIES } from '../../src/model/index.ts';
import { sink } from '../../src/sinks/postgres/index.ts';
import { Rig, requestOf, sliceOf } from '../conformance/sink-suite.ts';
import { batchOf, bytesColumn, dictionaryColumn } from '../support/columns.ts';
import { ints, latin1, lists, policyTable, struct, texts } from '../support/policy-table.ts';

const { check, postgres } = policyTable();

const NUL = { policy: 'nullByte' } as const;
const DIRTY = texts('ok', 'a\0b\0', null, '\0', '\xc3\xa4\0');

describe('NUL bytes', () => {
  const refused = { row: 1, ...NUL };
  const strip = { nullByte: 'strip' } as const;
  const cleaned = ['ok', 'ab', null, '', 'ä'];
  for (const into of ['text', 'varchar', 'varchar(2)']) {
    check({
      name: 'utf8',
      column: DIRTY,
      into,
      policies: strip,
      texts: cleaned,
      changes: ['nullByte strip 3'],
      refused,
    });
  }
  check({
    name: 'utf8',
    column: DIRTY,
    into: 'text',
    policies: { nullByte: 'replace:\u2400' },
    texts: ['ok', 'a␀b␀', null, '␀', 'ä␀'],
    changes: ['nullByte replace 3'],
    refused,
  });
  check({
    name: 'utf8, too long only by what is replaced,',
    column: texts('a\0', 'abc\0'),
    into: 'varchar(3)',
    policies: { nullByte: 'replace:xx', overflow: 'null' },
    texts: ['axx', null],
    changes: ['nullByte replace 1', 'overflow null 1'],
    refused: { row: 0, ...NUL },
  });
  check({
    name: 'json text with the escape',
    column: texts('{"a": "\\u0000x\\\\u0000"}', '{"a": "\\u0001"}'),
    into: 'jsonb',
    policies: strip,
    texts: ['{"a": "x\\\\u0000"}', '{"a": "\\u0001"}'],
    changes: ['nullByte strip 1'],
    refused: { row: 0, ...NUL },
  });
  check({
    name: 'dictionary, counted by rows and not by entries',
    column: dictionaryColumn([0, 1, 1, null, 1], texts('x', 'y\0')),
    into: 'text',
    policies: strip,
    texts: ['x', 'y', 'y', null, 'y'],
    changes: ['nullByte strip 3'],
    refused,
  });
  check({
    name: 'list',
    column: lists([2, null, 1, 0], texts('p\0', 'q', '\0r')),
    into: 'text[]',
    policies: strip,
    texts: ['{p,q}', null, '{r}', '{}'],
    changes: ['nullByte strip 2'],
    refused: { row: 0, ...NUL },
  });
  const pairs = struct({ a: texts('p', 'q\0'), b: ints(1n, 2n) });
  check({
    name: 'struct',
    column: pairs,
    into: 'pair',
    policies: strip,
    texts: ['(p,1)', '(q,2)'],
    changes: ['nullByte strip 1'],
    refused,
  });
  check({
    name: 'struct',
    column: pairs,
    into: 'jsonb',
    policies: strip,
    texts: ['{"a": "p", "b": 1}', '{"a": "q", "b": 2}'],
    changes: ['nullByte strip 1'],
    refused,
  });
  check({
    name: 'struct: json has an escape for it',
    column: pairs,
    into: 'json',
    policies: strip,
    texts: ['{"a":"p","b":1}', '{"a":"q\\u0000","b":2}'],
    changes: [],
    refused: null,
  });
  check({
    name: 'binary stays as it is',
    column: bytesColumn({ id: 'binary', large: false }, [latin1('a\0\xff')]),
    into: 'bytea',
    policies: { nullByte: 'strip', invalidUtf8: 'replace' },
    texts: ['\\x6100ff'],
    changes: [],
    refused: null,
  });
});

test('an attempt that failed is not counted, and neither is the slice before', async () => {
  const db = await postgres.freshDatabase();
  const batch = batchOf({ c: texts('a\0', 'b\0', 'c') });
  const request = requestOf({ schema: batch.schema, policies: { ...EXACT_POLICIES, nullByte: 'strip' } });
  const rig = await Rig.start(
    sink,
    { options: { url: db.url, table: 't' }, ids: null, fingerprint: null },
    65_536,
    request,
  );
  try {
    const session = await rig.session();
    await session.begin(sliceOf(0, 3), 1);
    await session.write(batch);
    await session.rollback(new Error('of a test'));
    for (const [start, values] of [
      [0, 2],
      [3, 2],
    ] as const) {
      await rig.load(session, sliceOf(start, 3), [{ ...batch, rowStart: start }]);
      assert.deepEqual(session.changes?.(), [{ column: 'c', policy: 'nullByte', action: 'strip', values }]);
    }
    const rows = await db.query('select c from t');
    assert.deepEqual(rows.map(({ c }) => c).sort(), ['a', 'a', 'b', 'b', 'c', 'c']);
  } finally {
    await rig.close();
  }
});

describe('text that is not UTF-8', () => {
  const replace = { invalidUtf8: 'replace' } as const;
  const bad = texts('ok', '\xc3\xa4', 'a\xff\xfeb', null, '\xe2\x82', '\xe2\x82\xac');
  const repaired = ['ok', 'ä', 'a\ufffd\ufffdb', null, '\ufffd', '€'];
  const refused = { row: 2, policy: 'invalidUtf8' } as const;
  for (const into of ['text', 'varchar(4)']) {
    check({
      name: 'utf8',
      column: bad,
      into,
      policies: replace,
      texts: repaired,
      changes: ['invalidUtf8 replace 2'],
      refused,
    });
  }
  check({
    name: 'utf8 with NUL bytes too',
    column: texts('a\0\xff', '\xff'),
    into: 'text',
    policies: { ...replace, nullByte: 'strip' },
    texts: ['a\ufffd', '\ufffd'],
    changes: ['nullByte strip 1', 'invalidUtf8 replace 2'],
    refused: { row: 0, ...NUL },
  });
  check({
    name: 'bytes that ought to be text',
    column: bytesColumn({ id: 'binary', large: true }, [latin1('ok'), latin1('\xff')]),
    into: 'text',
    policies: replace,
    texts: ['ok', '\ufffd'],
    changes: ['invalidUtf8 replace 1'],
    refused: { row: 1, policy: 'invalidUtf8' },
  });
  for (const into of ['json', 'jsonb']) {
    check({
      name: 'list',
      column: lists([1, 2], texts('\xff"', 'b', '\xc3')),
      into,
      policies: replace,
      texts: into === 'json' ? ['["\ufffd\\""]', '["b","\ufffd"]'] : ['["\ufffd\\""]', '["b", "\ufffd"]'],
      changes: ['invalidUtf8 replace 2'],
      refused: { row: 0, policy: 'invalidUtf8' },
    });
  }
});
