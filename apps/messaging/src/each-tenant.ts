/** Works for one organisation after the other. What fails for one keeps nobody else from their turn, and is told at the end. */
export async function eachTenant(
  tenantIds: readonly string[],
  work: (tenantId: string) => Promise<void>,
): Promise<void> {
  const failures: unknown[] = [];
  for (const tenantId of tenantIds) {
    try {
      await work(tenantId);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0)
    throw new AggregateError(failures, `it failed for ${String(failures.length)} organisations`);
}
