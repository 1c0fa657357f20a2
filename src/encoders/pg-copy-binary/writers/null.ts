import type { ValueWriter } from '../writer.ts';

/** A column of Arrow's null type: NULL, whatever the target. */
export const nullWriter: ValueWriter = {
  key: 'null',
  names: [],
  maxBytes: 4,
  bind: () => ({ variant: '', values: {} }),
  code: () => 'dv.setInt32(o,-1);o+=4;',
};
