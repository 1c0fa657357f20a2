import { words } from '../../../arrow/index.ts';
import type { ArrowType } from '../../../model/index.ts';
import { numericMaxBytes, SIGN_NEGATIVE } from '../numeric.ts';
import type { CodePlace, ValueWriter } from '../writer.ts';

type DecimalType = Extract<ArrowType, { id: 'decimal' }>;

/** One group of four digits holds the whole fraction up to here. */
const SHORT_SCALE = 4;
const LEAST_INT32 = -0x80000000;

/** `count` integers of 16 bits as a header: number of groups, weight, sign, display scale. */
const header = (count: string, weight: string, sign: string, scale: number): string =>
  `dv.setInt32(o,8+2*(${count}));dv.setInt32(o+4,(${count})<<16|(${weight}));dv.setInt32(o+8,(${sign})<<16|${scale});`;

/**
 * Code for what most columns of money and quantities hold: up to four digits behind the point, and an integer of 32 bits
 * below 10^8 before it. With its constants in the text it is several times faster than `writeNumeric`, which gets the rest.
 */
function shortCode({ n, i }: CodePlace, count: number, scale: number): string {
  const general = `o=H.writeNumeric(dv,o,${n('v')},p,${count},${scale});`;
  if (scale < 0 || scale > SHORT_SCALE) return `{const p=${count}*(${i});${general}}`;
  let isShort = `x!==${LEAST_INT32}`;
  for (let k = 1; k < count; k++) isShort += `&&${n('v')}[p+${k}]===x>>31`;
  const unit = 10 ** scale;
  const split =
    scale === 0 ? 'const w=m,f=0;' : `const w=(m/${unit})|0,f=(m-w*${unit})*${10 ** (SHORT_SCALE - scale)};`;
  const sign = `x<0?${SIGN_NEGATIVE}:0`;
  return (
    `{const p=${count}*(${i}),x=${n('v')}[p];if(${isShort}){const m=x<0?-x:x;${split}` +
    `if(w>=100000000){${general}}` +
    `else if(w>=10000){const h=(w/10000)|0,l=w-h*10000,g=f!==0?3:l!==0?2:1;${header('g', '1', sign, scale)}` +
    `dv.setInt32(o+12,h<<16|l);dv.setInt16(o+16,f);o+=12+2*g;}` +
    `else if(w>0){const g=f!==0?2:1;${header('g', '0', sign, scale)}dv.setInt32(o+12,w<<16|f);o+=12+2*g;}` +
    `else if(f!==0){${header('1', '0xffff', sign, scale)}dv.setInt16(o+12,f);o+=14;}` +
    `else{${header('0', '0', '0', scale)}o+=12;}` +
    `}else{${general}}}`
  );
}

/** Decimals of any width into numeric; the scale is kept as the display scale: 1.50 stays 1.50. */
export function decimalWriter(type: DecimalType): ValueWriter {
  const count = type.bits / 32;
  return {
    key: `dec${type.bits}.${type.scale}`,
    names: ['v'],
    // by width, not by precision: damaged files hold more digits than they say
    maxBytes: numericMaxBytes(Math.ceil(type.bits * 0.302) + 4),
    bind: (c) => ({ variant: '', values: { v: words(c).subarray(count * c.offset) } }),
    code: (place) => shortCode(place, count, type.scale),
  };
}
