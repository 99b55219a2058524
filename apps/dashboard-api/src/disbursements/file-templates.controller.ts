import { CONTACT_TYPES, VERIFICATION_FIELDS, type VerificationField } from '@libs/contracts';
import { templateFor } from '@libs/disbursements';
import { HttpProblem } from '@libs/http';
import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import type { Response } from 'express';

/** Empty tables for people to fill in: a header, and no example that somebody might pay by mistake. */
@Controller('registration-contact-types/:type/template')
export class FileTemplatesController {
  @Get()
  show(
    @Param('type') type: string,
    @Query() query: Record<string, unknown>,
    @Res() response: Response,
  ): void {
    const contactType = CONTACT_TYPES.find((one) => one === type);
    if (contactType === undefined) {
      throw new HttpProblem(404, {
        error: `there is no registration contact type ${type.slice(0, 100)}: it is one of ${CONTACT_TYPES.join(', ')}`,
      });
    }
    const verificationField = verificationFieldOf(query['verification_field']);
    response.attachment(`${contactType.toLowerCase().replaceAll('_', '-')}.csv`);
    response.setHeader('Content-Type', 'text/csv; charset=utf-8');
    response.end(templateFor({ contactType, verificationField }));
  }
}

/** Null for an empty text: people who need no verification. Left out it is a date of birth. */
function verificationFieldOf(value: unknown): VerificationField | null {
  if (value === undefined) return 'DATE_OF_BIRTH';
  if (value === '') return null;
  const field = VERIFICATION_FIELDS.find((one) => one === value);
  if (field !== undefined) return field;
  const error = `verification_field must be one of [${VERIFICATION_FIELDS.join(' ')}], or empty`;
  throw new HttpProblem(400, { extras: { verification_field: error } });
}
