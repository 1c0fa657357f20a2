// Arrow's intervals and Parquet's own into interval: microseconds, days, months, in this order.
import { words } from '../../../arrow/index.ts';
import type { ArrowType } from '../../../model/index.ts';
import { type CodePlace, misfitCode, type ValueWriter } from '../writer.ts';
import { nanosToMicros } from './nanoseconds.ts';

type Unit = Extract<ArrowType, { id: 'interval' }>['unit'];

/** Words a value. */
const SIZE: Record<Unit, number> = { month: 1, dayTime: 2, monthDayNano: 4, monthDayMs: 3 };

const put = (high: string, low: string, days: string, months: string): string =>
  `dv.setInt32(o,16);dv.setInt32(o+4,${high});dv.setInt32(o+8,${low});dv.setInt32(o+12,${days});dv.setInt32(o+16,${months});o+=20;`;

/** Milliseconds in `ms` as microseconds in `h` and `l`. */
const FROM_MS = 'const u=ms*1000,h=Math.floor(u/4294967296),l=u-h*4294967296;';

const CODE: Record<Unit, (word: (k: number) => string, place: CodePlace) => string> = {
  month: (word) => put('0', '0', '0', word(0)),
  dayTime: (word) => `const ms=${word(1)};${FROM_MS}${put('h', 'l', word(0), '0')}`,
  monthDayNano: (word, place) =>
    `${nanosToMicros(place, word(3), word(2), { target: 'interval', isSpan: true })}${put('h', 'm', word(1), word(0))}`,
  // unsigned, as Parquet has it
  monthDayMs: (word, place) =>
    `if(${word(0)}<0||${word(1)}<0)${misfitCode(place, 'is outside of what interval holds')}` +
    `const ms=${word(2)}>>>0;${FROM_MS}${put('h', 'l', word(1), word(0))}`,
};

const TOUCHES: Record<Unit, Pick<ValueWriter, 'touches'>> = {
  month: {},
  dayTime: {},
  monthDayNano: { touches: ['timestampNs'] },
  monthDayMs: { touches: ['overflow'] },
};

export function intervalWriter(unit: Unit): ValueWriter {
  const size = SIZE[unit];
  return {
    key: `interval.${unit}`,
    names: ['v'],
    maxBytes: 20,
    ...TOUCHES[unit],
    bind: (c) => ({ variant: '', values: { v: words(c).subarray(size * c.offset) } }),
    code: (place) => {
      const { n, i } = place;
      return `{${CODE[unit]((k) => `${n('v')}[${size}*(${i})+${k}]`, place)}}`;
    },
  };
}
