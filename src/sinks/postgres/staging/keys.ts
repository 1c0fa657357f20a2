// The key of an upsert: the target must hold it unique, and rows of the input must have one each.
import { ParloadError } from '../../../errors/index.ts';
import { formatCount, plural } from '../../../runtime/index.ts';
import type { TableFacts } from '../catalog.ts';
import type { PgConnection } from '../connection.ts';
import { quoteIdent, quoteTable } from '../identifiers.ts';
import type { JobSite } from '../site.ts';
import type { StageName } from './stage.ts';

const UNIQUE_INDEXES = `
SELECT x.indnkeyatts AS count, x.indimmediate AS immediate, (SELECT json_agg(a.attname)::text FROM unnest(x.indkey[0:x.indnkeyatts - 1]) AS k (attnum)
         JOIN pg_catalog.pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.attnum) AS columns
  FROM pg_catalog.pg_index x
 WHERE x.indrelid = $1::int8::oid AND x.indisunique AND x.indisvalid AND x.indpred IS NULL AND x.indexprs IS NULL`;

/** Before the first byte. `table`: null when it is to be made, with the key as its primary key. */
export async function checkKey(
  connection: PgConnection,
  site: JobSite,
  table: TableFacts | null,
): Promise<void> {
  const { request, name, job } = site.need();
  const { key } = site.way;
  const columns = new Set(request.schema.fields.map((f) => f.name));
  const unknown = key.find((column) => !columns.has(column));
  if (unknown !== undefined) {
    throw new ParloadError('COLUMN_UNKNOWN', `--key: the rows have no column "${unknown}"`, {
      where: { column: unknown, option: 'key' },
    });
  }
  if (table === null) return;
  const rows = await connection.query(UNIQUE_INDEXES, [table.oid], { doing: 'looking for the unique index' });
  const wanted = JSON.stringify([...key].sort());
  const matching = rows.filter((row) => {
    const names = JSON.parse(String(row.columns ?? '[]')) as string[];
    return Number(row.count) === key.length && JSON.stringify(names.sort()) === wanted;
  });
  // ON CONFLICT would take the deferrable one beside another that is not, and fail.
  const deferrable = matching.some((row) => row.immediate !== true);
  if (matching.length > 0 && !deferrable) return;
  const list = key.map(quoteIdent).join(', ');
  throw new ParloadError(
    'KEY_NOT_UNIQUE',
    deferrable
      ? `the unique constraint of "${job.target}" over ${list} is DEFERRABLE, which ON CONFLICT does not take`
      : `"${job.target}" has no unique index over ${list}, so a row of that key could be there twice`,
    {
      where: { table: job.target },
      hint: `${deferrable ? 'Drop the constraint and run' : 'Run'} CREATE UNIQUE INDEX ON ${quoteTable(name)} (${list}); then run the same command again.`,
    },
  );
}

/** Every row has a key, and no two the same unless --duplicates chooses; with --on-conflict error none is there yet. */
export async function checkKeysOfRows(
  connection: PgConnection,
  site: JobSite,
  stage: StageName,
): Promise<void> {
  const { job, name } = site.need();
  const { key, duplicates, onConflict } = site.way;
  const source = quoteTable(stage);
  const where = { table: job.target };
  const count = async (sql: string): Promise<readonly [number, number]> => {
    const [row] = await connection.query(sql, [], { doing: 'looking at the keys of the rows', where });
    return [Number(row?.a ?? 0), Number(row?.b ?? 0)];
  };
  const shown = key.map(quoteIdent).join(', ');
  const nulls = key.map((c) => `${quoteIdent(c)} IS NULL`).join(' OR ');
  const [without] = await count(`SELECT count(*) AS a FROM ${source} WHERE ${nulls}`);
  if (without > 0) {
    throw new ParloadError(
      'KEY_INVALID',
      `${plural(without, 'row')} of the input have NULL in the key (${shown})`,
      {
        where,
        hint: 'NULL is equal to nothing, so each load would add them again. Filter them with --where "x is not null".',
      },
    );
  }
  if (duplicates === 'error') {
    const [keys, rows] = await count(
      `SELECT count(*) AS a, sum(n) AS b FROM (SELECT count(*) AS n FROM ${source} GROUP BY ${shown} HAVING count(*) > 1) AS d`,
    );
    if (keys > 0) {
      throw new ParloadError(
        'KEY_INVALID',
        `${formatCount(rows)} rows of the input share ${plural(keys, 'key')} (${shown}); nothing was changed`,
        {
          where,
          hint: 'Say which one counts: --duplicates last or --duplicates first, by their order in the input.',
        },
      );
    }
  }
  if (onConflict !== 'error') return;
  const same = key.map((c) => `t.${quoteIdent(c)} = s.${quoteIdent(c)}`).join(' AND ');
  const [there] = await count(
    `SELECT count(*) AS a FROM ${source} s WHERE EXISTS (SELECT FROM ${quoteTable(name)} t WHERE ${same})`,
  );
  if (there === 0) return;
  throw new ParloadError(
    'KEY_INVALID',
    `${plural(there, 'row')} of the input have a key (${shown}) that "${job.target}" has already; nothing was changed`,
    { where, hint: 'Use --on-conflict update or --on-conflict nothing, or take those rows out.' },
  );
}
