/** `tsm store verify` */

import { exitCodes } from '../../../lib/errors.js';
import { count } from '../../../lib/text.js';
import { verify } from '../../../store/verify.js';
import type { Input, Outcome } from '../../cli/command.js';

export async function run({ workspace }: Input): Promise<Outcome> {
  const { checked, problems, leftovers } = await verify(workspace.layout);
  const bad = problems.length > 0;
  return {
    schema: 'tsm/verify/1',
    data: { store: workspace.layout.store, checked, problems: problems.map(problem => ({ ...problem })), leftovers },
    text: style => {
      const lines = problems.map(({ path, problem }) => `${style.red('problem:')} ${path} ${problem}`);
      const idle =
        leftovers.length > 0 ? `; ${count(leftovers.length, 'unfinished write')} that nothing refers to` : '';
      const verdict = bad ? style.red(count(problems.length, 'problem')) : style.green('all whole');
      return `${[...lines, `${count(checked, 'object')} checked: ${verdict}${idle}`].join('\n')}\n`;
    },
    exit: bad ? exitCodes.difference : 0,
  };
}
