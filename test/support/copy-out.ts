// What the server itself writes: COPY (query) TO STDOUT (FORMAT binary), as golden bytes made while the test runs.
import type pg from 'pg';

interface Connection {
  query(sql: string): void;
}

/** A pg Submittable that keeps every CopyData message; the server sends one a row. */
export function copyOut(client: pg.Client, query: string): Promise<Buffer[]> {
  return new Promise((resolve, reject) => {
    const messages: Buffer[] = [];
    let failure: Error | null = null;
    const submittable = {
      submit: (connection: Connection) => connection.query(`copy (${query}) to stdout (format binary)`),
      handleCopyOutResponse() {},
      handleCopyData(message: { chunk: Buffer }) {
        messages.push(Buffer.from(message.chunk));
      },
      handleCopyDone() {},
      handleCommandComplete() {},
      handleError(error: Error) {
        failure = error;
        reject(error);
      },
      handleReadyForQuery() {
        if (failure === null) resolve(messages);
      },
    };
    client.query(submittable as unknown as pg.Submittable);
  });
}
