import { ParloadError } from '../../errors/index.ts';
import { checkCrc } from '../pages/crc.ts';
import { type PageHeader, readPageHeader } from '../pages/page-header.ts';

/** A page as it is stored, its parts found. */
export interface RawPage {
  readonly header: PageHeader;
  /** Levels of a version 2 page: never compressed. Empty otherwise. */
  readonly levels: Uint8Array;
  /** As stored. */
  readonly body: Uint8Array;
  /** Bytes of the body when decompressed. */
  readonly bodyBytes: number;
  readonly isCompressed: boolean;
}

/** The page in `bytes[at..limit)`. Its checksum is verified when it has one. */
export function parsePage(bytes: Uint8Array, at: number, limit: number, codec: string): RawPage {
  const header = readPageHeader(bytes, at);
  const start = at + header.headerBytes;
  const end = start + header.compressedBytes;
  if (end > limit) throw new ParloadError('PARQUET_CORRUPT', 'a page is longer than its place in the file');
  if (header.crc !== null) checkCrc(header, bytes.subarray(start, end));
  const levelBytes = header.kind === 'data-v2' ? header.definitionBytes + header.repetitionBytes : 0;
  if (levelBytes > header.compressedBytes || levelBytes > header.uncompressedBytes) {
    throw new ParloadError('PARQUET_CORRUPT', 'the levels of a page are longer than the page');
  }
  return {
    header,
    levels: bytes.subarray(start, start + levelBytes),
    body: bytes.subarray(start + levelBytes, end),
    bodyBytes: header.uncompressedBytes - levelBytes,
    isCompressed: codec !== 'UNCOMPRESSED' && header.isCompressed,
  };
}
