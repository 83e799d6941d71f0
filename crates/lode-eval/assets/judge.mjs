// The judge: puts the conversation, the recorded answer and the answer to be judged into judge.md, which says nothing of
// models, and asks the provider of models.json. What is no verdict is an error, not a failed answer.
import { call, provider, text } from './lode.mjs';

function verdict(output) {
  const words = typeof output === 'string' ? output : JSON.stringify(output);
  const found = words.match(/\{[^{}]*"pass"\s*:\s*(true|false)[^{}]*\}/);
  if (!found) throw new Error('the judge gave no verdict');
  return found[1] === 'true';
}

export default class Judge {
  id() {
    return 'lode:judge';
  }

  async callApi(prompt, context) {
    const { test, answer } = JSON.parse(prompt);
    const { messages, reference } = call(test);
    const recorded = reference.tools.length > 0 ? JSON.stringify(reference) : reference.text;
    const parts = {
      conversation: JSON.stringify(messages, null, 1),
      reference: JSON.stringify(recorded),
      answer: JSON.stringify(answer),
    };
    const asked = text('judge.md').replace(/<<(conversation|reference|answer)>>/g, (_, part) => parts[part]);
    const judge = await provider('judge');
    const response = await judge.callApi(JSON.stringify([{ role: 'user', content: asked }]), { ...context, vars: {} });
    if (response.error) throw new Error(`the judge failed: ${response.error}`);
    const pass = verdict(response.output);
    return { ...response, output: JSON.stringify({ pass, score: pass ? 1 : 0, reason: pass ? 'as good' : 'worse' }) };
  }
}
