// What the other scripts share. Texts are read from calls/ here, and never pass through a template of promptfoo: a
// prompt that holds {{ … }} is sent as it is.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadApiProvider } from 'promptfoo';

const here = new URL('.', import.meta.url);

export function read(path) {
  return JSON.parse(readFileSync(new URL(path, here), 'utf8'));
}

export function text(path) {
  return readFileSync(new URL(path, here), 'utf8');
}

export function call(test) {
  if (!/^t[0-9]+$/.test(test)) throw new Error('no test of this project');
  return read(`calls/${test}.json`);
}

const loaded = new Map();

// A provider of models.json, with these settings on top of its own.
export function provider(which, settings = {}) {
  const { provider: id, config = {} } = read('models.json')[which];
  const options = { config: { ...settings, ...config } };
  const key = JSON.stringify([id, options]);
  if (!loaded.has(key)) loaded.set(key, loadApiProvider(id, { options, basePath: fileURLToPath(here) }));
  return loaded.get(key);
}
