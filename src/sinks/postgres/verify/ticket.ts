// What a comparing session needs, as plain data. Holds the password: never printed, never stored.
import type { PgColumn } from '../../../encoders/pg-copy-binary/index.ts';
import type { ArrowSchema, Json } from '../../../model/index.ts';
import type { ConnInfo } from '../conninfo.ts';

export interface VerifyTicket {
  readonly conn: ConnInfo;
  readonly runId: string;
  readonly serverVersion: number;
  readonly schema: ArrowSchema;
  readonly columns: readonly PgColumn[];
  /** Name of the exported snapshot: all parts of the table are of one moment. */
  readonly snapshot: string;
  /** SQL; null: all rows. */
  readonly tableWhere: string | null;
  /** Row numbers by input, ascending: rows that were rejected. */
  readonly rejected: Readonly<Record<string, readonly number[]>>;
  readonly lockTimeoutMs: number;
  readonly stallTimeoutMs: number;
}

/** `detail` of a slice of the table: pages `from <= p < to` of one relation; null: no bound. */
export interface TablePart {
  readonly schema: string;
  readonly name: string;
  readonly from: number | null;
  readonly to: number | null;
}

export const sealVerifyTicket = (ticket: VerifyTicket): Json => ticket as unknown as Json;
export const openVerifyTicket = (ticket: Json): VerifyTicket => ticket as unknown as VerifyTicket;
