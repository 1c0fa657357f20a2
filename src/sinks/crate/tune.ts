// --tune: settings of the table for the load. What they were is in the ledger before they change, so that they are put back
// also by the run after one that was killed.
import type { TableSettings } from './catalog.ts';
import type { CrateConnection } from './connection.ts';
import { quoteTable, showTable, type TableName } from './identifiers.ts';

const TUNED: TableSettings = { replicas: '0', refreshInterval: 0, durability: 'ASYNC' };

const alterSql = (table: TableName, { replicas, refreshInterval, durability }: TableSettings): string =>
  `ALTER TABLE ${quoteTable(table)} SET (number_of_replicas = '${replicas.replaceAll("'", "''")}', refresh_interval = ${refreshInterval}, "translog.durability" = '${durability.replaceAll("'", "''")}')`;

/** `settings`: as they are now. Those that an earlier run left in the ledger are older, and stay there. */
export async function tune(
  connection: CrateConnection,
  table: TableName,
  settings: TableSettings,
  runId: string,
): Promise<void> {
  await connection.query(
    'INSERT INTO parload.tuned (target, settings, run_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    [showTable(table), JSON.stringify(settings), runId],
    'writing the ledger',
  );
  await connection.query(alterSql(table, TUNED), [], `settings of "${showTable(table)}" for the load`);
}

/** Puts back what the ledger has; true: there was something. */
export async function untune(connection: CrateConnection, table: TableName): Promise<boolean> {
  const [row] = await connection.select(
    'SELECT settings FROM parload.tuned WHERE target = ?',
    [showTable(table)],
    'reading the ledger',
  );
  if (row === undefined) return false;
  const settings = JSON.parse(String(row.settings)) as TableSettings;
  await connection.query(alterSql(table, settings), [], `settings of "${showTable(table)}" after the load`);
  await forget(connection, table);
  return true;
}

/** The table is gone, and its settings with it. */
export async function forget(connection: CrateConnection, table: TableName): Promise<void> {
  await connection.query(
    'DELETE FROM parload.tuned WHERE target = ?',
    [showTable(table)],
    'writing the ledger',
  );
}
