import type { MetricsRegistry } from './metrics';

export interface HttpRoute {
  /** The pattern (`/payments/:id`), never the path. */
  readonly route: string;
  readonly method: string;
}

export interface MeasuredRequest extends HttpRoute {
  readonly status: number;
  readonly tenantName: string;
}

export interface HttpMetrics {
  /** What measures the requests of one server, given all routes that it has. */
  ofServer(routes: () => readonly HttpRoute[]): (request: MeasuredRequest, seconds: number) => void;
}

const STATUS_CLASSES = ['2xx', '3xx', '4xx', '5xx'];
const METHODS = ['GET', 'POST', 'PATCH', 'PUT', 'DELETE', 'HEAD', 'OPTIONS'];
/** What strangers ask for, and what is refused before a route is found. */
const NO_ROUTE = { route: 'unknown', tenant_name: 'no_tenant' };
/** Routes of organisations, four classes of status each, as many as are worth showing before they are used. */
const ROUTES_AHEAD_MAX = 300;
/** To start what was started changes nothing, so a few forgotten ones do no harm. */
const SERIES_KNOWN_MAX = 10_000;

/**
 * Durations under the name that operators of the systems before this one already have on their screens. The status
 * is its class (`2xx`). The first request of an organisation starts the series of all routes and classes, for the
 * first few organisations; after that the first request of a route starts its classes. So the number of series
 * follows the organisations, and not what happens to be asked and answered.
 */
export function httpMetrics(metrics: MetricsRegistry): HttpMetrics {
  const duration = metrics.summary({
    name: 'sdp_http_requests_duration_seconds',
    help: 'How long HTTP requests took, by route pattern and class of status.',
    labels: ['status', 'route', 'method', 'tenant_name'],
  });
  for (const method of [...METHODS, 'other']) duration.start({ status: '4xx', method, ...NO_ROUTE });
  const start = (tenantName: string, { route, method }: HttpRoute): void => {
    for (const status of STATUS_CLASSES) duration.start({ status, route, method, tenant_name: tenantName });
  };
  let ahead = 0;
  return {
    ofServer: (routesOf) => {
      const tenants = new Set<string>([NO_ROUTE.tenant_name]);
      const known = new Map<string, (seconds: number) => void>();
      const startAhead = (tenantName: string): void => {
        tenants.add(tenantName);
        const routes = routesOf();
        if (ahead + routes.length > ROUTES_AHEAD_MAX) return;
        ahead += routes.length;
        for (const route of routes) start(tenantName, route);
      };
      const observerOf = ({ status, route, method: given, tenantName }: MeasuredRequest) => {
        const method = METHODS.includes(given) ? given : 'other';
        if (!tenants.has(tenantName)) startAhead(tenantName);
        if (route !== NO_ROUTE.route) start(tenantName, { route, method });
        return duration.observerOf({ status: classOf(status), route, method, tenant_name: tenantName });
      };
      return (request, seconds) => {
        const { status, route, method, tenantName } = request;
        const series = `${String(Math.floor(status / 100))} ${method} ${route} ${tenantName}`;
        let observe = known.get(series);
        if (observe === undefined) {
          observe = observerOf(request);
          if (known.size >= SERIES_KNOWN_MAX) known.clear();
          known.set(series, observe);
        }
        observe(seconds);
      };
    },
  };
}

const classOf = (status: number): string => `${String(Math.floor(status / 100))}xx`;
