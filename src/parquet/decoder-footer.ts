// The footer as the decoder library gets it: written anew, with nothing in it but what decoding needs.
// The library refuses a whole file for an annotation it does not know, a key that has a number for its value, a damaged
// page index or a decimal of more digits than its bytes hold; none of these is needed to read the pages.
// And it changes some values on the way: it drops the months of intervals, counts INT96 timestamps in 64-bit nanoseconds
// (which end in 2262) and takes enumerations for bytes. So intervals and INT96 are announced as twelve plain bytes, which
// is what they are in the pages, and enumerations as text.
// When rows are decoded, text is announced as bytes: where it is not UTF-8, the library would end in a trap, and its thread
// with it. Encoders look at text themselves, where column and row are known.
import { textFieldsAsBinary } from './arrow-schema.ts';
import { chunkStruct, rowGroupStruct } from './chunk-writer.ts';
import { type ParquetMetadata, parseMetadata } from './metadata.ts';
import { PHYSICAL_TYPES, type SchemaNode } from './schema.ts';
import { T, ThriftWriter } from './thrift.ts';

/** ConvertedType in parquet.thrift; the last one of the format. Writers gave higher numbers to columns of nulls alone. */
const CONVERTED = { utf8: 0, last: 21 } as const;
/** Members of the LogicalType union. */
const LOGICAL = { string: 1 } as const;
const TWELVE = 12;
const ARROW_SCHEMA = 'ARROW:schema';
const utf8 = new TextEncoder();

/** Leaves that come out of the library as twelve plain bytes a value. */
export const isRawTwelve = (leaf: SchemaNode): boolean =>
  leaf.physical === 'INT96' || (leaf.logical?.kind === 'interval' && leaf.typeLength === TWELVE);

/** Decimal digits that always fit into a signed number of so many bytes. */
const digitsOf = (bytes: number): number => Math.floor(Math.log10(2) * (8 * bytes - 1));

/** A decimal of more digits than its bytes can hold: what is there can be read, but the library refuses it. */
export const isNarrowDecimal = (leaf: SchemaNode): boolean =>
  leaf.physical === 'FIXED_LEN_BYTE_ARRAY' &&
  leaf.logical?.kind === 'decimal' &&
  leaf.logical.precision > digitsOf(leaf.typeLength);

const isText = ({ physical, logical }: SchemaNode): boolean =>
  physical === 'BYTE_ARRAY' &&
  (logical?.kind === 'string' || logical?.kind === 'enum' || logical?.kind === 'json');

/** How a leaf is announced: as the file has it, as bytes without a meaning, or as text. */
function changeOf(
  node: SchemaNode,
  { keepInt96, textAsBytes }: DecoderFooterOptions,
): 'none' | 'plain' | 'text' {
  if (keepInt96 && node.physical === 'INT96') return 'none';
  if (textAsBytes && isText(node)) return 'plain';
  if (isRawTwelve(node) || isNarrowDecimal(node) || node.logical?.kind === 'unknown') return 'plain';
  return node.logical?.kind === 'enum' && node.physical === 'BYTE_ARRAY' ? 'text' : 'none';
}

/** The leaf as it is announced, by which its column chunks go too. */
const announced = (node: SchemaNode, keepInt96: boolean): SchemaNode =>
  node.physical === 'INT96' && !keepInt96
    ? { ...node, physical: 'FIXED_LEN_BYTE_ARRAY', typeLength: TWELVE }
    : node;

const REPETITIONS = ['required', 'optional', 'repeated'] as const;

class ElementWriter {
  readonly #w: ThriftWriter;
  #last = 0;

  constructor(w: ThriftWriter) {
    this.#w = w;
  }

  field(id: number, type: number): ThriftWriter {
    this.#w.field(id, type, this.#last);
    this.#last = id;
    return this.#w;
  }
}

function writeElement(
  w: ThriftWriter,
  meta: ParquetMetadata,
  stored: SchemaNode,
  options: DecoderFooterOptions,
): void {
  const node = announced(stored, options.keepInt96);
  const out = new ElementWriter(w);
  if (node.physical !== null) out.field(1, T.i32).int(PHYSICAL_TYPES.indexOf(node.physical));
  if (node.physical === 'FIXED_LEN_BYTE_ARRAY') out.field(2, T.i32).int(node.typeLength);
  // the root has none
  if (node !== meta.schema.root) out.field(3, T.i32).int(REPETITIONS.indexOf(node.repetition));
  out.field(4, T.binary).binary(utf8.encode(node.name));
  if (node.physical === null) out.field(5, T.i32).int(node.children.length);
  const change = changeOf(stored, options);
  if (change === 'none') writeMeaning(out, meta.footer, node);
  else if (change === 'text') {
    out.field(6, T.i32).int(CONVERTED.utf8);
    out.field(10, T.struct).field(LOGICAL.string, T.struct, 0).stop().stop();
  }
  w.stop();
}

function writeMeaning(out: ElementWriter, footer: Uint8Array, { stored, logical }: SchemaNode): void {
  const { converted, logicalAt } = stored;
  if (converted >= 0 && converted <= CONVERTED.last) out.field(6, T.i32).int(converted);
  if (logical?.kind === 'decimal') {
    out.field(7, T.i32).int(logical.scale);
    out.field(8, T.i32).int(logical.precision);
  }
  if (logicalAt !== null) out.field(10, T.struct).raw(footer.subarray(logicalAt.start, logicalAt.end));
}

function nodesOf(root: SchemaNode): SchemaNode[] {
  const out: SchemaNode[] = [];
  const add = (node: SchemaNode): void => {
    out.push(node);
    node.children.forEach(add);
  };
  add(root);
  return out;
}

function writeRowGroup(w: ThriftWriter, meta: ParquetMetadata, index: number, keepInt96: boolean): void {
  const chunks = meta.columns(index).map((chunk) => {
    const leaf = announced(meta.schema.leaves[chunk!.leaf]!, keepInt96);
    const { valueCount, start, end, dataPageOffset, dictionaryPageOffset } = chunk!;
    const place = { valueCount, start, end, dataAt: dataPageOffset, dictionaryAt: dictionaryPageOffset };
    return chunkStruct(chunk!, leaf, place);
  });
  const { rowCount, totalByteSize } = meta.rowGroup(index);
  w.raw(rowGroupStruct(chunks, rowCount, totalByteSize));
}

export interface DecoderFooterOptions {
  /** INT96 as the library reads it by itself, which alone knows its time zone. */
  readonly keepInt96: boolean;
  /** Text comes as binary, and is not looked at. */
  readonly textAsBytes: boolean;
  /** With the Arrow types that the writer left beside its data. */
  readonly arrowSchema: boolean;
}

/** `footer`: thrift FileMetaData. Errors: PARQUET_CORRUPT. */
export function decoderFooter(footer: Uint8Array, options: DecoderFooterOptions): Uint8Array {
  const meta = parseMetadata(footer);
  const { keepInt96 } = options;
  const w = new ThriftWriter();
  w.field(1, T.i32, 0).int(1);
  const nodes = nodesOf(meta.schema.root);
  w.field(2, T.list, 1).list(T.struct, nodes.length);
  for (const node of nodes) writeElement(w, meta, node, options);
  w.field(3, T.i64, 2).int(meta.rowCount);
  w.field(4, T.list, 3).list(T.struct, meta.rowGroupCount);
  for (let g = 0; g < meta.rowGroupCount; g++) writeRowGroup(w, meta, g, keepInt96);
  const arrow = options.arrowSchema ? meta.keyValue(ARROW_SCHEMA) : null;
  if (arrow !== null) {
    w.field(5, T.list, 4).list(T.struct, 1);
    w.field(1, T.binary, 0).binary(utf8.encode(ARROW_SCHEMA));
    w.field(2, T.binary, 1)
      .binary(utf8.encode(options.textAsBytes ? textFieldsAsBinary(arrow) : arrow))
      .stop();
  }
  return w.stop().finish();
}
