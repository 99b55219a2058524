import { parseArgs } from 'node:util';

import { operatorName } from '@libs/config';
import { PayingBrake, type PayingState } from '@libs/submissions';

import { CommandError, reasonOf, runOperatorCommand, tellFailure } from './operator-command';

const USAGE = `Stops all payments of all tenants, at once. When the command has returned, nothing new is signed by any instance.
What was sent before may still be paid until its time has passed: it is listed. Nothing fails; everything waits.

  npm run stop-paying -- --reason "…" [--json]              stop
  npm run stop-paying -- --status [--json]                  what is held, since when, by whom
  npm run resume-paying -- --reason "…" [--hold "…"] [--json]   go on; --hold names which stop when there are several

Needs DATABASE_URL as the role of transaction-submission. The app itself need not be running.`;

const REASON_CHARACTERS_MAX = 100;

/** `stop` or `resume` comes from the npm script; the rest is the person's. */
async function main([mode, ...args]: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      reason: { type: 'string' },
      hold: { type: 'string' },
      status: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  if (mode !== 'stop' && mode !== 'resume') throw new CommandError(USAGE);
  const reason = values.status ? '' : reasonOf(values.reason, REASON_CHARACTERS_MAX);
  const actor = operatorName();
  await runOperatorCommand(async (uow) => {
    const brake = new PayingBrake(uow);
    const tell = (state: PayingState): void => {
      process.stdout.write(values.json ? `${JSON.stringify(jsonOf(state))}\n` : textOf(state));
    };
    if (values.status) {
      tell(await brake.state());
      return;
    }
    if (mode === 'stop') {
      tell(await brake.stop({ reason, actor }));
      return;
    }
    const resumed = await brake.resume({ reason, actor, hold: values.hold ?? null });
    if (resumed.ok) {
      tell(resumed.value);
      return;
    }
    if (resumed.error.kind === 'nothing held')
      throw new CommandError('Nothing is stopped: there is nothing to resume.');
    const names = resumed.error.holds.map((hold) => `--hold ${JSON.stringify(hold)}`).join('\n  ');
    throw new CommandError(`Which stop is to be lifted? One of:\n  ${names}`);
  });
}

const jsonOf = ({ holds, mayStillBePaid, mayStillBePaidCount }: PayingState): object => ({
  stopped: holds.length > 0,
  holds: holds.map(({ reason, actor, since }) => ({ reason, actor, since })),
  may_still_be_paid_count: mayStillBePaidCount,
  may_still_be_paid: mayStillBePaid.map(({ tenantId, paymentId, dispatch, until }) => ({
    tenant_id: tenantId,
    payment_id: paymentId,
    dispatch,
    until,
  })),
});

function textOf({ holds, mayStillBePaid, mayStillBePaidCount }: PayingState): string {
  const lines =
    holds.length === 0
      ? ['Payments go out: nothing is stopped.']
      : ['All payments are stopped. Nothing new is signed.'];
  for (const { reason, actor, since } of holds)
    lines.push(`  since ${since.toISOString()} by ${actor}: ${reason}`);
  if (holds.length > 0 && mayStillBePaidCount > 0) {
    lines.push(`${String(mayStillBePaidCount)} payments were sent before and may still be paid:`);
    for (const { tenantId, paymentId, until } of mayStillBePaid)
      lines.push(`  tenant ${tenantId}  payment ${paymentId}  until ${until.toISOString()}`);
  }
  return `${lines.join('\n')}\n`;
}

main(process.argv.slice(2)).catch(tellFailure);
