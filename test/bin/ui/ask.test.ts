import { resolve } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { testIfTools } from '../../support/needs.js';
import { inTerminal } from '../../support/terminal.js';

const asks = resolve(import.meta.dirname ?? __dirname, 'asks.ts');

const ask = suite('askName');
const test = testIfTools(ask, 'the question for a name', 'script');

for (const [what, typed, expected] of [
  ['the name', 'prod\n', 'yes'],
  ['another name', 'staging\n', 'no'],
  ['more than the name', 'production\n', 'no'],
  ['an empty line', '\n', 'no'],
  ['Ctrl-C', '\x03', 'no'],
  ['Ctrl-D', '\x04', 'no'],
] as const)
  test(`takes ${what} for ${expected}`, async () => {
    const { code, output } = await inTerminal(asks, [], { answers: [['Type prod to go on: ', typed]] });
    assert.is(code, 0);
    assert.match(output, 'This changes 2 hosts of acme prod.');
    assert.match(output, new RegExp(`\n${expected}\r`));
    assert.match(output, / icanon /);
  });

ask.run();
