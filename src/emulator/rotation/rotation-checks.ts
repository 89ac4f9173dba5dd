/**
 * Checks of what a test hands over about rotations.
 *
 * @module
 */
import { checkNames, expect } from '../checks.js'
import { isStructure } from '../input.js'
import {
  ROTATION_STEPS,
  type OnRotateOptions,
  type RegisteredHandler,
  type RotationHandler,
  type RotationStep,
} from './rotation-handler.js'
import type { RotationTrouble, RotationTroubleOptions } from './rotation-trouble.js'

const OPTIONS = ['lambdaArn', 'attempts', 'rounds', 'retryDelayMs', 'timeoutMs']
const TROUBLE =
  "one of { fail: 'before' | 'after' | 'timeout' }, { replay: times }, { hold: function }, { stop: true }"
const FAILURES: readonly unknown[] = ['before', 'after', 'timeout']

/** Checks a handler and its options, and fills in the defaults. */
export function checkHandler(handler: RotationHandler, options: OnRotateOptions): RegisteredHandler {
  expect('handler', handler, typeof handler === 'function', 'a function of a rotation event')
  checkNames('onRotate', options, OPTIONS)
  const { lambdaArn, attempts = 3, rounds = 1, retryDelayMs = 0, timeoutMs = 30_000 } = options
  expect('lambdaArn', lambdaArn, lambdaArn === undefined || isText(lambdaArn), 'the ARN of a function')
  expect('attempts', attempts, isCount(attempts), 'a whole number of at least 1')
  expect('rounds', rounds, isCount(rounds), 'a whole number of at least 1')
  expect('retryDelayMs', retryDelayMs, isDuration(retryDelayMs, 0), 'milliseconds, at least 0')
  expect('timeoutMs', timeoutMs, isDuration(timeoutMs, 1), 'milliseconds, at least 1')
  return { handler, lambdaArn, attempts, rounds, retryDelayMs, timeoutMs }
}

/** Checks which step trouble is for. */
export function checkStep(step: RotationStep | '*'): RotationStep | '*' {
  const isStep = ['*', ...ROTATION_STEPS].includes(step)
  expect('step', step, isStep, `one of ${ROTATION_STEPS.join(', ')}, *`)
  return step
}

/** Checks trouble. */
export function checkTrouble(trouble: RotationTrouble): RotationTrouble {
  expect('trouble', trouble, isStructure(trouble), TROUBLE)
  const members = Object.entries(trouble)
  const [kind, value] = members[0] ?? []
  const isTrouble =
    (kind === 'fail' && FAILURES.includes(value)) ||
    (kind === 'replay' && isCount(value)) ||
    (kind === 'hold' && typeof value === 'function') ||
    (kind === 'stop' && value === true)
  if (isTrouble && members.length === 1) return trouble
  throw new TypeError(
    `trouble: expected ${TROUBLE}; got members ${Object.keys(trouble).join(', ') || 'none'}`,
  )
}

/** Checks which rotations trouble is for. */
export function checkTroubleOptions(options: RotationTroubleOptions): RotationTroubleOptions {
  checkNames('disturbRotation', options, ['times', 'match'])
  const { times = Infinity, match } = options
  const isTimes = times === Infinity || isCount(times)
  expect('times', times, isTimes, 'a whole number of at least 1, or Infinity')
  expect('match', match, match === undefined || isText(match), 'a pattern')
  return options
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 1
}

function isDuration(value: unknown, min: number): boolean {
  return Number.isFinite(value) && Number(value) >= min
}
