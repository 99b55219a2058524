import { isSet, readSettings, SettingsError } from '@libs/config';
import { PostgresError } from '@libs/embedded-postgres';
import { LocalKafkaError } from '@libs/local-kafka';

import { HELP, readCommandLine } from './command-line';
import { HttpClient } from './demo/http-client';
import { hasOrganisation, STAFF } from './demo/organisation';
import { runDemo } from './run-demo';
import { SupervisorError } from './supervisor/supervisor.errors';
import { dataFolderPath, eraseDataFolder } from './system/data-folder';
import { planSystem, startSystem, stopSystem, type System } from './system/start-system';
import { welcomeText } from './system/welcome-text';
import { Terminal } from './terminal';

/** What shells use for Ctrl-C. */
const INTERRUPTED = 130;
/** Their messages say what is wrong and what to do; of anything else the stack is shown. */
const FOR_PEOPLE = [SettingsError, SupervisorError, PostgresError, LocalKafkaError] as const;

/** Started by `npm start` and `npm run demo`. */
async function main(): Promise<number> {
  const line = readCommandLine(process.argv.slice(2));
  if (line.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const settings = readSettings(['DATA_DIR', 'PORT_BASE'] as const);
  const dataFolder = dataFolderPath(settings.DATA_DIR);
  if (line.fresh) await eraseDataFolder(dataFolder, { hasNamedDatabase: isSet('DATABASE_URL') });
  const terminal = new Terminal({ quiet: line.json });
  const system = planSystem({
    dataFolder,
    portBase: settings.PORT_BASE,
    kafka: line.kafka,
    onEvent: (event) => {
      terminal.event(event);
    },
  });
  const interrupted = interruption(system, terminal);
  try {
    const startSeconds = await start(system, terminal);
    if (interrupted.happened) return INTERRUPTED;
    terminal.say(`Ready after ${String(startSeconds)} s.`);
    let exitCode = 0;
    if (line.command === 'demo') {
      const passed = await Promise.race([
        runDemo({ system, line, terminal, startSeconds }),
        interrupted.wait,
      ]);
      if (passed === 'interrupted') return INTERRUPTED;
      exitCode = passed ? 0 : 1;
    } else terminal.say(welcomeText(system.installation, await staffThere(system)));
    if (!(line.command === 'demo' && line.exit)) await interrupted.wait;
    return exitCode;
  } finally {
    await stopSystem(system);
    terminal.stop();
  }
}

async function start(system: System, terminal: Terminal): Promise<number> {
  terminal.say(`Starting in ${system.installation.data.folder} …`);
  const since = performance.now();
  await startSystem(system);
  return Math.round((performance.now() - since) / 10) / 100;
}

/** Those of the demo, when an earlier run made them; undefined when that could not be found out. */
async function staffThere({ installation }: System): Promise<Readonly<Record<string, string>> | undefined> {
  const http = new HttpClient({ totalMs: 10_000, answerWithinMs: 5_000 });
  try {
    return (await hasOrganisation({ installation, http })) ? STAFF : {};
  } catch {
    // It only helps to remember: the system runs without.
    return undefined;
  } finally {
    http.close();
  }
}

interface Interruption {
  happened: boolean;
  readonly wait: Promise<'interrupted'>;
}

/** The first Ctrl-C stops in order, a second one at once. */
function interruption(system: System, terminal: Terminal): Interruption {
  let tell: (word: 'interrupted') => void = () => undefined;
  const state: Interruption = {
    happened: false,
    wait: new Promise((resolve) => {
      tell = resolve;
    }),
  };
  const interrupt = (): void => {
    if (state.happened) {
      system.supervisor.killNow();
      return;
    }
    state.happened = true;
    terminal.say('Stopping …');
    void system.supervisor.stop();
    tell('interrupted');
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);
  return state;
}

main().then(
  (exitCode) => process.exit(exitCode),
  (error: unknown) => {
    const isForPeople = FOR_PEOPLE.some((kind) => error instanceof kind);
    process.stderr.write(
      `${isForPeople ? (error as Error).message : String(error instanceof Error ? error.stack : error)}\n`,
    );
    process.exit(1);
  },
);
