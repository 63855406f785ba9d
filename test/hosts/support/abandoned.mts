/** Opens a lab with a host, prints the host's address, and waits to be killed. */

import { openLab } from './lab.js';

const lab = await openLab();
const host = await lab.booted('abandoned');
console.log(host.address);
setInterval(() => {}, 1000);
