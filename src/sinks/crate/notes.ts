// What a plan says beside its figures.
import { type ConnInfo, isNear } from './conninfo.ts';
import { KEY_COLUMN } from './identifiers.ts';
import type { CrateOptions } from './options.ts';

export interface PlanFacts {
  /** False: the server only counts requests. */
  readonly keeps: boolean;
  /** A new table gets the column that marks rows. */
  readonly marksNew: boolean;
}

export const planNotes = (
  info: ConnInfo,
  options: CrateOptions,
  { keeps, marksNew }: PlanFacts,
): string[] => [
  ...(info.secure || isNear(info) ? [] : ['the connection is not encrypted; crate+https:// changes that']),
  ...(keeps
    ? []
    : ['the server keeps nothing, it only answers: rows are counted by its answers, and there is no ledger']),
  ...(marksNew ? [`column "${KEY_COLUMN}" says which row of which input a row is`] : []),
  ...(options.tune
    ? ['--tune: rows acknowledged in the last seconds before a crash of the server may be lost']
    : []),
];
