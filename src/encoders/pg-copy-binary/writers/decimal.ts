import { words } from '../../../arrow/index.ts';
import type { ArrowType } from '../../../model/index.ts';
import { numericMaxBytes } from '../numeric.ts';
import type { ValueWriter } from '../writer.ts';

type DecimalType = Extract<ArrowType, { id: 'decimal' }>;

/** Decimals of any width into numeric; the scale is kept as the display scale: 1.50 stays 1.50. */
export function decimalWriter(type: DecimalType): ValueWriter {
  const count = type.bits / 32;
  return {
    key: `dec${type.bits}.${type.scale}`,
    names: ['v'],
    // by width, not by precision: damaged files hold more digits than they say
    maxBytes: numericMaxBytes(Math.ceil(type.bits * 0.302) + 4),
    bind: (c) => ({ variant: '', values: { v: words(c).subarray(count * c.offset) } }),
    code: ({ n, i }) => `o=H.writeNumeric(dv,o,${n('v')},${count}*(${i}),${count},${type.scale});`,
  };
}
