// What the bytes of a leaf mean beyond the type that the decoder gives them.
import { ParloadError } from '../errors/index.ts';
import type { ArrowType, LogicalType } from '../model/index.ts';
import { isNarrowDecimal, isRawTwelve } from './decoder-footer.ts';
import type { ParquetLogical, ParquetSchema, SchemaNode } from './schema.ts';

/** `int96`, `interval` and decimals that the library refuses come as plain bytes, see decoder-footer.ts. */
export type LeafMeaning = LogicalType | 'int96' | 'interval' | Extract<ArrowType, { id: 'decimal' }>;

/** Digits that 128 and 256 bits hold. */
const DECIMAL128_DIGITS = 38;
const DECIMAL256_DIGITS = 76;

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
    if (isNarrowDecimal(leaf)) return narrowDecimal(leaf);
    const meaning = leaf.logical === null ? undefined : MEANINGS[leaf.logical.kind];
    if (meaning !== undefined) return meaning;
    const isGeo = leaf.path.length === 1 && leaf.physical === 'BYTE_ARRAY' && wkb.has(leaf.name);
    return isGeo ? 'wkb' : null;
  });
}

function narrowDecimal(leaf: SchemaNode): LeafMeaning {
  const { precision, scale } = leaf.logical as Extract<ParquetLogical, { kind: 'decimal' }>;
  if (leaf.path.length > 1 || precision > DECIMAL256_DIGITS) {
    throw new ParloadError(
      'PARQUET_UNSUPPORTED',
      `a column of decimals claims ${precision} digits in ${leaf.typeLength} bytes`,
      { where: { column: leaf.path.join('.') } },
    );
  }
  return { id: 'decimal', bits: precision > DECIMAL128_DIGITS ? 256 : 128, precision, scale };
}
