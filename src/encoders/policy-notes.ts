// What a rule says of its values, in the words of the user's policies: rules write `{overflow}` where a policy decides.
import type { ValuePolicies } from '../model/index.ts';

type Words = (policies: ValuePolicies) => string;

const REFUSED = 'are refused';

const WORDS: Readonly<Record<string, Words>> = {
  nullByte: ({ nullByte }) => {
    if (nullByte === 'error') return REFUSED;
    return nullByte === 'strip'
      ? 'lose it'
      : `get ${JSON.stringify(nullByte.slice('replace:'.length))} for it`;
  },
  timestampNs: ({ timestampNs }) =>
    ({ error: REFUSED, truncate: 'are truncated', round: 'are rounded' })[timestampNs],
  invalidUtf8: ({ invalidUtf8 }) => (invalidUtf8 === 'error' ? REFUSED : 'get U+FFFD for what is none'),
  nonFiniteText: ({ nonFinite }) => ({ keep: 'as strings', null: 'become NULL', error: REFUSED })[nonFinite],
  nonFiniteNone: ({ nonFinite }) => (nonFinite === 'null' ? 'become NULL' : REFUSED),
  overflow: ({ overflow }) => (overflow === 'null' ? 'become NULL' : REFUSED),
};

export const noteText = (note: string | null, policies: ValuePolicies): string | null =>
  note?.replace(/\{(\w+)\}/g, (all, name: string) => WORDS[name]?.(policies) ?? all) ?? null;
