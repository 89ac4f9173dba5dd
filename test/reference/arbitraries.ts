import fc from 'fast-check'
import { parseReference } from '../../src/reference/parse.js'
import type { ReferenceObject } from '../../src/reference/reference.js'
import { parameterArn, secretArn, VERSION_ID } from './refused.js'

const of = (characters: string, minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...Array.from(characters)), minLength, maxLength })

const SECRET_NAME = fc.oneof(
  of('aB0/_+=.@!-', 1, 8),
  fc.constantFrom('ssm', 'secretsmanager', 'arn', 'ARN', '__proto__'),
)
const LEVEL = of('aB0_.-', 1, 3)
const PARAMETER_NAME = fc.oneof(
  LEVEL,
  fc.array(LEVEL, { minLength: 1, maxLength: 15 }).map((levels) => `/${levels.join('/')}`),
  of('aB0/+!-', 1, 6).map((name) => `/aws/reference/secretsmanager/${name}`),
)
const VERSION_ID_OF_ANY_SHAPE = fc.oneof(fc.constant(VERSION_ID), of('aF0', 32, 64), of('aZ-=', 32, 64))
const STAGE = fc.oneof(
  fc.constantFrom('AWSCURRENT', 'AWSPREVIOUS', 'AWSPENDING', VERSION_ID, 'ssm', 'aws', 'f'.repeat(32)),
  of('aZ-=_é{}', 1, 6),
)
const LABEL = fc.tuple(of('aZ._-', 1, 1), of('aZ0._-', 0, 4)).map((parts) => parts.join(''))
/** Fields that a string can say. */
export const FIELD = fc
  .oneof(
    of('ab:#/~ é{}', 1, 8).filter((field) => !field.startsWith('/')),
    fc.array(of('ab~/:# ', 0, 4), { minLength: 1, maxLength: 4 }).map((keys) => keys.map(toToken).join('')),
  )
  .filter((field) => field === field.trimEnd())

/** Objects that a string can say too. */
export const REFERENCE: fc.Arbitrary<ReferenceObject> = fc
  .oneof(
    fc.record({ name: SECRET_NAME }),
    fc.record({ name: SECRET_NAME, versionId: VERSION_ID_OF_ANY_SHAPE }),
    fc.record({ name: SECRET_NAME, versionStage: STAGE }),
    fc.record({ arn: SECRET_NAME.map(secretArn) }),
    fc.record({ arn: SECRET_NAME.map(secretArn), versionId: VERSION_ID_OF_ANY_SHAPE }),
    fc.record({ arn: SECRET_NAME.map(secretArn), versionStage: STAGE }),
    fc.record({ service: fc.constant('ssm' as const), name: PARAMETER_NAME }),
    fc.record({ service: fc.constant('ssm' as const), name: PARAMETER_NAME, label: LABEL }),
    fc.record({ service: fc.constant('ssm' as const), name: LEVEL, version: fc.integer({ min: 1 }) }),
    fc.record({ arn: LEVEL.map(parameterArn) }),
    fc.record({ arn: LEVEL.map(parameterArn), label: LABEL }),
    fc.record({ arn: LEVEL.map(parameterArn), version: fc.integer({ min: 1 }) }),
  )
  .filter(
    ({ name, versionId, versionStage }: ReferenceObject) =>
      name !== 'arn' || (versionId ?? versionStage) === undefined,
  )

/** Everything an object can say, a stage beside an id and a `/` in either included. */
export const OBJECT: fc.Arbitrary<ReferenceObject> = fc.oneof(
  REFERENCE,
  fc.record({
    name: SECRET_NAME,
    versionId: fc.oneof(VERSION_ID_OF_ANY_SHAPE, of('a/', 32, 34)),
    versionStage: fc.oneof(STAGE, of('a/', 1, 3)),
  }),
  fc.record({ name: SECRET_NAME, versionStage: of('a/', 1, 3) }),
  fc.record({ arn: SECRET_NAME.map(secretArn), versionId: VERSION_ID_OF_ANY_SHAPE, versionStage: STAGE }),
)

function toToken(key: string): string {
  return `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
}

/** Random text, text of the alphabet of references, and references with a mistake in them. */
export const ANY_TEXT = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({
    unit: fc.constantFrom(
      ...Array.from('aZ09/_+=.@!:#{}~- '),
      'arn:aws:',
      'ssm:',
      '{{resolve:',
      '}}',
      '::',
      VERSION_ID,
    ),
  }),
  fc
    .tuple(
      REFERENCE,
      FIELD,
      fc.nat(),
      fc.nat(3),
      fc.constantFrom('', ':', '#', '/', '~', ' ', '{{', '}}', '\u0000', 'é'),
    )
    .map(([object, field, at, cut, insert]) => {
      const { ref } = parseReference({ ...object, field })
      const index = at % (ref.length + 1)
      return ref.slice(0, index) + insert + ref.slice(index + cut)
    }),
)
