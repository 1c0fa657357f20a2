// The Statistics struct of a column chunk.
import { STOP, type ThriftReader } from './thrift.ts';

/** As stored: bytes, little-endian for numbers. `null`: the writer gave none. */
export interface RawStatistics {
  readonly minValue: Uint8Array | null;
  readonly maxValue: Uint8Array | null;
  /** The deprecated pair, whose order was only ever right for signed numbers. */
  readonly oldMin: Uint8Array | null;
  readonly oldMax: Uint8Array | null;
  readonly nullCount: number | null;
  readonly isMinExact: boolean | null;
  readonly isMaxExact: boolean | null;
  readonly nanCount: number | null;
}

/** At the field that holds it. */
export function readStatistics(r: ThriftReader): RawStatistics {
  const s: { -readonly [K in keyof RawStatistics]: RawStatistics[K] } = {
    minValue: null,
    maxValue: null,
    oldMin: null,
    oldMax: null,
    nullCount: null,
    isMinExact: null,
    isMaxExact: null,
    nanCount: null,
  };
  r.struct();
  for (let id = r.field(0); id !== STOP; id = r.field(id)) {
    if (id === 1) s.oldMax = r.binary();
    else if (id === 2) s.oldMin = r.binary();
    else if (id === 3) s.nullCount = r.int();
    else if (id === 5) s.maxValue = r.binary();
    else if (id === 6) s.minValue = r.binary();
    else if (id === 7) s.isMaxExact = r.bool();
    else if (id === 8) s.isMinExact = r.bool();
    else if (id === 9) s.nanCount = r.int();
    else r.skip();
  }
  if (s.nullCount !== null && s.nullCount < 0) s.nullCount = null;
  if (s.nanCount !== null && s.nanCount < 0) s.nanCount = null;
  return s;
}
