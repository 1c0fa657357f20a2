// Nested types at random, values of them, and the JSON that must come of each.
import fc from 'fast-check';
import type { ArrowField, ArrowType } from '../../../src/model/index.ts';
import type { Plain } from '../../support/arrow-build.ts';
import { isoDate, isoTimestamp } from '../../support/iso.ts';
import { Digits, type JsonTree } from '../../support/jsonb-text.ts';
import { decimalOf, decimalText, integers } from './numbers.ts';

export const part = (name: string, type: ArrowType, logical: ArrowField['logical'] = null): ArrowField => ({
  name,
  type,
  nullable: true,
  logical,
});

const utf8: ArrowType = { id: 'utf8', large: false };
const LEAVES: readonly ArrowField[] = [
  part('v', { id: 'bool' }),
  part('v', { id: 'int', bits: 8, signed: true }),
  part('v', { id: 'int', bits: 32, signed: false }),
  part('v', { id: 'int', bits: 64, signed: true }),
  part('v', { id: 'int', bits: 64, signed: false }),
  part('v', { id: 'float', bits: 64 }),
  part('v', { id: 'decimal', bits: 128, precision: 30, scale: 4 }),
  part('v', { id: 'date', unit: 'day' }),
  part('v', { id: 'timestamp', unit: 'us', timezone: null }),
  part('v', utf8),
  part('v', { id: 'utf8', large: true }),
  part('v', { id: 'binary', large: false }),
  part('v', { id: 'fixedBinary', byteWidth: 16 }, 'uuid'),
  part('v', { id: 'dictionary', index: { id: 'int', bits: 16, signed: true }, value: utf8 }),
];

const KEYS: readonly ArrowType[] = [utf8, { id: 'int', bits: 32, signed: true }];

/** A field named `v` of a type with up to three levels around its leaves. */
export const fields: fc.Arbitrary<ArrowField> = fc.letrec<{ node: ArrowField; leaf: ArrowField }>((tie) => {
  const item = tie('node');
  const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'it"s', 'ä', 'long name', ''), {
    minLength: 1,
    maxLength: 3,
  });
  const struct = names.chain((chosen) =>
    fc
      .tuple(...chosen.map((name) => item.map((field) => ({ ...field, name }))))
      .map((parts) => part('v', { id: 'struct', fields: parts })),
  );
  return {
    leaf: fc.constantFrom(...LEAVES),
    node: fc.oneof(
      { depthSize: 'small', maxDepth: 3, withCrossShrink: true },
      tie('leaf'),
      fc
        .tuple(item, fc.boolean())
        .map(([field, large]) => part('v', { id: 'list', large, item: { ...field, name: 'item' } })),
      fc
        .tuple(item, fc.integer({ min: 1, max: 3 }))
        .map(([field, size]) => part('v', { id: 'fixedList', size, item: { ...field, name: 'item' } })),
      struct,
      fc.tuple(fc.constantFrom(...KEYS), item).map(([key, value]) =>
        part('v', {
          id: 'map',
          key: { ...part('key', key), nullable: false },
          value: { ...value, name: 'value' },
        }),
      ),
    ),
  };
}).node;

const text = fc.oneof(
  fc.constantFrom('', '"', '\\', '\n\t', '\u0001', '日本語', '😀'),
  fc.string({ unit: 'grapheme', maxLength: 8 }).map((v) => v.replaceAll('\0', '')),
);

function scalars({ type, logical }: ArrowField): fc.Arbitrary<Plain> {
  switch (type.id) {
    case 'bool':
      return fc.boolean();
    case 'int': {
      const min = type.signed ? -(2n ** BigInt(type.bits - 1)) : 0n;
      return integers(min, min + 2n ** BigInt(type.bits) - 1n);
    }
    case 'float':
      return fc.oneof(fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, 0.1, 1e300), fc.double());
    case 'decimal':
      return integers(-(10n ** 30n) + 1n, 10n ** 30n - 1n);
    case 'date':
      return integers(-2_440_588n, 2_145_042_905n);
    case 'timestamp':
      return integers(-210_866_803_200_000_000n, 2n ** 63n - 1n);
    case 'binary':
      return fc.uint8Array({ maxLength: 9 });
    case 'fixedBinary':
      return fc.uint8Array({ minLength: type.byteWidth, maxLength: type.byteWidth });
    case 'dictionary':
      return scalars({ name: '', type: type.value, nullable: true, logical });
    default:
      return text;
  }
}

/** Values, nulls among the parts but not at the top. */
export function valuesOf(field: ArrowField): fc.Arbitrary<Plain> {
  const { type } = field;
  const inside = (of: ArrowField): fc.Arbitrary<Plain> =>
    of.nullable ? fc.option(valuesOf(of), { freq: 4, nil: null }) : valuesOf(of);
  switch (type.id) {
    case 'list':
      return fc.array(inside(type.item), { maxLength: 4 });
    case 'fixedList':
      return fc.array(inside(type.item), { minLength: type.size, maxLength: type.size });
    case 'struct':
      return fc.tuple(...type.fields.map(inside));
    case 'map':
      // more than eight keys now and then: these are compared by hashes
      return fc.oneof(
        { weight: 4, arbitrary: fc.array(fc.tuple(inside(type.key), inside(type.value)), { maxLength: 4 }) },
        {
          weight: 1,
          arbitrary: fc.array(fc.tuple(inside(type.key), inside(type.value)), {
            minLength: 9,
            maxLength: 14,
          }),
        },
      );
    default:
      return scalars(field);
  }
}

const uuid = (hex: string): string => hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
const hex = (v: Plain): string => Buffer.from(v as Uint8Array).toString('hex');

function floatTree(value: number): JsonTree {
  if (!Number.isFinite(value)) return String(value);
  return new Digits(decimalOf(value));
}

function mapTree(key: ArrowField, value: ArrowField, pairs: readonly (readonly [Plain, Plain])[]): JsonTree {
  const entries = pairs.map(([k, v]) => [key.type.id === 'utf8' ? String(k) : String(k), v] as const);
  const trees = entries.map(([k, v]) => [k, jsonTree(value, v)] as const);
  if (new Set(entries.map(([k]) => k)).size === entries.length) return new Map(trees);
  return pairs.map(([k, v]) => [jsonTree(key, k), jsonTree(value, v)]);
}

/** The JSON of a value, as docs/types.md says. */
export function jsonTree(field: ArrowField, value: Plain): JsonTree {
  const { type, logical } = field;
  if (value === null) return null;
  switch (type.id) {
    case 'bool':
      return value as boolean;
    case 'int':
      return new Digits(String(value));
    case 'float':
      return floatTree(value as number);
    case 'decimal':
      return new Digits(decimalText(value as bigint, type.scale));
    case 'date':
      return isoDate(value as bigint);
    case 'timestamp':
      return isoTimestamp(value as bigint, 1_000_000n, type.timezone !== null);
    case 'binary':
    case 'fixedBinary':
      return logical === 'uuid' ? uuid(hex(value)) : `\\x${hex(value)}`;
    case 'list':
    case 'fixedList':
      return (value as readonly Plain[]).map((v) => jsonTree(type.item, v));
    case 'struct':
      return new Map(type.fields.map((f, k) => [f.name, jsonTree(f, (value as readonly Plain[])[k]!)]));
    case 'map':
      return mapTree(type.key, type.value, value as readonly (readonly [Plain, Plain])[]);
    default:
      return value as string;
  }
}
