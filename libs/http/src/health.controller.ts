import { Controller, type DynamicModule, Get, Inject, Module, Res } from '@nestjs/common';
import type { Response } from 'express';

export interface HealthOptions {
  readonly serviceId: string;
  readonly version: string;
  /** Null where only the process itself is asked for (the operator's server). */
  readonly databaseAnswers: (() => Promise<boolean>) | null;
  /** Why the process is not ready; empty when it is. */
  readonly notReady: () => Promise<readonly string[]>;
}

const HEALTH_OPTIONS = Symbol('health options');
const ANSWER_WITHIN_MS = 2_000;

const within = async (work: Promise<boolean>): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => {
      resolve(false);
    }, ANSWER_WITHIN_MS);
  });
  try {
    return await Promise.race([work.catch(() => false), late]);
  } finally {
    clearTimeout(timer);
  }
};

@Controller()
export class HealthController {
  constructor(@Inject(HEALTH_OPTIONS) private readonly options: HealthOptions) {}

  @Get('health')
  async health(@Res({ passthrough: true }) response: Response): Promise<object> {
    const { serviceId, version, databaseAnswers } = this.options;
    if (databaseAnswers === null) return { status: 'pass', version, service_id: serviceId };
    const database = await within(databaseAnswers());
    if (!database) response.status(503);
    return {
      status: database ? 'pass' : 'fail',
      version,
      service_id: serviceId,
      services: { database: database ? 'pass' : 'fail' },
    };
  }

  @Get('ready')
  async ready(@Res({ passthrough: true }) response: Response): Promise<object> {
    const reasons = await this.options.notReady();
    if (reasons.length > 0) response.status(503);
    return { ready: reasons.length === 0, reasons };
  }
}

/** `GET /health` and `GET /ready` on an HTTP app. */
@Module({})
export class HealthModule {
  static with(options: HealthOptions): DynamicModule {
    return {
      module: HealthModule,
      controllers: [HealthController],
      providers: [{ provide: HEALTH_OPTIONS, useValue: options }],
    };
  }
}
