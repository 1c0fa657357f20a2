// Where a Parquet file keeps what: footer, page headers, page bodies. Mutations aim at these.
import { parseMetadata } from '../../src/parquet/index.ts';
import { readPageHeader } from '../../src/parquet/pages/page-header.ts';

export interface Region {
  readonly kind: 'footer' | 'header' | 'body' | 'index';
  readonly start: number;
  readonly end: number;
  /** Body of a page whose header has a checksum. */
  readonly checked: boolean;
}

const TAIL_BYTES = 8;

/** Of a sound file. */
export function layoutOf(file: Uint8Array): Region[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const footerEnd = file.length - TAIL_BYTES;
  const footerStart = footerEnd - view.getUint32(footerEnd, true);
  const meta = parseMetadata(file.subarray(footerStart, footerEnd));
  const regions: Region[] = [{ kind: 'footer', start: footerStart, end: footerEnd, checked: false }];
  for (let group = 0; group < meta.rowGroupCount; group++) {
    for (const chunk of meta.columns(group)) {
      if (chunk === null) continue;
      regions.push(...pagesOf(file, chunk.start, chunk.start + chunk.compressedBytes));
      const index = chunk.offsetIndex;
      if (index !== null) {
        regions.push({
          kind: 'index',
          start: index.offset,
          end: index.offset + index.length,
          checked: false,
        });
      }
    }
  }
  return regions;
}

function pagesOf(file: Uint8Array, start: number, end: number): Region[] {
  const regions: Region[] = [];
  for (let at = start; at < end; ) {
    const header = readPageHeader(file, at);
    const body = at + header.headerBytes;
    const next = body + header.compressedBytes;
    regions.push({ kind: 'header', start: at, end: body, checked: false });
    if (next > body) regions.push({ kind: 'body', start: body, end: next, checked: header.crc !== null });
    at = next;
  }
  return regions;
}
