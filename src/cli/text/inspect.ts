// What a Parquet file is made of, for people.
import type { InspectedColumn, ParquetInspection } from '../../index.ts';
import { formatBytes, formatCount, plural } from '../../runtime/index.ts';
import { formatPairs, formatTable } from './table.ts';

/** Row groups listed without -v. */
const FEW_GROUPS = 10;
/** Characters of a bound that are shown. */
const LONGEST_BOUND = 24;

const bound = (text: string | null): string => {
  if (text === null) return '';
  return text.length > LONGEST_BOUND ? `${text.slice(0, LONGEST_BOUND - 1)}…` : text;
};

const columnRow = (c: InspectedColumn): string[] => [
  c.name,
  c.logical === null ? c.type : `${c.type} (${c.logical})`,
  c.codecs.join(','),
  formatBytes(c.compressedBytes),
  formatBytes(c.uncompressedBytes),
  c.nulls === null ? '' : formatCount(c.nulls),
  bound(c.min),
  bound(c.max),
  c.encodings.join(','),
];

export function inspectText(file: ParquetInspection, style: { width: number; verbose: boolean }): string {
  const { rowGroups } = file;
  const shown = style.verbose ? rowGroups : rowGroups.slice(0, FEW_GROUPS);
  const header = ['name', 'type', 'codec', 'stored', 'decoded', 'nulls', 'min', 'max', 'encodings'];
  const groups = formatTable(
    [
      ['index', 'rows', 'stored', 'decoded'],
      ...shown.map((g) => [
        String(g.index),
        formatCount(g.rows),
        formatBytes(g.compressedBytes),
        formatBytes(g.uncompressedBytes),
      ]),
    ],
    { align: 'rrrr' },
  );
  const more =
    rowGroups.length > shown.length
      ? `  and ${plural(rowGroups.length - shown.length, 'other')}; -v lists them\n`
      : '';
  return [
    `${file.uri}\n`,
    formatPairs([
      ['size', formatBytes(file.sizeBytes)],
      ['rows', formatCount(file.rows)],
      ['row groups', formatCount(rowGroups.length)],
      ['written by', file.createdBy],
      ['metadata', file.keyValueKeys.join(', ')],
    ]),
    '\nColumns\n',
    formatTable([header, ...file.columns.map(columnRow)], { width: style.width, align: 'lllrrrlll' }),
    '\nRow groups\n',
    groups,
    more,
  ].join('');
}
