// Dates, times, timestamps, durations and intervals: pairs of types and what must come of each value.
import fc from 'fast-check';
import type { ArrowType, TimeUnit } from '../../../src/model/index.ts';
import type { Plain } from '../../support/arrow-build.ts';
import { isoClock, isoDate, isoTimestamp } from '../../support/iso.ts';
import { integers } from './numbers.ts';
import { fieldOf, type Pair } from './pair.ts';

const UNITS: readonly TimeUnit[] = ['s', 'ms', 'us', 'ns'];
const PER: Record<TimeUnit, bigint> = { s: 1n, ms: 1000n, us: 1_000_000n, ns: 1_000_000_000n };
const DAY_US = 86_400_000_000n;
/** What Postgres holds, in days and microseconds since 1970. */
const DATES = [-2_440_588n, 2_145_042_905n] as const;
const INSTANTS = [-210_866_803_200_000_000n, 9_224_318_016_000_000_000n - 1n] as const;

const within = (v: bigint, [min, max]: readonly [bigint, bigint]): boolean => v >= min && v <= max;
const mod = (a: bigint, b: bigint): bigint => ((a % b) + b) % b;

/** Microseconds, null where there is less. */
const micros = (ticks: bigint, unit: TimeUnit): bigint | null => {
  const scaled = ticks * 1_000_000n;
  return scaled % PER[unit] === 0n ? scaled / PER[unit] : null;
};

/** Ticks of every order: whole days, whole microseconds, the edges of what Postgres holds, and all 64 bits. */
function ticks(unit: TimeUnit): fc.Arbitrary<bigint> {
  const min = -(2n ** 63n);
  const max = 2n ** 63n - 1n;
  const per = PER[unit];
  const edges = INSTANTS.flatMap((us) => [us - 1n, us, us + 1n, us + DAY_US]).map(
    (us) => (us * per) / 1_000_000n,
  );
  const inside = edges.filter((v) => v >= min && v <= max);
  const days = fc.integer({ min: -100_000, max: 100_000 }).map((d) => BigInt(d) * 86_400n * per);
  const near = fc
    .bigInt({ min: -(10n ** 10n), max: 10n ** 10n })
    .map((s) => s * per + (s % 7n) * (per / 1000n));
  const far = days.map((d) => (d * 36_525n > max || d * 36_525n < min ? d : d * 36_525n));
  const any = integers(min, max);
  const clamp = (v: bigint): bigint => (v < min ? min : v > max ? max : v);
  return fc.oneof(
    days,
    near.map(clamp),
    far.map(clamp),
    any,
    ...(inside.length > 0 ? [fc.constantFrom(...inside)] : []),
  );
}

/** Not extract(epoch), which goes through doubles at the far end. */
const SENT_SQL = {
  timestamp: `encode(timestamp_send(v), 'hex')`,
  timestamptz: `encode(timestamptz_send(v), 'hex')`,
};
const CLOCK_SQL = `encode(time_send(v), 'hex')`;
const DAYS_SQL = `v - date '1970-01-01'`;

type Expect = (v: bigint) => string | null;
const pairOf =
  (type: ArrowType, name: string, values: fc.Arbitrary<Plain>) =>
  (target: string, sql: string, expect: Expect): Pair => ({
    name,
    field: fieldOf(type),
    target,
    values,
    sql,
    expect: (v) => expect(v as bigint),
  });

const hex64 = (value: bigint): string => BigInt.asUintN(64, value).toString(16).padStart(16, '0');
/** timestamp_send: microseconds since 2000. */
const instant = (us: bigint | null): string | null =>
  us !== null && within(us, INSTANTS) ? hex64(us - 946_684_800_000_000n) : null;

function timestampPairs(unit: TimeUnit, timezone: string | null): Pair[] {
  const name = `timestamp[${unit}${timezone === null ? '' : ', UTC'}]`;
  const pair = pairOf({ id: 'timestamp', unit, timezone }, name, ticks(unit));
  const iso: Expect = (v) => isoTimestamp(v, PER[unit], timezone !== null);
  return [
    pair('timestamp', SENT_SQL.timestamp, (v) => instant(micros(v, unit))),
    pair('timestamptz', SENT_SQL.timestamptz, (v) => instant(micros(v, unit))),
    pair('bigint', 'v', String),
    pair('date', DAYS_SQL, (v) => {
      const perDay = 86_400n * PER[unit];
      return mod(v, perDay) === 0n && within(v / perDay, DATES) ? String(v / perDay) : null;
    }),
    pair('text', 'v', iso),
    pair('json', `v #>> '{}'`, iso),
    pair('jsonb', `v #>> '{}'`, iso),
  ];
}

function int96Pairs(timezone: string | null): Pair[] {
  const day = fc.oneof(
    integers(-2_440_588n - 3n, 107_000_000n),
    fc.constantFrom(2_932_896n, 0n, -1n, -2_440_588n, -2_440_589n, 106_751_990n, 106_751_991n),
  );
  const inDay = fc.oneof(
    fc.constantFrom(0n, 1n, 999n, 1000n, 86_399_999_999_000n, 86_399_999_999_999n),
    fc.bigInt({ min: 0n, max: 86_399_999_999n }).map((us) => us * 1000n),
  );
  const values = fc.tuple(day, inDay).map(([d, ns]) => d * 86_400_000_000_000n + ns);
  const pair = pairOf({ id: 'int96', timezone }, `int96${timezone === null ? '' : ' UTC'}`, values);
  const expect: Expect = (v) => instant(micros(v, 'ns'));
  return [
    pair('timestamp', SENT_SQL.timestamp, expect),
    pair('timestamptz', SENT_SQL.timestamptz, expect),
    pair('text', 'v', (v) => isoTimestamp(v, PER.ns, timezone !== null)),
  ];
}

function timePairs(unit: TimeUnit): Pair[] {
  const most = 86_400n * PER[unit];
  const values = fc.oneof(
    integers(-1n, most + 1n),
    fc.bigInt({ min: 0n, max: 86_399_999n }).map((ms) => (ms * PER[unit]) / 1000n),
  );
  const pair = pairOf({ id: 'time', unit }, `time[${unit}]`, values);
  const isClock = (v: bigint): boolean => v >= 0n && v <= most;
  return [
    pair('time', CLOCK_SQL, (v) => {
      const us = isClock(v) ? micros(v, unit) : null;
      return us === null ? null : hex64(us);
    }),
    pair('text', 'v', (v) => (isClock(v) ? isoClock(v, PER[unit]) : null)),
  ];
}

const days = fc.oneof(
  integers(-(2n ** 31n), 2n ** 31n - 1n),
  fc.constantFrom(...DATES, DATES[0] - 1n, DATES[1] + 1n, 106_751_990n, 106_751_991n, 2_932_896n),
  fc.bigInt({ min: -800_000n, max: 800_000n }),
);

function datePairs(): Pair[] {
  const pair = pairOf({ id: 'date', unit: 'day' }, 'date32', days);
  const midnight: Expect = (v) => instant(v * DAY_US);
  const ms = pairOf(
    { id: 'date', unit: 'ms' },
    'date64',
    fc.oneof(
      days.map((d) => (d as bigint) * 86_400_000n),
      integers(-(2n ** 63n), 2n ** 63n - 1n),
    ),
  );
  const whole: Expect = (v) =>
    mod(v, 86_400_000n) === 0n && within(v / 86_400_000n, DATES) ? String(v / 86_400_000n) : null;
  return [
    pair('date', DAYS_SQL, (v) => (within(v, DATES) ? String(v) : null)),
    pair('timestamp', SENT_SQL.timestamp, midnight),
    pair('timestamptz', SENT_SQL.timestamptz, midnight),
    pair('text', 'v', isoDate),
    ms('date', DAYS_SQL, whole),
    ms('timestamp', SENT_SQL.timestamp, (v) => instant(v * 1000n)),
  ];
}

/** interval_send: microseconds, days, months. */
function intervalHex(us: bigint, day: bigint, month: bigint): string {
  const out = Buffer.alloc(16);
  out.writeBigInt64BE(us);
  out.writeInt32BE(Number(day), 8);
  out.writeInt32BE(Number(month), 12);
  return out.toString('hex');
}
const INTERVAL_SQL = `encode(interval_send(v), 'hex')`;
/** ISO 8601 text that the server itself reads back. */
const INTERVAL_TEXT_SQL = `encode(interval_send(v::interval), 'hex')`;
const fits64 = (v: bigint): boolean => v >= -(2n ** 63n) && v < 2n ** 63n;

function durationPairs(unit: TimeUnit): Pair[] {
  const pair = pairOf({ id: 'duration', unit }, `duration[${unit}]`, ticks(unit));
  const expect: Expect = (v) => {
    const us = micros(v, unit);
    return us !== null && fits64(us) ? intervalHex(us, 0n, 0n) : null;
  };
  // text that the server reads: it takes seconds for a double
  const near = pairOf(
    { id: 'duration', unit },
    `duration[${unit}] near`,
    fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }),
  );
  return [
    pair('interval', INTERVAL_SQL, expect),
    pair('bigint', 'v', String),
    ...(unit === 'us' || unit === 'ms' ? [near('text', INTERVAL_TEXT_SQL, expect)] : []),
  ];
}

const int32 = integers(-(2n ** 31n), 2n ** 31n - 1n);
const uint32 = integers(0n, 2n ** 32n - 1n);

function intervalPairs(): Pair[] {
  const pair = (
    unit: Extract<ArrowType, { id: 'interval' }>['unit'],
    values: fc.Arbitrary<Plain>,
    expect: (parts: readonly bigint[]) => string | null,
    target = 'interval',
    sql = INTERVAL_SQL,
  ): Pair => ({
    name: `interval[${unit}]`,
    field: fieldOf({ id: 'interval', unit }),
    target,
    values,
    sql,
    expect: (v) => expect(v as readonly bigint[]),
  });
  const nano = fc.tuple(int32, int32, ticks('ns'));
  const own = fc.tuple(uint32, uint32, uint32);
  const positive = (v: bigint): boolean => v < 2n ** 31n;
  const small = fc.tuple(
    fc.bigInt({ min: -1200n, max: 1200n }),
    fc.bigInt({ min: -9999n, max: 9999n }),
    fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }).map((us) => us * 1000n),
  );
  const nanoHex = ([month, day, ns]: readonly bigint[]): string | null =>
    ns! % 1000n === 0n ? intervalHex(ns! / 1000n, day!, month!) : null;
  return [
    pair(
      'month',
      int32.map((m) => [m]),
      ([month]) => intervalHex(0n, 0n, month!),
    ),
    pair('dayTime', fc.tuple(int32, int32), ([day, ms]) => intervalHex(ms! * 1000n, day!, 0n)),
    pair('monthDayNano', nano, nanoHex),
    pair('monthDayNano', small, nanoHex, 'text', INTERVAL_TEXT_SQL),
    pair('monthDayMs', own, ([month, day, ms]) =>
      positive(month!) && positive(day!) ? intervalHex(ms! * 1000n, day!, month!) : null,
    ),
  ];
}

export const TEMPORAL: readonly Pair[] = [
  ...datePairs(),
  ...UNITS.flatMap(timePairs),
  ...UNITS.flatMap((unit) => [...timestampPairs(unit, null), ...timestampPairs(unit, 'UTC')]),
  ...int96Pairs(null),
  ...int96Pairs('UTC'),
  ...UNITS.flatMap(durationPairs),
  ...intervalPairs(),
];
