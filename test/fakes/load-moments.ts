// Moments in a load into Postgres that a fault can hit, as places in what the client sends.
import type { FaultRule } from './fault-link.ts';
import type { MakeTrigger } from './fault-trigger.ts';
import { PgFrames } from './pg-frames.ts';
import { afterQuery, inCopy } from './pg-triggers.ts';

/**
 * begin: a slice's transaction was asked for. copy: in the middle of rows. commit: COMMIT after rows was sent. publishing:
 * the transaction that publishes a staging table has begun. published: its COMMIT was sent.
 */
export type Moment = 'begin' | 'copy' | 'commit' | 'publishing' | 'published';

/** After the COMMIT, sent whole, of a transaction that had a COPY. */
const commitAfterCopy: MakeTrigger = () => {
  const frames = new PgFrames('client');
  let copied = false;
  return {
    find: (chunk) => {
      for (const { type, text, end } of frames.feed(chunk)) {
        if (type === 'c') copied = true;
        else if (type === 'Q' && /(^|;)\s*COMMIT\s*;?\s*$/i.test(text)) {
          if (copied) return end;
        } else if (type === 'Q' && /^\s*ROLLBACK/i.test(text)) copied = false;
      }
      return -1;
    },
  };
};

export const MOMENTS: Readonly<Record<Moment, MakeTrigger>> = {
  begin: afterQuery(/\bBEGIN\b[\s\S]*INSERT INTO parload\.slice/),
  copy: inCopy(50_000),
  commit: commitAfterCopy,
  publishing: afterQuery(/^\/\* parload finish \*\/ BEGIN/),
  published: afterQuery(/^\/\* parload finish \*\/ COMMIT/),
};

/** The same rule for all connections, of which only the first one that gets there is hit. */
export function firstOf(rule: FaultRule): FaultRule {
  let done = false;
  const when: MakeTrigger = () => {
    const trigger = rule.when();
    return {
      find: (chunk) => {
        const at = trigger.find(chunk);
        if (at < 0 || done) return -1;
        done = true;
        return at;
      },
    };
  };
  return { ...rule, when };
}
