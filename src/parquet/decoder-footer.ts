// The footer as the decoder library gets it. The library changes some values on the way: it drops the months of
// intervals, counts INT96 timestamps in 64-bit nanoseconds (which end in 2262) and takes enumerations for bytes. So
// intervals and INT96 are announced as twelve plain bytes, which is what they are in the pages, and enumerations as text.
import { PHYSICAL_TYPES, type SchemaNode } from './schema.ts';
import { STOP, T, ThriftReader, ThriftWriter } from './thrift.ts';

const INT96 = PHYSICAL_TYPES.indexOf('INT96');
const BYTE_ARRAY = PHYSICAL_TYPES.indexOf('BYTE_ARRAY');
const FIXED = PHYSICAL_TYPES.indexOf('FIXED_LEN_BYTE_ARRAY');
/** ConvertedType in parquet.thrift. */
const CONVERTED = { utf8: 0, enum: 4, interval: 21 } as const;
/** Members of the LogicalType union. */
const LOGICAL = { string: 1, enum: 4 } as const;
const TWELVE = 12;

/** Leaves that come out of the library as twelve plain bytes a value. */
export const isRawTwelve = (leaf: SchemaNode): boolean =>
  leaf.physical === 'INT96' || (leaf.logical?.kind === 'interval' && leaf.typeLength === TWELVE);

interface Field {
  readonly id: number;
  readonly type: number;
  /** Extent of the value in the footer. */
  readonly start: number;
  readonly end: number;
}

/** SchemaElement, as far as it matters here. */
interface Element {
  readonly fields: Field[];
  readonly start: number;
  readonly end: number;
  physical: number;
  typeLength: number;
  converted: number;
  /** Member of the LogicalType union; 0 = none. */
  logical: number;
}

function unionMember(r: ThriftReader): number {
  let member = 0;
  for (let id = r.field(0); id !== STOP; id = r.field(id)) {
    member = id;
    r.skip();
  }
  return member;
}

function readElement(r: ThriftReader): Element {
  const element = {
    fields: [] as Field[],
    start: r.at,
    physical: -1,
    typeLength: 0,
    converted: -1,
    logical: 0,
  };
  for (let id = r.field(0); id !== STOP; id = r.field(id)) {
    const { type, at: start } = r;
    if (id === 1) element.physical = r.int();
    else if (id === 2) element.typeLength = r.int();
    else if (id === 6) element.converted = r.int();
    else if (id === 10 && type === T.struct) element.logical = unionMember(r);
    else r.skip();
    element.fields.push({ id, type, start, end: r.at });
  }
  return { ...element, end: r.at };
}

type Change = 'plain' | 'text';

function changeOf({ physical, typeLength, converted, logical }: Element): Change | null {
  if (physical === INT96) return 'plain';
  if (physical === FIXED && typeLength === TWELVE && converted === CONVERTED.interval) return 'plain';
  const isEnum = logical === LOGICAL.enum || (logical === 0 && converted === CONVERTED.enum);
  return physical === BYTE_ARRAY && isEnum ? 'text' : null;
}

/** Name, repetition, children and field id stay; physical type, width and meaning are said anew. */
const KEPT = new Set([3, 4, 5, 9]);

function writeElement(out: ThriftWriter, footer: Uint8Array, element: Element, change: Change): void {
  const int = (value: number): Uint8Array => new ThriftWriter().int(value).finish();
  const isText = change === 'text';
  const parts = element.fields
    .filter(({ id }) => KEPT.has(id))
    .map(({ id, type, start, end }) => ({ id, type, bytes: footer.subarray(start, end) }));
  parts.push({ id: 1, type: T.i32, bytes: int(isText ? BYTE_ARRAY : FIXED) });
  if (isText) {
    parts.push({ id: 6, type: T.i32, bytes: int(CONVERTED.utf8) });
    const union = new ThriftWriter().field(LOGICAL.string, T.struct, 0).stop().stop();
    parts.push({ id: 10, type: T.struct, bytes: union.finish() });
  } else parts.push({ id: 2, type: T.i32, bytes: int(TWELVE) });
  let last = 0;
  for (const { id, type, bytes } of parts.sort((a, b) => a.id - b.id)) {
    out.field(id, type, last).raw(bytes);
    last = id;
  }
  out.stop();
}

/** Every ColumnMetaData says the physical type again, as one byte: found and replaced where it is. */
function patchChunks(r: ThriftReader, out: Uint8Array): void {
  for (let groups = r.listOf(T.struct); groups > 0; groups--) {
    for (let id = r.field(0); id !== STOP; id = r.field(id)) {
      if (id !== 1) {
        r.skip();
        continue;
      }
      for (let columns = r.listOf(T.struct); columns > 0; columns--) {
        for (let part = r.field(0); part !== STOP; part = r.field(part)) {
          if (part === 3 && r.type === T.struct) patchMetaData(r, out);
          else r.skip();
        }
      }
    }
  }
}

function patchMetaData(r: ThriftReader, out: Uint8Array): void {
  for (let id = r.field(0); id !== STOP; id = r.field(id)) {
    const { at } = r;
    if (id !== 1) r.skip();
    // zigzag doubles
    else if (r.int() === INT96) out[at] = 2 * FIXED;
  }
}

/** `footer`: thrift FileMetaData, which was read before and is sound. The same bytes when there is nothing to change. */
export function decoderFooter(footer: Uint8Array): Uint8Array {
  const r = new ThriftReader(footer);
  const elements: Element[] = [];
  let rowGroupsAt: { readonly at: number; readonly type: number } | null = null;
  for (let id = r.field(0); id !== STOP; id = r.field(id)) {
    if (id === 2) {
      for (let count = r.listOf(T.struct); count > 0; count--) elements.push(readElement(r));
      continue;
    }
    if (id === 4) rowGroupsAt = { at: r.at, type: r.type };
    r.skip();
  }
  const changes = elements.flatMap((element) => {
    const change = changeOf(element);
    return change === null ? [] : [{ element, change }];
  });
  if (changes.length === 0) return footer;
  const patched = footer.slice();
  if (rowGroupsAt !== null && elements.some(({ physical }) => physical === INT96)) {
    const groups = new ThriftReader(footer, rowGroupsAt.at);
    groups.type = rowGroupsAt.type;
    patchChunks(groups, patched);
  }
  const out = new ThriftWriter();
  let from = 0;
  for (const { element, change } of changes) {
    out.raw(patched.subarray(from, element.start));
    writeElement(out, footer, element, change);
    from = element.end;
  }
  return out.raw(patched.subarray(from)).finish();
}
