/**
 * Passes on the trace of a Lambda invocation, so that AWS X-Ray shows the request below it.
 *
 * @module
 */

import { memberOf } from '../../stored-value.js'
import { isFields } from '../answer.js'
import { type LeanEnvironment, variableIn } from './credentials.js'

/** The header `x-amzn-trace-id` inside a Lambda function, and none elsewhere. */
export function traceHeaders(environment: LeanEnvironment): Readonly<Record<string, string>> {
  if (variableIn(environment, 'AWS_LAMBDA_FUNCTION_NAME') === undefined) return {}
  const trace = invocationTrace() ?? variableIn(environment, '_X_AMZN_TRACE_ID')
  return trace === undefined ? {} : { 'x-amzn-trace-id': trace }
}

/** Where one process serves several invocations at once, the runtime tells which one this is. */
function invocationTrace(): string | undefined {
  const lambda: unknown = Reflect.get(globalThis, 'awslambda')
  const store = isFields(lambda) ? memberOf(lambda, 'InvokeStore') : undefined
  const trace: unknown = isFields(store) ? Reflect.get(store, 'getXRayTraceId') : undefined
  try {
    const told: unknown = typeof trace === 'function' ? Reflect.apply(trace, store, []) : undefined
    return typeof told === 'string' && told !== '' ? told : undefined
  } catch {
    return undefined
  }
}
