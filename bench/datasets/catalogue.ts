// The data sets by name. Pure data: making one is another process's work, so that the bench itself stays small.
import { TAXI_ROWS } from './taxi.ts';
import { wideRows } from './wide.ts';

/** What the maker is told. */
export type Recipe =
  | { readonly shape: 'taxi'; readonly rows: number }
  | { readonly shape: 'lineitem'; readonly rows: number }
  | { readonly shape: 'mixed'; readonly rows: number }
  | { readonly shape: 'wide'; readonly columns: number; readonly rows: number };

export interface DataRecipe {
  readonly title: string;
  readonly recipe: Recipe;
  readonly rowGroupRows: number;
  /** The same file is given so many times, under as many names. */
  readonly copies?: number;
  /** File below the shared data, used in place of the made one where this machine has it. */
  readonly shared?: string;
}

/** For the micro benchmarks: a few slices. */
const MICRO_ROWS = 131_072;
/** As most writers have it. */
const MEGA_ROWS = 1_048_576;
const LINEITEM_ROWS = 1_500_000;
const GIANT_ROWS = 5_174_400;
const TINY_ROWS = 500_000;
const MIXED_ROWS = 4000;
const WIDE_GROUPS = 4;

const taxi = (title: string, rows: number, rowGroupRows: number): DataRecipe => ({
  title,
  recipe: { shape: 'taxi', rows },
  rowGroupRows,
});

const wide = (columns: number): DataRecipe => ({
  title: `${columns} columns, as many bytes as the other wide ones`,
  recipe: { shape: 'wide', columns, rows: wideRows(columns) },
  rowGroupRows: Math.ceil(wideRows(columns) / WIDE_GROUPS),
});

export const DATA: Readonly<Record<string, DataRecipe>> = {
  taxi: {
    ...taxi('taxi trips, 19 columns, 3 row groups', TAXI_ROWS, MEGA_ROWS),
    shared: 'data/taxi_like_2024-01.parquet',
  },
  'taxi-made': taxi('taxi trips made by the bench, 19 columns, 3 row groups', TAXI_ROWS, MEGA_ROWS),
  'taxi-128k': taxi('taxi trips in row groups of 131,072', TAXI_ROWS, 131_072),
  'taxi-10x': taxi('10 times the taxi trips in one file', 10 * TAXI_ROWS, MEGA_ROWS),
  'taxi-10-files': { ...taxi('10 files of taxi trips', TAXI_ROWS, MEGA_ROWS), copies: 10 },
  'one-row': taxi('one taxi trip', 1, 1),
  'taxi-small': taxi('20,000 taxi trips, 4 row groups', 20_000, 5000),
  lineitem: {
    title: 'the shape of TPC-H lineitem: decimals, dates, strings',
    recipe: { shape: 'lineitem', rows: LINEITEM_ROWS },
    rowGroupRows: MEGA_ROWS,
  },
  giant: taxi('5,174,400 taxi trips in one row group', GIANT_ROWS, 2 * GIANT_ROWS),
  'giant-groups': taxi('the same trips in usual row groups', GIANT_ROWS, MEGA_ROWS),
  mixed: {
    title: 'rows of 10 B to 1 MiB mixed',
    recipe: { shape: 'mixed', rows: MIXED_ROWS },
    rowGroupRows: MIXED_ROWS / 4,
  },
  'wide-19': wide(19),
  'wide-400': wide(400),
  'wide-1000': wide(1000),
  'groups-5000': taxi('5,000 row groups of 100 rows', TINY_ROWS, TINY_ROWS / 5000),
  'groups-20': taxi('the same rows in 20 row groups', TINY_ROWS, TINY_ROWS / 20),
  'micro-taxi': taxi('131,072 taxi trips', MICRO_ROWS, MICRO_ROWS / 2),
  'micro-lineitem': {
    title: '131,072 lines of the shape of TPC-H lineitem',
    recipe: { shape: 'lineitem', rows: MICRO_ROWS },
    rowGroupRows: MICRO_ROWS / 2,
  },
  'micro-wide': {
    title: '8,192 rows of 400 columns',
    recipe: { shape: 'wide', columns: 400, rows: MICRO_ROWS / 16 },
    rowGroupRows: MICRO_ROWS / 32,
  },
  'micro-tiny-groups': taxi('20,000 taxi trips in row groups of 100', 20_000, 100),
};

/** Data sets of one recipe hold the same rows. `-v2` when a generator changes, so that no old file is taken. */
export const fileNameOf = (name: string): string => `${name}-v1.parquet`;
