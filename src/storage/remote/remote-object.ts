// An object behind HTTP as random-access bytes. Every read says which version it means.
import { ParloadError } from '../../errors/index.ts';
import { allSettled, type ByteRange } from '../../runtime/index.ts';
import { MiB } from '../../runtime/units.ts';
import type { KnownObject, StoredObject } from '../storage.ts';
import type { Call, Caller } from './caller.ts';
import { conditions, joinPins, type Pin, parseVersion, versionText } from './pin.ts';
import { changed, endedEarly, RangeBody } from './range-body.ts';
import { ReadAhead, type ReadAheadBudget } from './read-ahead.ts';

/** A longer read is made in parts, side by side: one connection alone does not fill a fast line. */
const PART_BYTES = 4 * MiB;
const PARTS_AT_ONCE = 4;

export interface RemoteTarget {
  /** Without secrets. */
  readonly uri: string;
  /** For `Call.target`. */
  readonly target: string;
  /** Headers of each read. */
  readonly headers?: Readonly<Record<string, string>>;
}

export class RemoteObject implements StoredObject {
  readonly uri: string;
  readonly sizeBytes: number;
  readonly #caller: Caller;
  readonly #target: RemoteTarget;
  readonly #ahead: ReadAhead;
  #pin: Pin;

  constructor(caller: Caller, target: RemoteTarget, known: KnownObject, budget: ReadAheadBudget) {
    this.uri = target.uri;
    this.sizeBytes = known.sizeBytes;
    this.#caller = caller;
    this.#target = target;
    this.#pin = parseVersion(known.version);
    this.#ahead = new ReadAhead((start, into) => this.#fetch(start, into), budget);
  }

  /** Grows by what the first answer tells, as the id of the version. */
  get version(): string {
    return versionText(this.#pin);
  }

  async read(start: number, end: number): Promise<Uint8Array> {
    this.#check(start, end);
    const bytes = new Uint8Array(end - start);
    await this.readInto(start, bytes);
    return bytes;
  }

  async readInto(start: number, into: Uint8Array): Promise<void> {
    this.#check(start, start + into.length);
    await (this.#ahead.take(start, into) ?? this.#fetch(start, into));
  }

  expect(ranges: readonly ByteRange[]): void {
    this.#ahead.expect(ranges.filter(({ start, end }) => start >= 0 && end <= this.sizeBytes));
  }

  /** Nothing to ask: each read that was answered was of this version. */
  async verify(): Promise<void> {}

  async close(): Promise<void> {
    this.#ahead.clear();
  }

  async #fetch(start: number, into: Uint8Array): Promise<void> {
    if (into.length <= PART_BYTES) return this.#fetchPart(start, into);
    let at = 0;
    const work = async (): Promise<void> => {
      while (at < into.length) {
        const from = at;
        at = Math.min(into.length, from + PART_BYTES);
        await this.#fetchPart(start + from, into.subarray(from, at));
      }
    };
    await allSettled(Array.from({ length: PARTS_AT_ONCE }, work));
  }

  async #fetchPart(start: number, into: Uint8Array): Promise<void> {
    if (into.length === 0) return;
    const { uri, sizeBytes } = this;
    const body = new RangeBody({
      uri,
      sizeBytes,
      pin: this.#pin,
      start,
      into,
      onSeen: (seen) => {
        this.#pin = joinPins(this.#pin, seen);
      },
    });
    const callOf = (): Call => ({
      method: 'GET',
      uri,
      target: this.#target.target,
      headers: { ...this.#target.headers, ...conditions(this.#pin), range: body.range },
      accepts: [404, 410, 412, 416],
    });
    for (let tries = 0; !body.isComplete; ) {
      const before = body.received;
      const { status } = await this.#caller.request(callOf, body);
      if (status === 404 || status === 410) throw changed(uri, 'was removed');
      if (status === 412) throw changed(uri, 'was replaced');
      if (status === 416) throw changed(uri, 'has another size');
      tries = body.received > before ? 0 : tries + 1;
      if (tries > 2) throw endedEarly(uri);
    }
  }

  #check(start: number, end: number): void {
    if (start >= 0 && start <= end && end <= this.sizeBytes) return;
    throw new ParloadError(
      'PARQUET_CORRUPT',
      `bytes ${start} to ${end} are outside of ${this.uri}, which has ${this.sizeBytes} bytes`,
      { where: { input: this.uri } },
    );
  }
}
