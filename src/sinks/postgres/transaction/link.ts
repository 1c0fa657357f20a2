// The worker's end of a slice's way to the main thread: buffers go out full and come back empty.
import { fromWire, ParloadError } from '../../../errors/index.ts';
import type { RelayPort } from '../../../model/index.ts';
import type { FromMain, FromWorker } from './messages.ts';

type Answer = Exclude<FromMain['type'], 'taken' | 'failed'>;

export class Link {
  readonly #port: RelayPort;
  readonly #free: ArrayBuffer[];
  readonly #answers: Answer[] = [];
  #error: ParloadError | null = null;
  #wake: () => void = () => undefined;

  /** `buffers`: empty ones, used in turn. */
  constructor(port: RelayPort, buffers: ArrayBuffer[]) {
    this.#port = port;
    this.#free = buffers;
    port.onMessage((message) => this.#hear(message as FromMain));
    port.onClose(() => {
      this.#error ??= new ParloadError('LOAD_UNDONE', 'the main thread let go of the slice');
      this.#wake();
    });
  }

  post(message: FromWorker, transfer: readonly ArrayBuffer[] = []): void {
    this.#port.post(message, transfer);
  }

  /** The next empty buffer: this is where backpressure is felt. */
  async buffer(): Promise<ArrayBuffer> {
    await this.#until(() => this.#free.length > 0);
    return this.#free.shift()!;
  }

  async answer(): Promise<Answer> {
    await this.#until(() => this.#answers.length > 0);
    return this.#answers.shift()!;
  }

  close(): void {
    this.#port.close();
  }

  #hear(message: FromMain): void {
    if (message.type === 'taken') {
      if (message.buffer !== null) this.#free.push(message.buffer);
    } else if (message.type === 'failed') this.#error ??= fromWire(message.error);
    else this.#answers.push(message.type);
    this.#wake();
  }

  async #until(there: () => boolean): Promise<void> {
    for (;;) {
      if (this.#error !== null) throw this.#error;
      if (there()) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
