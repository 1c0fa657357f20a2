// Code made once per list of writers and null pattern: one loop over rows that writes every column of a group in turn.
// `new Function` sees names and numbers of our own only, never anything out of a file.
import { HELPERS } from './helpers.ts';
import { type BoundColumn, type CodeOptions, elementCode, nullable } from './writer.ts';

/** Writes rows `from <= r < to` at `o`, returns the end. `ends[r - from]` gets each row's end when it is given. */
export type RowsWriter = (
  columns: readonly BoundColumn[],
  sel: Int32Array | null,
  u8: Uint8Array,
  dv: DataView,
  o: number,
  from: number,
  to: number,
  ends: Int32Array | null,
) => number;

export interface RowsShape {
  /** Number written in front of each row: the field count of the whole row; null for later groups of a wide row. */
  readonly fieldCount: number | null;
  readonly selected: boolean;
  readonly ends: boolean;
  readonly options: CodeOptions;
}

const compiled = new Map<string, RowsWriter>();
/** Schemas whose null pattern changes from batch to batch must not fill the memory with code. */
const MAX_COMPILED = 512;

const optionsKey = ({ policies, hasInfiniteNumeric }: CodeOptions): string =>
  `${Object.values(policies).join()}${hasInfiniteNumeric ? '' : '!'}`;

const columnKey = (c: BoundColumn): string =>
  `${c.writer.key}/${c.validity === null ? '-' : '?'}${c.variant}`;

export function rowsWriter(columns: readonly BoundColumn[], shape: RowsShape): RowsWriter {
  const key = `${shape.fieldCount}${shape.selected ? 's' : ''}${shape.ends ? 'e' : ''}|${optionsKey(shape.options)}|${columns.map(columnKey).join('|')}`;
  let writer = compiled.get(key);
  if (writer === undefined) {
    if (compiled.size >= MAX_COMPILED) compiled.clear();
    writer = compile(columns, shape);
    compiled.set(key, writer);
  }
  return writer;
}

function compile(columns: readonly BoundColumn[], shape: RowsShape): RowsWriter {
  const setup: string[] = [];
  const body: string[] = [];
  columns.forEach((column, j) => {
    const n = (name: string): string => `c${j}_${name}`;
    for (const name of column.writer.names) setup.push(`const ${n(name)}=C[${j}].values.${name};`);
    const counts = `counts${j}`;
    const { variant } = column;
    const { options } = shape;
    const code = elementCode(column.writer, { n, i: 'i', row: 'i', variant, options, counts, onNull: '' });
    if (code.includes(counts)) setup.push(`const ${counts}=C[${j}].counts;`);
    if (column.validity === null) {
      body.push(code);
    } else {
      setup.push(`const b${j}=C[${j}].validity,f${j}=C[${j}].bitOffset;`);
      body.push(nullable(`b${j}`, `f${j}`, 'i', code));
    }
  });
  const head = shape.fieldCount === null ? '' : `dv.setInt16(o,${shape.fieldCount});o+=2;`;
  const index = shape.selected ? 'const i=sel[r];' : 'const i=r;';
  const tail = shape.ends ? 'ends[r-from]=o;' : '';
  const source = `${setup.join('')}for(let r=from;r<to;r++){${index}${head}${body.join('')}${tail}}return o;`;
  const make = new Function('H', `return function(C,sel,u8,dv,o,from,to,ends){${source}}`);
  return make(HELPERS) as RowsWriter;
}
