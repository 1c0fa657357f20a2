// Nanoseconds where the target has microseconds: refused, cut off or rounded, as the user says.
import { type CodePlace, countCode, refuseCode } from '../writer.ts';

export interface Leftover {
  /** What the target is, for the message. */
  readonly target: string;
  /** Variable with the whole microseconds, rounded down; odd or even tells where a half goes. */
  readonly micros: string;
  /** Statements that make it one microsecond more. */
  readonly up: string;
  /**
   * Spans of time lose digits towards zero, as they are shown: -1.5 us becomes -1 us. A condition that says that one is
   * negative. Points in time lose digits of their clock, so they go down; null.
   */
  readonly isNegative: string | null;
}

/** Statements in which `r`, 0 to 999, is what is left. */
export function leftoverCode(place: CodePlace, { target, micros, up, isNegative }: Leftover): string {
  const { timestampNs } = place.options.policies;
  if (timestampNs === 'error') {
    return `if(r!==0)${refuseCode(place, `has nanoseconds, and ${target} has microseconds`, 'timestampNs')}`;
  }
  const count = countCode(place, 'timestampNs');
  if (timestampNs === 'round') return `if(r!==0){${count}if(r>500||(r===500&&(${micros}&1)===1)){${up}}}`;
  return `if(r!==0){${count}${isNegative === null ? '' : `if(${isNegative}){${up}}`}}`;
}

/** Adds one to 64 bits in `high` and `low`, of which the low word is unsigned. */
const addOne = (high: string, low: string): string => `if(++${low}===4294967296){${low}=0;${high}++;}`;

/** Statements that leave microseconds in `h` (signed high word) and `m` (low word, unsigned). */
export function nanosToMicros(
  place: CodePlace,
  hi: string,
  lo: string,
  kind: { readonly target: string; readonly isSpan: boolean },
): string {
  const leftover = leftoverCode(place, {
    target: kind.target,
    micros: 'm',
    up: addOne('h', 'm'),
    isNegative: kind.isSpan ? `${hi}<0` : null,
  });
  return (
    `let h=Math.floor(${hi}/1000);const t=(${hi}-h*1000)*4294967296+(${lo}>>>0);let m=Math.floor(t/1000);` +
    `const r=t-m*1000;${leftover}`
  );
}
