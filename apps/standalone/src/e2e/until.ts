import { setTimeout as pause } from 'node:timers/promises';

/** Waits until the condition holds; throws when it does not in time. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  { withinMs = 90_000, everyMs = 20 }: { readonly withinMs?: number; readonly everyMs?: number } = {},
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('what was waited for did not come');
    await pause(everyMs);
  }
}
