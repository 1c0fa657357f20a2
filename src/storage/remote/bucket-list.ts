// ListObjectsV2, page by page.
import { ParloadError } from '../../errors/index.ts';
import type { BucketService } from './bucket-service.ts';
import type { Call, Caller } from './caller.ts';
import { elements, textOf } from './xml.ts';

export interface ListedKey {
  readonly key: string;
  readonly sizeBytes: number;
  /** Empty when the store does not say. */
  readonly etag: string;
}

/** A page has at most 1,000 keys, whatever is asked for. */
const PAGE_KEYS = '1000';

/** Names come encoded, because XML cannot hold every character; a plus is a space, as in a form. */
function decoded(text: string, isEncoded: boolean): string {
  if (!isEncoded) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

const odd = (uri: string, what: string): ParloadError =>
  new ParloadError('SOURCE_UNREADABLE', `${uri}: the store's listing ${what}`, {
    where: { input: uri },
    retryable: false,
  });

/** Keys of a bucket below a prefix, in the store's order. */
export async function* listKeys(
  caller: Caller,
  service: BucketService,
  bucket: string,
  prefix: string,
): AsyncGenerator<ListedKey, void, void> {
  const uri = `${service.scheme}://${bucket}/${prefix}`;
  let token: string | null = null;
  for (;;) {
    const query: Record<string, string> = {
      'list-type': '2',
      'encoding-type': 'url',
      'max-keys': PAGE_KEYS,
      ...(prefix === '' ? {} : { prefix }),
      ...(token === null ? {} : { 'continuation-token': token }),
    };
    const call: Call = { method: 'GET', uri, target: `${bucket}/`, query, headers: service.readHeaders };
    const answer = await caller.request(() => call);
    const xml = Buffer.from(answer.body).toString('utf8');
    if (answer.isCut || !/<ListBucketResult[\s>]/.test(xml)) throw odd(uri, 'is none');
    const isEncoded = textOf(xml, 'EncodingType')?.toLowerCase() === 'url';
    for (const entry of elements(xml, 'Contents')) {
      const key = decoded(textOf(entry, 'Key') ?? '', isEncoded);
      const size = textOf(entry, 'Size') ?? '';
      if (key === '' || !/^\d+$/.test(size)) throw odd(uri, 'has an entry without key or size');
      yield { key, sizeBytes: Number(size), etag: textOf(entry, 'ETag') ?? '' };
    }
    if (textOf(xml, 'IsTruncated') !== 'true') return;
    const next = textOf(xml, 'NextContinuationToken');
    if (next === null || next === '' || next === token) throw odd(uri, 'does not say how it goes on');
    token = next;
  }
}
