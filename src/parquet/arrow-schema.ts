// The Arrow schema that Arrow's own writers leave in a Parquet file: an IPC message (a flatbuffer) in base64, under the
// key ARROW:schema. Only the types of its fields are touched, in place.

/** Members of the union Type in Arrow's Schema.fbs, text -> binary of the same layout. */
const AS_BINARY: ReadonlyMap<number, number> = new Map([
  [5, 4], // Utf8, Binary
  [20, 19], // LargeUtf8, LargeBinary
  [24, 23], // Utf8View, BinaryView
]);

/** Positions of fields in their tables. */
const MESSAGE_HEADER = 2;
const SCHEMA_FIELDS = 1;
const FIELD = { typeKind: 2, children: 5 } as const;

const CONTINUATION = 0xffffffff;
/** Fields can be shared by hostile bytes, so that a short message stands for a tree without end. */
const MOST_FIELDS = 1_000_000;

/** Where the value of a table's field lies; 0 when it has its default. */
function fieldAt(view: DataView, table: number, index: number): number {
  const vtable = table - view.getInt32(table, true);
  const entry = 4 + 2 * index;
  if (entry + 2 > view.getUint16(vtable, true)) return 0;
  const offset = view.getUint16(vtable + entry, true);
  return offset === 0 ? 0 : table + offset;
}

const follow = (view: DataView, at: number): number => at + view.getUint32(at, true);

/** The tables of a vector of tables. */
function tablesAt(view: DataView, at: number): number[] {
  if (at === 0) return [];
  const vector = follow(view, at);
  const count = view.getUint32(vector, true);
  if (4 * count > view.byteLength - vector) throw new RangeError('a vector is longer than the message');
  return Array.from({ length: count }, (_, i) => follow(view, vector + 4 + 4 * i));
}

function makeBinary(view: DataView): void {
  // a message begins with its length, in newer writers behind a marker
  const start = view.getUint32(0, true) === CONTINUATION ? 8 : 4;
  const header = fieldAt(view, follow(view, start), MESSAGE_HEADER);
  const open = header === 0 ? [] : tablesAt(view, fieldAt(view, follow(view, header), SCHEMA_FIELDS));
  for (let seen = 0; open.length > 0 && seen < MOST_FIELDS; seen++) {
    const field = open.pop()!;
    const kindAt = fieldAt(view, field, FIELD.typeKind);
    const binary = kindAt === 0 ? undefined : AS_BINARY.get(view.getUint8(kindAt));
    if (binary !== undefined) view.setUint8(kindAt, binary);
    open.push(...tablesAt(view, fieldAt(view, field, FIELD.children)));
  }
}

/** Base64 in, base64 out, with every text field as binary. What cannot be read comes back as it was. */
export function textFieldsAsBinary(encoded: string): string {
  const bytes = Buffer.from(encoded, 'base64');
  try {
    makeBinary(new DataView(bytes.buffer, bytes.byteOffset, bytes.length));
  } catch {
    return encoded;
  }
  return bytes.toString('base64');
}
