import { apiKeysApi } from '../api-keys/api-keys.openapi';
import { auditApi } from '../audit/audit.openapi';
import { catalogueApi } from '../catalogue/catalogue.openapi';
import { disbursementsApi } from '../disbursements/disbursements.openapi';
import { exportsApi } from '../exports/exports.openapi';
import { operatorApi } from '../operator/operator.openapi';
import { organizationApi } from '../organization/organization.openapi';
import { paymentsApi } from '../payments/payments.openapi';
import { peopleApi } from '../people/people.openapi';
import { receiversApi } from '../receivers/receivers.openapi';
import { secondFactorApi } from '../second-factor/second-factor.openapi';
import { sessionApi } from '../session/session.openapi';
import { statisticsApi } from '../statistics/statistics.openapi';
import type { ApiDescription } from './api-description';
import { serviceApi } from './service.openapi';

/** What the staff API says of itself, feature by feature. */
export const API_DESCRIPTIONS: readonly ApiDescription[] = [
  sessionApi,
  secondFactorApi,
  disbursementsApi,
  paymentsApi,
  exportsApi,
  receiversApi,
  statisticsApi,
  catalogueApi,
  organizationApi,
  peopleApi,
  apiKeysApi,
  auditApi,
  serviceApi,
];

export const OPERATOR_DESCRIPTION: ApiDescription = operatorApi;
