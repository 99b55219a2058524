import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { compiled } from '../supervisor/checkout';
import { appEnvironment } from '../system/app-environments';
import type { Installation } from '../system/installation';

export async function addStaff(installation: Installation): Promise<void> {
  const child = spawn(process.execPath, [compiled('apps/dashboard-api/src/cli/main')], {
    env: appEnvironment('dashboardApi', installation),
  });
  await once(child, 'exit');
}
