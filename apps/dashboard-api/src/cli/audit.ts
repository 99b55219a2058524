import { parseArgs } from 'node:util';

import { type AuditHead, AuditVerifier } from '@libs/identity';
import { isId } from '@libs/kernel';
import { TenantsRepository } from '@libs/tenants';

import { CommandError, type DatabasePlatform, runDatabaseCommand } from './cli-platform';

const USAGE = `npm run audit -- verify [--tenant-id <id>] [--head <rows>:<hash>]

Reads the audit log of one organisation, or of all of them, and checks that no row was changed, removed or put in. Prints
a line of JSON per organisation: {"tenant": …, "intact": true, "rows": …, "head": "<rows>:<hash>"}, or else the first row
that is wrong and why. The exit code is 0 only when every log is intact.

  --tenant-id <id>       only this organisation
  --head <rows>:<hash>   an end that was printed earlier and kept elsewhere: the log must still contain it. Keep one from
                         time to time outside the database: whoever owns the database can write a whole new log.
`;

const OPTIONS = {
  'tenant-id': { type: 'string' },
  head: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;
const HEAD = /^([0-9]{1,18}):([0-9a-f]{64})$/;

function headOf(text: string | undefined): AuditHead | null {
  if (text === undefined) return null;
  const [, seq, hash] = HEAD.exec(text) ?? [];
  if (seq === undefined || hash === undefined)
    throw new Error('--head must look like 12:0f3a… as verify prints it');
  return { seq: BigInt(seq), hash };
}

async function verify(
  platform: DatabasePlatform,
  order: { readonly tenantId: string | undefined; readonly head: AuditHead | null },
): Promise<void> {
  const tenants = await platform.unitOfWork.runSystem('the command line checks audit logs', (tx) =>
    new TenantsRepository().list(tx),
  );
  const chosen = tenants.filter(({ id }) => order.tenantId === undefined || id === order.tenantId);
  if (chosen.length === 0 && order.tenantId !== undefined) {
    throw new CommandError(`there is no tenant ${order.tenantId}`);
  }
  const verifier = new AuditVerifier(platform.unitOfWork);
  let broken = 0;
  for (const { id, name } of chosen) {
    const context = { tenantId: id, actor: 'system:command line', trace: '' };
    const result = await verifier.verify(context, order.head);
    if (!result.intact) broken += 1;
    const line = result.intact
      ? {
          tenant: name,
          tenant_id: id,
          intact: true,
          rows: result.head.seq.toString(),
          head: `${result.head.seq.toString()}:${result.head.hash}`,
        }
      : { tenant: name, tenant_id: id, intact: false, row: result.seq.toString(), reason: result.reason };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  }
  if (broken > 0) throw new CommandError(`${String(broken)} audit log(s) are not intact`);
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
  if (values.help || positionals[0] !== 'verify') {
    process.stdout.write(USAGE);
    if (!values.help) process.exitCode = 1;
    return;
  }
  const tenantId = values['tenant-id'];
  if (tenantId !== undefined && !isId(tenantId)) throw new Error('--tenant-id must be the id of a tenant');
  const head = headOf(values.head);
  if (head !== null && tenantId === undefined)
    throw new Error('--head needs --tenant-id: each log has its own');
  await runDatabaseCommand((platform) => verify(platform, { tenantId, head }));
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
