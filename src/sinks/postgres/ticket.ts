// What a session needs, as plain data. Holds the password: never printed, never stored.
import type { PgColumn } from '../../encoders/pg-copy-binary/index.ts';
import type { ArrowSchema, Json } from '../../model/index.ts';
import type { ConnInfo } from './conninfo.ts';

export interface Ticket {
  readonly conn: ConnInfo;
  readonly runId: string;
  readonly jobId: string;
  /** Whose slices they are in the ledger: the job's, or those of its staging table. */
  readonly sliceJobId: string;
  /** The session has no connection of its own. */
  readonly relayed: boolean;
  readonly epoch: string;
  readonly serverVersion: number;
  readonly schema: ArrowSchema;
  readonly columns: readonly PgColumn[];
  /** The table of the user, as it is shown; rows may go to another one first. */
  readonly target: string;
  readonly tableSchema: string;
  readonly tableName: string;
  readonly unlogged: boolean;
  /** Generation of each input in the ledger. */
  readonly generations: Readonly<Record<string, number>>;
  /** Position of each input among the inputs, where rows must know their place; else null. */
  readonly inputOrder: Readonly<Record<string, number>> | null;
  readonly lockTimeoutMs: number;
  /** 0: none. */
  readonly statementTimeoutMs: number;
  readonly stallTimeoutMs: number;
}

export const sealTicket = (ticket: Ticket): Json => ticket as unknown as Json;
export const openTicket = (ticket: Json): Ticket => ticket as unknown as Ticket;

/** Shown in pg_stat_activity; the server keeps 63 bytes. */
export const applicationName = (conn: ConnInfo, runId: string): string =>
  `${conn.applicationName === null ? '' : `${conn.applicationName} `}parload/${runId}`.slice(0, 63);
