// A MessagePort as sinks see it: they know nothing of threads.
import type { RelayPort } from '../model/index.ts';

/** What is used of node's MessagePort. */
export interface ThreadPort {
  postMessage(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  close(): void;
}

export const toRelayPort = (port: ThreadPort): RelayPort => ({
  post: (message, transfer) => port.postMessage(message, transfer ?? []),
  onMessage: (listener) => void port.on('message', listener),
  onClose: (listener) => void port.on('close', listener),
  close: () => port.close(),
});
