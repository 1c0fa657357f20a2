// Encoded bytes to CopyData frames, into a socket that takes everything at once: what our own code costs a byte.
import type { Socket } from 'node:net';
import { MiB } from '../../src/runtime/index.ts';
import { CopyFrames } from '../../src/sinks/postgres/copy-frames.ts';
import { FRAME_HEAD, FrameBuffers } from '../../src/sinks/postgres/frame-buffers.ts';
import type { Kernel } from './measure.ts';

const ROUND_BYTES = 64 * MiB;

/** Only what COPY uses of a socket. */
const hungrySocket = (): Socket =>
  ({
    write: (_bytes: Uint8Array, done: () => void) => {
      queueMicrotask(done);
      return true;
    },
    setTimeout: () => undefined,
    on: () => undefined,
    off: () => undefined,
  }) as unknown as Socket;

const openCopy = (): CopyFrames =>
  new CopyFrames('copy', {
    socket: hungrySocket(),
    buffers: new FrameBuffers(2 * MiB),
    stop: { level: () => 0 },
    stallTimeoutMs: 60_000,
    destroy: () => undefined,
  });

export const framingKernels: readonly Kernel[] = [
  {
    // The way of rows: they are encoded into the block, so framing adds the head and the hand-over alone.
    name: 'framing in place',
    unit: 'bytes',
    prepare: async () => {
      const copy = openCopy();
      return {
        round: async () => {
          for (let sent = 0; sent < ROUND_BYTES; sent += MiB) {
            copy.advance(FRAME_HEAD + MiB);
            await copy.flush();
          }
          return ROUND_BYTES;
        },
      };
    },
  },
  {
    // The way of a row bigger than a block: it is copied.
    name: 'framing copied',
    unit: 'bytes',
    prepare: async () => {
      const copy = openCopy();
      const row = new Uint8Array(4 * MiB);
      return {
        round: async () => {
          for (let sent = 0; sent < ROUND_BYTES; sent += row.length) await copy.append(row);
          return ROUND_BYTES;
        },
      };
    },
  },
];
