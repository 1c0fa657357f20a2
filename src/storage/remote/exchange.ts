// One request and its answer. The body goes where the receiver says, chunk by chunk, without a stream in between.
import type { Dispatcher } from 'undici';

/** A request, addressed and authorised as of now. */
export interface Prepared {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  readonly origin: string;
  /** Encoded, with the query. May hold a signature: never shown. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | null;
}

export interface AnswerHead {
  readonly status: number;
  /** By names in lower case; several of one name are joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface Answer extends AnswerHead {
  /** What no receiver took: error messages, listings. Cut at `MOST_BODY_BYTES`. */
  readonly body: Uint8Array;
  readonly isCut: boolean;
}

/** Takes a body. What it throws ends the exchange and comes out of it unchanged. */
export interface Receiver {
  /** Bytes taken so far, over all attempts. */
  readonly received: number;
  /** True: the body is for `take`. False: it is collected. */
  begin(head: AnswerHead): boolean;
  take(chunk: Uint8Array): void;
}

const MOST_BODY_BYTES = 16 * 1024 * 1024;

const flat = (headers: Record<string, string | string[] | undefined>): Record<string, string> => {
  const out: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) out[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return out;
};

const NOTHING: AnswerHead = { status: 0, headers: {} };

class Handler implements Dispatcher.DispatchHandler {
  readonly #receiver: Receiver | null;
  readonly #resolve: (answer: Answer) => void;
  readonly #reject: (error: unknown) => void;
  #head = NOTHING;
  #takes = false;
  #body: Uint8Array[] = [];
  #bytes = 0;
  #isCut = false;
  #failure: unknown = null;

  constructor(
    receiver: Receiver | null,
    resolve: (answer: Answer) => void,
    reject: (error: unknown) => void,
  ) {
    this.#receiver = receiver;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  onRequestStart(): void {}

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    // what precedes the answer, as 100 Continue
    if (status < 200) return;
    this.#guard(controller, () => {
      this.#head = { status, headers: flat(headers) };
      this.#takes = this.#receiver?.begin(this.#head) ?? false;
    });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (this.#failure !== null) return;
    this.#guard(controller, () => {
      if (this.#takes) this.#receiver!.take(chunk);
      else if (this.#bytes + chunk.length <= MOST_BODY_BYTES) {
        // a copy: the chunk is a view of a large buffer, which would live as long as it
        this.#body.push(Uint8Array.from(chunk));
        this.#bytes += chunk.length;
      } else this.#isCut = true;
    });
  }

  onResponseEnd(): void {
    if (this.#failure !== null) this.#reject(this.#failure);
    else this.#resolve({ ...this.#head, body: Buffer.concat(this.#body), isCut: this.#isCut });
  }

  onResponseError(_controller: unknown, error: Error): void {
    this.#reject(this.#failure ?? error);
  }

  #guard(controller: Dispatcher.DispatchController, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#failure = error;
      controller.abort(error instanceof Error ? error : new Error(String(error)));
    }
  }
}

/** Rejects with what the receiver threw, or with undici's error. */
export function exchange(
  dispatcher: Dispatcher,
  request: Prepared,
  receiver: Receiver | null,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    dispatcher.dispatch(
      {
        origin: request.origin,
        path: request.path,
        method: request.method,
        headers: request.headers,
        body: request.body ?? null,
      },
      new Handler(receiver, resolve, reject),
    );
  });
}
