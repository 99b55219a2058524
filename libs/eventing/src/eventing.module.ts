import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  Inject,
  Injectable,
  Module,
  type OnApplicationBootstrap,
  type Type,
} from '@nestjs/common';

import { ClockJobs } from './clock-jobs';
import type { EventHandler } from './event-handler';
import { EventRuntime } from './event-runtime';
import { Outbox } from './outbox';

const HANDLERS = Symbol('event handlers');

/** Starts the runtime when the whole application is wired, and drains it before anything else closes. */
@Injectable()
class EventingLife implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    private readonly runtime: EventRuntime,
    @Inject(HANDLERS) handlers: readonly EventHandler[],
  ) {
    // Here and not in a hook: a hybrid application listens before its hooks are called.
    for (const handler of handlers) runtime.addHandler(handler);
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.runtime.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.runtime.stop();
  }
}

export interface ConsumerModuleOptions {
  readonly runtime: EventRuntime;
  readonly handlers: readonly Type<EventHandler>[];
  /** The modules that export what the handlers need. */
  readonly imports?: NonNullable<DynamicModule['imports']>;
}

/**
 * `Outbox`, `ClockJobs` and `EventRuntime` for the whole application, and its handlers. Relaying, consuming and the
 * jobs start with the application and end with `app.close()`.
 */
@Module({})
export class EventingModule {
  static forConsumer({ runtime, handlers, imports = [] }: ConsumerModuleOptions): DynamicModule {
    return {
      module: EventingModule,
      global: true,
      imports,
      providers: [
        Outbox,
        { provide: EventRuntime, useValue: runtime },
        { provide: ClockJobs, useValue: runtime.jobs },
        ...handlers,
        {
          provide: HANDLERS,
          useFactory: (...made: EventHandler[]): readonly EventHandler[] => made,
          inject: [...handlers],
        },
        EventingLife,
      ],
      exports: [Outbox, EventRuntime, ClockJobs],
    };
  }

  /** For an app that only publishes. It relays all the same. */
  static forProducer(runtime: EventRuntime): DynamicModule {
    return EventingModule.forConsumer({ runtime, handlers: [] });
  }
}
