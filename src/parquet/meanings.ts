// What the bytes of a leaf mean beyond the type that the decoder gives them.
import type { LogicalType } from '../model/index.ts';
import { isRawTwelve } from './decoder-footer.ts';
import type { ParquetLogical, ParquetSchema } from './schema.ts';

/** `int96` and `interval` come as twelve plain bytes, see decoder-footer.ts. */
export type LeafMeaning = LogicalType | 'int96' | 'interval';

const MEANINGS: Partial<Record<ParquetLogical['kind'], LogicalType>> = {
  uuid: 'uuid',
  json: 'json',
  bson: 'bson',
  enum: 'enum',
  geometry: 'wkb',
  geography: 'wkb',
};

/** Columns that GeoParquet metadata (key `geo`) declares as well-known binary. Broken metadata declares none. */
function geoColumns(geo: string | null): ReadonlySet<string> {
  if (geo === null) return new Set();
  try {
    const columns = (JSON.parse(geo) as { columns?: Record<string, { encoding?: unknown }> }).columns ?? {};
    return new Set(Object.keys(columns).filter((name) => columns[name]?.encoding === 'WKB'));
  } catch {
    return new Set();
  }
}

/** What each leaf's bytes mean beyond their storage type, in the order of `leaves`. `geo`: that key's value. */
export function leafMeanings(schema: ParquetSchema, geo: string | null): (LeafMeaning | null)[] {
  const wkb = geoColumns(geo);
  return schema.leaves.map((leaf) => {
    if (isRawTwelve(leaf)) return leaf.physical === 'INT96' ? 'int96' : 'interval';
    const meaning = leaf.logical === null ? undefined : MEANINGS[leaf.logical.kind];
    if (meaning !== undefined) return meaning;
    const isGeo = leaf.path.length === 1 && leaf.physical === 'BYTE_ARRAY' && wkb.has(leaf.name);
    return isGeo ? 'wkb' : null;
  });
}
