import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toWire } from '../../../src/errors/index.ts';
import { classify } from '../../../src/sinks/postgres/sqlstate.ts';

const server = (code: string, more = {}): Error =>
  Object.assign(new Error('text of the server'), { severity: 'ERROR', code, ...more });
const socket = (code?: string): Error => Object.assign(new Error('text'), code === undefined ? {} : { code });
const verdict = (error: unknown, initial = false): string => {
  const e = classify(error, { doing: 'x', initial });
  return `${e.code}${e.retryable ? '+' : ''}`;
};

test('by SQLSTATE', () => {
  const cases: Record<string, string> = {
    '28P01': 'SINK_AUTH',
    '28000': 'SINK_AUTH',
    '3D000': 'SINK_DATABASE_MISSING',
    '42501': 'SINK_DENIED',
    '42P01': 'TABLE_MISSING',
    '53100': 'SINK_FULL',
    '53200': 'SINK_FULL+',
    '53300': 'SINK_CONNECTIONS+',
    '57P03': 'SINK_BUSY+',
    '40001': 'SINK_CONFLICT+',
    '40P01': 'SINK_CONFLICT+',
    '57P01': 'SINK_LOST+',
    '57P02': 'SINK_LOST+',
    '08006': 'SINK_LOST+',
    '55P03': 'SINK_TIMEOUT',
    '57014': 'SINK_TIMEOUT',
    '22001': 'SINK_REJECTED',
    '23505': 'SINK_REJECTED',
    '42601': 'SINK_SQL',
    XX000: 'SINK_SQL',
  };
  for (const [code, expected] of Object.entries(cases)) assert.equal(verdict(server(code)), expected, code);
});

test('by errno, final at first and retryable later', () => {
  assert.equal(verdict(socket('ECONNREFUSED')), 'SINK_UNREACHABLE+');
  assert.equal(verdict(socket('ECONNREFUSED'), true), 'SINK_UNREACHABLE');
  assert.equal(verdict(socket('ENOTFOUND'), true), 'SINK_HOST_UNKNOWN');
  assert.equal(verdict(socket('EAI_AGAIN')), 'SINK_HOST_UNKNOWN+');
  assert.equal(verdict(socket('EPIPE')), 'SINK_LOST+');
  assert.equal(verdict(socket()), 'SINK_LOST+');
  assert.equal(verdict(socket('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED')), 'SINK_TLS');
});

test('place, constraint and row, but never the value', () => {
  const error = Object.assign(server('22003'), {
    message: 'value "SECRET" is out of range',
    detail: 'Key (a)=(SECRET)',
    where: 'COPY my, table, line 7, column a b: "SECRET"\nSQL statement "SECRET"',
    constraint: 'my_check',
  });
  const e = classify(error, {
    doing: 'COPY into "s.my, table"',
    relation: 'my, table',
    rowOfLine: (line) => line * 100,
    where: { table: 's.t' },
  });
  assert.deepEqual(e.where, { table: 's.t', column: 'a b', row: 700 });
  assert.match(e.message, /numeric value out of range.*22003.*column "a b".*my_check.*row 700/);
  assert.doesNotMatch(JSON.stringify(toWire(e)), /SECRET/);
});

test('a translated context gives the row too, a trigger exception keeps its text for itself', () => {
  const error = Object.assign(server('P0001'), { message: 'SECRET', where: 'COPY t, Zeile 3' });
  const e = classify(error, { doing: 'x', relation: 't', rowOfLine: (line) => line });
  assert.equal(e.code, 'SINK_REJECTED');
  assert.equal(e.where.row, 3);
  assert.doesNotMatch(JSON.stringify(toWire(e)), /SECRET/);
});
