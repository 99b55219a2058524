/** As many as one call takes. */
const MOST = 50;
/** What comes while a call is under way waits for its end, or this long when the call takes longer. */
const PATIENCE_MS = 5;

interface Waiting<Order, Answer> {
  readonly order: Order;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Makes one call of what many ask for at the same time. Who asks alone is not made to wait; the more ask, the more of them share
 * a call. A call that fails fails all who share it.
 */
export class GatheredCalls<Order, Answer> {
  private waiting: Waiting<Order, Answer>[] = [];
  private underWay = 0;
  private isDue = false;
  private patience: NodeJS.Timeout | null = null;

  /** `call` answers each order of the list, in its order. */
  constructor(private readonly call: (orders: readonly Order[]) => Promise<readonly Answer[]>) {}

  async ask(order: Order): Promise<Answer> {
    return await new Promise<Answer>((resolve, reject) => {
      this.waiting.push({ order, resolve, reject });
      if (this.underWay === 0) this.sendSoon();
      else this.patience ??= setTimeout(() => this.send(), PATIENCE_MS);
    });
  }

  /** After everything that has arrived already was read. */
  private sendSoon(): void {
    if (this.isDue) return;
    this.isDue = true;
    setImmediate(() => this.send());
  }

  private send(): void {
    if (this.patience !== null) clearTimeout(this.patience);
    this.patience = null;
    this.isDue = false;
    const together = this.waiting.slice(0, MOST);
    this.waiting = this.waiting.slice(MOST);
    if (together.length === 0) return;
    if (this.waiting.length > 0) this.sendSoon();
    void this.answer(together);
  }

  private async answer(together: readonly Waiting<Order, Answer>[]): Promise<void> {
    this.underWay += 1;
    try {
      const answers = await this.call(together.map(({ order }) => order));
      for (const [index, { resolve, reject }] of together.entries()) {
        const answer = answers[index];
        if (answer === undefined)
          reject(new Error('a call that is shared has left somebody without an answer'));
        else resolve(answer);
      }
    } catch (error) {
      for (const { reject } of together) reject(error);
    } finally {
      this.underWay -= 1;
      if (this.waiting.length > 0) this.sendSoon();
    }
  }
}
