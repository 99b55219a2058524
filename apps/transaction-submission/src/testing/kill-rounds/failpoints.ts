import { AsyncLocalStorage } from 'node:async_hooks';
import type { Socket } from 'node:net';
import path from 'node:path';

import { StellarSubmitter } from '@libs/ledger-stellar/submitter';
import { UnitOfWork } from '@libs/persistence';
import { Client } from 'pg';

/** `kill`: the process ends as by kill −9. `cut`: COMMIT is sent and its connection breaks before the answer. */
export type FailpointAction = 'kill' | 'cut';

export interface ArmedFailpoint {
  readonly point: string;
  readonly action: FailpointAction;
  /** How often it is passed unharmed before. */
  readonly skip: number;
}

/** What the process tells whoever started it: `reached` for each point that it meets for the first time. */
export type FailpointNews =
  | { readonly kind: 'reached'; readonly point: string; readonly action: FailpointAction }
  | { readonly kind: 'cut'; readonly point: string };

/**
 * Named points around everything that this process commits and sends, put around the code from outside: the product itself
 * has none, so there is nothing in it that could be left switched on.
 */
export class Failpoints {
  private armed: ArmedFailpoint | null = null;
  private readonly known = new Set<string>();
  private readonly commits = new AsyncLocalStorage<{ cut: string | null }>();

  constructor(private readonly tell: (news: FailpointNews) => void) {}

  /** Null disarms. */
  arm(failpoint: ArmedFailpoint | null): void {
    this.armed = failpoint;
  }

  install(): void {
    this.aroundDatabaseTransactions();
    this.aroundCommit();
    this.aroundSubmit();
  }

  private aroundDatabaseTransactions(): void {
    const { run, runSystem } = UnitOfWork.prototype;
    const around = this.around.bind(this);
    UnitOfWork.prototype.run = async function (context, work) {
      const name = nameOf(work);
      return (await around(name, (before) =>
        run.call(this, context, async (tx) => before(await work(tx))),
      )) as Awaited<ReturnType<typeof work>>;
    };
    UnitOfWork.prototype.runSystem = async function (reason, work) {
      return (await around(reason, (before) =>
        runSystem.call(this, reason, async (tx) => before(await work(tx))),
      )) as Awaited<ReturnType<typeof work>>;
    };
  }

  private async around(
    name: string,
    run: (before: <T>(result: T) => T) => Promise<unknown>,
  ): Promise<unknown> {
    return await this.commits.run({ cut: null }, async () => {
      const result = await run((value) => {
        this.pass(`${name}: before commit`);
        this.askToCut(`${name}: at commit`);
        return value;
      });
      this.pass(`${name}: after commit`);
      return result;
    });
  }

  private aroundCommit(): void {
    const { query } = Client.prototype;
    const { commits, tell } = this;
    const replaced = function (this: Client, ...values: unknown[]): unknown {
      const sent: unknown = Reflect.apply(query, this, values);
      const store = commits.getStore();
      if (values[0] !== 'COMMIT' || store === undefined || store.cut === null) return sent;
      tell({ kind: 'cut', point: store.cut });
      store.cut = null;
      // The kernel has the bytes; only the way back is gone.
      const { connection } = this as unknown as { readonly connection: { readonly stream: Socket } };
      connection.stream.destroy();
      return sent;
    };
    Reflect.set(Client.prototype, 'query', replaced);
  }

  private aroundSubmit(): void {
    const { submit } = StellarSubmitter.prototype;
    const pass = (point: string): void => {
      this.pass(point);
    };
    StellarSubmitter.prototype.submit = async function (payload) {
      pass('an envelope: before its first byte');
      const answer = await submit.call(this, payload);
      pass('an envelope: after the answer');
      return answer;
    };
  }

  private pass(point: string): void {
    if (!this.isDue(point, 'kill')) return;
    process.kill(process.pid, 'SIGKILL');
  }

  private askToCut(point: string): void {
    const store = this.commits.getStore();
    if (store !== undefined && this.isDue(point, 'cut')) store.cut = point;
  }

  private isDue(point: string, action: FailpointAction): boolean {
    if (!this.known.has(point)) {
      this.known.add(point);
      this.tell({ kind: 'reached', point, action });
    }
    const { armed } = this;
    if (armed?.point !== point) return false;
    if (armed.skip > 0) {
      this.armed = { ...armed, skip: armed.skip - 1 };
      return false;
    }
    this.armed = null;
    return true;
  }
}

/** The file that runs a database transaction and the first thing that it does in it: `signing.service: store`. */
function nameOf(work: (...values: never[]) => unknown): string {
  const caller = (new Error('for its stack').stack ?? '')
    .split('\n')
    .slice(1)
    .map((line) => /\(?([^\s()]+\.js):\d+:\d+\)?$/.exec(line)?.[1] ?? '')
    .find((file) => /\/(apps|libs)\//.test(file) && file !== __filename);
  const does = /(\w+)\)?\(tx/.exec(work.toString())?.[1] ?? 'work';
  return `${path.basename(caller ?? 'somewhere', '.js')}: ${does}`;
}
