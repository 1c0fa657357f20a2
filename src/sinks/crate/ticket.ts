// What a session needs, as plain data. Holds the password: never printed, never stored.
import type { CrateColumn } from '../../encoders/crate-json/index.ts';
import type { ArrowSchema, Json } from '../../model/index.ts';
import type { ConnInfo } from './conninfo.ts';
import type { TableName } from './identifiers.ts';
import type { PaceLimits } from './pace.ts';
import type { Way } from './way.ts';

export interface Ticket {
  readonly conn: ConnInfo;
  readonly runId: string;
  readonly jobId: string;
  readonly epoch: number;
  /** False: the server only counts requests; there is no ledger and nothing to ask. */
  readonly keepsRows: boolean;
  readonly schema: ArrowSchema;
  readonly columns: readonly CrateColumn[];
  /** The table that rows go into: the target, or the one that will replace it. */
  readonly table: TableName;
  readonly way: Way;
  /** Generation of each input in the ledger. */
  readonly generations: Readonly<Record<string, number>>;
  readonly pace: PaceLimits;
}

export const sealTicket = (ticket: Ticket): Json => ticket as unknown as Json;
export const openTicket = (ticket: Json): Ticket => ticket as unknown as Ticket;
