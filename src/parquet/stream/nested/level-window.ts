// Levels of a leaf that are decoded and not yet taken: whole rows, and the beginning of one that may go on in the next page.
import { ParloadError } from '../../../errors/index.ts';
import type { SchemaNode } from '../../schema.ts';
import { HybridReader } from '../hybrid.ts';
import { levelWidth, type PageLevels, type Runs } from '../levels.ts';
import { corruptPage } from '../values.ts';

/** Entries decoded at a time. */
const BLOCK = 4096;
/** Whole rows that are looked for ahead. */
const ROWS_AHEAD = 1024;

export class LevelWindow {
  readonly #leaf: SchemaNode;
  readonly #mostEntries: number;
  readonly #repetitions = new HybridReader();
  readonly #definitions = new HybridReader();
  #hasRepetitions = false;
  #hasDefinitions = false;
  repetition = new Int32Array(0);
  definition = new Int32Array(0);
  /** Entries of the window: `from <= e < to` of the arrays. */
  from = 0;
  #to = 0;
  /** Entries of the page that are not decoded. */
  #left = 0;
  /** Where whole rows end in the arrays; those before `#taken` are gone. */
  #ends: number[] = [];
  #taken = 0;
  #isOpen = false;
  /** Rows that began in the page. */
  #begun = 0;

  /** A row of more entries than `mostEntries` is refused. */
  constructor(leaf: SchemaNode, mostEntries: number) {
    this.#leaf = leaf;
    this.#mostEntries = mostEntries;
  }

  startChunk(): void {
    this.from = 0;
    this.#to = 0;
    this.#left = 0;
    this.#ends = [];
    this.#taken = 0;
    this.#isOpen = false;
  }

  /** All of the page before it must be decoded. */
  startPage(levels: PageLevels, entries: number): void {
    const { maxRepetition, maxDefinition } = this.#leaf;
    this.#hasRepetitions = reset(this.#repetitions, levels.repetition, maxRepetition);
    this.#hasDefinitions = reset(this.#definitions, levels.definition, maxDefinition);
    this.#left = entries;
    this.#begun = 0;
  }

  /** Entries decoded so far. */
  get ahead(): number {
    return this.#to - this.from;
  }

  get isPageDecoded(): boolean {
    return this.#left === 0;
  }

  /** Rows that began in the page, as far as it is decoded. */
  get rowsBegun(): number {
    return this.#begun;
  }

  /** Whole rows. Decodes more when there are few; returns how many entries that were. */
  lookAhead(): number {
    let decoded = 0;
    while (this.#left > 0 && this.rows < ROWS_AHEAD && !(this.rows > 0 && this.ahead >= 16 * BLOCK)) {
      const count = Math.min(BLOCK, this.#left);
      this.#decode(count);
      decoded += count;
    }
    return decoded;
  }

  get rows(): number {
    return this.#ends.length - this.#taken;
  }

  /** The row that was begun is whole. */
  closeRow(): boolean {
    if (!this.#isOpen) return false;
    this.#ends.push(this.#to);
    this.#isOpen = false;
    return true;
  }

  /** Entries of the next `rows` whole rows. */
  entriesOf(rows: number): number {
    return rows === 0 ? 0 : this.#ends[this.#taken + rows - 1]! - this.from;
  }

  /** How many of the next whole rows have at most `entries` entries together; at least one. */
  rowsWithin(entries: number): number {
    let rows = 1;
    while (rows < this.rows && this.entriesOf(rows + 1) <= entries) rows++;
    return rows;
  }

  take(rows: number): void {
    this.from += this.entriesOf(rows);
    this.#taken += rows;
  }

  #decode(count: number): void {
    this.#room(count);
    const [from, to] = [this.#to, this.#to + count];
    if (this.#hasRepetitions) this.#repetitions.read(this.repetition, from, count);
    else this.repetition.fill(0, from, to);
    if (this.#hasDefinitions) this.#definitions.read(this.definition, from, count);
    else this.definition.fill(0, from, to);
    this.#to = to;
    this.#left -= count;
    if (this.#leaf.maxRepetition > 0) this.#findRows(from, to);
    else {
      for (let e = from; e < to; e++) this.#ends.push(e + 1);
      this.#begun += count;
    }
  }

  #findRows(from: number, to: number): void {
    for (let e = from; e < to; e++) {
      if (this.repetition[e] === 0) {
        if (this.#isOpen) this.#ends.push(e);
        this.#isOpen = true;
        this.#begun++;
      } else if (!this.#isOpen) throw corruptPage('it goes on with a row that has ended');
    }
  }

  /** Room for `count` entries more: what was taken makes place first. */
  #room(count: number): void {
    if (this.#to + count <= this.repetition.length) return;
    const ahead = this.ahead;
    if (ahead > this.#mostEntries) {
      throw new ParloadError(
        'PARQUET_UNSUPPORTED',
        `a row of over ${ahead} elements does not fit into memory`,
        {
          hint: 'Raise --memory or use fewer --workers.',
        },
      );
    }
    const size = ahead + count <= this.repetition.length / 2 ? this.repetition.length : 2 * (ahead + count);
    this.repetition = moved(this.repetition, this.from, this.#to, size);
    this.definition = moved(this.definition, this.from, this.#to, size);
    const ends = this.#ends.slice(this.#taken);
    for (let i = 0; i < ends.length; i++) ends[i]! -= this.from;
    this.#ends = ends;
    this.#taken = 0;
    this.#to = ahead;
    this.from = 0;
  }
}

function reset(reader: HybridReader, runs: Runs | null, most: number): boolean {
  if (runs !== null) reader.reset(runs.bytes, runs.at, runs.end, levelWidth(most), most);
  return runs !== null;
}

function moved(
  array: Int32Array<ArrayBuffer>,
  from: number,
  to: number,
  size: number,
): Int32Array<ArrayBuffer> {
  if (size === array.length) return array.copyWithin(0, from, to);
  const out = new Int32Array(size);
  out.set(array.subarray(from, to));
  return out;
}
