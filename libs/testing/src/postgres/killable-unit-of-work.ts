import {
  type Database,
  type SystemTx,
  type TenantContext,
  type TenantTx,
  UnitOfWork,
} from '@libs/persistence';

/** The process is gone: nothing that comes after this error was ever done. */
export class KilledError extends Error {
  override readonly name = 'KilledError';
  /** Of five characters, as PostgreSQL's own: the pooled connection is sound, only its user is gone. */
  readonly code = 'KILLD';
}

/** Kills a process at one of the points where a crash can make a difference, counted from 1. */
export class KillSwitch {
  private passed = 0;
  dead = false;

  /** `null` never kills. */
  constructor(private readonly at: number | null) {}

  get points(): number {
    return this.passed;
  }

  /** Passes one point. Throws when this is the one, and at every point after it. */
  pass(): void {
    if (this.dead) throw new KilledError('killed');
    this.passed += 1;
    if (this.passed !== this.at) return;
    this.dead = true;
    throw new KilledError('killed');
  }
}

/** Each database transaction has two points: just before its commit (all is undone) and just after it (all is kept). */
export class KillableUnitOfWork extends UnitOfWork {
  constructor(
    database: Database,
    private readonly kill: KillSwitch,
  ) {
    super(database);
  }

  override async run<T>(context: TenantContext, work: (tx: TenantTx) => Promise<T>): Promise<T> {
    return await this.killable(() => super.run(context, async (tx) => this.before(await work(tx))));
  }

  override async runSystem<T>(reason: string, work: (tx: SystemTx) => Promise<T>): Promise<T> {
    return await this.killable(() => super.runSystem(reason, async (tx) => this.before(await work(tx))));
  }

  private before<T>(result: T): T {
    this.kill.pass();
    return result;
  }

  private async killable<T>(run: () => Promise<T>): Promise<T> {
    if (this.kill.dead) throw new KilledError('killed');
    const result = await run();
    this.kill.pass();
    return result;
  }
}
