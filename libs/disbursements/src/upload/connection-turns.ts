/** One connection does one thing at a time: who reads ahead waits until the other is done. */
export class ConnectionTurns {
  private last: Promise<unknown> = Promise.resolve();

  async take<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.last.then(work);
    this.last = turn.catch(() => undefined);
    return await turn;
  }

  /** When nothing is under way any more. */
  async idle(): Promise<void> {
    await this.last;
  }
}
