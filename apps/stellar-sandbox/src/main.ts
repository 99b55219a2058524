import { startSandbox } from './sandbox';
import { settingsFromEnvironment } from './settings-from-environment';

async function main(): Promise<void> {
  const sandbox = await startSandbox(settingsFromEnvironment());
  process.stdout.write(`${JSON.stringify({ ready: true, port: sandbox.port })}\n`);
  const stop = (): void => {
    void sandbox.close().then(() => {
      process.exitCode = 0;
    });
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
