import { withTrace } from '@libs/observability';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { Observable } from 'rxjs';

import { tenantIdOf } from './caller';

/** Names the organisation on each log line that a request causes, once the guard has found it. */
@Injectable()
export class LogTenant implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const tenantId = tenantIdOf(context.switchToHttp().getRequest<object>());
    if (tenantId === null) return next.handle();
    return new Observable((subscriber) => withTrace({ tenantId }, () => next.handle().subscribe(subscriber)));
  }
}
