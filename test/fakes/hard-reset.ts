import type { Socket } from 'node:net';

/**
 * A RST and nothing else. Node's own resetAndDestroy() ends the socket first, so that the other side mostly sees an
 * orderly FIN; the flag is what it sets for its destroy().
 */
export function hardReset(socket: Socket): void {
  if (socket.destroyed) return;
  if (socket.connecting) {
    socket.destroy();
    return;
  }
  (socket as Socket & { resetAndClosing: boolean }).resetAndClosing = true;
  socket.destroy();
}
