/**
 * A trap inside of an asynchronous call is thrown in a microtask of wasm-bindgen's, and the call's promise never settles:
 * so this thread's uncaught exceptions are watched meanwhile.
 */
export async function untilTrap<T>(call: Promise<T>): Promise<T> {
  let onError: (error: unknown) => void = () => {};
  const trapped = new Promise<never>((_, reject) => {
    onError = (error) => {
      if (error instanceof WebAssembly.RuntimeError) reject(error);
      else {
        // not ours to catch
        process.off('uncaughtException', onError);
        setImmediate(() => {
          throw error;
        });
      }
    };
  });
  process.on('uncaughtException', onError);
  try {
    return await Promise.race([call, trapped]);
  } finally {
    process.off('uncaughtException', onError);
  }
}
