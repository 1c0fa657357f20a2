// What a worker keeps of the files it read last: the descriptor and the footer without its row groups.
import { ParloadError } from '../../errors/index.ts';
import { type KeptGroups, projectFooter } from '../../parquet/index.ts';
import { MiB } from '../../runtime/index.ts';
import type { StoredObject, Stores } from '../../storage/index.ts';
import type { InputTicket, SliceDetail } from './ticket.ts';

/** Files open at once in one worker; slices of one file mostly come together. */
const KEPT_FILES = 4;
/** Where a read costs a round trip, a footer of this size is kept whole. */
const WHOLE_FOOTER_BYTES = MiB;

const changed = (uri: string): ParloadError =>
  new ParloadError('SOURCE_CHANGED', `${uri} was modified since it was planned`, { where: { input: uri } });

/** A planned file, opened in a worker. */
export class OpenFile {
  readonly object: StoredObject;
  readonly #input: InputTicket;
  /** The footer up to its row groups, and behind them. */
  readonly #head: Uint8Array;
  readonly #tail: Uint8Array;
  readonly #whole: Uint8Array | null;

  private constructor(
    object: StoredObject,
    input: InputTicket,
    parts: readonly Uint8Array[],
    whole: Uint8Array | null,
  ) {
    this.object = object;
    this.#input = input;
    this.#head = parts[0]!;
    this.#tail = parts[1]!;
    this.#whole = whole;
  }

  static async open(stores: Stores, input: InputTicket): Promise<OpenFile> {
    const object = await stores.open(input.uri, input).catch((error: unknown) => {
      // it was there when it was planned
      throw ParloadError.is(error) && error.code === 'SOURCE_NOT_FOUND' ? changed(input.uri) : error;
    });
    try {
      if (object.version !== input.version) throw changed(input.uri);
      const { start, length } = input.footer;
      const { rowGroups } = input.layout;
      if (object.expect !== undefined && length <= WHOLE_FOOTER_BYTES) {
        const whole = await object.read(start, start + length);
        const parts = [whole.subarray(0, rowGroups.start), whole.subarray(rowGroups.end)];
        return new OpenFile(object, input, parts, whole);
      }
      const parts = await Promise.all([
        object.read(start, start + rowGroups.start),
        object.read(start + rowGroups.end, start + length),
      ]);
      return new OpenFile(object, input, parts, null);
    } catch (error) {
      await object.close();
      throw error;
    }
  }

  /** A footer with only the row groups of one slice; reads only their part of the file's footer. */
  async footerFor(detail: SliceDetail): Promise<Uint8Array> {
    const { footer, layout } = this.#input;
    const [from, to] = detail.footer;
    const groups: KeptGroups = {
      bytes:
        this.#whole?.subarray(from, to) ?? (await this.object.read(footer.start + from, footer.start + to)),
      count: detail.rowGroups[1] - detail.rowGroups[0] + 1,
      rowCount: detail.groupRows,
    };
    const { end } = layout.rowGroups;
    const bytes = ({ start, end: stop }: { start: number; end: number }): Uint8Array =>
      start >= end ? this.#tail.subarray(start - end, stop - end) : this.#head.subarray(start, stop);
    return projectFooter({ bytes, length: footer.length, layout }, groups);
  }

  async close(): Promise<void> {
    await this.object.close();
  }
}

export class OpenFiles {
  readonly #files = new Map<string, OpenFile>();
  readonly #stores: Stores;

  constructor(stores: Stores) {
    this.#stores = stores;
  }

  /** The file, verified to be the planned one. */
  async get(input: InputTicket): Promise<OpenFile> {
    const known = this.#files.get(input.id);
    if (known !== undefined) {
      this.#files.delete(input.id);
      this.#files.set(input.id, known);
      await known.object.verify();
      return known;
    }
    while (this.#files.size >= KEPT_FILES) {
      const [oldest] = this.#files;
      this.#files.delete(oldest![0]);
      await oldest![1].close();
    }
    const file = await OpenFile.open(this.#stores, input);
    this.#files.set(input.id, file);
    return file;
  }

  async close(): Promise<void> {
    const files = [...this.#files.values()];
    this.#files.clear();
    for (const file of files) await file.close();
    await this.#stores.close();
  }
}
