// The type that a new table's column gets: the narrowest CrateDB type that holds every value of the Arrow type.
import { fieldTypeName } from '../../arrow/index.ts';
import { ParloadError } from '../../errors/index.ts';
import type { ArrowField, ArrowType } from '../../model/index.ts';
import type { CrateType } from './crate-type.ts';

/** CrateDB stores no more digits. */
export const MAX_PRECISION = 38;

const INTEGERS = { 8: 'byte', 16: 'smallint', 32: 'integer', 64: 'bigint' } as const;

/** Unsigned integers need the next type; those of 64 bits have none. */
function intType({ bits, signed }: Extract<ArrowType, { id: 'int' }>): CrateType {
  if (signed) return { id: INTEGERS[bits] };
  return bits === 64
    ? { id: 'numeric', precision: 20, scale: 0 }
    : { id: INTEGERS[(bits * 2) as 16 | 32 | 64] };
}

function decimalType({ precision, scale }: Extract<ArrowType, { id: 'decimal' }>): CrateType | null {
  const digits = scale < 0 ? precision - scale : Math.max(precision, scale);
  return digits > MAX_PRECISION ? null : { id: 'numeric', precision: digits, scale: Math.max(0, scale) };
}

const NO_BYTES =
  'CrateDB has no column of bytes. A TEXT column made beforehand takes them as \\x and hexadecimal digits';

/** Why no column of a new table holds it; null: one does. */
export function reasonAgainst(field: ArrowField): string | null {
  const { type } = field;
  if (type.id === 'binary' || (type.id === 'fixedBinary' && field.logical !== 'uuid')) return NO_BYTES;
  if (type.id === 'decimal' && decimalType(type) === null) {
    return `CrateDB stores numbers of at most ${MAX_PRECISION} digits. A TEXT column made beforehand takes them as text`;
  }
  for (const part of partsOf(type)) {
    const reason = reasonAgainst(part);
    if (reason !== null) return reason;
  }
  if (type.id === 'dictionary') return reasonAgainst({ ...field, type: type.value });
  return null;
}

const partsOf = (type: ArrowType): readonly ArrowField[] => {
  if (type.id === 'list' || type.id === 'fixedList') return [type.item];
  if (type.id === 'struct') return type.fields;
  return type.id === 'map' ? [type.key, type.value] : [];
};

/** The type of a new table's column; throws TYPE_UNSUPPORTED by name where there is none. */
export function defaultCrateType(field: ArrowField): CrateType {
  const reason = reasonAgainst(field);
  if (reason === null) return typeOf(field);
  throw new ParloadError(
    'TYPE_UNSUPPORTED',
    `column "${field.name}": ${fieldTypeName(field)} has no type in a new table: ${reason}`,
    { where: { column: field.name } },
  );
}

function typeOf(field: ArrowField): CrateType {
  const { type } = field;
  switch (type.id) {
    case 'bool':
      return { id: 'boolean' };
    case 'int':
      return intType(type);
    case 'float':
      return { id: type.bits === 64 ? 'double precision' : 'real' };
    case 'decimal':
      return decimalType(type) ?? { id: 'text' };
    case 'date':
      return { id: 'timestamp', zoned: false };
    case 'timestamp':
    case 'int96':
      return { id: 'timestamp', zoned: type.timezone !== null };
    case 'list':
    case 'fixedList':
      return { id: 'array', element: typeOf(type.item) };
    case 'struct':
      return {
        id: 'object',
        policy: 'dynamic',
        fields: type.fields.map((f) => ({ name: f.name, type: typeOf(f) })),
      };
    case 'map':
      return { id: 'object', policy: 'ignored', fields: [] };
    case 'dictionary':
      return typeOf({ ...field, type: type.value });
    default:
      return { id: 'text' };
  }
}
