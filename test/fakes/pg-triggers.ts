// Places in a Postgres conversation, for the proxy: just enough of the wire protocol to find them. Armed when the connection is
// made, because where messages begin is counted from there. Not for TLS.
import type { MakeTrigger, Trigger } from './fault-trigger.ts';
import { PgFrames } from './pg-frames.ts';

/** A message of the client as a trigger is shown it. */
export interface ClientMessage {
  /** `Q` query, `P` parse, `d` CopyData, `c` CopyDone, ... */
  readonly type: string;
  /** Statement text of `Q`, else empty. */
  readonly text: string;
}

/** `after`: the whole message has passed. `before`: none of its bytes has, as far as its chunk allows to know that. */
export function atMessage(
  matches: (message: ClientMessage) => boolean,
  side: 'before' | 'after',
  nth = 1,
): MakeTrigger {
  return () => {
    let left = nth;
    const frames = new PgFrames('client');
    const find: Trigger['find'] = (chunk) => {
      for (const frame of frames.feed(chunk)) {
        if (!matches({ type: frame.type, text: frame.text })) continue;
        left -= 1;
        if (left === 0) return side === 'after' ? frame.end : Math.max(0, frame.start);
      }
      return -1;
    };
    return { find };
  };
}

const isQuery = (pattern: RegExp) => (message: ClientMessage) =>
  message.type === 'Q' && pattern.test(message.text);

/** The transaction's end, as the last statement of a message. */
const COMMIT = /(^|;)\s*COMMIT\s*;?\s*$/i;
const BEGIN = /(^|;)\s*BEGIN\b/i;

export const beforeBegin = (nth = 1): MakeTrigger => atMessage(isQuery(BEGIN), 'before', nth);
export const afterBegin = (nth = 1): MakeTrigger => atMessage(isQuery(BEGIN), 'after', nth);
export const beforeCommit = (nth = 1): MakeTrigger => atMessage(isQuery(COMMIT), 'before', nth);
/** The server has the COMMIT; whatever it answers comes later. */
export const afterCommit = (nth = 1): MakeTrigger => atMessage(isQuery(COMMIT), 'after', nth);
export const afterQuery = (pattern: RegExp, nth = 1): MakeTrigger =>
  atMessage(isQuery(pattern), 'after', nth);

/** After so many bytes of COPY data, in the middle of a message as well. */
export function inCopy(bytes: number): MakeTrigger {
  return () => {
    const frames = new PgFrames('client');
    let seen = 0;
    return {
      find: (chunk) => {
        for (const part of frames.copyData(chunk)) {
          if (seen + part.length >= bytes) return part.start + (bytes - seen);
          seen += part.length;
        }
        return -1;
      },
    };
  };
}
