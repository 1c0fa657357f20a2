// Trips of a month of New York's yellow taxis in shape: 19 columns, values of the real ranges and null shares.
import {
  type Column,
  Float64Column,
  Int32Column,
  Int64Column,
  TextColumn,
  timestampColumn,
} from './columns.ts';
import { Random } from './random.ts';

/** Rows of the real January of 2024. */
export const TAXI_ROWS = 2_964_624;
const BATCH_ROWS = 65_536;
const START_SECONDS = Date.UTC(2024, 0, 1) / 1000;
const MONTH_SECONDS = 31 * 86_400;
/** Share of rows at the end that have no passenger count and the like. */
const NULL_SHARE = 0.0473;
const ZONES = 263;

const cents = (value: number): number => Math.round(value * 100) / 100;

/** Few zones are most of the trips. */
const zone = (random: Random): number => 1 + Math.floor(ZONES * random.unit() ** 3);

const makeColumns = (n: number) => ({
  vendor: new Int32Column('VendorID', n),
  pickup: timestampColumn('tpep_pickup_datetime', n),
  dropoff: timestampColumn('tpep_dropoff_datetime', n),
  passengers: new Int64Column('passenger_count', n),
  distance: new Float64Column('trip_distance', n),
  ratecode: new Int64Column('RatecodeID', n),
  flag: new TextColumn('store_and_fwd_flag', n, 1),
  from: new Int32Column('PULocationID', n),
  to: new Int32Column('DOLocationID', n),
  payment: new Int64Column('payment_type', n),
  fare: new Float64Column('fare_amount', n),
  extra: new Float64Column('extra', n),
  tax: new Float64Column('mta_tax', n),
  tip: new Float64Column('tip_amount', n),
  tolls: new Float64Column('tolls_amount', n),
  improvement: new Float64Column('improvement_surcharge', n),
  total: new Float64Column('total_amount', n),
  congestion: new Float64Column('congestion_surcharge', n),
  airport: new Float64Column('Airport_fee', n),
});

type TaxiColumns = ReturnType<typeof makeColumns>;

function fillMoney(
  c: TaxiColumns,
  i: number,
  random: Random,
  trip: { miles: number; seconds: number },
): void {
  const sign = random.chance(0.012) ? -1 : 1;
  const fare = random.chance(0.04) ? 70 : cents(3 + trip.miles * 3.5 + Math.floor(trip.seconds / 60) * 0.35);
  const payment = random.chance(0.8) ? 1 : 2 + random.below(3);
  const tip = payment === 1 ? cents((fare * random.below(7)) / 20) : 0;
  const tolls = random.chance(0.07) ? 6.94 : 0;
  const extra = [0, 1, 2.5, 3.5, 5][random.below(5)]!;
  const congestion = random.chance(0.93) ? 2.5 : 0;
  const airport = random.chance(0.08) ? 1.75 : 0;
  c.payment.set(i, payment);
  c.fare.set(i, sign * fare);
  c.extra.set(i, sign * extra);
  c.tax.set(i, sign * 0.5);
  c.tip.set(i, tip);
  c.tolls.set(i, tolls);
  c.improvement.set(i, sign);
  c.total.set(i, cents(sign * (fare + tip + tolls + extra + 1.5 + congestion + airport)));
  c.congestion.set(i, sign * congestion);
  c.airport.set(i, sign * airport);
}

function fillRow(c: TaxiColumns, i: number, random: Random, share: number): void {
  const pickup = START_SECONDS + Math.floor(share * MONTH_SECONDS) + random.below(1200) - 600;
  const trip = { miles: cents(random.skewed(3.1)), seconds: Math.floor(random.skewed(920)) };
  c.vendor.set(i, random.chance(0.75) ? 2 : 1);
  c.pickup.set(i, pickup * 1e6);
  c.dropoff.set(i, (pickup + trip.seconds) * 1e6);
  c.distance.set(i, trip.miles);
  c.from.set(i, zone(random));
  c.to.set(i, zone(random));
  fillMoney(c, i, random, trip);
  if (share >= 1 - NULL_SHARE) {
    c.payment.set(i, 0);
    for (const column of [c.passengers, c.ratecode, c.flag, c.congestion, c.airport]) column.setNull(i);
    return;
  }
  c.passengers.set(i, random.chance(0.74) ? 1 : random.below(7));
  c.ratecode.set(i, random.chance(0.94) ? 1 : 1 + random.below(6));
  c.flag.set(i, random.chance(0.004) ? 'Y' : 'N');
}

export function* taxiBatches(rows: number, seed = 7): Generator<readonly Column[]> {
  const random = new Random(seed);
  for (let start = 0; start < rows; start += BATCH_ROWS) {
    const n = Math.min(BATCH_ROWS, rows - start);
    const columns = makeColumns(n);
    for (let i = 0; i < n; i++) fillRow(columns, i, random, (start + i) / rows);
    yield Object.values(columns);
  }
}
