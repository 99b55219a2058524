import {
  childTrace,
  currentLogFields,
  currentTrace,
  newTrace,
  traceIdOf,
  traceTenant,
  withTrace,
} from './trace';

const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

describe('a trace', () => {
  it('is a W3C traceparent of its own each time', () => {
    expect(newTrace()).toMatch(TRACEPARENT);
    expect(newTrace()).not.toBe(newTrace());
  });

  it('keeps its id and its flags from span to span', () => {
    const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00';
    const child = childTrace(parent);
    expect(child).toMatch(TRACEPARENT);
    expect(traceIdOf(child)).toBe('0af7651916cd43dd8448eb211c80319c');
    expect(child.slice(-2)).toBe('00');
    expect(child).not.toBe(parent);
  });

  it.each([
    '',
    'nonsense',
    '00-00000000000000000000000000000000-b7ad6b7169203331-01',
    '00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01',
    'ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    '00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01\n',
  ])('begins anew where %j came in', (text) => {
    expect(traceIdOf(text)).toBeUndefined();
    expect(childTrace(text)).toMatch(TRACEPARENT);
  });
});

describe('the fields of a log line', () => {
  it('name the tenant and the trace of the work at hand, also after an await, and of no other', async () => {
    const trace = newTrace();
    const inside = async (tenantId: string): Promise<Record<string, string>> =>
      await withTrace({ tenantId, trace }, async () => {
        await new Promise((resolve) => setImmediate(resolve));
        return currentLogFields();
      });
    const [one, other] = await Promise.all([inside('a'), inside('b')]);
    expect(one).toEqual({ tenant_id: 'a', trace_id: traceIdOf(trace) });
    expect(other).toEqual({ tenant_id: 'b', trace_id: traceIdOf(trace) });
    expect(currentLogFields()).toEqual({});
    expect(currentTrace()).toBe('');
  });

  it('name a tenant that was found out on the way, in that piece of work and in no other', async () => {
    const given = { trace: newTrace() };
    const inside = async (tenantId: string): Promise<Record<string, string>> =>
      await withTrace(given, async () => {
        await new Promise((resolve) => setImmediate(resolve));
        traceTenant(tenantId);
        await new Promise((resolve) => setImmediate(resolve));
        return currentLogFields();
      });
    const found = await Promise.all([inside('a'), inside('b')]);
    expect(found.map((fields) => fields['tenant_id'])).toEqual(['a', 'b']);
    traceTenant('c');
    expect([currentLogFields(), given]).toEqual([{}, { trace: given.trace }]);
  });

  it('add up where one piece of work is inside another', () => {
    const trace = newTrace();
    withTrace({ trace }, () =>
      withTrace({ tenantId: 'a' }, () => {
        expect(currentTrace()).toBe(trace);
        expect(currentLogFields()).toMatchObject({ tenant_id: 'a' });
      }),
    );
  });
});
