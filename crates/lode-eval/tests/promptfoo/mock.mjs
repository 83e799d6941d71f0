// Stands in for a model or the judge of models.json. A model finds the number in the last message and answers what the
// made-up calls of tests/promptfoo.rs have as their answers; of a hundred numbers, the first `wrong` are answered wrongly.
export default class Mock {
  constructor(options) {
    this.config = options.config;
  }

  id() {
    return `mock:${this.config.behaves}`;
  }

  async callApi(prompt) {
    const messages = JSON.parse(prompt);
    const content = messages.at(-1).content;
    const last = typeof content === 'string' ? content : content.map((block) => block.text ?? '').join('');
    return this.config.behaves === 'judge' ? this.judged(last) : this.answered(last);
  }

  answered(last) {
    const number = Number(last.match(/number (\d+)/)[1]);
    const wrong = number % 100 < (this.config.wrong ?? 0);
    if (number === this.config.fails) return { error: 'made up: throttled' };
    const tokenUsage = { prompt: 100, completion: this.config.tokens, total: 100 + this.config.tokens };
    const { tools } = this.config;
    if (tools) {
      const input = { number: wrong ? -1 : number, even: number % 2 === 0 };
      return { output: JSON.stringify({ type: 'tool_use', id: 'drawn', name: tools[0].toolSpec.name, input }), tokenUsage };
    }
    if (last.startsWith('Even?')) {
      return { output: (number % 2 === 0) !== wrong ? ' "Yes." ' : 'No', tokenUsage };
    }
    return { output: wrong ? 'Something else.' : last, tokenUsage };
  }

  judged(asked) {
    const part = (name) => JSON.parse(asked.split(`\n${name}:\n`)[1].split('\n\n')[0]);
    const conversation = JSON.parse(asked.split('\nConversation:\n')[1].split('\n\nReference answer:\n')[0]);
    const [reference, answer] = [part('Reference answer'), part('Answer to check')];
    const tokenUsage = { prompt: 500, completion: 20, total: 520 };
    if (answer.includes(`number ${this.config.fails} `)) return { output: 'I cannot say.', tokenUsage };
    const pass = answer === reference && conversation.at(-1).content === reference;
    return { output: `Here is why.\n${JSON.stringify({ pass })}`, tokenUsage };
  }
}
