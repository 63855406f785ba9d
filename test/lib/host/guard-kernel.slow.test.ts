/** The guard against the kernel itself, on many hosts: the same rules, the same packets, never another verdict. */

import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { disagreements, hosts, packetsFor } from '../../support/firewall.js';
import { testIfNft } from '../../support/needs.js';
import { wireFor } from '../../support/wire.js';
import '../arbitraries.js';

const agree = suite('guard and kernel');
const wire = wireFor(agree);

const host = hosts.chain(rules => fc.tuple(fc.constant(rules), packetsFor(rules)));

const test = testIfNft(agree, 'the guard against the kernel', 'ip');

test('agree on any packet to any host', async () => {
  const both = fc.asyncProperty(host, async ([rules, packets]) => {
    assert.equal(await disagreements(await wire(), rules, packets), []);
  });
  await fc.assert(both, { numRuns: 500, endOnFailure: true, includeErrorInReport: true });
});

agree.run();
