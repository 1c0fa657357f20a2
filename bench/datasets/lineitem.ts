// TPC-H's lineitem in shape: decimals, dates, integers, short and long strings. Values are ours, not dbgen's.
import { type Column, DecimalColumn, dateColumn, Int32Column, Int64Column, TextColumn } from './columns.ts';
import { Random } from './random.ts';

const BATCH_ROWS = 65_536;
/** 1992-01-01 and 1998-08-02 as days since 1970. */
const FIRST_DAY = 8035;
const LAST_DAY = 10_440;
/** 1995-06-17: what was shipped later is still open. */
const TODAY = 9298;
const INSTRUCTIONS = ['DELIVER IN PERSON', 'COLLECT COD', 'NONE', 'TAKE BACK RETURN'];
const MODES = ['REG AIR', 'AIR', 'RAIL', 'SHIP', 'TRUCK', 'MAIL', 'FOB'];
const WORDS =
  'furiously quickly carefully blithely slyly regular final express special pending ironic even bold silent packages deposits requests accounts instructions theodolites foxes pinto beans dependencies ideas asymptotes sleep wake haggle nag cajole above the across about among'.split(
    ' ',
  );
const COMMENT_LEAST = 10;
const COMMENT_MOST = 43;

function comment(random: Random): string {
  const length = COMMENT_LEAST + random.below(COMMENT_MOST - COMMENT_LEAST + 1);
  let text = '';
  while (text.length < length) text += `${WORDS[random.below(WORDS.length)]} `;
  return text.slice(0, length);
}

const makeColumns = (n: number) => ({
  order: new Int64Column('l_orderkey', n),
  part: new Int64Column('l_partkey', n),
  supplier: new Int64Column('l_suppkey', n),
  line: new Int32Column('l_linenumber', n),
  quantity: new DecimalColumn('l_quantity', n, 15, 2),
  price: new DecimalColumn('l_extendedprice', n, 15, 2),
  discount: new DecimalColumn('l_discount', n, 15, 2),
  tax: new DecimalColumn('l_tax', n, 15, 2),
  returned: new TextColumn('l_returnflag', n, 1),
  status: new TextColumn('l_linestatus', n, 1),
  shipped: dateColumn('l_shipdate', n),
  committed: dateColumn('l_commitdate', n),
  received: dateColumn('l_receiptdate', n),
  instruction: new TextColumn('l_shipinstruct', n, 17),
  mode: new TextColumn('l_shipmode', n, 7),
  comment: new TextColumn('l_comment', n, COMMENT_MOST),
});

type LineitemColumns = ReturnType<typeof makeColumns>;

function fillRow(c: LineitemColumns, i: number, random: Random, key: { order: number; line: number }): void {
  const quantity = 1 + random.below(50);
  const part = 1 + random.below(200_000);
  const ordered = FIRST_DAY + random.below(LAST_DAY - FIRST_DAY);
  const shipped = ordered + 1 + random.below(121);
  const received = shipped + 1 + random.below(30);
  c.order.set(i, key.order);
  c.part.set(i, part);
  c.supplier.set(i, 1 + random.below(10_000));
  c.line.set(i, key.line);
  c.quantity.set(i, quantity * 100);
  c.price.set(i, quantity * (90_000 + (Math.floor(part / 10) % 20_001) + 100 * (part % 1000)));
  c.discount.set(i, random.below(11));
  c.tax.set(i, random.below(9));
  c.returned.set(i, received > TODAY ? 'N' : random.chance(0.5) ? 'R' : 'A');
  c.status.set(i, shipped > TODAY ? 'O' : 'F');
  c.shipped.set(i, shipped);
  c.committed.set(i, ordered + 30 + random.below(61));
  c.received.set(i, received);
  c.instruction.set(i, INSTRUCTIONS[random.below(INSTRUCTIONS.length)]!);
  c.mode.set(i, MODES[random.below(MODES.length)]!);
  c.comment.set(i, comment(random));
}

export function* lineitemBatches(rows: number): Generator<readonly Column[]> {
  const random = new Random(11);
  const key = { order: 1, line: 1 };
  let lines = 1 + random.below(7);
  for (let start = 0; start < rows; start += BATCH_ROWS) {
    const n = Math.min(BATCH_ROWS, rows - start);
    const columns = makeColumns(n);
    for (let i = 0; i < n; i++) {
      fillRow(columns, i, random, key);
      if (key.line++ < lines) continue;
      key.order++;
      key.line = 1;
      lines = 1 + random.below(7);
    }
    yield Object.values(columns);
  }
}
