// Aligned columns of text, without a dependency.

export interface TableStyle {
  /** `r` right, else left, one letter a column. */
  readonly align?: string;
  /** Characters a line may take; 0 = as many as it needs. */
  readonly width?: number;
  readonly indent?: string;
}

const GAP = '  ';
/** A column is not cut below this many characters. */
const LEAST_WIDTH = 8;

const cut = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, Math.max(1, width - 1))}…`;

/** Takes from the widest column until the line fits. */
function fit(widths: number[], room: number): number[] {
  const total = (): number => widths.reduce((a, b) => a + b, 0);
  while (total() > room) {
    const widest = Math.max(...widths);
    if (widest <= LEAST_WIDTH) break;
    widths[widths.indexOf(widest)] = widest - 1;
  }
  return widths;
}

/** First row is the header. Columns that are empty but for their header are left out. */
export function formatTable(rows: readonly (readonly string[])[], style: TableStyle = {}): string {
  const header = rows[0] ?? [];
  const used = header.map((_, i) => rows.length === 1 || rows.slice(1).some((row) => (row[i] ?? '') !== ''));
  const kept = rows.map((row) => row.filter((_, i) => used[i]));
  const align = [...(style.align ?? '')].filter((_, i) => used[i]);
  const indent = style.indent ?? '  ';
  const widths = (kept[0] ?? []).map((_, i) => Math.max(...kept.map((row) => (row[i] ?? '').length)));
  const room = (style.width ?? 0) - indent.length - GAP.length * (widths.length - 1);
  const fitted = style.width ? fit(widths, room) : widths;
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => {
        const text = cut(cell, fitted[i]!);
        return align[i] === 'r' ? text.padStart(fitted[i]!) : text.padEnd(fitted[i]!);
      })
      .join(GAP)
      .trimEnd();
  return kept.map((row) => `${indent}${line(row)}\n`).join('');
}

/** Label and value, one a line; pairs without a value are left out. */
export function formatPairs(pairs: readonly (readonly [string, string | null])[], indent = '  '): string {
  const shown = pairs.filter((pair): pair is [string, string] => pair[1] !== null && pair[1] !== '');
  const width = Math.max(0, ...shown.map(([label]) => label.length));
  return shown.map(([label, value]) => `${indent}${label.padEnd(width)}  ${value}\n`).join('');
}

/** Characters of a terminal's line; 0 when it is not one, so that nothing is cut in files and pipes. */
export const terminalWidth = (stream: { isTTY?: boolean; columns?: number }): number =>
  stream.isTTY === true ? (stream.columns ?? 0) : 0;
