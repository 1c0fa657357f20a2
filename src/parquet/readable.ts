import { ParloadError } from '../errors/index.ts';
import type { Where } from '../model/index.ts';
import { hasCodec } from './codecs/index.ts';
import type { ColumnChunk } from './column-chunk.ts';

/** What a reader needs of the chunks it is going to read: inside the file, in this file, not encrypted, of a codec that we have. */
export function checkReadable(
  chunks: readonly (ColumnChunk | null)[],
  where: Where,
  sizeBytes: number,
): void {
  for (const chunk of chunks) {
    if (chunk === null) continue;
    const isHere = !chunk.isEncrypted && chunk.filePath === null && chunk.end <= sizeBytes;
    if (isHere && hasCodec(chunk.codec)) continue;
    const at = { ...where, column: chunk.path.join('.') };
    if (chunk.isEncrypted) {
      throw new ParloadError('PARQUET_UNSUPPORTED', 'a column is encrypted', {
        where: at,
        hint: 'Leave the column out with --exclude, or write the file again without encryption.',
      });
    }
    if (chunk.filePath !== null) {
      throw new ParloadError('PARQUET_UNSUPPORTED', 'the data of a column lies in another file', {
        where: at,
        hint: 'This is a summary file (_metadata); load the data files beside it.',
      });
    }
    if (!hasCodec(chunk.codec)) {
      throw new ParloadError('PARQUET_UNSUPPORTED', `a column is compressed by ${chunk.codec}`, {
        where: at,
        hint: 'Leave the column out with --exclude, or write the file again with another codec.',
      });
    }
    throw new ParloadError(
      'PARQUET_CORRUPT',
      `a column should end at byte ${chunk.end}, but the file has ${sizeBytes}`,
      { where: at },
    );
  }
}
