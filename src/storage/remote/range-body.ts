// The body of a range request, checked while it arrives: it goes on where an earlier attempt ended.
import { ParloadError } from '../../errors/index.ts';
import type { AnswerHead, Receiver } from './exchange.ts';
import { isSame, type Pin, pinOf } from './pin.ts';

export interface ContentRange {
  readonly start: number;
  /** Behind the last byte. */
  readonly end: number;
  /** Of the whole object; null when the server does not say. */
  readonly size: number | null;
}

/** `bytes 0-7/1234`; null when it is none. */
export function parseContentRange(text: string | undefined): ContentRange | null {
  const match = /^\s*bytes\s+(\d+)-(\d+)\/(\d+|\*)\s*$/i.exec(text ?? '');
  if (match === null) return null;
  const size = match[3] === '*' ? null : Number(match[3]);
  return { start: Number(match[1]), end: Number(match[2]) + 1, size };
}

export interface RangeRequest {
  readonly uri: string;
  readonly sizeBytes: number;
  readonly pin: Pin;
  /** First byte in the object. */
  readonly start: number;
  readonly into: Uint8Array;
  /** The version of an answer that fits. */
  readonly onSeen: (pin: Pin) => void;
}

export const changed = (uri: string, how: string): ParloadError =>
  new ParloadError('SOURCE_CHANGED', `${uri} ${how} since it was planned`, { where: { input: uri } });

/** The server answers something else than was asked; asked again it may not. */
const odd = (uri: string, what: string): ParloadError =>
  new ParloadError('SOURCE_UNREADABLE', `${uri}: the server ${what}`, {
    where: { input: uri },
    retryable: true,
    hint: 'Is a proxy or cache in between that changes answers? Nothing of it was used.',
  });

export const ignoresRanges = (uri: string): ParloadError =>
  new ParloadError('SOURCE_UNREADABLE', `${uri}: the server does not give parts of files (range requests)`, {
    where: { input: uri },
    retryable: false,
    hint: 'Parquet is read from its end and in parts. Add --spool to copy it to a temporary file first, or download it.',
  });

export class RangeBody implements Receiver {
  readonly #request: RangeRequest;
  #at = 0;

  constructor(request: RangeRequest) {
    this.#request = request;
  }

  get received(): number {
    return this.#at;
  }

  get isComplete(): boolean {
    return this.#at === this.#request.into.length;
  }

  /** The value of the Range header for what is missing. */
  get range(): string {
    const { start, into } = this.#request;
    return `bytes=${start + this.#at}-${start + into.length - 1}`;
  }

  begin(head: AnswerHead): boolean {
    const { uri, sizeBytes, start, into, pin } = this.#request;
    const from = start + this.#at;
    const end = start + into.length;
    // what these mean is the service's to say
    if (head.status !== 206 && head.status !== 200) return false;
    const seen = pinOf(head);
    if (!isSame(pin, seen)) throw changed(uri, 'was replaced');
    if (head.status === 200) {
      // all of it was wanted: then it is an answer
      if (from !== 0 || end !== sizeBytes) throw ignoresRanges(uri);
      if (Number(head.headers['content-length'] ?? end) !== end) throw changed(uri, 'has another size');
    } else {
      const range = parseContentRange(head.headers['content-range']);
      if (range === null) throw odd(uri, 'does not say which bytes it sends');
      if (range.size !== null && range.size !== sizeBytes) throw changed(uri, 'has another size');
      if (range.start !== from || range.end > end || range.end <= from) {
        throw odd(uri, `sends bytes ${range.start} to ${range.end} where ${from} to ${end} were asked for`);
      }
    }
    this.#request.onSeen(seen);
    return true;
  }

  take(chunk: Uint8Array): void {
    const { uri, into } = this.#request;
    if (this.#at + chunk.length > into.length) {
      // nothing that such a server sent is kept
      this.#at = 0;
      throw odd(uri, 'sends more bytes than were asked for');
    }
    into.set(chunk, this.#at);
    this.#at += chunk.length;
  }
}

/** An answer that ended early without an error: the rest is asked for. */
export const endedEarly = (uri: string): ParloadError => odd(uri, 'sends fewer bytes than were asked for');
