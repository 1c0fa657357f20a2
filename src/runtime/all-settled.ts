/**
 * As Promise.all, but it waits for all of them also when one fails: what they write into may be used again only when none
 * of them writes any more.
 */
export async function allSettled(work: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
