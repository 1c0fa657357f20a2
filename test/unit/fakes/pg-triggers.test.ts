// Places in a Postgres conversation, whatever the chunks; bytes as protocol 3.0 has them.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { MakeTrigger } from '../../fakes/fault-trigger.ts';
import { PgFrames } from '../../fakes/pg-frames.ts';
import {
  afterBegin,
  afterCommit,
  afterQuery,
  atMessage,
  beforeBegin,
  beforeCommit,
  inCopy,
} from '../../fakes/pg-triggers.ts';

const message = (type: string, body: string | Buffer = ''): Buffer => {
  const bytes = Buffer.from(body);
  const head = Buffer.alloc(type.length + 4);
  head.write(type, 'latin1');
  head.writeUInt32BE(bytes.length + 4, type.length);
  return Buffer.concat([head, bytes]);
};
const query = (sql: string): Buffer => message('Q', `${sql}\0`);
const code = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const sslRequest = message('', code(80877103));
const startup = message('', Buffer.concat([code(196608), Buffer.from('user\0me\0\0')]));

const PARTS = {
  sslRequest,
  startup,
  begin: query('BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL x = 1'),
  copy: query('COPY t (commit) FROM STDIN'),
  // Data that looks like an end is data.
  data1: message('d', 'row one COMMIT\0'),
  data2: message('d', Buffer.alloc(500, 'Q')),
  done: message('c'),
  commit: query("UPDATE t SET a = 'x; COMMIT';\n  COMMIT"),
  begin2: query('begin'),
  commit2: query('COMMIT;'),
};
const STREAM = Buffer.concat(Object.values(PARTS));
const startOf = (name: keyof typeof PARTS): number => {
  let at = 0;
  for (const [key, bytes] of Object.entries(PARTS)) {
    if (key === name) return at;
    at += bytes.length;
  }
  throw new Error(name);
};
const endOf = (name: keyof typeof PARTS): number => startOf(name) + PARTS[name].length;

/** Position in the stream where it fires, with chunks of that size. */
function placeOf(make: MakeTrigger, chunkBytes: number): number {
  const trigger = make();
  for (let at = 0; at < STREAM.length; at += chunkBytes) {
    const found = trigger.find(STREAM.subarray(at, at + chunkBytes));
    if (found >= 0) return at + found;
  }
  return -1;
}

describe('places', () => {
  const cases: [string, MakeTrigger, number][] = [
    ['after BEGIN', afterBegin(), endOf('begin')],
    ['after the second BEGIN', afterBegin(2), endOf('begin2')],
    ['after COMMIT', afterCommit(), endOf('commit')],
    ['after the second COMMIT', afterCommit(2), endOf('commit2')],
    ['after COPY', afterQuery(/^COPY/), endOf('copy')],
    ['after CopyDone', atMessage(({ type }) => type === 'c', 'after'), endOf('done')],
    ['in COPY, first message', inCopy(3), startOf('data1') + 5 + 3],
    ['in COPY, second message', inCopy(15 + 100), startOf('data2') + 5 + 100],
  ];
  for (const [name, make, place] of cases) {
    test(name, () => {
      for (const chunk of [1, 2, 7, 64, STREAM.length]) assert.equal(placeOf(make, chunk), place, `${chunk}`);
    });
  }

  test('before a message: where its chunk still has its beginning', () => {
    assert.equal(placeOf(beforeBegin(), STREAM.length), startOf('begin'));
    assert.equal(placeOf(beforeCommit(), STREAM.length), startOf('commit'));
  });

  test('never, when it is not there', () => assert.equal(placeOf(afterCommit(3), 10), -1));
});

describe('the server side', () => {
  const ready = message('Z', 'T');
  test('the answer to SSLRequest is one byte', () => {
    const frames = new PgFrames('server').feed(
      Buffer.concat([Buffer.from('N'), message('R', code(0)), ready]),
    );
    assert.deepEqual(
      frames.map((f) => f.type),
      ['R', 'Z'],
    );
    assert.equal(frames[1]?.head.toString(), 'T');
  });
  test('after S nothing can be told', () => {
    const frames = new PgFrames('server');
    assert.deepEqual(frames.feed(Buffer.concat([Buffer.from('S'), ready])), []);
    assert.ok(frames.opaque);
  });
  test('a server that was not asked', () => {
    const frames = new PgFrames('server').feed(Buffer.concat([message('R', code(0)), ready]));
    assert.equal(frames.length, 2);
  });
});
