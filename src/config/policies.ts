// What the user may say of values that a target cannot hold: part of the job, because it holds for every sink.
import * as z from 'zod';
import { EXACT_POLICIES, type ValuePolicies } from '../model/index.ts';

/** A replacement is written once for each NUL, so it stays a mark and is no text of its own. */
const MOST_REPLACEMENT_BYTES = 16;

const nullByte = z
  .string()
  .regex(/^(error|strip|replace:.*)$/s, 'must be error, strip or replace:X')
  .refine((text) => text !== 'replace:', 'replace: needs a text behind it; strip leaves NUL bytes out')
  .refine((text) => !text.includes('\0'), 'the replacement holds a NUL byte itself')
  .refine(
    (text) => Buffer.byteLength(text) - 'replace:'.length <= MOST_REPLACEMENT_BYTES,
    `the replacement is longer than ${MOST_REPLACEMENT_BYTES} bytes`,
  );

/** Without quotes, YAML reads null as no value. */
const orNull = <T extends z.ZodEnum>(choices: T) =>
  z.union([choices, z.null().transform((): 'null' => 'null')]);

export const policyShape = {
  nullByte: nullByte
    .default(EXACT_POLICIES.nullByte)
    .describe('U+0000 in text: error, strip, or replace:X with the text to put in its place'),
  timestampNs: z
    .enum(['error', 'truncate', 'round'])
    .default(EXACT_POLICIES.timestampNs)
    .describe('Times and timestamps finer than the target: error, truncate, or round (half to even)'),
  invalidUtf8: z
    .enum(['error', 'replace'])
    .default(EXACT_POLICIES.invalidUtf8)
    .describe('Text that is not UTF-8: error, or replace by U+FFFD'),
  nonFinite: orNull(z.enum(['keep', 'null', 'error']))
    .default(EXACT_POLICIES.nonFinite)
    .describe('NaN and infinities: keep, null, or error'),
  overflow: orNull(z.enum(['error', 'null']))
    .default(EXACT_POLICIES.overflow)
    .describe("Values beyond the target type's range or length: error, or null"),
} as const;

type PolicyOptions = z.output<z.ZodObject<typeof policyShape>>;

export const policiesOf = ({
  nullByte,
  timestampNs,
  invalidUtf8,
  nonFinite,
  overflow,
}: PolicyOptions): ValuePolicies => ({
  // as the pattern above has it
  nullByte: nullByte as ValuePolicies['nullByte'],
  timestampNs,
  invalidUtf8,
  nonFinite,
  overflow,
});
