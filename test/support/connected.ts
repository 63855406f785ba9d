/** A process that holds a connection to a host named `web1`, in the middle of a script, until it is ended. */

import { connect } from '../../scripts/connection.js';

async function main() {
  const host = { name: 'web1', address: { kind: 'ssh', destination: 'web1' }, environments: null, roles: [] } as const;
  const connection = await connect(host);
  const onLine = () => process.send?.('ready');
  await connection.run('echo ready; sleep 10', { onLine });
}

main();
