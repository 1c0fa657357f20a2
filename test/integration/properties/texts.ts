// Text, bytes and what is read from text: pairs of types and what must come of each value.
import { isIPv4, isIPv6 } from 'node:net';
import fc from 'fast-check';
import type { ArrowType, LogicalType } from '../../../src/model/index.ts';
import { fieldOf, type Pair } from './pair.ts';

const NUL = String.fromCharCode(0);
const texts = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    'a',
    'ab ',
    'NULL',
    '\\N',
    '"',
    '\\',
    '\n\r\t\b\f',
    'äöü',
    '日本語',
    '😀',
    NUL,
    `a${NUL}b`,
  ),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 60 }),
);
const noNul = (v: string): string | null => (v.includes(NUL) ? null : v);
const characters = (v: string): number => [...v].length;
const hex = (v: string | Uint8Array): string => Buffer.from(v as string).toString('hex');

const LABELS = ['sad', 'ok', 'very "happy"', 'ä'];

const hexDigits = fc.stringMatching(/^[0-9a-fA-F]{32}$/);
const grouped = (v: string): string => v.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
const uuids = fc.oneof(
  hexDigits,
  hexDigits.map(grouped),
  hexDigits.map((v) => `{${grouped(v)}}`),
  hexDigits.map((v) => grouped(v).slice(1)),
  hexDigits.map((v) => `${v.slice(1)}g`),
  fc.constant(''),
);
function uuidOf(v: string): string | null {
  const bare = /^\{.*\}$/.test(v) ? v.slice(1, -1) : v;
  return /^[0-9a-f]{32}$/i.test(bare) || /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(bare)
    ? grouped(bare.replaceAll('-', '').toLowerCase())
    : null;
}

const v4 = fc.ipV4();
const v6 = fc.ipV6();
const addresses = fc.oneof(
  v4,
  v6,
  fc.tuple(v4, fc.integer({ min: 0, max: 33 })).map(([a, n]) => `${a}/${n}`),
  fc.tuple(v6, fc.integer({ min: 0, max: 129 })).map(([a, n]) => `${a}/${n}`),
  fc.constantFrom(
    '',
    ':',
    '::',
    '::1',
    '1::',
    '1:2:3:4:5:6:7:8',
    '1:2:3:4:5:6:7::',
    '::ffff:1.2.3.4',
    '1.2.3',
    '01.2.3.4',
    '256.1.1.1',
    '1::2::3',
    '1.2.3.4/',
    '/8',
  ),
);
/** The eight groups of an address, `::` and a dotted end written out. */
function groupsOf(address: string): number[] {
  const dotted = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) =>
    [Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)].map((n) => n.toString(16)).join(':'),
  );
  const [front = '', back] = dotted.split('::').map((part) => part.split(':').filter((g) => g !== ''));
  const rest = (back ?? []) as string[];
  const zeros = Array<string>(8 - front.length - rest.length).fill('0');
  return [...front, ...zeros, ...rest].map((group) => Number.parseInt(group, 16));
}

/** inet_send: family, prefix, 0, length, address; null for what is no address. */
function addressHex(v: string): string | null {
  const [address = '', prefix, more] = v.split('/');
  const bits = isIPv4(address) ? 32 : isIPv6(address) ? 128 : 0;
  const isPrefix = prefix === undefined || (/^(0|[1-9]\d{0,2})$/.test(prefix) && Number(prefix) <= bits);
  if (more !== undefined || bits === 0 || !isPrefix) return null;
  const parts =
    bits === 32 ? address.split('.').map(Number) : groupsOf(address).flatMap((g) => [g >> 8, g & 255]);
  return Buffer.from([bits === 32 ? 2 : 3, Number(prefix ?? bits), 0, bits / 8, ...parts]).toString('hex');
}

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 50 }),
  texts.map((v) => new TextEncoder().encode(v)),
  fc.constantFrom(Uint8Array.of(0xc3, 0x28), Uint8Array.of(0xed, 0xa0, 0x80), Uint8Array.of(0x80)),
);
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
function utf8(v: Uint8Array): string | null {
  try {
    return decoder.decode(v);
  } catch {
    return null;
  }
}

const utf8Types: readonly ArrowType[] = [
  { id: 'utf8', large: false },
  { id: 'utf8', large: true },
  { id: 'dictionary', index: { id: 'int', bits: 8, signed: true }, value: { id: 'utf8', large: false } },
  { id: 'dictionary', index: { id: 'int', bits: 64, signed: true }, value: { id: 'utf8', large: false } },
];

function textPairs(type: ArrowType): Pair[] {
  const name =
    type.id === 'utf8'
      ? type.large
        ? 'large string'
        : 'string'
      : `dictionary by int${type.id === 'dictionary' && type.index.id === 'int' ? type.index.bits : ''}`;
  const pair = (
    target: string,
    expect: (v: string) => string | null,
    sql = 'v',
    values: fc.Arbitrary<string> = texts,
  ): Pair => ({
    name,
    field: fieldOf(type),
    target,
    values,
    sql,
    expect: (v) => expect(v as string),
  });
  const padded = (v: string): string | null => {
    const short = characters(v) < 4;
    return characters(v) > 4 || (short && v.endsWith(' ')) ? null : (noNul(v)?.replace(/ +$/, '') ?? null);
  };
  const json = fc.json().filter((v) => !v.includes('\\u0000'));
  return [
    pair('text', noNul),
    pair('citext', noNul),
    pair('varchar(3)', (v) => (characters(v) > 3 ? null : noNul(v))),
    pair('char(4)', padded, `rtrim(v::text)`),
    pair('bytea', hex, `encode(v, 'hex')`),
    pair('json', String, 'v', json),
    pair('uuid', uuidOf, 'v', uuids),
    pair('inet', addressHex, `encode(inet_send(v), 'hex')`, addresses),
    pair('mood', String, 'v', fc.constantFrom(...LABELS)),
  ];
}

function bytesPairs(): Pair[] {
  const pair = (
    target: string,
    expect: (v: Uint8Array) => string | null,
    sql: string,
    type: ArrowType = { id: 'binary', large: false },
    values: fc.Arbitrary<Uint8Array> = bytes,
    logical: LogicalType | null = null,
  ): Pair => ({
    name: type.id === 'fixedBinary' ? `fixed binary of ${type.byteWidth}` : 'binary',
    field: fieldOf(type, logical),
    target,
    values,
    sql,
    expect: (v) => expect(v as Uint8Array),
  });
  const text = (v: Uint8Array): string | null => {
    const read = utf8(v);
    return read === null ? null : noNul(read);
  };
  const of = (width: number): fc.Arbitrary<Uint8Array> =>
    fc.uint8Array({ minLength: width, maxLength: width });
  const fixed = (byteWidth: number): ArrowType => ({ id: 'fixedBinary', byteWidth });
  const id = (v: Uint8Array): string => grouped(hex(v));
  return [
    pair('bytea', hex, `encode(v, 'hex')`),
    pair('bytea', hex, `encode(v, 'hex')`, { id: 'binary', large: true }),
    pair('text', text, 'v'),
    pair('varchar(2)', (v) => (characters(text(v) ?? '') > 2 ? null : text(v)), 'v'),
    pair('bytea', hex, `encode(v, 'hex')`, fixed(1), of(1)),
    pair('bytea', hex, `encode(v, 'hex')`, fixed(50), of(50)),
    pair('uuid', id, 'v', fixed(16), of(16)),
    pair('uuid', id, 'v', fixed(16), of(16), 'uuid'),
    pair('text', id, 'v', fixed(16), of(16), 'uuid'),
  ];
}

/** Made before the tables: a type and extensions that the pairs go into. */
export const SETUP = [
  `create type mood as enum (${LABELS.map((label) => `'${label}'`).join(', ')})`,
  'create extension citext',
];

export const TEXTS: readonly Pair[] = [...utf8Types.flatMap(textPairs), ...bytesPairs()];
