// Dates, times, timestamps, durations. Postgres counts from 2000-01-01, in days or microseconds.
import { int32Values, words } from '../../../arrow/index.ts';
import type { TimeUnit } from '../../../model/index.ts';
import { type CodePlace, misfitCode, refuseCode, type ValueWriter } from '../writer.ts';
import { leftoverCode, nanosToMicros } from './nanoseconds.ts';

const EPOCH_DAYS = 10957;
/** 4714-11-24 BC and 5874897-12-31, in days since 2000-01-01: what `date` holds. */
const DATE_MIN = -2451545;
const DATE_MAX = 2145031948;

const dateCheck = (place: CodePlace, v: string): string =>
  `if(${v}<${DATE_MIN}||${v}>${DATE_MAX})${misfitCode(place, 'is outside of what date holds')}`;

const TOUCHES_OVERFLOW = { touches: ['overflow'] } as const;
const NO_TIME_OF_DAY = 'has a time of day, and date has none';
const NO_TIMESTAMP = 'is outside of what timestamp holds';

export const date32Writer: ValueWriter = {
  key: 'date32',
  names: ['v'],
  maxBytes: 8,
  ...TOUCHES_OVERFLOW,
  bind: (c) => ({ variant: '', values: { v: int32Values(c).subarray(c.offset) } }),
  code: (place) =>
    `{const d=${place.n('v')}[${place.i}]-${EPOCH_DAYS};${dateCheck(place, 'd')}dv.setInt32(o,4);dv.setInt32(o+4,d);o+=8;}`,
};

/** Milliseconds that are whole days; anything else is no date. */
export const date64Writer: ValueWriter = {
  key: 'date64',
  names: ['v'],
  maxBytes: 8,
  ...TOUCHES_OVERFLOW,
  bind: (c) => ({ variant: '', values: { v: words(c).subarray(2 * c.offset) } }),
  code: (place) => {
    const { n, i } = place;
    return (
      `{const x=${n('v')}[2*(${i})+1]*4294967296+(${n('v')}[2*(${i})]>>>0);const d=Math.floor(x/86400000)-${EPOCH_DAYS};` +
      `if(x%86400000!==0)${refuseCode(place, NO_TIME_OF_DAY)}` +
      `${dateCheck(place, 'd')}dv.setInt32(o,4);dv.setInt32(o+4,d);o+=8;}`
    );
  },
};

/** Days as midnight in timestamp or timestamptz (UTC). */
export const date32ToTimestampWriter: ValueWriter = {
  key: 'date32>ts',
  names: ['v'],
  maxBytes: 12,
  ...TOUCHES_OVERFLOW,
  bind: (c) => ({ variant: '', values: { v: int32Values(c).subarray(c.offset) } }),
  code: (place) =>
    `{const d=${place.n('v')}[${place.i}]-${EPOCH_DAYS};if(d<${DATE_MIN}||d>106741034)${misfitCode(place, NO_TIMESTAMP)}` +
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
    touches: unit === 'ns' ? ['timestampNs', 'overflow'] : ['overflow'],
    bind: (c) =>
      narrow
        ? { variant: '', values: { v: int32Values(c).subarray(c.offset) } }
        : { variant: '', values: { v: words(c).subarray(2 * c.offset) } },
    code: (place) => {
      const { n, i } = place;
      const leftover = { target: 'time', micros: 'x', up: 'x++;', isNegative: null };
      const raw = narrow ? `${n('v')}[${i}]` : `${n('v')}[2*(${i})+1]*4294967296+(${n('v')}[2*(${i})]>>>0)`;
      const scaled =
        unit === 'ns'
          ? `const y=${raw};let x=Math.floor(y/1000);const r=y-x*1000;${leftoverCode(place, leftover)}`
          : `const x=(${raw})*${factor};`;
      return (
        `{${scaled}if(x<0||x>86400000000)${misfitCode(place, 'is not a time of day')}const hi=Math.floor(x/4294967296);` +
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

const rangeCheck = (place: CodePlace): string => {
  const min = word(TS_MIN);
  const end = word(TS_END);
  return (
    `if(h<${min.hi}||h>${end.hi}||(h===${min.hi}&&(l>>>0)<${min.lo})||(h===${end.hi}&&(l>>>0)>=${end.lo}))` +
    misfitCode(place, NO_TIMESTAMP)
  );
};

/** Statements that leave microseconds since 1970 in `h` (signed high word, may pass 32 bits) and `m` (low word, unsigned). */
const TO_MICROS: Record<Exclude<TimeUnit, 'ns'>, (hi: string, lo: string) => string> = {
  us: (hi, lo) => `let h=${hi};const m=${lo}>>>0;`,
  ms: (hi, lo) => scaleUp(hi, lo, 1000),
  s: (hi, lo) => scaleUp(hi, lo, 1_000_000),
};

/** 64 by 20 bits: each partial product is exact in a double. */
const scaleUp = (hi: string, lo: string, factor: number): string =>
  `const p=(${lo}>>>0)*${factor};const c=Math.floor(p/4294967296);let h=${hi}*${factor}+c;const m=p-c*4294967296;`;

const toMicros = (
  place: CodePlace,
  unit: TimeUnit,
  hi: string,
  lo: string,
  kind: { readonly target: string; readonly isSpan: boolean },
): string => (unit === 'ns' ? nanosToMicros(place, hi, lo, kind) : TO_MICROS[unit](hi, lo));

export function timestampWriter(unit: TimeUnit): ValueWriter {
  return {
    key: `ts.${unit}`,
    names: ['v'],
    maxBytes: 12,
    // all that 64 bits of nanoseconds can say is within the range
    touches: unit === 'ns' ? ['timestampNs'] : ['overflow'],
    bind: (c) => ({ variant: '', values: { v: words(c).subarray(2 * c.offset) } }),
    code: (place) => {
      const { n, i } = place;
      const lo = `${n('v')}[2*(${i})]`;
      const hi = `${n('v')}[2*(${i})+1]`;
      // the borrow is taken before the range check, in doubles: no wrap can hide an overflow
      return (
        `{${toMicros(place, unit, hi, lo, { target: 'the target', isSpan: false })}h-=${EPOCH_HI}+(m<${EPOCH_LO}?1:0);const l=(m-${EPOCH_LO})|0;` +
        `${rangeCheck(place)}dv.setInt32(o,8);dv.setInt32(o+4,h);dv.setInt32(o+8,l);o+=12;}`
      );
    },
  };
}

/** Parquet's INT96: nanoseconds of the day in 64 bits, then the Julian day. 2000-01-01 is day 2451545. */
export const int96Writer: ValueWriter = {
  key: 'int96',
  names: ['v'],
  maxBytes: 12,
  touches: ['timestampNs', 'overflow'],
  bind: (c) => ({ variant: '', values: { v: words(c).subarray(3 * c.offset) } }),
  code: (place) => {
    const { n, i } = place;
    const leftover = { target: 'the target', micros: 'm', up: 'm++;', isNegative: null };
    const word = (k: number): string => `${n('v')}[3*(${i})+${k}]`;
    return (
      `{const d=${word(2)}-2451545,t=${word(1)}*4294967296+(${word(0)}>>>0);` +
      // some writers let the nanoseconds run over the day; beyond this it is no timestamp
      `if(d<-2500000||d>107000000||t>9007199254740991||t<-9007199254740991)${misfitCode(place, NO_TIMESTAMP)}` +
      `let m=Math.floor(t/1000);const r=t-m*1000;${leftoverCode(place, leftover)}` +
      'const q=d*20.1165676116943359375,p=Math.floor(q),w=(q-p)*4294967296+m,c=Math.floor(w/4294967296);' +
      `const h=p+c,l=(w-c*4294967296)|0;${rangeCheck(place)}` +
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
    ...(unit === 'ns' ? {} : TOUCHES_OVERFLOW),
    bind: (c) => ({ variant: '', values: { v: words(c).subarray(2 * c.offset) } }),
    code: (place) => {
      const { n, i } = place;
      return (
        `{const d=H.wholeDays(${n('v')}[2*(${i})+1],${n('v')}[2*(${i})]>>>0,${steps})-${EPOCH_DAYS};` +
        `if(d!==d)${refuseCode(place, NO_TIME_OF_DAY)}` +
        `${dateCheck(place, 'd')}dv.setInt32(o,4);dv.setInt32(o+4,d);o+=8;}`
      );
    },
  };
}

/** interval: microseconds, days, months. A duration is microseconds alone. */
export function durationWriter(unit: TimeUnit): ValueWriter {
  return {
    key: `dur.${unit}`,
    names: ['v'],
    maxBytes: 20,
    ...(unit === 'us' ? {} : unit === 'ns' ? { touches: ['timestampNs'] } : TOUCHES_OVERFLOW),
    bind: (c) => ({ variant: '', values: { v: words(c).subarray(2 * c.offset) } }),
    code: (place) => {
      const { n, i } = place;
      const lo = `${n('v')}[2*(${i})]`;
      const hi = `${n('v')}[2*(${i})+1]`;
      return (
        `{${toMicros(place, unit, hi, lo, { target: 'interval', isSpan: true })}` +
        `if(h<-2147483648||h>2147483647)${misfitCode(place, 'is outside of what interval holds')}` +
        'dv.setInt32(o,16);dv.setInt32(o+4,h);dv.setInt32(o+8,m);dv.setInt32(o+12,0);dv.setInt32(o+16,0);o+=20;}'
      );
    },
  };
}
