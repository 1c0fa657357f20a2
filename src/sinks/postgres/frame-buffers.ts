// Two blocks, used in turn: one is filled while the kernel takes the other. Allocated once a session.
import { KiB, MiB } from '../../runtime/index.ts';

/** `d` and the length come before the bytes of a CopyData message. */
export const FRAME_HEAD = 5;
/** More than this brings no speed, only memory. */
const MAX_BLOCK_BYTES = MiB;
const MIN_BLOCK_BYTES = 16 * KiB;
const BLOCKS = 2;

export class FrameBuffers {
  readonly blockBytes: number;
  readonly #blocks: Uint8Array[] = [];

  constructor(bufferBytes: number) {
    this.blockBytes = Math.max(MIN_BLOCK_BYTES, Math.min(MAX_BLOCK_BYTES, Math.floor(bufferBytes / BLOCKS)));
  }

  get count(): number {
    return BLOCKS;
  }

  block(index: number): Uint8Array {
    this.#blocks[index] ??= Buffer.allocUnsafeSlow(FRAME_HEAD + this.blockBytes);
    return this.#blocks[index];
  }
}

/** Fills in the head of a frame that ends at `end`. */
export function sealFrame(block: Uint8Array, end: number): void {
  const length = end - 1;
  block[0] = 0x64;
  block[1] = length >>> 24;
  block[2] = length >>> 16;
  block[3] = length >>> 8;
  block[4] = length;
}
