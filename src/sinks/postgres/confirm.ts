import { ParloadError } from '../../errors/index.ts';
import type { Receipt } from '../../model/index.ts';
import type { LedgerSlice } from './resume.ts';

/** Every slice that a worker reported must be in the ledger with the rows that it reported. */
export function confirmReceipts(slices: readonly LedgerSlice[], receipts: readonly Receipt[]): void {
  const rows = new Map(
    slices.map((s) => [`${s.inputId}:${s.range.start}+${s.range.end - s.range.start}`, s.rowsLoaded]),
  );
  for (const receipt of receipts) {
    const loaded = rows.get(receipt.sliceId);
    if (loaded !== undefined && (receipt.alreadyCommitted || loaded === receipt.rowsLoaded)) continue;
    throw new ParloadError(
      'COUNT_DIFFERS',
      `the ledger has ${loaded ?? 'no'} rows for a slice that was reported with ${receipt.rowsLoaded}`,
      {
        where: { slice: receipt.sliceId },
        hint: 'Did somebody change the schema parload during the load? Compare the table with the input before using it.',
      },
    );
  }
}
