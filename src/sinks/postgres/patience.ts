// Waiting with an end.

/** Rejects with what `onLate` returns when `promise` takes longer; `promise` is not waited for any more. */
export function within<T>(promise: Promise<T>, timeoutMs: number, onLate: () => unknown): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => {
      // The answer may be there and only not read yet, when this thread itself was busy.
      setImmediate(() => {
        if (!settled) reject(onLate());
      });
    }, timeoutMs);
    let settled = false;
    const settle = (): void => {
      settled = true;
      clearTimeout(timer);
    };
    promise.then(
      (value) => {
        settle();
        resolve(value);
      },
      (error: unknown) => {
        settle();
        reject(error);
      },
    );
  });
}

/**
 * An answer may take long: silence alone is no failure. After each `stallTimeoutMs` without one `isWorking` is asked, and
 * when that says no, what `giveUp` returns is thrown.
 */
export async function patiently<T>(
  answer: Promise<T>,
  stallTimeoutMs: number,
  isWorking: () => Promise<boolean>,
  giveUp: () => unknown,
): Promise<T> {
  for (;;) {
    const late = Symbol('late');
    const first = await within(answer, stallTimeoutMs, () => late).catch((error: unknown) => {
      if (error === late) return late;
      throw error;
    });
    if (first !== late) return first as T;
    if (!(await isWorking())) {
      // What comes after all is nobody's any more.
      answer.catch(() => undefined);
      throw giveUp();
    }
  }
}
