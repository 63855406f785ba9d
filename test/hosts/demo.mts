/**
 * What reaches servers, on two that are booted here for it: a generation goes live, and what breaks a service, locks the
 * operator out or meets a power cut takes itself back. Every line of output is that of the real command.
 */

import { whyNoHosts } from '../support/needs.js';

const reason = whyNoHosts();
if (reason !== null) {
  console.error(`no servers can be booted here: ${reason}`);
  process.exit(1);
}

const { openLab } = await import('./support/lab.js');
const { Shop } = await import('./demo/shop.mjs');
const lab = await openLab();
try {
  const shop = await Shop.open(lab);
  await shop.deploy();
  await shop.crash();
  await shop.lockOut();
  await shop.cutPower();
  await shop.rollBack();
} finally {
  await lab.close();
}
