// Answers that need no judge: labels are the same word, extractions the same JSON field by field.
import { call } from './lode.mjs';

function normal(text) {
  return String(text)
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .replace(/^[\s"'`*(\[]+|[\s"'`*.!)\]]+$/g, '');
}

// Promptfoo hands over JSON as a value, and calls of tools as the JSON of each, with a blank line between them.
function parsed(output) {
  if (typeof output !== 'string') return output;
  const fenced = output.trim().match(/^```(?:json)?\s*([\s\S]*?)\s*```$/i);
  const whole = fenced ? fenced[1] : output.trim();
  try {
    return JSON.parse(whole);
  } catch {
    const calls = whole.split(/\n\n+/).filter((part) => part.startsWith('{'));
    try {
      return calls.map((part) => JSON.parse(part)).filter((part) => part.type === 'tool_use');
    } catch {
      return undefined;
    }
  }
}

// An answer that calls tools, as names and inputs: ids are drawn anew each time.
function structure(output) {
  const value = parsed(output);
  const calls = (Array.isArray(value) ? value : [value]).filter((one) => one && one.type === 'tool_use');
  return calls.length > 0 ? calls.map(({ name, input }) => ({ name, input })) : value;
}

function leaves(value, path, found) {
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value);
    if (entries.length === 0) found.set(path, Array.isArray(value) ? '[]' : '{}');
    for (const [key, inner] of entries) leaves(inner, `${path}/${JSON.stringify(key)}`, found);
  } else {
    found.set(path, typeof value === 'string' ? `text ${normal(value)}` : String(value));
  }
  return found;
}

export default function check(output, context) {
  const { rule, reference, fieldThreshold } = call(context.vars.test);
  if (rule === 'label') {
    const pass = normal(output) === normal(reference.text);
    return { pass, score: pass ? 1 : 0, reason: pass ? 'the recorded label' : 'another label' };
  }
  const expected = reference.tools.length > 0 ? reference.tools : parsed(reference.text);
  const given = structure(output);
  if (given === undefined) return { pass: false, score: 0, reason: 'no JSON' };
  const [wanted, found] = [leaves(expected, '', new Map()), leaves(given, '', new Map())];
  const all = new Set([...wanted.keys(), ...found.keys()]);
  const same = [...all].filter((path) => wanted.has(path) && wanted.get(path) === found.get(path)).length;
  const score = same / Math.max(all.size, 1);
  return { pass: score >= fieldThreshold - 1e-9, score, reason: `${same} of ${all.size} fields the same` };
}
