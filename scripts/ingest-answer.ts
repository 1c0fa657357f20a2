// What `make ingest` shows of the loaded table: its size, and one query's answer as an aligned table.
import pg from 'pg';

export interface TableSize {
  readonly rows: number;
  readonly columns: number;
  /** As Postgres writes it, `193 MB`. */
  readonly pretty: string;
}

/** The name as parload takes it, `table` or `schema.table`, quoted for SQL. */
const quoted = (table: string): string => table.split('.').map(pg.escapeIdentifier).join('.');

/** null when there is no such table. Counts exactly. */
export async function tableSize(client: pg.Client, table: string): Promise<TableSize | null> {
  const found = await client.query<{ oid: string | null }>('select to_regclass($1) as oid', [quoted(table)]);
  if (found.rows[0]?.oid == null) return null;
  const { rows } = await client.query<{ rows: string; columns: string; pretty: string }>(
    `select (select count(*) from ${quoted(table)}) as rows,
            (select count(*) from pg_attribute
              where attrelid = $1::regclass and attnum > 0 and not attisdropped) as columns,
            pg_size_pretty(pg_total_relation_size($1::regclass)) as pretty`,
    [quoted(table)],
  );
  const row = rows[0]!;
  return { rows: Number(row.rows), columns: Number(row.columns), pretty: row.pretty };
}

interface ColumnInfo {
  readonly name: string;
  readonly type: string;
}

async function columnsOf(client: pg.Client, table: string): Promise<ColumnInfo[]> {
  const { rows } = await client.query<ColumnInfo>(
    `select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute
      where attrelid = $1::regclass and attnum > 0 and not attisdropped order by attnum`,
    [quoted(table)],
  );
  return rows;
}

/** Text left, numbers right. */
export function alignedTable(head: readonly string[], body: readonly (readonly string[])[]): string {
  const widths = head.map((name, i) => Math.max(name.length, ...body.map((row) => row[i]!.length)));
  const isNumber = head.map((_, i) => body.every((row) => /^-?[\d,.]+$/.test(row[i]!)));
  const line = (cells: readonly string[]): string =>
    `  ${cells.map((c, i) => (isNumber[i] ? c.padStart(widths[i]!) : c.padEnd(widths[i]!))).join('  ')}`.trimEnd();
  return [line(head), line(widths.map((w) => '-'.repeat(w))), ...body.map(line)].join('\n');
}

const FLIGHT_COLUMNS = ['origin', 'delay', 'distance'];
const FLIGHT_QUERY = (table: string): string =>
  `select origin, count(*) as flights, round(avg(delay), 1) as mean_delay_min, round(avg(distance)) as mean_miles
     from ${table} group by origin order by flights desc limit 5`;

const MOST_COLUMNS_SHOWN = 20;

/** For the flights a question about them; for any other table what its columns became. */
export async function answerOf(client: pg.Client, table: string): Promise<string> {
  const columns = await columnsOf(client, table);
  if (FLIGHT_COLUMNS.every((name) => columns.some((c) => c.name === name))) {
    const { rows, fields } = await client.query<Record<string, string | null>>(FLIGHT_QUERY(quoted(table)));
    const head = fields.map((f) => f.name);
    const body = rows.map((row) => head.map((name) => String(row[name] ?? 'null')));
    return `\nThe five busiest origins:\n${alignedTable(head, body)}`;
  }
  const shown = columns.slice(0, MOST_COLUMNS_SHOWN).map((c) => [c.name, c.type]);
  const more = columns.length - shown.length;
  return `\n${alignedTable(['column', 'type'], shown)}${more > 0 ? `\n  and ${more} more` : ''}`;
}
