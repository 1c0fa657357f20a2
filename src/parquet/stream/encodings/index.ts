// Which encodings of values can be read for which physical type.
import { ParloadError } from '../../../errors/index.ts';
import { ENCODING_NAMES } from '../../column-chunk.ts';
import type { SchemaNode } from '../../schema.ts';
import { corruptPage } from '../values.ts';
import { DeltaBytes } from './delta-bytes.ts';
import { DeltaValues } from './delta-values.ts';
import { SplitValues } from './split-values.ts';
import type { ValueDecoder } from './value-decoder.ts';

export type { ValueDecoder } from './value-decoder.ts';

/** Numbers in parquet.thrift. */
const CODE = {
  plain: 0,
  plainDictionary: 2,
  rle: 3,
  delta: 5,
  deltaLength: 6,
  deltaBytes: 7,
  rleDictionary: 8,
  split: 9,
} as const;

const WIDTHS: Partial<Record<string, number>> = { INT32: 4, FLOAT: 4, INT64: 8, DOUBLE: 8 };

/** Null: the value reader reads this encoding itself. Throws what names an encoding that cannot be here. */
export function decoderOf(encoding: number, leaf: SchemaNode): ValueDecoder | null {
  const { physical } = leaf;
  switch (encoding) {
    case CODE.plain:
    case CODE.plainDictionary:
    case CODE.rleDictionary:
      return null;
    case CODE.rle:
      if (physical === 'BOOLEAN') return null;
      break;
    case CODE.delta:
      if (physical === 'INT32') return new DeltaValues(4);
      if (physical === 'INT64') return new DeltaValues(8);
      break;
    case CODE.deltaLength:
      if (physical === 'BYTE_ARRAY') return new DeltaBytes({ hasPrefixes: false, width: null });
      break;
    case CODE.deltaBytes:
      if (physical === 'BYTE_ARRAY') return new DeltaBytes({ hasPrefixes: true, width: null });
      if (physical === 'FIXED_LEN_BYTE_ARRAY')
        return new DeltaBytes({ hasPrefixes: true, width: leaf.typeLength });
      break;
    case CODE.split: {
      const width = physical === 'FIXED_LEN_BYTE_ARRAY' ? leaf.typeLength : WIDTHS[physical ?? ''];
      if (width !== undefined) return new SplitValues(width);
      break;
    }
    default:
      if (ENCODING_NAMES[encoding] === undefined) {
        throw new ParloadError(
          'PARQUET_UNSUPPORTED',
          `a page has encoding ${encoding}, which is not known here`,
        );
      }
  }
  throw corruptPage(`${physical} values cannot have the encoding ${ENCODING_NAMES[encoding]}`);
}
