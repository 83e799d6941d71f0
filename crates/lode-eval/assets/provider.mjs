// One of the two models: makes a recorded call again, with its own messages, tools, limit and temperature.
import { call, provider } from './lode.mjs';

export default class Model {
  constructor(options) {
    this.which = options.config.model;
  }

  id() {
    return `lode:${this.which}`;
  }

  async callApi(prompt, context) {
    const { messages, config } = call(prompt.trim());
    const model = await provider(this.which, config);
    return model.callApi(JSON.stringify(messages), { ...context, vars: {} });
  }
}
