/** A URI as it may be shown: without password, and without a query that may hold a signature or a secret. */
export function redactUri(uri: string): string {
  const match = /^([a-z][a-z0-9+.-]*:\/\/)(?:([^@/?#]*)@)?([^?#]*)(\?[^#]*)?/i.exec(uri);
  if (match === null) return uri;
  const [, scheme = '', userinfo, rest = ''] = match;
  const user = userinfo === undefined ? '' : `${userinfo.split(':')[0]}@`;
  return `${scheme}${user}${rest}`;
}
