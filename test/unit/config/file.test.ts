// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of job files, not of JavaScript
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { loadJobFile, parseJobFile } from '../../../src/config/file.ts';
import { ParloadError } from '../../../src/errors/index.ts';

const parse = (text: string, env: Record<string, string> = {}) => parseJobFile(text, 'job.yaml', env);
const errorOf = (run: () => unknown): ParloadError => {
  try {
    run();
  } catch (error) {
    if (ParloadError.is(error)) return error;
    throw error;
  }
  throw new Error('no error');
};

describe('job file', () => {
  test('variables are filled in, with defaults, in any text', () => {
    const { job } = parse('sink:\n  url: postgres://${env:U}@h/${env:DB:-app}\nwhere: ${env:W:-}\n', {
      U: 'me',
    });
    assert.deepEqual(job, { sink: { url: 'postgres://me@h/app' }, where: '' });
  });

  test('what a variable holds is not read as YAML or as another variable', () => {
    const { job } = parse('sink: ${env:X}', { X: '{a: ${env:Y}} # not YAML' });
    assert.equal(job.sink, '{a: ${env:Y}} # not YAML');
  });

  test('a variable that is not set is named with its line, and no other value is shown', () => {
    const error = errorOf(() => parse('source: a\nsink:\n  url: ${env:SECRET_URL}\n'));
    assert.equal(error.code, 'CONFIG_INVALID');
    assert.match(error.message, /^job\.yaml:3: the environment variable SECRET_URL is not set$/);
  });

  test('places are lines', () => {
    const file = parse('source: a\nsink:\n  url: b\n  table: t\nexclude:\n  - x\n  - y\n');
    assert.equal(file.placeOf(['sink', 'table']), 'job.yaml:4');
    assert.equal(file.placeOf(['exclude', 1]), 'job.yaml:7');
    assert.equal(file.placeOf(['sink', 'unknown']), 'job.yaml:2');
  });

  test('YAML that is none is unreadable, with its line', () => {
    const error = errorOf(() => parse('source: a\nsink: [b\nworkers: 2\n'));
    assert.equal(error.code, 'CONFIG_UNREADABLE');
    assert.match(error.message, /^job\.yaml:\d: /);
  });

  test('a list is no job; an empty file is a job without anything', () => {
    assert.equal(errorOf(() => parse('- a\n')).code, 'CONFIG_INVALID');
    assert.deepEqual(parse('').job, {});
  });

  test('a file that is not there', () => {
    assert.equal(errorOf(() => loadJobFile('/nonexistent/job.yaml', {})).code, 'CONFIG_UNREADABLE');
  });
});
