/** `tsm org use NAME` */

import type { Input, Outcome } from '../../cli/command.js';
import { currentOrg, useOrg } from '../../operator/workspace.js';

export function run({ args, workspace }: Input): Outcome {
  const { name } = currentOrg({ ...workspace, asked: args[0] as string });
  const file = useOrg(name);
  const shadow = process.env.TETRA_ORG && process.env.TETRA_ORG !== name ? process.env.TETRA_ORG : undefined;
  return {
    schema: 'tsm/use/1',
    data: { org: name, file },
    text: style => `commands mean ${style.bold(name)} from now on\n`,
    warnings: shadow ? [`TETRA_ORG=${shadow} is set here, and is stronger`] : [],
  };
}
