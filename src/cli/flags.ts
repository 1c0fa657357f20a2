// Flag specs as commander options, and back.
import { Option } from 'commander';
import { TEXTS_BETWEEN } from '../config/flags.ts';
import type { FlagSpec } from '../model/index.ts';

/** Longest list of choices that is shown in place of a placeholder, in characters. */
const LONGEST_CHOICES = 24;

const attribute = (flag: string): string =>
  flag.replace(/^--(no-)?/, '').replace(/-([a-z0-9])/g, (_, c: string) => c.toUpperCase());

const placeholderOf = (spec: FlagSpec): string => {
  const choices = spec.choices?.join('|') ?? '';
  if (choices !== '' && choices.length <= LONGEST_CHOICES) return choices;
  return spec.placeholder ?? 'value';
};

const helpOf = (spec: FlagSpec): string => {
  const choices = spec.choices?.join('|') ?? '';
  const listed = choices.length > LONGEST_CHOICES ? `: ${spec.choices?.join(', ')}` : '';
  const fallback = spec.defaultText === undefined ? '' : ` [${spec.defaultText}]`;
  return `${spec.help}${listed}${fallback}`;
};

/** Values are checked by the config, which knows files and the environment as well. */
export function optionsOf(spec: FlagSpec, group: string): Option[] {
  if (spec.kind === 'boolean') {
    const shown = new Option(spec.flag, helpOf(spec)).helpGroup(group);
    // Takes back what a file or the environment says.
    const hidden = new Option(spec.flag.replace(/^--(no-)?/, (_, no) => (no === undefined ? '--no-' : '--')));
    // the positive one first: commander takes a lone `--no-x` for one that is on unless said
    const both = [shown, hidden.hideHelp()];
    return spec.flag.startsWith('--no-') ? both.reverse() : both;
  }
  const option = new Option(`${spec.flag} <${placeholderOf(spec)}>`, helpOf(spec)).helpGroup(group);
  if (spec.kind === 'list' || spec.kind === 'texts') {
    const between = spec.kind === 'list' ? ',' : TEXTS_BETWEEN;
    option.argParser((value: string, before: string | undefined) =>
      before === undefined ? value : `${before}${between}${value}`,
    );
  }
  return [option];
}

/** What was given, by flag. */
export function givenFlags(
  specs: readonly FlagSpec[],
  options: Readonly<Record<string, unknown>>,
): Record<string, string | boolean> {
  const given: Record<string, string | boolean> = {};
  for (const spec of specs) {
    const value = options[attribute(spec.flag)];
    if (typeof value === 'string' || typeof value === 'boolean') given[spec.flag] = value;
  }
  return given;
}
