/** Sets faults on the sandbox network through its control API. */
export class NetworkFaults {
  constructor(private readonly sandbox: string) {}

  async add(fault: object): Promise<void> {
    const answer = await fetch(`${this.sandbox}/sandbox/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(fault),
    });
    if (!answer.ok) throw new Error(`the sandbox refuses the fault: ${await answer.text()}`);
  }

  /** How often each fault struck, in the order in which they were set. */
  async hits(): Promise<readonly number[]> {
    const answer = await fetch(`${this.sandbox}/sandbox/faults`);
    const { faults } = (await answer.json()) as { faults: { readonly hits: number }[] };
    return faults.map(({ hits }) => hits);
  }

  async clear(): Promise<void> {
    await fetch(`${this.sandbox}/sandbox/faults`, { method: 'DELETE' });
  }
}
