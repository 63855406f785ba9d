/** A shop on two servers, and what happens to it. */

import { writeFileSync } from 'node:fs';
import { Session } from '../../../scripts/demo/session.mjs';
import { until } from '../support/commands.js';
import type { Host } from '../support/host.js';
import type { Lab } from '../support/lab.js';

const settings = `[deployment]
base_domain = "shop.example"

[ports]
web = 8080

[services.web]
command = "/usr/bin/node web.js"
port = "web"
health = { http = "/" }

[shop]
greeting = "fresh fruit"

[env.staging.security]
tls = "external"
`;

const manifest = `[organization]
name = "shop"

[hosts.web1]
address = "web1"

[hosts.web2]
address = "web2"
`;

const program = `const { readFileSync } = require('node:fs');

const settings = readFileSync(process.env.TETRA_ENV_FILE, 'utf8');
const [, greeting] = /^greeting = "(.*)"$/m.exec(settings);
require('node:http')
  .createServer((_, response) => response.end(greeting + '\\n'))
  .listen(process.env.PORT);
`;

export class Shop {
  private constructor(
    private readonly demo: Session,
    private readonly web1: Host,
    private readonly web2: Host,
  ) {}

  /** Two servers as their owner left them, and an operator who has never been there. */
  static async open(lab: Lab): Promise<Shop> {
    const demo = new Session(lab.env);
    demo.say('1. Two servers: Debian 12 with sshd and Node, nothing of ours on them.');
    const hosts = await Promise.all([lab.booted('web1'), lab.booted('web2')]);
    const shop = new Shop(demo, ...hosts);
    await shop.on(hosts[0], 'grep PRETTY /etc/os-release; node --version; ls /var/lib/tsm');
    return shop;
  }

  async deploy() {
    const { demo } = this;
    await demo.tsm('org init shop');
    demo.note('local.toml has one service; manifest.toml has two hosts');
    writeFileSync(demo.file('shop', 'local'), settings);
    writeFileSync(demo.manifest('shop'), manifest);

    demo.say('2. A server says what it lacks, before anything on it is touched.');
    await demo.watch('org deploy @staging -m "first release" --soak 1', 4);
    demo.note('web1 and web2 get what they lack, and the program: releasing code is not the work of tsm');
    for (const host of [this.web1, this.web2]) {
      await host.sh('useradd --system --user-group tetra && install -d -o tetra -g tetra -m 0750 /var/lib/tetra');
      await host.put('/opt/tetra/web.js', program);
      await host.sh('sync');
    }
    await demo.watch('org deploy @staging --soak 1');
    await this.on(this.web1, 'systemctl status --no-pager --lines=0 shop-staging-web');
    await this.ask(this.web1);
    this.edit('greeting = "ripe fruit"', /greeting = .*/);
    await demo.watch('org deploy @staging -m "new greeting" --soak 1');
    await this.ask(this.web2);
  }

  async crash() {
    const { demo } = this;
    demo.say('3. A service that crashes: web1 goes back by itself, web2 never sees it.');
    this.edit('command = "/usr/bin/node wbe.js"', /command = .*/);
    await demo.watch('org deploy @staging -m "a typo" --soak 2', 4);
    await this.ask(this.web1);
    this.edit('command = "/usr/bin/node web.js"', /command = .*/);
  }

  async lockOut() {
    const { demo } = this;
    demo.say('4. Rules that lock you out are refused; let through, they do not outlive their deadline.');
    this.edit('default_input = "drop"\nallowed_ssh = ["192.168.7.0/24"]', /(?<=tls = .*\n)/);
    await demo.watch('org deploy @staging -m "ssh from the office only" --soak 1', 4);
    await demo.watch('org activate @staging --host web1 --no-guard "just to see" --confirm-timeout 4', 3);
    await this.on(this.web1, 'nft list chain inet tetra input | grep policy');
    this.edit('', /default_input = .*\nallowed_ssh = .*/);
  }

  async cutPower() {
    const { demo, web1 } = this;
    demo.say('5. A power cut before anybody confirmed: the server comes back as it was.');
    this.edit('greeting = "boxed fruit"', /greeting = .*/);
    const deployed = demo.follow('org deploy @staging --host web1 -m "boxes" --soak 1 --confirm manual', 3);
    await until(async () => (await greetingOf(web1)) === 'boxed fruit\n', 'the new generation is live');
    await this.ask(web1);
    demo.note('the power of web1 is cut, and comes back');
    await web1.powerCut();
    web1.boot();
    await deployed;
    await web1.wait();
    await this.ask(web1);
  }

  async rollBack() {
    const { demo } = this;
    demo.say('6. Back to the first release, on all servers: its bundle is still there.');
    await demo.tsm('org status @staging', 4);
    await demo.watch('org rollback @staging 1 --activate --soak 1 -m "the old greeting"');
    await this.ask(this.web2);
    await demo.tsm('org status @staging');
    await demo.tsm('org history @staging');
    demo.end('The servers are gone again.');
  }

  private edit(text: string, place: RegExp) {
    const what = text === '' ? 'the rules as before' : text.replace('\n', ', ');
    this.demo.edit(this.demo.file('shop', 'local'), what, source => source.replace(place, text));
  }

  /** What a command says there, over ssh. */
  private async on(host: Host, command: string) {
    this.demo.command(`ssh ${host.name} '${command}'`);
    const { stdout, stderr } = await host.ssh(command);
    this.demo.print(`${stdout}${stderr}\n`);
  }

  /** What its users see; a service that has just been started takes a moment. */
  private async ask(host: Host) {
    this.demo.command(`curl http://${host.name}:8080/`);
    await until(async () => (await greetingOf(host)) !== '', `${host.name} answers`);
    this.demo.print(`${await greetingOf(host)}\n`);
  }
}

/** Empty where nothing answers. */
async function greetingOf({ address }: Host): Promise<string> {
  try {
    const options = { headers: { connection: 'close' }, signal: AbortSignal.timeout(1000) };
    return await (await fetch(`http://${address}:8080/`, options)).text();
  } catch {
    return '';
  }
}
