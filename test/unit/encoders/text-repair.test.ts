import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RefusedValue } from '../../../src/encoders/refused-value.ts';
import { isFit, TextRepair, type TextTarget } from '../../../src/encoders/text-repair.ts';
import { takeChanges, writeContext } from '../../../src/encoders/write-context.ts';
import { EXACT_POLICIES, type ValuePolicies } from '../../../src/model/index.ts';

const TEXT: TextTarget = { takesNul: false, hasEscapes: false };
const JSONB: TextTarget = { takesNul: false, hasEscapes: true };
const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');

/** Bytes that meet the borders of UTF-8 more often than chance would have it. */
const edgy = fc.uint8Array({ maxLength: 24 }).map((raw) =>
  raw.map((b) => {
    const borders = [0, 0x41, 0x5c, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0];
    return b < 120 ? (borders[b % 15] ?? b) : b < 180 ? 0x80 | (b & 0x3f) : b;
  }),
);

function repaired(
  input: Uint8Array,
  change: Partial<ValuePolicies>,
  target = TEXT,
): { text: Buffer; counts: string } {
  const context = writeContext({ ...EXACT_POLICIES, ...change });
  const repair = new TextRepair(context, target);
  const out = new Uint8Array(repair.bound({ of: Uint32Array.of(0, input.length), s: 1, d: input }, 0, 1) + 3);
  const end = repair.write(out, 3, input, 0, input.length, 7);
  repair.count();
  assert.ok(end <= out.length, 'the bound holds');
  const counts = takeChanges(['c'], [context]).map((c) => `${c.policy} ${c.action} ${c.values}`);
  return { text: Buffer.from(out.subarray(3, end)), counts: counts.join(', ') };
}

test('what is not UTF-8 becomes what TextDecoder makes of it', () => {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  fc.assert(
    fc.property(edgy, (input) => {
      const { text, counts } = repaired(input, { invalidUtf8: 'replace', nullByte: 'replace:\u2400' });
      const expected = decoder.decode(input);
      assert.equal(text.toString('utf8'), expected.replaceAll('\0', '\u2400'));
      const isValid = Buffer.from(expected).equals(input);
      const parts = [
        ...(input.includes(0) ? ['nullByte replace 1'] : []),
        ...(isValid ? [] : ['invalidUtf8 replace 1']),
      ];
      assert.equal(counts, parts.join(', '));
    }),
    { numRuns: 3000 },
  );
});

test('a batch is fit when each of its values by itself is text without NUL', () => {
  const strict = new TextDecoder('utf-8', { fatal: true });
  const isText = (input: Uint8Array): boolean => {
    try {
      return !strict.decode(input).includes('\0');
    } catch {
      return false;
    }
  };
  fc.assert(
    fc.property(fc.array(edgy, { maxLength: 5 }), fc.nat(2), (values, skip) => {
      const of = new Uint32Array(values.length + 1);
      values.forEach((value, i) => {
        of[i + 1] = of[i]! + value.length;
      });
      const from = Math.min(skip, values.length);
      const used = { of: of.subarray(from), s: 1, d: new Uint8Array(Buffer.concat(values)) };
      const rest = values.slice(from);
      assert.equal(isFit(used, rest.length, TEXT), rest.every(isText));
    }),
    { numRuns: 3000 },
  );
});

test('a character that is cut between two values is no text in either', () => {
  const d = new TextEncoder().encode('aé');
  assert.equal(isFit({ of: Uint32Array.of(0, 2, 3), s: 1, d }, 2, TEXT), false);
  assert.equal(isFit({ of: Uint32Array.of(0, 1, 3), s: 1, d }, 2, TEXT), true);
  assert.equal(isFit({ of: Uint32Array.of(0, 1, 3, 3), s: 1, d }, 3, TEXT), true);
  // offsets of 64 bits: low words at even places
  assert.equal(isFit({ of: Uint32Array.of(0, 0, 2, 0, 3, 0), s: 2, d }, 2, TEXT), false);
});

test('NUL is left out or replaced; parts on both sides never join to a character', () => {
  assert.equal(repaired(bytes('\0a\0\0b\0'), { nullByte: 'strip' }).text.toString(), 'ab');
  assert.equal(repaired(bytes('\0'), { nullByte: 'strip' }).text.toString(), '');
  assert.equal(repaired(bytes('a\0b'), { nullByte: 'replace:<NUL>' }).text.toString(), 'a<NUL>b');
  const both = repaired(bytes('\xc3\0\xa9'), { nullByte: 'strip', invalidUtf8: 'replace' });
  assert.equal(both.text.toString(), '\ufffd\ufffd');
  assert.equal(both.counts, 'nullByte strip 1, invalidUtf8 replace 1');
});

test('the bound of many values holds whatever is in them, that of one is close', () => {
  const part = bytes('\0'.repeat(100_000));
  const text = { of: Uint32Array.of(0, part.length / 2, part.length), s: 1, d: part };
  const context = writeContext({ ...EXACT_POLICIES, nullByte: 'replace:1234', invalidUtf8: 'replace' });
  const repair = new TextRepair(context, TEXT);
  assert.ok(repair.bound(text, 0, 2) >= 4 * part.length);
  const plain = { of: Uint32Array.of(0, part.length), s: 1, d: part.map(() => 0x61) };
  assert.equal(repair.bound(plain, 0, 1), part.length);
});

test('without a policy each is refused, and the policy is named that would let it pass', () => {
  const refusal = (input: string, change: Partial<ValuePolicies> = {}): RefusedValue => {
    try {
      repaired(bytes(input), change);
    } catch (error) {
      assert.ok(error instanceof RefusedValue);
      return error;
    }
    throw new Error('not refused');
  };
  assert.deepEqual(
    { ...refusal('a\0') },
    {
      reason: 'holds a NUL character, which the target cannot',
      index: 7,
      policy: 'nullByte',
    },
  );
  assert.equal(refusal('a\xff').policy, 'invalidUtf8');
  assert.equal(refusal('\0\xff', { nullByte: 'strip' }).policy, 'invalidUtf8');
  assert.equal(refusal('\xff\0', { invalidUtf8: 'replace' }).policy, 'nullByte');
});

test('JSON for jsonb: the escape of NUL counts as NUL, an escaped backslash before u0000 does not', () => {
  const strip = (json: string): string => repaired(bytes(json), { nullByte: 'strip' }, JSONB).text.toString();
  assert.equal(strip('"a\\u0000b"'), '"ab"');
  assert.equal(strip('"a\\\\u0000b"'), '"a\\\\u0000b"');
  assert.equal(strip('"\\\\\\u0000\\u0001"'), '"\\\\\\u0001"');
  assert.equal(strip('"\\u0000'), '"');
  assert.equal(
    repaired(bytes('"\\u0000"'), { nullByte: 'replace:"' }, JSONB).text.toString(),
    '"\\""',
    'the replacement is escaped',
  );
  const at = (json: string): boolean =>
    isFit({ of: Uint32Array.of(0, json.length), s: 1, d: bytes(json) }, 1, JSONB);
  assert.equal(at('"\\u0000"'), false);
  assert.equal(at('"\\u0001"'), true);
});

test('JSON that escapes NUL keeps it', () => {
  const { text, counts } = repaired(bytes('\0\xff'), { invalidUtf8: 'replace' }, { ...TEXT, takesNul: true });
  assert.equal(text.toString(), '\0\ufffd');
  assert.equal(counts, 'invalidUtf8 replace 1');
});
