#!/usr/bin/env node
// The command. Written so that an old Node can still parse it and say what is wrong.
import { existsSync } from 'node:fs';

const OLDEST_NODE = 20;
// `make watch` compiles without bundling.
const main = ['../dist/bundle/main.js', '../dist/src/cli/main.js']
  .map((place) => new URL(place, import.meta.url))
  .find((place) => existsSync(place));

const giveUp = (message) => {
  process.stderr.write(`parload: ${message}\n`);
  process.exit(1);
};

if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
  giveUp(`Node.js ${OLDEST_NODE} or newer is needed; this is ${process.version} (${process.execPath}).`);
}
if (main === undefined) giveUp('not built yet. In a checkout, run: make build');

await import(main.href);
