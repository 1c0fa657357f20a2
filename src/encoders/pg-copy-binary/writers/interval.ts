// Arrow's intervals and Parquet's own into interval: microseconds, days, months, in this order.
import { words } from '../../../arrow/index.ts';
import type { ArrowType } from '../../../model/index.ts';
import type { ValueWriter } from '../writer.ts';

type Unit = Extract<ArrowType, { id: 'interval' }>['unit'];

/** Words a value. */
const SIZE: Record<Unit, number> = { month: 1, dayTime: 2, monthDayNano: 4, monthDayMs: 3 };

const put = (high: string, low: string, days: string, months: string): string =>
  `dv.setInt32(o,16);dv.setInt32(o+4,${high});dv.setInt32(o+8,${low});dv.setInt32(o+12,${days});dv.setInt32(o+16,${months});o+=20;`;

/** Milliseconds in `ms` as microseconds in `h` and `l`. */
const FROM_MS = 'const u=ms*1000,h=Math.floor(u/4294967296),l=u-h*4294967296;';

const CODE: Record<Unit, (word: (k: number) => string, row: string) => string> = {
  month: (word) => put('0', '0', '0', word(0)),
  dayTime: (word) => `const ms=${word(1)};${FROM_MS}${put('h', 'l', word(0), '0')}`,
  monthDayNano: (word, row) =>
    `const a=${word(3)},h=Math.floor(a/1000),t=(a-h*1000)*4294967296+(${word(2)}>>>0),l=Math.floor(t/1000);` +
    `if(l*1000!==t)H.refuse('has nanoseconds, and interval has microseconds',${row});${put('h', 'l', word(1), word(0))}`,
  // unsigned, as Parquet has it
  monthDayMs: (word, row) =>
    `if(${word(0)}<0||${word(1)}<0)H.refuse('is outside of what interval holds',${row});` +
    `const ms=${word(2)}>>>0;${FROM_MS}${put('h', 'l', word(1), word(0))}`,
};

export function intervalWriter(unit: Unit): ValueWriter {
  const size = SIZE[unit];
  return {
    key: `interval.${unit}`,
    names: ['v'],
    maxBytes: 20,
    bind: (c) => ({ variant: '', values: { v: words(c).subarray(size * c.offset) } }),
    code: ({ n, i, row }) => `{${CODE[unit]((k) => `${n('v')}[${size}*(${i})+${k}]`, row)}}`,
  };
}
