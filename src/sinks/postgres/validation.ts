// The user's conditions on loaded rows: --not-null, --check, --min-rows. Asked before rows become the target's, where the
// mode can still take them back, and at the end of the load where it cannot. Says counts, never values.
import { ParloadError } from '../../errors/index.ts';
import { formatCount, plural } from '../../runtime/index.ts';
import type { TableFacts } from './catalog.ts';
import type { PgConnection } from './connection.ts';
import { quoteIdent, quoteTable, showTable } from './identifiers.ts';
import { sqlText } from './settings.ts';

export interface Checks {
  /** Columns of the table. */
  readonly notNull: readonly string[];
  /** Queries that must return no row; `{table}` stands for the table. */
  readonly queries: readonly string[];
  readonly minRows: number | null;
}

export interface CheckOptions {
  readonly notNull?: readonly string[] | undefined;
  readonly check?: readonly string[] | undefined;
  readonly minRows?: number | undefined;
}

export const checksOf = (options: CheckOptions): Checks => ({
  notNull: options.notNull ?? [],
  queries: (options.check ?? []).map((sql) => sqlText(sql, 'check').replace(/[\s;]+$/, '')),
  minRows: options.minRows ?? null,
});

export interface CheckedRows {
  /** Where the rows lie, qualified and quoted: the table, or a staging table that is to become it. */
  readonly table: string;
  /** The table as the user knows it. */
  readonly shown: string;
  /** Rows of this job's inputs that are there, of earlier runs too. */
  readonly rowCount: number;
  /** Readers see them already: they stay, whatever the checks say. */
  readonly committed: boolean;
}

/** Rows that a check returned are counted up to here. */
const MOST_COUNTED = 1000;

const inTable = (sql: string, table: string): string => sql.replaceAll('{table}', () => table);

/** Columns that do not exist, and SQL that the server does not understand: found before anything is loaded. */
export async function probeChecks(
  connection: PgConnection,
  table: TableFacts,
  checks: Checks,
): Promise<void> {
  for (const column of checks.notNull) {
    if (table.columns.some(({ name }) => name === column)) continue;
    throw new ParloadError(
      'COLUMN_UNKNOWN',
      `--not-null: table "${showTable(table)}" has no column "${column}"`,
      {
        where: { column, option: 'notNull' },
        hint: 'Names are compared exactly, as the table has them.',
      },
    );
  }
  for (const [k, sql] of checks.queries.entries()) {
    const doing = `understanding --check ${k + 1}`;
    await connection.query(`EXPLAIN SELECT 1 FROM (${inTable(sql, quoteTable(table))}\n) AS q`, [], {
      doing,
      where: { option: 'check' },
    });
  }
}

/** Throws CHECK_FAILED with all that does not hold. Runs in whatever transaction the connection is in. */
export async function validateRows(
  connection: PgConnection,
  rows: CheckedRows,
  checks: Checks,
): Promise<void> {
  const failures = [
    ...tooFew(rows, checks.minRows),
    ...(await nulls(connection, rows, checks.notNull)),
    ...(await returned(connection, rows, checks.queries)),
  ];
  if (failures.length === 0) return;
  const are = rows.committed
    ? `the ${formatCount(rows.rowCount)} rows of this load are in "${rows.shown}" and stay there`
    : `nothing of this load is in "${rows.shown}"`;
  throw new ParloadError('CHECK_FAILED', `${failures.join('; ')}; ${are}`, {
    where: { table: rows.shown },
    ...(rows.committed
      ? {
          hint: 'Correct the rows and run the same command again: it loads nothing twice and checks anew. To have checks before rows are visible: --mode replace, or --atomic staging.',
        }
      : {}),
  });
}

const tooFew = ({ rowCount }: CheckedRows, minRows: number | null): string[] =>
  minRows === null || rowCount >= minRows
    ? []
    : [`${plural(rowCount, 'row')}, but --min-rows ${formatCount(minRows)}`];

async function nulls(
  connection: PgConnection,
  { table, shown }: CheckedRows,
  columns: readonly string[],
): Promise<string[]> {
  if (columns.length === 0) return [];
  const counts = columns.map((c, k) => `count(*) FILTER (WHERE ${quoteIdent(c)} IS NULL)::text AS c${k}`);
  // one look over the table, however many columns
  const [row = {}] = await connection.query(`SELECT ${counts.join(', ')} FROM ${table}`, [], {
    doing: `looking for NULLs in "${shown}"`,
    where: { option: 'notNull' },
  });
  return columns.flatMap((column, k) => {
    const count = Number(row[`c${k}`]);
    return count === 0 ? [] : [`column "${column}" is NULL in ${plural(count, 'row')}`];
  });
}

async function returned(
  connection: PgConnection,
  { table }: CheckedRows,
  queries: readonly string[],
): Promise<string[]> {
  const failures: string[] = [];
  for (const [k, sql] of queries.entries()) {
    const some = `SELECT 1 FROM (${inTable(sql, table)}\n) AS q LIMIT ${MOST_COUNTED + 1}`;
    const [row] = await connection.query(`SELECT count(*)::text AS n FROM (${some}) AS r`, [], {
      doing: `--check ${k + 1}`,
      where: { option: 'check' },
    });
    const count = Number(row?.n);
    if (count === 0) continue;
    const rows = count > MOST_COUNTED ? `more than ${formatCount(MOST_COUNTED)} rows` : plural(count, 'row');
    failures.push(`--check ${k + 1} of ${queries.length} returned ${rows}`);
  }
  return failures;
}
