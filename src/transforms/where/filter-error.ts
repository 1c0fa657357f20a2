import { ParloadError } from '../../errors/index.ts';

/** Shows the place: the filter is the user's own text, so it may be printed. */
export function filterError(text: string, at: number, why: string, column?: string): ParloadError {
  // one line around the place, so that the caret stands under it
  const from = text.lastIndexOf('\n', at - 1) + 1;
  const to = text.indexOf('\n', at);
  const line = text.slice(from, to < 0 ? undefined : to).replaceAll('\t', ' ');
  return new ParloadError(
    'FILTER_INVALID',
    `${why} (at character ${at + 1} of the filter)\n  ${line}\n  ${' '.repeat(at - from)}^`,
    { where: { option: 'where', ...(column === undefined ? {} : { column }) } },
  );
}
