// A crash of the server empties an UNLOGGED table while the ledger stays, and looks like any broken connection.
import { ParloadError } from '../../errors/index.ts';

/** Not retryable: slices that were committed before may be gone, and a later run sees that the table is empty. */
export const maybeEmptied = (table: string): ParloadError =>
  new ParloadError(
    'SINK_LOST',
    `a connection broke, and "${table}" is UNLOGGED: if the server crashed, what was loaded is gone`,
    {
      where: { table },
      retryable: false,
      hint: 'Run the same command again: it loads everything when the table is empty, and otherwise what is left.',
    },
  );
