/** A process that receives a shipment from stdin: its argument is the host's root. */

import { receive } from '../../scripts/host/receive.js';
import { Layout } from '../../store/layout.js';

receive(new Layout(process.argv[2] as string), process.stdin, { org: 'acme', env: 'dev', host: 'web1' }).catch(
  error => {
    console.error(error);
    process.exitCode = 1;
  },
);
