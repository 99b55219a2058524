import { openDataFolder } from '../system/data-folder';
import { localUrl } from '../system/installation';
import { type PortPlan, portPlan } from '../system/port-plan';
import { processesOf, Program } from './program';
import { buildOnce, freePortBase, removeTrialFolder, trialFolder } from './trial-system';
import { until } from './until';

const PEOPLE = 8;

interface Running {
  readonly program: Program;
  readonly dataFolder: string;
  readonly ports: PortPlan;
}

/** `PORT_BASE=18000 DATA_DIR=/somewhere/else` beside the first one, as README has it. */
describe('two systems on one machine, each with ports and data of its own', () => {
  const systems: Running[] = [];

  beforeAll(async () => {
    buildOnce();
    const bases = new Set<number>();
    while (bases.size < 2) bases.add(await freePortBase());
    for (const portBase of bases) {
      const dataFolder = trialFolder();
      const words = ['demo', '--people', String(PEOPLE), '--json'];
      systems.push({
        program: new Program({ words, dataFolder, portBase }),
        dataFolder,
        ports: portPlan(portBase),
      });
    }
  }, 120_000);

  afterAll(async () => {
    await Promise.all(
      systems.map(async ({ program, dataFolder }) => {
        if (program.isRunning) await program.end('SIGTERM');
        removeTrialFolder(dataFolder);
      }),
    );
  }, 60_000);

  it('pay their people at the same time, neither in the way of the other', async () => {
    await until(() => systems.every(({ program }) => program.output.includes('\n') || !program.isRunning), {
      withinMs: 240_000,
    });
    for (const { program } of systems) {
      expect(JSON.parse(program.output)).toMatchObject({
        people: PEOPLE,
        paid: PEOPLE,
        // Whoever had registered before would have done so in the other system.
        returning: 0,
        doublePaid: 0,
        sumsEqual: true,
        passed: true,
      });
    }
    const [one, other] = await Promise.all(systems.map(distributionAccounts));
    expect(one).toHaveLength(1);
    expect(other).toHaveLength(1);
    expect(one).not.toEqual(other);
    for (const system of systems) expect(await healthOf(system)).toEqual(allWith(200));
  }, 300_000);

  it('go on when the other one is stopped', async () => {
    const [first, second] = systems as [Running, Running];
    expect(await first.program.end('SIGINT')).toBe(0);
    expect(processesOf(first.dataFolder)).toEqual([]);
    expect(await healthOf(first)).toEqual(allWith('nobody listens'));
    expect(second.program.isRunning).toBe(true);
    expect(await healthOf(second)).toEqual(allWith(200));
    const ledger = await latestLedger(second);
    await until(async () => (await latestLedger(second)) > ledger);
  }, 120_000);

  it('leave nothing behind when both are stopped', async () => {
    const [first, second] = systems as [Running, Running];
    expect(await second.program.end('SIGINT')).toBe(0);
    for (const { dataFolder } of [first, second]) expect(processesOf(dataFolder)).toEqual([]);
    expect(await healthOf(second)).toEqual(allWith('nobody listens'));
  }, 60_000);
});

const SERVERS = ['staff', 'recipients', 'core', 'messaging', 'submission', 'sandbox', 'wallet'] as const;
type Server = (typeof SERVERS)[number];
type Health = number | 'nobody listens';

const allWith = (health: Health): Record<Server, Health> =>
  Object.fromEntries(SERVERS.map((server) => [server, health])) as Record<Server, Health>;

async function healthOf({ ports }: Running): Promise<Record<Server, Health>> {
  const answers = SERVERS.map(async (server): Promise<[Server, Health]> => {
    const answer = await fetch(`${localUrl(ports[server])}/health`).catch(() => undefined);
    await answer?.arrayBuffer();
    return [server, answer?.status ?? 'nobody listens'];
  });
  return Object.fromEntries(await Promise.all(answers)) as Record<Server, Health>;
}

/** What the operator's API of each names as the accounts that pay. */
async function distributionAccounts({ ports, dataFolder }: Running): Promise<readonly string[]> {
  const { operatorName, operatorPassword } = openDataFolder(dataFolder).keys;
  const basic = Buffer.from(`${operatorName}:${operatorPassword}`).toString('base64');
  const answer = await fetch(`${localUrl(ports.operator)}/tenants`, {
    headers: { authorization: `Basic ${basic}` },
  });
  const tenants = (await answer.json()) as { readonly distribution_account_address: string }[];
  return tenants.map((tenant) => tenant.distribution_account_address);
}

async function latestLedger({ ports }: Running): Promise<number> {
  const answer = await fetch(`${localUrl(ports.sandbox)}/`);
  const { history_latest_ledger: latest } = (await answer.json()) as { history_latest_ledger: number };
  return latest;
}
