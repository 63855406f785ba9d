/** `-m TEXT`, as it goes into the log. */

import { TetraError } from '../../lib/errors.js';
import { hasControls } from '../../lib/text.js';
import type { Options } from './command.js';

const maxLength = 2000;

export function messageOption(options: Options): string | undefined {
  const text = options.values.get('message');
  if (text === undefined) return undefined;
  if (text.trim() === '' || text.length > maxLength || hasControls(text.replaceAll(/[\n\t]/g, ' ')))
    throw new TetraError('usage', `--message takes 1 to ${maxLength} characters of plain text`, {
      hint: 'what the change is for, in a sentence',
    });
  return text;
}
