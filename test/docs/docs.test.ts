// Every link in the Markdown files leads somewhere, and every command in them uses flags that exist.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { describe, test } from 'node:test';
import { runCli } from '../support/cli.ts';
import { ROOT } from '../support/root.ts';
import { anchorsOf, commandsOf, linksOf, words } from './markdown.ts';

const SKIPPED_FOLDERS = new Set(['node_modules', 'dist']);

function markdownFiles(dir = ''): string[] {
  return readdirSync(join(ROOT, dir), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(dir, entry.name);
    if (entry.isDirectory())
      return SKIPPED_FOLDERS.has(entry.name) || entry.name.startsWith('.') ? [] : markdownFiles(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const files = markdownFiles();
const commands = files.flatMap((file) =>
  commandsOf(read(file), 'parload').map((found) => ({ file, ...found })),
);

/** Why a link leads nowhere; null when it does, or when it leads out of the repository. */
function brokenLink(file: string, link: string): string | null {
  if (/^[a-z][a-z0-9+.-]*:/i.test(link)) return null;
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? file : posix.join(dirname(file), decodeURIComponent(path));
  if (target.startsWith('..')) return `${link}: outside of the repository`;
  if (!existsSync(join(ROOT, target))) return `${link}: ${target} does not exist`;
  if (anchor === undefined || !statSync(join(ROOT, target)).isFile() || !target.endsWith('.md')) return null;
  return anchorsOf(read(target)).has(anchor) ? null : `${link}: no heading "${anchor}" in ${target}`;
}

const helpTexts = new Map<string, Promise<string>>();

/** `parload <command> --help`; fails when there is no such command. */
function helpOf(command: string): Promise<string> {
  const known = helpTexts.get(command);
  if (known !== undefined) return known;
  const text = runCli([command, '--help']).then(({ code, stdout, stderr }) => {
    assert.equal(code, 0, `parload ${command} --help: ${stderr}`);
    return stdout;
  });
  helpTexts.set(command, text);
  return text;
}

const hasFlag = (help: string, flag: string): boolean =>
  new RegExp(`(^|[\\s,])${flag.replace(/^--no-/, '--(no-)?')}(?![\\w-])`).test(help);

describe('documentation', () => {
  test('there is some', () => assert.ok(files.includes('docs/development.md'), files.join()));

  for (const file of files) {
    test(`links of ${file}`, () => {
      const broken = linksOf(read(file)).flatMap(({ text, line }) => {
        const reason = brokenLink(file, text);
        return reason === null ? [] : [`${file}:${line}: ${reason}`];
      });
      assert.deepEqual(broken, []);
    });
  }

  test('commands use flags that exist', async () => {
    const wrong: string[] = [];
    for (const { file, line, text } of commands) {
      const [, command = '', ...rest] = words(text);
      if (command === '' || command.startsWith('-') || /^[.…<[|]/.test(command)) continue;
      const help = await helpOf(command.split('|')[0]!);
      const flags = rest.filter((w) => /^--?[a-z]/.test(w)).map((w) => w.split('=')[0]!);
      for (const flag of flags)
        if (!hasFlag(help, flag)) wrong.push(`${file}:${line}: ${command} has no ${flag}`);
    }
    assert.deepEqual(wrong, []);
  });

  test('make targets named in the documentation exist', () => {
    const targets = new Set([...read('Makefile').matchAll(/^([a-z][a-z-]*):/gm)].map((m) => m[1]!));
    const wrong = files.flatMap((file) =>
      commandsOf(read(file), 'make').flatMap(({ text, line }) =>
        words(text)
          .slice(1)
          .filter((word) => /^[a-z][a-z-]*$/.test(word) && !targets.has(word))
          .map((word) => `${file}:${line}: make has no target ${word}`),
      ),
    );
    assert.deepEqual(wrong, []);
  });
});
