import { Outbox } from '@libs/eventing';
import { StellarReader } from '@libs/ledger-stellar/reader';
import { StellarSubmitter } from '@libs/ledger-stellar/submitter';
import { MetricsRegistry, silentLogger } from '@libs/observability';

import { type AssembledEngine, assembleEngine } from '../../engine-assembly';
import type { EngineSettings } from '../../engine-context';
import type { SeededRandom } from './seeded-random';
import { PASSPHRASE, type SimulatedNetwork } from './simulated-network';
import { type NetworkWeather, SimulatedTransport } from './simulated-transport';
import type { SimulationWorld } from './simulation-world';
import { type DatabaseWeather, SteppedUnitOfWork } from './stepped-unit-of-work';
import type { Actor } from './stepper';

export interface WorkerParts {
  readonly world: SimulationWorld;
  readonly network: SimulatedNetwork;
  readonly actor: Actor;
  readonly random: SeededRandom;
  readonly weather: NetworkWeather & DatabaseWeather;
  readonly instanceId: string;
  readonly settings: EngineSettings;
  readonly onSubmit: (payload: string) => void;
}

/** One process of transaction-submission: the engine as the app puts it together, on a simulated way out. */
export class SimulatedWorker {
  readonly actor: Actor;
  readonly instanceId: string;
  /** What it is doing; null between two turns. */
  private task: Promise<void> | null = null;
  private readonly assembled: AssembledEngine;

  constructor(parts: WorkerParts) {
    const { world, network, actor, random, weather, instanceId, settings, onSubmit } = parts;
    this.actor = actor;
    this.instanceId = instanceId;
    const uow = new SteppedUnitOfWork(world.database, { actor, random, weather });
    const http = new SimulatedTransport({ network, actor, random, weather, onSubmit });
    const horizon = {
      horizonUrls: network.urls,
      networkPassphrase: PASSPHRASE,
      http,
    };
    this.assembled = assembleEngine(
      {
        instanceId,
        sessionsName: `simulation ${instanceId}`,
        uow,
        reader: new StellarReader(horizon),
        submitter: new StellarSubmitter({ ...horizon, signer: world.keys }),
        logger: silentLogger,
        settings,
      },
      {
        keys: world.keys,
        outbox: new Outbox(),
        metrics: new MetricsRegistry(),
        ledgerPollMs: 250,
        maintenance: world.maintenance,
        // Whoever runs the process starts another one: what it believed is gone with it.
        onDeclaredDead: () => {
          this.actor.dead = true;
        },
      },
    );
  }

  get isBusy(): boolean {
    return this.task !== null;
  }

  /** Begins one turn of its loop, unless it is still at one. */
  begin(): void {
    const { engine, leases, watch } = this.assembled;
    this.does(async () => {
      await leases.beat();
      await watch.look();
      await engine.tryTurn();
    });
  }

  /** Begins to stop as on SIGTERM. A stop that fails ends the process as well. */
  beginStop(): void {
    const { engine, leases } = this.assembled;
    this.does(async () => {
      try {
        await engine.stop();
        await leases.stop();
      } finally {
        this.actor.dead = true;
      }
    });
  }

  private does(work: () => Promise<void>): void {
    if (this.task !== null) return;
    // A heartbeat that fails, or the death of the process, ends the turn and nothing else.
    const over = (): void => {
      this.task = null;
    };
    this.task = work().then(over, over);
  }
}
