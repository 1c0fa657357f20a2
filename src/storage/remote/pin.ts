// Which version of an object is meant. What it says is compared with every answer.
import type { AnswerHead } from './exchange.ts';

export interface Pin {
  /** As the server writes it, quotes included; null when it gives none. */
  readonly etag: string | null;
  readonly versionId: string | null;
  /** Last-Modified; only where there is no ETag. */
  readonly modified: string | null;
}

export const NO_PIN: Pin = { etag: null, versionId: null, modified: null };

const given = (text: string | undefined): string | null =>
  text === undefined || text === '' || text === 'null' ? null : text;

export function pinOf({ headers }: AnswerHead): Pin {
  const etag = given(headers.etag);
  return {
    etag,
    versionId: given(headers['x-amz-version-id'] ?? headers['x-oss-version-id']),
    modified: etag === null ? given(headers['last-modified']) : null,
  };
}

/** An ETag alone stays as it is. */
export const versionText = ({ etag, versionId, modified }: Pin): string =>
  versionId === null && modified === null ? (etag ?? '') : JSON.stringify([etag, versionId, modified]);

export function parseVersion(text: string): Pin {
  if (text === '') return NO_PIN;
  if (!text.startsWith('[')) return { etag: text, versionId: null, modified: null };
  const [etag = null, versionId = null, modified = null] = JSON.parse(text) as (string | null)[];
  return { etag, versionId, modified };
}

/** Weak ones do not promise the same bytes, and If-Match never matches them. */
const isStrong = (etag: string | null): etag is string => etag !== null && !etag.startsWith('W/');

export const conditions = ({ etag }: Pin): Record<string, string> =>
  isStrong(etag) ? { 'if-match': etag } : {};

/** Some servers leave the quotes out here and there. */
const bare = (etag: string): string => etag.replace(/^W\//, '').replaceAll('"', '');

/** False when the answer is of another version. What one of both does not say is not compared. */
export function isSame(pin: Pin, seen: Pin): boolean {
  if (pin.etag !== null && seen.etag !== null && bare(pin.etag) !== bare(seen.etag)) return false;
  if (pin.versionId !== null && seen.versionId !== null && pin.versionId !== seen.versionId) return false;
  return pin.modified === null || seen.modified === null || pin.modified === seen.modified;
}

/** What was not known before, filled in. */
export const joinPins = (pin: Pin, seen: Pin): Pin => ({
  etag: pin.etag ?? seen.etag,
  versionId: pin.versionId ?? seen.versionId,
  modified: (pin.etag ?? seen.etag) === null ? (pin.modified ?? seen.modified) : null,
});
