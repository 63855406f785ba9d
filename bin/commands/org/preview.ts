/** `tsm org promote @ENV --dry-run`: what would change, without doing it. */

import { bringsBack } from '../../../lib/history.js';
import type { Promotion } from '../../../lib/promote.js';
import type { Layout, OrgLayout } from '../../../store/layout.js';
import { openLog } from '../../../store/log.js';
import { expectNoHistory } from '../../../store/move.js';
import { readPointer } from '../../../store/pointer.js';
import { comparisonJson, comparisonLines } from '../../cli/changes.js';
import type { Outcome } from '../../cli/command.js';
import { compare, empty, generationSide, promotedSide } from '../../operator/comparison.js';
import { backWarning, promotionJson, remarks } from './promote.js';

export async function preview(layout: Layout, org: OrgLayout, env: string, promotion: Promotion): Promise<Outcome> {
  const log = await openLog(org, env);
  const head = log.head()?.record;
  if (!head) expectNoHistory(org, env);
  const changed = head?.bundle !== promotion.bundle.name;
  const generation = changed ? (head?.generation ?? 0) + 1 : (head?.generation as number);
  const comparison = compare(head ? generationSide(layout, head) : empty, promotedSide(promotion));
  const warnings = [...promotion.warnings];
  if (changed && head && bringsBack(promotion.bundle.name, head, generation => log.generation(generation)))
    warnings.push(backWarning);
  if (readPointer(org, env).state === 'foreign')
    warnings.push(`${org.pointer(env)} was edited or replaced by hand: a promote would refuse`);
  return {
    schema: 'tsm/promote/1',
    data: {
      org: org.name,
      env,
      dryRun: true,
      generation,
      changed,
      path: layout.object(promotion.bundle.name),
      ...promotionJson(promotion),
      ...comparisonJson(comparison),
      warnings,
    },
    text: style => {
      const number = style.bold(String(generation));
      if (!changed) return `${org.name} ${env} would stay at generation ${number}: nothing would change\n`;
      const title = `${org.name} ${env} would become generation ${number}; nothing was written\n`;
      // All of a first generation is new: there is nothing to compare it with.
      const changes = head ? comparisonLines(comparison, style) : '';
      return `${title}${changes}${remarks(promotion, style).join('\n')}\n`;
    },
    warnings,
  };
}
