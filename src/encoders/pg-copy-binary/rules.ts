// Which Arrow type travels into which Postgres type, and how. docs/types.md is the same table in words.
// Rule: encode for the target's type; lossless, or each value checked, or refused by name here.
import { fieldTypeName } from '../../arrow/index.ts';
import { ParloadError } from '../../errors/index.ts';
import type { ArrowField, ArrowType } from '../../model/index.ts';
import type { PgType } from './pg-type.ts';
import type { ValueWriter } from './writer.ts';
import { binaryWriter, fixedBinaryWriter, textWriter } from './writers/bytes.ts';
import { decimalWriter } from './writers/decimal.ts';
import {
  boolWriter,
  float16Writer,
  float32To64Writer,
  float32Writer,
  float64To32Writer,
  float64Writer,
  intToFloatWriter,
  intToNumericWriter,
  intWriter,
  rawInt32Writer,
} from './writers/fixed.ts';
import { dictionaryWriter, listWriter } from './writers/nested.ts';
import { nullWriter } from './writers/null.ts';
import {
  date32ToTimestampWriter,
  date32Writer,
  date64Writer,
  durationWriter,
  timestampWriter,
  timeWriter,
} from './writers/temporal.ts';

export interface Rule {
  readonly writer: ValueWriter;
  readonly exactness: 'exact' | 'checked';
  readonly note: string | null;
}

const exact = (writer: ValueWriter, note: string | null = null): Rule => ({
  writer,
  exactness: 'exact',
  note,
});
const checked = (writer: ValueWriter, note: string): Rule => ({ writer, exactness: 'checked', note });

type Find<T extends ArrowType['id']> = (
  type: Extract<ArrowType, { id: T }>,
  target: PgType,
  field: ArrowField,
  depth: number,
) => Rule | null;

const INT_WIDTHS: Record<string, 2 | 4 | 8> = { int2: 2, int4: 4, int8: 8 };

/** Digits before the point that numeric(p, s) has room for; null when it is unconstrained. */
function numericRoom(target: PgType): { whole: number; scale: number } | null {
  if (target.typmod < 4) return null;
  const packed = target.typmod - 4;
  const precision = (packed >> 16) & 0xffff;
  // 11-bit two's complement since Postgres 15
  const scale = ((packed & 0x7ff) ^ 1024) - 1024;
  return { whole: precision - scale, scale };
}

const INT_DIGITS = { 8: 3, 16: 5, 32: 10, 64: 20 } as const;

const findInt: Find<'int'> = (type, target) => {
  const width = INT_WIDTHS[target.name];
  if (width !== undefined) {
    const bits = width * 8;
    const fits = type.signed ? type.bits <= bits : type.bits < bits;
    const writer = intWriter(type, width);
    return fits ? exact(writer) : checked(writer, `values beyond ${target.name} are refused`);
  }
  if (target.name === 'oid' && !type.signed && type.bits === 32) return exact(rawInt32Writer);
  if (target.name === 'float4' || target.name === 'float8') {
    const size = target.name === 'float4' ? 4 : 8;
    const writer = intToFloatWriter(type, size);
    const fits = type.bits <= (size === 4 ? 16 : 32);
    return fits
      ? exact(writer)
      : checked(writer, `integers that ${target.name} cannot hold exactly are refused`);
  }
  if (target.name === 'numeric') {
    const room = numericRoom(target);
    // a negative scale would round, too little room fails at the server: neither is let through
    if (room !== null && (room.scale < 0 || room.whole < INT_DIGITS[type.bits])) return null;
    return exact(intToNumericWriter(type));
  }
  return null;
};

const findFloat: Find<'float'> = (type, target) => {
  if (target.name !== 'float4' && target.name !== 'float8') return null;
  const width = target.name === 'float4' ? 4 : 8;
  if (type.bits === 16) return exact(float16Writer(width));
  if (type.bits === 32) return exact(width === 4 ? float32Writer : float32To64Writer);
  return width === 8
    ? exact(float64Writer)
    : checked(float64To32Writer, 'values that float4 cannot hold exactly are refused');
};

const findDecimal: Find<'decimal'> = (type, target) => {
  if (target.name !== 'numeric' || type.scale < 0) return null;
  const room = numericRoom(target);
  if (room !== null && (room.scale < type.scale || room.whole < type.precision - type.scale)) return null;
  const note = room !== null && room.scale > type.scale ? `shown with ${room.scale} decimals` : null;
  return exact(decimalWriter(type), note);
};

/** timestamp(p), time(p) below 6 would round. */
const keepsMicroseconds = (target: PgType): boolean => target.typmod === -1 || target.typmod >= 6;

const findDate: Find<'date'> = (type, target) => {
  if (target.name === 'date') {
    return type.unit === 'day'
      ? exact(date32Writer)
      : checked(date64Writer, 'values that are not whole days are refused');
  }
  if (target.name !== 'timestamp' && target.name !== 'timestamptz') return null;
  const note = target.name === 'timestamptz' ? 'midnight UTC' : 'midnight';
  return type.unit === 'day' ? exact(date32ToTimestampWriter, note) : exact(timestampWriter('ms'), note);
};

const findTime: Find<'time'> = (type, target) => {
  if (target.name !== 'time' || !keepsMicroseconds(target)) return null;
  const writer = timeWriter(type.unit);
  return type.unit === 'ns' ? checked(writer, 'values with nanoseconds are refused') : exact(writer);
};

const findTimestamp: Find<'timestamp'> = (type, target) => {
  if ((target.name !== 'timestamp' && target.name !== 'timestamptz') || !keepsMicroseconds(target))
    return null;
  const zoned = type.timezone !== null;
  let note: string | null = null;
  if (zoned && target.name === 'timestamp') note = 'the instant is stored as its UTC wall clock';
  if (!zoned && target.name === 'timestamptz') note = 'no time zone in the file: read as UTC';
  const writer = timestampWriter(type.unit);
  if (type.unit === 'ns') return checked(writer, joinNotes(note, 'values with nanoseconds are refused'));
  return exact(writer, note);
};

const joinNotes = (a: string | null, b: string): string => (a === null ? b : `${a}; ${b}`);

const findDuration: Find<'duration'> = (type, target) => {
  if (target.name !== 'interval' || target.typmod !== -1) return null;
  const writer = durationWriter(type.unit);
  return type.unit === 'ns' ? checked(writer, 'values with nanoseconds are refused') : exact(writer);
};

const TEXT_TYPES = new Set(['text', 'citext', 'json', 'xml']);

const findUtf8: Find<'utf8'> = (_type, target) => {
  const plain = textWriter({ maxChars: null, jsonb: false });
  if (TEXT_TYPES.has(target.name)) return checked(plain, 'values with a NUL character are refused');
  if (target.kind === 'enum') return exact(plain, 'the server refuses labels that the type lacks');
  if (target.name === 'jsonb')
    return checked(textWriter({ maxChars: null, jsonb: true }), 'stored normalised, as jsonb does');
  if (target.name !== 'varchar' && target.name !== 'bpchar') return null;
  if (target.typmod < 4) return checked(plain, 'values with a NUL character are refused');
  const maxChars = target.typmod - 4;
  const padded = target.name === 'bpchar' ? '; shorter ones are padded with blanks' : '';
  return checked(
    textWriter({ maxChars, jsonb: false }),
    `values of more than ${maxChars} characters are refused${padded}`,
  );
};

const findBinary: Find<'binary'> = (_type, target, field) => {
  if (target.name === 'bytea') return exact(binaryWriter);
  if (field.logical === 'wkb' && (target.name === 'geometry' || target.name === 'geography'))
    return exact(binaryWriter, 'WKB');
  return null;
};

const findFixedBinary: Find<'fixedBinary'> = (type, target) => {
  if (target.name === 'bytea') return exact(fixedBinaryWriter(type.byteWidth));
  if (target.name === 'uuid' && type.byteWidth === 16) return exact(fixedBinaryWriter(16));
  return null;
};

function findList(item: ArrowField, size: number | null, target: PgType, depth: number): Rule | null {
  if (target.element === null || item.type.id === 'list' || item.type.id === 'fixedList') return null;
  const inner = findRule(item, target.element, depth + 1);
  if (inner === null) return null;
  return { ...inner, writer: listWriter(inner.writer, target.element.oid, size, depth) };
}

const FINDERS: { readonly [Id in ArrowType['id']]: Find<Id> } = {
  null: () => exact(nullWriter),
  bool: (_type, target) => (target.name === 'bool' ? exact(boolWriter) : null),
  int: findInt,
  float: findFloat,
  decimal: findDecimal,
  date: findDate,
  time: findTime,
  timestamp: findTimestamp,
  duration: findDuration,
  interval: () => null,
  utf8: findUtf8,
  binary: findBinary,
  fixedBinary: findFixedBinary,
  list: (type, target, _field, depth) => findList(type.item, null, target, depth),
  fixedList: (type, target, _field, depth) => findList(type.item, type.size, target, depth),
  struct: () => null,
  map: () => null,
  dictionary: (type, target, field, depth) => {
    const inner = findRule({ ...field, type: type.value }, target, depth);
    return inner === null ? null : { ...inner, writer: dictionaryWriter(inner.writer, type.index) };
  },
};

function findRule(field: ArrowField, target: PgType, depth: number): Rule | null {
  const find = FINDERS[field.type.id] as Find<ArrowType['id']>;
  return find(field.type as never, target, field, depth);
}

/** Throws TYPE_UNSUPPORTED naming column and both types where a value could change silently. */
export function writerFor(field: ArrowField, target: PgType): Rule {
  const rule = findRule(field, target, 0);
  if (rule !== null) return rule;
  throw new ParloadError(
    'TYPE_UNSUPPORTED',
    `column "${field.name}": ${fieldTypeName(field)} cannot be stored exactly in ${target.display}`,
    { where: { column: field.name } },
  );
}
