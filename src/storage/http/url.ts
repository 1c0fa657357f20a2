// A URL in two forms: what is shown and told apart by, and what is asked for.
import { createHash } from 'node:crypto';
import { ParloadError } from '../../errors/index.ts';
import { redactUri } from '../../runtime/index.ts';

/** What signs a URL, and changes from one signature of the same file to the next. */
const SIGNATURE =
  /^(x-(amz|oss|goog|cos|obs)-.*|awsaccesskeyid|ossaccesskeyid|googleaccessid|signature|expires|policy|key-pair-id|security-token|token|access_token|sig|se|sp|sv|st|spr|sr|sip|sks|ske|skt|skv|skoid|sktid|sdd)$/i;

export interface WebAddress {
  /** Without password and query; where the query chooses the file, with a hash of it as the fragment. */
  readonly uri: string;
  /** Where to ask. Secret. */
  readonly url: URL;
  /** Authorization header of the URL's user and password. Secret. */
  readonly authorization: string | null;
}

export function webAddress(text: string): WebAddress {
  const shown = redactUri(text);
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.hostname === '') {
    throw new ParloadError('SOURCE_NOT_FOUND', `"${shown}" is not a URL`, { where: { input: shown } });
  }
  const { username, password } = url;
  url.username = '';
  url.password = '';
  url.hash = '';
  const chooses = [...url.searchParams].filter(([name]) => !SIGNATURE.test(name)).sort();
  const hash = createHash('sha256').update(JSON.stringify(chooses)).digest('hex').slice(0, 8);
  const uri = `${url.origin}${url.pathname}${chooses.length === 0 ? '' : `#${hash}`}`;
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const authorization = username === '' ? null : `Basic ${Buffer.from(pair).toString('base64')}`;
  return { uri, url, authorization };
}
