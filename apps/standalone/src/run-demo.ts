import type { CommandLine } from './command-line';
import { DemoRun } from './demo/demo-run';
import { errorText } from './demo/error-text';
import { ASSET_CODE, STAFF } from './demo/organisation';
import { reportJson, reportText } from './demo/report-text';
import { generatePeople } from './people/people-generator';
import type { System } from './system/start-system';
import { welcomeText } from './system/welcome-text';
import type { Terminal } from './terminal';

export interface DemoParts {
  readonly system: System;
  readonly line: CommandLine;
  readonly terminal: Terminal;
  readonly startSeconds: number;
}

/** The demo on a running system, shown on the terminal. True when every check passed. */
export async function runDemo({ system, line, terminal, startSeconds }: DemoParts): Promise<boolean> {
  const { installation } = system;
  const run = new DemoRun({
    installation,
    people: generatePeople({ count: line.people }),
    name: `Demo of ${new Date().toISOString()}`,
    onStart: (counts) => {
      terminal.begin(counts);
    },
  });
  try {
    const result = await run.run();
    terminal.finish(run.counts());
    if (line.json) process.stdout.write(`${reportJson(result, { startSeconds, kafka: line.kafka })}\n`);
    terminal.say(reportText(result, ASSET_CODE));
    if (!line.exit) terminal.say(welcomeText(installation, STAFF));
    return result.passed;
  } catch (error) {
    terminal.stop();
    terminal.say(`The demo could not be done: ${errorText(error)}\nLogs: ${installation.data.logs}`);
    return false;
  }
}
