import { ParloadError } from '../../errors/index.ts';
import { zlib } from '../node-zlib.ts';
import type { PageHeader } from './page-header.ts';

type Crc32 = (bytes: Uint8Array) => number;

let chosen: Crc32 | null = null;

/** CRC-32 as gzip's; native since Node 20.15, otherwise by table. */
function crc32(bytes: Uint8Array): number {
  chosen ??= (zlib() as { readonly crc32?: Crc32 }).crc32 ?? tableCrc32;
  return chosen(bytes);
}

let table: Int32Array | null = null;

function tableCrc32(bytes: Uint8Array): number {
  table ??= Int32Array.from({ length: 256 }, (_, n) => {
    let c = n;
    for (let k = 0; k < 8; k++) c = (c & 1) === 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
    return c;
  });
  let crc = -1;
  for (let i = 0; i < bytes.length; i++) crc = table[(crc ^ bytes[i]!) & 255]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** Pages whose writer left a checksum must have it. */
export function checkCrc(header: PageHeader, stored: Uint8Array): void {
  if (header.crc === null || crc32(stored) === header.crc) return;
  throw new ParloadError('PARQUET_CORRUPT', 'the checksum of a page does not match its bytes');
}
