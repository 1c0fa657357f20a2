// Dates, times, timestamps, durations. Postgres counts from 2000-01-01, in days or microseconds.
import { int32Values, words } from '../../../arrow/index.ts';
import type { TimeUnit } from '../../../model/index.ts';
import type { ValueWriter } from '../writer.ts';

const EPOCH_DAYS = 10957;
/** 4714-11-24 BC and 5874897-12-31, in days since 2000-01-01: what `date` holds. */
const DATE_MIN = -2451545;
const DATE_MAX = 2145031948;

const dateCheck = (v: string, row: string): string =>
  `if(${v}<${DATE_MIN}||${v}>${DATE_MAX})H.refuse('is outside of what date holds',${row});`;

export const date32Writer: ValueWriter = {
  key: 'date32',
  names: ['v'],
  maxBytes: 8,
  bind: (c) => ({ variant: '', values: { v: int32Values(c).subarray(c.offset) } }),
  code: ({ n, i, row }) =>
    `{const d=${n('v')}[${i}]-${EPOCH_DAYS};${dateCheck('d', row)}dv.setInt32(o,4);dv.setInt32(o+4,d);o+=8;}`,
};

/** Milliseconds that are whole days; anything else is no date. */
export const date64Writer: ValueWriter = {
  key: 'date64',
  names: ['v'],
  maxBytes: 8,
  bind: (c) => ({ variant: '', values: { v: words(c).subarray(2 * c.offset) } }),
  code: ({ n, i, row }) =>
    `{const x=${n('v')}[2*(${i})+1]*4294967296+(${n('v')}[2*(${i})]>>>0);const d=Math.floor(x/86400000)-${EPOCH_DAYS};` +
    `if(x%86400000!==0)H.refuse('has a time of day, and date has none',${row});${dateCheck('d', row)}dv.setInt32(o,4);dv.setInt32(o+4,d);o+=8;}`,
};

/** Days as midnight in timestamp or timestamptz (UTC). */
export const date32ToTimestampWriter: ValueWriter = {
  key: 'date32>ts',
  names: ['v'],
  maxBytes: 12,
  bind: (c) => ({ variant: '', values: { v: int32Values(c).subarray(c.offset) } }),
  code: ({ n, i, row }) =>
    `{const d=${n('v')}[${i}]-${EPOCH_DAYS};if(d<${DATE_MIN}||d>106741034)H.refuse('is outside of what timestamp holds',${row});` +
    'const q=d*20.1165676116943359375,hi=Math.floor(q),lo=(q-hi)*4294967296;dv.setInt32(o,8);dv.setInt32(o+4,hi);dv.setInt32(o+8,lo);o+=12;}',
};

const TIME_FACTOR: Record<TimeUnit, number> = { s: 1_000_000, ms: 1000, us: 1, ns: 0.001 };

/** Microseconds since midnight; 24:00:00 is allowed, as in Postgres. */
export function timeWriter(unit: TimeUnit): ValueWriter {
  const narrow = unit === 's' || unit === 'ms';
  const factor = TIME_FACTOR[unit];
  return {
    key: `time.${unit}`,
    names: ['v'],
    maxBytes: 12,
    bind: (c) =>
      narrow
        ? { variant: '', values: { v: int32Values(c).subarray(c.offset) } }
        : { variant: '', values: { v: words(c).subarray(2 * c.offset) } },
    code: ({ n, i, row }) => {
      const raw = narrow ? `${n('v')}[${i}]` : `${n('v')}[2*(${i})+1]*4294967296+(${n('v')}[2*(${i})]>>>0)`;
      const scaled =
        unit === 'ns'
          ? `const y=${raw};const x=Math.floor(y/1000);if(x*1000!==y)H.refuse('has nanoseconds, and time has microseconds',${row});`
          : `const x=(${raw})*${factor};`;
      return (
        `{${scaled}if(x<0||x>86400000000)H.refuse('is not a time of day',${row});const hi=Math.floor(x/4294967296);` +
        'dv.setInt32(o,8);dv.setInt32(o+4,hi);dv.setInt32(o+8,x-hi*4294967296);o+=12;}'
      );
    },
  };
}

/** 2000-01-01 in microseconds since 1970, as two words. */
const EPOCH_US = 946_684_800_000_000n;
const EPOCH_HI = Number(EPOCH_US >> 32n);
const EPOCH_LO = Number(EPOCH_US & 0xffffffffn);

/** What timestamp holds: from 4714-11-24 BC (inclusive) to 294277-01-01 (exclusive), in microseconds since 2000. */
const TS_MIN = -211_813_488_000_000_000n;
const TS_END = 9_223_371_331_200_000_000n;
const word = (x: bigint): { hi: number; lo: number } => ({
  hi: Number(x >> 32n),
  lo: Number(x & 0xffffffffn),
});

const rangeCheck = (row: string): string => {
  const min = word(TS_MIN);
  const end = word(TS_END);
  return (
    `if(h<${min.hi}||h>${end.hi}||(h===${min.hi}&&(l>>>0)<${min.lo})||(h===${end.hi}&&(l>>>0)>=${end.lo}))` +
    `H.refuse('is outside of what timestamp holds',${row});`
  );
};

/** Statements that leave microseconds since 1970 in `h` (signed high word, may pass 32 bits) and `m` (low word, unsigned). */
const TO_MICROS: Record<TimeUnit, (hi: string, lo: string, row: string) => string> = {
  us: (hi, lo) => `let h=${hi};const m=${lo}>>>0;`,
  ms: (hi, lo) => scaleUp(hi, lo, 1000),
  s: (hi, lo) => scaleUp(hi, lo, 1_000_000),
  ns: (hi, lo, row) =>
    `let h=Math.floor(${hi}/1000);const t=(${hi}-h*1000)*4294967296+(${lo}>>>0);const m=Math.floor(t/1000);` +
    `if(m*1000!==t)H.refuse('has nanoseconds, and the target has microseconds',${row});`,
};

/** 64 by 20 bits: each partial product is exact in a double. */
const scaleUp = (hi: string, lo: string, factor: number): string =>
  `const p=(${lo}>>>0)*${factor};const c=Math.floor(p/4294967296);let h=${hi}*${factor}+c;const m=p-c*4294967296;`;

export function timestampWriter(unit: TimeUnit): ValueWriter {
  return {
    key: `ts.${unit}`,
    names: ['v'],
    maxBytes: 12,
    bind: (c) => ({ variant: '', values: { v: words(c).subarray(2 * c.offset) } }),
    code: ({ n, i, row }) => {
      const lo = `${n('v')}[2*(${i})]`;
      const hi = `${n('v')}[2*(${i})+1]`;
      // the borrow is taken before the range check, in doubles: no wrap can hide an overflow
      return (
        `{${TO_MICROS[unit](hi, lo, row)}h-=${EPOCH_HI}+(m<${EPOCH_LO}?1:0);const l=(m-${EPOCH_LO})|0;` +
        `${rangeCheck(row)}dv.setInt32(o,8);dv.setInt32(o+4,h);dv.setInt32(o+8,l);o+=12;}`
      );
    },
  };
}

/** Parquet's INT96: nanoseconds of the day in 64 bits, then the Julian day. 2000-01-01 is day 2451545. */
export const int96Writer: ValueWriter = {
  key: 'int96',
  names: ['v'],
  maxBytes: 12,
  bind: (c) => ({ variant: '', values: { v: words(c).subarray(3 * c.offset) } }),
  code: ({ n, i, row }) => {
    const word = (k: number): string => `${n('v')}[3*(${i})+${k}]`;
    return (
      `{const d=${word(2)}-2451545,t=${word(1)}*4294967296+(${word(0)}>>>0);` +
      // some writers let the nanoseconds run over the day; beyond this it is no timestamp
      `if(d<-2500000||d>107000000||t>9007199254740991||t<-9007199254740991)H.refuse('is outside of what timestamp holds',${row});` +
      `const m=Math.floor(t/1000);if(m*1000!==t)H.refuse('has nanoseconds, and the target has microseconds',${row});` +
      'const q=d*20.1165676116943359375,p=Math.floor(q),w=(q-p)*4294967296+m,c=Math.floor(w/4294967296);' +
      `const h=p+c,l=(w-c*4294967296)|0;${rangeCheck(row)}` +
      'dv.setInt32(o,8);dv.setInt32(o+4,h);dv.setInt32(o+8,l);o+=12;}'
    );
  },
};

/** Timestamps at midnight as dates; a time of day would be lost, so it is refused. */
export function timestampToDateWriter(unit: TimeUnit): ValueWriter {
  const steps = { s: 0, ms: 1, us: 2, ns: 3 }[unit];
  return {
    key: `ts.${unit}>date`,
    names: ['v'],
    maxBytes: 8,
    bind: (c) => ({ variant: '', values: { v: words(c).subarray(2 * c.offset) } }),
    code: ({ n, i, row }) =>
      `{const d=H.wholeDays(${n('v')}[2*(${i})+1],${n('v')}[2*(${i})]>>>0,${steps})-${EPOCH_DAYS};` +
      `if(d!==d)H.refuse('has a time of day, and date has none',${row});${dateCheck('d', row)}dv.setInt32(o,4);dv.setInt32(o+4,d);o+=8;}`,
  };
}

/** interval: microseconds, days, months. A duration is microseconds alone. */
export function durationWriter(unit: TimeUnit): ValueWriter {
  return {
    key: `dur.${unit}`,
    names: ['v'],
    maxBytes: 20,
    bind: (c) => ({ variant: '', values: { v: words(c).subarray(2 * c.offset) } }),
    code: ({ n, i, row }) => {
      const lo = `${n('v')}[2*(${i})]`;
      const hi = `${n('v')}[2*(${i})+1]`;
      return (
        `{${TO_MICROS[unit](hi, lo, row)}if(h<-2147483648||h>2147483647)H.refuse('is outside of what interval holds',${row});` +
        'dv.setInt32(o,16);dv.setInt32(o+4,h);dv.setInt32(o+8,m);dv.setInt32(o+12,0);dv.setInt32(o+16,0);o+=20;}'
      );
    },
  };
}
