import { createHash, timingSafeEqual } from 'node:crypto';

import { HttpProblem } from '@libs/http';
import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';

import { SETTINGS } from '../platform.module';
import type { StaffSettings } from '../staff-settings';

const digestOf = (text: string): Uint8Array => createHash('sha256').update(text).digest();

/** HTTP Basic with ADMIN_ACCOUNT and ADMIN_API_KEY; only health is open. */
@Injectable()
export class OperatorGuard implements CanActivate {
  private readonly expected: Uint8Array;

  constructor(@Inject(SETTINGS) settings: StaffSettings) {
    this.expected = digestOf(`${settings.ADMIN_ACCOUNT}:${settings.ADMIN_API_KEY}`);
  }

  canActivate(context: ExecutionContext): boolean {
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    if (request.path === '/health' || request.path === '/ready') return true;
    const [scheme = '', encoded = ''] = (request.headers.authorization ?? '').split(' ');
    const given = Buffer.from(encoded, 'base64').toString('utf8');
    // Digests have one length, so that the comparison takes the same time for any guess.
    if (scheme.toLowerCase() === 'basic' && timingSafeEqual(digestOf(given), this.expected)) return true;
    http.getResponse<Response>().setHeader('WWW-Authenticate', 'Basic realm="operator"');
    throw new HttpProblem(401);
  }
}
