// One primitive column below a list, map or struct: its levels, and its values with a place for each slot. Rows can go over page
// borders, so pages wait in line until the rows that need them are whole.
import type { ArrowColumn, ArrowType } from '../../../model/index.ts';
import type { SchemaNode } from '../../schema.ts';
import type { Leaf } from '../batch-column.ts';
import { WORD_SLACK } from '../copy-words.ts';
import { decoderOf, type ValueDecoder } from '../encodings/index.ts';
import { findLevels } from '../levels.ts';
import type { RawPage } from '../raw-page.ts';
import { corruptPage, ENCODING, isDictionaryEncoding, type ValueReader } from '../values.ts';
import type { Entries, LeafResult } from './assemble.ts';
import { LevelWindow } from './level-window.ts';
import { newSpace, PageSpaces } from './page-spaces.ts';

interface WaitingPage {
  readonly body: Uint8Array;
  readonly at: number;
  readonly end: number;
  readonly encoding: number;
  readonly decoder: ValueDecoder | null;
  /** Entries that are decoded and not taken. */
  entries: number;
  isStarted: boolean;
}

/** Bytes that an entry of a batch takes beside its value. */
const ENTRY_BYTES = 8;

export interface NestedLeafOptions {
  readonly leaf: SchemaNode;
  readonly type: ArrowType;
  readonly reader: ValueReader;
  /** Definition level from which on an entry is a slot: an element of the innermost list, if there is one. */
  readonly slotDefinition: number;
  readonly mostEntries: number;
}

export class NestedLeaf implements Leaf, LeafResult {
  readonly name: string;
  readonly #options: NestedLeafOptions;
  readonly #window: LevelWindow;
  readonly #pages: WaitingPage[] = [];
  readonly #spaces = new PageSpaces();
  readonly #decoders = new Map<number, ValueDecoder | null>();
  #dictionary = new Uint8Array(0);
  #hasDictionary = false;
  /** Rows to pass over before the first that is wanted. */
  #toSkip = 0;
  /** Levels of the batch. */
  #repetition = new Int32Array(0);
  #definition = new Int32Array(0);
  #count = 0;
  /** Slots of the batch, and which of them have values. */
  #slots = 0;
  #capacity = 0;
  #nullCount = 0;
  #bitmap = new Uint8Array(0);

  constructor(options: NestedLeafOptions) {
    this.#options = options;
    this.name = options.leaf.path.join('.');
    this.#window = new LevelWindow(options.leaf, options.mostEntries);
  }

  get rowsLeft(): number {
    this.#lookAhead();
    return this.#window.rows;
  }

  get hasDictionary(): boolean {
    return this.#hasDictionary;
  }

  get heldBytes(): number {
    return this.#dictionary.length + this.#spaces.bytes;
  }

  /** Rows that began in the page that was started last, once it is decoded; otherwise null. */
  get rowsOfPage(): number | null {
    return this.#window.isPageDecoded ? this.#window.rowsBegun : null;
  }

  get variableBytes(): number {
    return this.#options.reader.variableBytes + ENTRY_BYTES * this.#count;
  }

  pageSpace(size: number): Uint8Array {
    return this.#spaces.take(size);
  }

  dictionarySpace(size: number): Uint8Array {
    if (this.#dictionary.length < size + WORD_SLACK) this.#dictionary = newSpace(size);
    return this.#dictionary;
  }

  startChunk(): void {
    this.#hasDictionary = false;
    for (const { body } of this.#pages.splice(0)) this.#spaces.giveBack(body);
    this.#toSkip = 0;
    this.#window.startChunk();
  }

  startDictionary(raw: RawPage, bytes: Uint8Array): void {
    if (raw.header.encoding !== ENCODING.plain && raw.header.encoding !== ENCODING.plainDictionary) {
      throw corruptPage('its dictionary has an unknown encoding');
    }
    // values of pages that wait refer to the dictionary before
    if (this.#hasDictionary) throw corruptPage('the column has more than one dictionary');
    this.#options.reader.startDictionary(bytes.subarray(0, raw.bodyBytes), raw.header.valueCount);
    this.#hasDictionary = true;
  }

  startPage(raw: RawPage, body: Uint8Array): void {
    const { encoding, valueCount, kind } = raw.header;
    if (isDictionaryEncoding(encoding) && !this.#hasDictionary)
      throw corruptPage('its dictionary is missing');
    const levels = findLevels(raw, body, this.#options.leaf);
    this.#pages.push({
      body,
      at: levels.valuesAt,
      end: raw.bodyBytes,
      encoding,
      decoder: this.#decoderOf(encoding),
      entries: 0,
      isStarted: false,
    });
    // only old pages may end within a row
    if (kind === 'data-v2') this.#window.closeRow();
    this.#window.startPage(levels, valueCount);
  }

  #decoderOf(encoding: number): ValueDecoder | null {
    let decoder = this.#decoders.get(encoding);
    if (decoder === undefined) {
      decoder = decoderOf(encoding, this.#options.leaf);
      this.#decoders.set(encoding, decoder);
    }
    return decoder;
  }

  endChunk(): boolean {
    this.#lookAhead();
    const made = this.#window.isPageDecoded && this.#window.closeRow();
    this.#lookAhead();
    return made && this.#window.rows > 0;
  }

  /** What was decoded ends with a row. */
  protected closeRow(): void {
    this.#window.closeRow();
  }

  /** Passes over `rows` rows from here on, whenever their pages come. */
  skip(rows: number): void {
    this.#toSkip += rows;
  }

  #lookAhead(): void {
    for (;;) {
      const decoded = this.#window.lookAhead();
      const last = this.#pages.at(-1);
      if (last !== undefined) last.entries += decoded;
      const skipped = Math.min(this.#toSkip, this.#window.rows);
      if (skipped === 0) return;
      this.#toSkip -= skipped;
      this.#take(skipped, false);
    }
  }

  /** Rows whose values fit into `bytes` as far as dictionary entries and decoders bound them; at least one. */
  mostRows(bytes: number): number {
    const { longest, variableBytes } = this.#options.reader;
    const { decoder = null } = this.#head() ?? {};
    if (longest === 0 && decoder === null) return Number.POSITIVE_INFINITY;
    if (this.#window.rows === 0) return 1;
    const left = Math.max(0, bytes - variableBytes);
    const byDictionary = longest === 0 ? Number.POSITIVE_INFINITY : Math.floor(left / longest);
    const byDecoder = decoder === null ? Number.POSITIVE_INFINITY : decoder.most(left);
    return this.#window.rowsWithin(Math.min(byDictionary, byDecoder));
  }

  begin(rows: number): void {
    this.#count = 0;
    this.#slots = 0;
    this.#nullCount = 0;
    this.#bitmap.fill(0);
    this.#capacity = Math.max(this.#capacity, rows);
    this.#options.reader.begin(this.#capacity);
  }

  append(rows: number): void {
    this.#take(rows, true);
  }

  /** The page whose values are next, its values begun. */
  #head(): WaitingPage | undefined {
    while (this.#pages.length > 1 && this.#pages[0]!.entries === 0)
      this.#spaces.giveBack(this.#pages.shift()!.body);
    const page = this.#pages[0];
    if (page === undefined || page.isStarted) return page;
    page.isStarted = true;
    const { body, at, end, encoding, decoder } = page;
    if (decoder === null) this.#options.reader.startPage(body, at, end, encoding);
    else decoder.start(body, at, end);
    return page;
  }

  #take(rows: number, isWanted: boolean): void {
    let from = this.#window.from;
    for (let left = this.#window.entriesOf(rows); left > 0; ) {
      const page = this.#head()!;
      const count = Math.min(left, page.entries);
      if (isWanted) this.#appendEntries(page, from, count);
      else this.#skipEntries(page, from, count);
      page.entries -= count;
      from += count;
      left -= count;
    }
    this.#window.take(rows);
  }

  #skipEntries({ decoder }: WaitingPage, from: number, count: number): void {
    const { definition } = this.#window;
    const { maxDefinition } = this.#options.leaf;
    let values = 0;
    for (let e = from; e < from + count; e++) if (definition[e] === maxDefinition) values++;
    (decoder ?? this.#options.reader).skip(values);
  }

  #appendEntries({ decoder }: WaitingPage, from: number, count: number): void {
    this.#room(count);
    const { repetition, definition } = this.#window;
    this.#repetition.set(repetition.subarray(from, from + count), this.#count);
    this.#definition.set(definition.subarray(from, from + count), this.#count);
    this.#count += count;
    const { reader, slotDefinition, leaf } = this.#options;
    const present = leaf.maxDefinition;
    const start = this.#slots;
    let slots = start;
    let values = 0;
    for (let e = from; e < from + count; e++) {
      const level = definition[e]!;
      if (level < slotDefinition) continue;
      if (level === present) {
        this.#bitmap[slots >> 3]! |= 1 << (slots & 7);
        values++;
      }
      slots++;
    }
    if (decoder !== null) {
      const size = decoder.next(values);
      reader.startPage(decoder.out, 0, size, ENCODING.plain);
    }
    reader.append(slots - start, values, this.#bitmap);
    this.#slots = slots;
    this.#nullCount += slots - start - values;
  }

  /** Room for `count` entries more in the batch. */
  #room(count: number): void {
    const needed = this.#count + count;
    if (needed > this.#repetition.length) {
      const size = Math.max(needed, 2 * this.#repetition.length);
      this.#repetition = grown(this.#repetition, this.#count, size);
      this.#definition = grown(this.#definition, this.#count, size);
      const bits = new Uint8Array((size + 7) >> 3);
      bits.set(this.#bitmap);
      this.#bitmap = bits;
    }
    if (this.#slots + count > this.#capacity) {
      this.#capacity = Math.max(this.#slots + count, 2 * this.#capacity);
      this.#options.reader.grow(this.#capacity);
    }
  }

  get entries(): Entries {
    return { repetition: this.#repetition, definition: this.#definition, count: this.#count };
  }

  column(): ArrowColumn {
    const { type, reader } = this.#options;
    const isNull = type.id === 'null';
    return {
      type,
      length: this.#slots,
      offset: 0,
      nullCount: isNull ? this.#slots : this.#nullCount,
      validity: isNull || this.#nullCount === 0 ? null : this.#bitmap.subarray(0, (this.#slots + 7) >> 3),
      ...reader.buffers(type),
      children: [],
      dictionary: null,
    };
  }
}

function grown(array: Int32Array<ArrayBuffer>, keep: number, size: number): Int32Array<ArrayBuffer> {
  const out = new Int32Array(size);
  out.set(array.subarray(0, keep));
  return out;
}
