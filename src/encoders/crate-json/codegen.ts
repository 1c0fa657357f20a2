// Code made once per list of writers and null pattern: one loop over rows that writes a group of columns.
// `new Function` sees names and numbers of our own only, never anything out of a file.
import type { ValuePolicies } from '../../model/index.ts';
import { writeInt64 } from '../json/digits.ts';
import { writeValue } from '../json/values.ts';
import { refuse } from '../refused-value.ts';
import { writeEpoch } from './epoch.ts';
import { writeDays, writeDouble, writeInteger } from './numbers.ts';
import { writeRow } from './row-key.ts';
import { type BoundColumn, NULL_CODE } from './writer.ts';

const HELPERS = {
  refuse,
  integer: writeInteger,
  int64: writeInt64,
  double: writeDouble,
  days: writeDays,
  epoch: writeEpoch,
  value: writeValue,
  row: writeRow,
} as const;

/** The key column, which comes first; the row's number in its input is `start + i`. */
export interface KeyPlace {
  /** `"` and the prefix. */
  readonly head: Uint8Array;
  start: number;
}

/** Writes rows `from <= r < to` at `o`, returns the end. `ends[r - from]` gets each row's end when it is given. */
export type RowsWriter = (
  columns: readonly BoundColumn[],
  key: KeyPlace | null,
  sel: Int32Array | null,
  u8: Uint8Array,
  o: number,
  from: number,
  to: number,
  ends: Int32Array | null,
) => number;

export interface RowsShape {
  readonly policies: ValuePolicies;
  /** The first group of a row, which begins with `[` and the key; and the last one, which ends with `],`. */
  readonly first: boolean;
  readonly last: boolean;
  readonly key: boolean;
  readonly selected: boolean;
  readonly ends: boolean;
}

const compiled = new Map<string, RowsWriter>();
/** Schemas whose null pattern changes from batch to batch must not fill the memory with code. */
const MAX_COMPILED = 512;

const columnKey = (c: BoundColumn): string =>
  `${c.writer.key}/${c.validity === null ? '-' : '?'}${c.variant}`;

export function rowsWriter(columns: readonly BoundColumn[], shape: RowsShape): RowsWriter {
  const { policies, ...flags } = shape;
  const key = `${Object.values(flags).map(Number).join('')}|${Object.values(policies).join()}|${columns.map(columnKey).join('|')}`;
  let writer = compiled.get(key);
  if (writer === undefined) {
    if (compiled.size >= MAX_COMPILED) compiled.clear();
    writer = compile(columns, shape);
    compiled.set(key, writer);
  }
  return writer;
}

const KEY_CODE = 'for(let k=0;k<kh.length;k++)u8[o++]=kh[k];o=H.row(u8,o,ks+i);u8[o++]=34;';

function cellCode(column: BoundColumn, j: number, policies: ValuePolicies): string {
  const n = (name: string): string => `c${j}_${name}`;
  let code = column.writer.code({ n, variant: column.variant, policies, counts: `counts${j}` });
  const label = n('is');
  if (code.includes(`break ${label};`)) code = `${label}:{${code}}`;
  if (column.validity === null) return code;
  return `if((b${j}[(f${j}+i)>>3]>>((f${j}+i)&7))&1){${code}}else{${NULL_CODE}}`;
}

function compile(columns: readonly BoundColumn[], shape: RowsShape): RowsWriter {
  const setup: string[] = shape.key ? ['const kh=K.head,ks=K.start;'] : [];
  const cells: string[] = shape.key ? [KEY_CODE] : [];
  columns.forEach((column, j) => {
    for (const name of column.writer.names) setup.push(`const c${j}_${name}=C[${j}].values.${name};`);
    const code = cellCode(column, j, shape.policies);
    if (code.includes(`counts${j}`)) setup.push(`const counts${j}=C[${j}].counts;`);
    if (column.validity !== null) setup.push(`const b${j}=C[${j}].validity,f${j}=C[${j}].bitOffset;`);
    cells.push(code);
  });
  const index = shape.selected ? 'const i=sel[r];' : 'const i=r;';
  const head = shape.first ? 'u8[o++]=91;' : 'u8[o++]=44;';
  const tail = `${shape.last ? 'u8[o]=93;u8[o+1]=44;o+=2;' : ''}${shape.ends ? 'ends[r-from]=o;' : ''}`;
  const source = `${setup.join('')}for(let r=from;r<to;r++){${index}${head}${cells.join('u8[o++]=44;')}${tail}}return o;`;
  const make = new Function('H', `return function(C,K,sel,u8,o,from,to,ends){${source}}`);
  return make(HELPERS) as RowsWriter;
}
