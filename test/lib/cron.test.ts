import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cronProblem } from '../../lib/cron.js';

const cron = suite('cronProblem');

for (const text of [
  '* * * * *',
  '0 3 * * *',
  '59 23 31 12 7',
  '*/5 0-6/2 1,15 jan-mar mon-fri',
  '0\t3  * JAN SUN',
  '0,30 * * * 0,6',
  '@daily',
  '@hourly',
])
  cron(`takes ${JSON.stringify(text)}`, () => {
    assert.is(cronProblem(text), null);
  });

for (const [text, problem] of [
  ['', /five fields/],
  ['0 3 * *', /five fields/],
  ['0 3 * * * *', /five fields/],
  [' 0 3 * * *', /five fields/],
  ['60 * * * *', /minute must lie in 0 to 59/],
  ['* 24 * * *', /hour must lie in 0 to 23/],
  ['* * 0 * *', /day of month must lie in 1 to 31/],
  ['* * * 13 *', /month must lie in 1 to 12/],
  ['* * * * 8', /day of week must lie in 0 to 7/],
  ['* * * * mo', /day of week/],
  ['jan * * * *', /minute/],
  ['*/0 * * * *', /minute/],
  ['*/60 * * * *', /minute/],
  ['5-1 * * * *', /minute/],
  ['1,,2 * * * *', /minute/],
  ['-1 * * * *', /minute/],
  ['1.5 * * * *', /minute/],
  ['0 3 * * *\n', /day of week/],
  ['@reboot', /not one of @hourly/],
] as const)
  cron(`refuses ${JSON.stringify(text)}`, () => {
    assert.match(cronProblem(text) ?? '', problem);
  });

cron.run();
