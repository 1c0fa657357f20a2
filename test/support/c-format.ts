// Format strings of the Arrow C data interface -> ArrowType.
import { ParloadError } from '../../src/errors/index.ts';
import type { ArrowField, ArrowType, TimeUnit } from '../../src/model/index.ts';

const int = (bits: 8 | 16 | 32 | 64, signed: boolean): ArrowType => ({ id: 'int', bits, signed });

const PLAIN: Record<string, ArrowType> = {
  n: { id: 'null' },
  b: { id: 'bool' },
  c: int(8, true),
  C: int(8, false),
  s: int(16, true),
  S: int(16, false),
  i: int(32, true),
  I: int(32, false),
  l: int(64, true),
  L: int(64, false),
  e: { id: 'float', bits: 16 },
  f: { id: 'float', bits: 32 },
  g: { id: 'float', bits: 64 },
  z: { id: 'binary', large: false },
  Z: { id: 'binary', large: true },
  // parquet-wasm announces views and then hands out plain arrays
  vu: { id: 'utf8', large: false },
  vz: { id: 'binary', large: false },
  u: { id: 'utf8', large: false },
  U: { id: 'utf8', large: true },
  tdD: { id: 'date', unit: 'day' },
  tdm: { id: 'date', unit: 'ms' },
  tiM: { id: 'interval', unit: 'month' },
  tiD: { id: 'interval', unit: 'dayTime' },
  tin: { id: 'interval', unit: 'monthDayNano' },
};

const UNITS: Record<string, TimeUnit> = { s: 's', m: 'ms', u: 'us', n: 'ns' };

function temporal(format: string): ArrowType | null {
  const unit = UNITS[format[2] ?? ''];
  if (unit === undefined) return null;
  if (format.startsWith('tt')) return { id: 'time', unit };
  if (format.startsWith('tD')) return { id: 'duration', unit };
  if (!format.startsWith('ts')) return null;
  const timezone = format.slice(4);
  return { id: 'timestamp', unit, timezone: timezone === '' ? null : timezone };
}

function nested(format: string, children: readonly ArrowField[]): ArrowType | null {
  const item = children[0];
  if (format === '+s') return { id: 'struct', fields: children };
  if (item === undefined) return null;
  if (format === '+vl' || format === '+vL') return { id: 'list', large: format === '+vL', item };
  if (format === '+l' || format === '+L') return { id: 'list', large: format === '+L', item };
  if (format.startsWith('+w:')) return { id: 'fixedList', size: Number(format.slice(3)), item };
  if (format === '+m' && item.type.id === 'struct') {
    const [key, value] = item.type.fields;
    if (key !== undefined && value !== undefined) return { id: 'map', key, value };
  }
  return null;
}

function sized(format: string): ArrowType | null {
  if (format.startsWith('w:')) return { id: 'fixedBinary', byteWidth: Number(format.slice(2)) };
  if (!format.startsWith('d:')) return null;
  const [precision = 0, scale = 0, bits = 128] = format.slice(2).split(',').map(Number);
  return { id: 'decimal', bits: bits as 32 | 64 | 128 | 256, precision, scale };
}

export function parseFormat(format: string, children: readonly ArrowField[]): ArrowType {
  const type = PLAIN[format] ?? sized(format) ?? temporal(format) ?? nested(format, children);
  if (type === null) {
    throw new ParloadError('PARQUET_UNSUPPORTED', `Arrow type "${format}" is not supported`);
  }
  return type;
}
