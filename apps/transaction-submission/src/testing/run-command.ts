import { runCommand as runToItsEnd } from './submission-process';

export interface CommandOutcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A command of this app as a person starts it, from the built files, with nothing but the given environment. */
export async function runCommand(
  name: string,
  environment: Readonly<Record<string, string>>,
  args: readonly string[],
): Promise<CommandOutcome> {
  const { code, output, errors } = await runToItsEnd(name, args, environment);
  return { code: code ?? -1, out: output, err: errors };
}
