// Text and bytes in types with a form of their own: uuid, inet, cidr, geometry.
import type { ValueWriter } from '../writer.ts';
import { bindBytes, bounds, bytesBound } from './bytes.ts';

const bytesWriter = (
  key: string,
  maxBytes: number,
  hasVariableBytes: boolean,
  put: (n: (name: string) => string, row: string) => string,
): ValueWriter => ({
  key,
  names: ['of', 's', 'd'],
  maxBytes,
  bind: (c) => ({ variant: '', values: bindBytes(c) }),
  code: ({ n, i, row }) => `{${bounds(n, i)}${put(n, row)}}`,
  ...(hasVariableBytes ? { varBytes: bytesBound } : {}),
});

export const textToUuidWriter = bytesWriter(
  'text>uuid',
  20,
  false,
  (n, row) =>
    `if(!H.uuidFrom(${n('d')},a,e,u8,o+4))H.refuse('is not a UUID',${row});dv.setInt32(o,16);o+=20;`,
);

export const textToAddressWriter = (isCidr: boolean): ValueWriter =>
  bytesWriter(
    `text>${isCidr ? 'cidr' : 'inet'}`,
    24,
    false,
    (n, row) =>
      `const t=H.addressFrom(${n('d')},a,e,u8,o+4,${isCidr});if(t===0)H.refuse('is not a network address',${row});` +
      `if(t<0)H.refuse('has bits set behind the prefix of its network',${row});dv.setInt32(o,t-o-4);o=t;`,
  );

/** `srid`: of the target column; 0 when it has none. */
export const wkbWriter = (srid: number): ValueWriter =>
  bytesWriter(
    `wkb${srid}`,
    8,
    true,
    (n, row) =>
      `const t=H.writeEwkb(${n('d')},a,e,dv,u8,o,${srid});if(t===0)H.refuse('is not well-known binary',${row});o=t;`,
  );
