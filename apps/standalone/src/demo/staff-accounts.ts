import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

import { compiled } from '../supervisor/checkout';
import { appEnvironment } from '../system/app-environments';
import type { Installation } from '../system/installation';

export interface StaffMember {
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly role: 'owner' | 'initiator' | 'approver';
}

/** Adds the people to the organisation by the command that an operator would use; their password goes by its input. */
export async function addStaff(
  installation: Installation,
  tenantId: string,
  members: readonly StaffMember[],
): Promise<void> {
  // The approver last: that one signs in is the sign that all are there.
  const isLast = ({ role }: StaffMember): boolean => role === 'approver';
  for (const group of [members.filter((member) => !isLast(member)), members.filter(isLast)]) {
    await Promise.all(group.map((member) => addMember(installation, tenantId, member)));
  }
}

async function addMember(installation: Installation, tenantId: string, member: StaffMember): Promise<void> {
  const { email, firstName, lastName, role } = member;
  const command = [compiled('apps/dashboard-api/src/cli/users'), 'add', email, firstName, lastName];
  const options = [
    '--roles',
    role,
    '--tenant-id',
    tenantId,
    '--password',
    ...(role === 'owner' ? ['--owner'] : []),
  ];
  const child = spawn(process.execPath, [...command, ...options], {
    env: appEnvironment('dashboardApi', installation),
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  child.stdin.end(`${installation.data.keys.staffPassword}\n`);
  const complaint = await text(child.stderr);
  if ((await ended) !== 0) throw new Error(`the ${role} could not be added: ${complaint.trim()}`);
}
