import { describe, expect, test } from 'vitest'
import { isSecretsError } from '../../src/errors.js'
import { parseReference } from '../../src/reference/parse.js'
import {
  examplesIn,
  parameterArn,
  parseAnything,
  refusalOf,
  secretArn,
  thrownBy,
  VERSION_ID,
} from './refused.js'

const REFERENCE_PARAMETER = 'ssm:/aws/reference/secretsmanager/db'

/** What is wrong, the reference, and words of the message. */
const REFUSED: readonly (readonly [title: string, text: string, words: string])[] = [
  ['nothing', '', 'empty'],
  ['a line break at the end', 'prod/db\n', 'whitespace'],
  ['a space in front', ' prod/db', 'whitespace'],
  ['a byte order mark in front', '\uFEFFprod/db', 'whitespace'],
  ['more than 4096 characters', 'x'.repeat(4097), '4096'],
  ['more than 4096 characters in the canonical string', `ssm:X#${'/'.repeat(4090)}`, '4096'],
  ['a URL', 'postgres://user:hunter2@host/db', 'URL'],
  ['a service written as a URL', 'ssm://prod/x', 'URL'],
  ['an unknown service', 'sm:prod/db', '"sm"'],
  ['an unknown service and three parts', 'resolve:ssm:/x:3', '"resolve"'],
  ['an unknown service and no name that could be offered', 'vault:a+b/c', '"vault"'],
  ['an unknown service and too many levels', `vault:${'/l'.repeat(16)}`, '"vault"'],
  ['a service in upper case', 'SSM:X', '"SSM"'],
  ['a service in mixed case', 'SecretsManager:db', '"SecretsManager"'],
  ['a space in a name', 'my secret', 'character 3 of the secret name (U+0020)'],
  ['a character beyond ASCII', 'prod/😀', 'character 6 of the secret name (U+1F600)'],
  ['an empty name of a secret', ':AWSPREVIOUS', 'empty'],
  ['an empty name behind the prefix', 'secretsmanager:', 'empty'],
  ['a name of a secret with 513 characters', 'x'.repeat(513), '513 characters'],
  ['an empty selector', 'db:', 'nothing follows the ":"'],
  ['two empty selectors', 'db::', 'one version id or version stage'],
  ['three selectors', 'db:a:b:c', 'one version id or version stage'],
  ['a stage and an id', `db:AWSPREVIOUS:${VERSION_ID}`, 'not by both'],
  ['a stage with a space', 'db:blue green', 'character 5 of the version stage (U+0020)'],
  ['a stage with a control character', 'db:a\u0000b', 'U+0000'],
  ['a stage with an invisible character', 'db:a\u200Bb', 'U+200B'],
  ['a stage with half a character', 'db:a\uD800b', 'U+D800'],
  ['a stage with 257 characters', `db:${'s'.repeat(257)}`, '257 characters'],
  ['a stage with a slash', 'prod/db:blue/green', '"/"'],
  ['an id of 31 characters', `db::${'x'.repeat(31)}`, '32 to 64'],
  ['an id of 65 characters', `db::${'x'.repeat(65)}`, '32 to 64'],
  ['an id with a space', `db::${'x '.repeat(20)}x`, 'version id'],
  ['an empty field', 'db#', 'nothing follows the "#"'],
  ['a pointer with a lone tilde', 'db#/a~', '~0'],
  ['a pointer with an unknown escape', 'db#/a~2b', '~0'],
  ['an empty name of a parameter', 'ssm:', 'empty'],
  ['a slash alone', 'ssm:/', 'empty'],
  ['slashes alone', 'ssm:///', 'URL'],
  ['levels without a slash in front', 'ssm:prod/x', 'starts with "/"'],
  ['a slash at the end', 'ssm:/prod/', 'end with "/"'],
  ['an empty level', 'ssm:/prod//x', 'empty level'],
  ['16 levels', `ssm:${'/l'.repeat(16)}`, '16 levels'],
  ['a name of a parameter with 1012 characters', `ssm:/${'x'.repeat(1011)}`, '1012 characters'],
  ['a character that no parameter has', 'ssm:/prod/x@y', 'character 8 of the parameter name (U+0040)'],
  ['an empty selector of a parameter', 'ssm:/x:', 'nothing follows the ":"'],
  ['two selectors of a parameter', 'ssm:/x:3:blue', 'only one'],
  ['version 0', 'ssm:/x:0', 'at least 1'],
  ['version 000', 'ssm:/x:000', 'at least 1'],
  ['a version beyond exact integers', 'ssm:/x:9007199254740992', 'at least 1'],
  ['a version with leading zeros', 'ssm:/x:007', 'leading zeros'],
  ['a label with a space', 'ssm:/x:blue green', 'label'],
  ['a label that starts with a digit', 'ssm:/x:3a', 'label "3a"'],
  ['a label with 101 characters', `ssm:/x:${'l'.repeat(101)}`, 'label'],
  ['a label with a slash', 'ssm:/x:a/b', 'label "a/b"'],
  ['a secret through Parameter Store without a name', 'ssm:/aws/reference/secretsmanager/', 'empty'],
  ['a stage through Parameter Store with a space', `${REFERENCE_PARAMETER}:a b`, 'label'],
  ['a SSM document reference', '{{ssm:/prod/x:3}}', 'SSM documents'],
  ['a field behind a dynamic reference', '{{resolve:secretsmanager:db}}#x', 'no "#field"'],
  ['a dynamic reference without an end', '{{resolve:secretsmanager:db', 'ends with'],
  ['a dynamic reference of half an end', '{{}', 'ends with'],
  ['an opening only', '{{', 'ends with'],
  ['two dynamic references', '{{resolve:ssm:x}}{{resolve:ssm:y}}', 'ends with'],
  ['a dynamic reference to nothing', '{{}}', 'resolves secretsmanager'],
  ['a dynamic reference to another service', '{{resolve:s3:x}}', 'resolves secretsmanager'],
  ['a dynamic reference that does not resolve', '{{get:ssm:x}}', 'resolves secretsmanager'],
  ['a dynamic reference to a nameless secret', '{{resolve:secretsmanager}}', 'empty'],
  ['a dynamic reference to a nameless parameter', '{{resolve:ssm}}', 'empty'],
  ['a dynamic reference to the bytes', '{{resolve:secretsmanager:db:SecretBinary}}', 'SecretString'],
  ['a dynamic reference of too many parts', '{{resolve:secretsmanager:db:SecretString:a:b::c}}', 'too many'],
  ['a dynamic reference to stage and id', `{{resolve:secretsmanager:db::k:a:${VERSION_ID}}}`, 'not by both'],
  [
    'a dynamic reference with an ARN of a parameter',
    `{{resolve:secretsmanager:${parameterArn('x')}}}`,
    'not of a secret',
  ],
  [
    'a dynamic reference to a key that ends in a space',
    '{{resolve:secretsmanager:db:SecretString:k }}',
    'whitespace',
  ],
  ['a dynamic reference to a label', '{{resolve:ssm:/x:blue}}', 'version number only'],
  ['a dynamic reference to an empty version', '{{resolve:ssm:/x:}}', 'version number only'],
  ['a dynamic reference to a padded version', '{{resolve:ssm:/x:03}}', 'leading zeros'],
  ['a dynamic reference to a parameter and more', '{{resolve:ssm:/x:3:4}}', 'only a version'],
  ['a dynamic reference to a parameter without a slash', '{{resolve:ssm:a/b}}', 'starts with "/"'],
]

const REFUSED_ARNS: typeof REFUSED = [
  ['half an ARN', 'arn:aws:secretsmanager', 'incomplete'],
  ['an ARN without a resource', 'arn:aws:secretsmanager:eu-west-1:123456789012', 'incomplete'],
  ['an unknown partition', secretArn('db').replace('aws', 'azure'), 'partition'],
  ['a partition with an empty word', secretArn('db').replace('aws', 'aws-'), 'partition'],
  ['an ARN of no service', 'arn:aws::eu-west-1:123456789012:secret:db', 'partition'],
  ['an ARN of another service', 'arn:aws:s3:::bucket/key', '"s3"'],
  ['an ARN of another service that may not be quoted', 'arn:aws:s3:::my bucket', "the ARN's service is"],
  ['an ARN without a region', 'arn:aws:secretsmanager::123456789012:secret:db', 'region'],
  ['an ARN with a region in upper case', 'arn:aws:secretsmanager:EU:123456789012:secret:db', 'region'],
  ['an ARN without an account', 'arn:aws:secretsmanager:eu-west-1::secret:db', '12 digits'],
  ['an ARN of a private parameter without an account', 'arn:aws:ssm:eu-west-1::parameter/x', '12 digits'],
  ['an account of 11 digits', 'arn:aws:secretsmanager:eu-west-1:12345678901:secret:db', '12 digits'],
  ['an ARN of no secret', 'arn:aws:secretsmanager:eu-west-1:123456789012:policy:db', 'not of a secret'],
  ['an ARN of a nameless secret', secretArn(''), 'names no secret'],
  [
    'an ARN of a secret without a name',
    'arn:aws:secretsmanager:eu-west-1:123456789012:secret',
    'names no secret',
  ],
  ['an ARN of a document', 'arn:aws:ssm:eu-west-1:123456789012:document/x', 'not of a parameter'],
  ['an ARN of a nameless parameter', parameterArn(''), 'empty'],
  ['an ARN of a parameter with two slashes', parameterArn('/x'), 'empty level'],
  ['an ARN of a parameter with two selectors', parameterArn('x:3:4'), 'only one'],
  ['an ARN of a parameter with a padded version', parameterArn('x:03'), 'leading zeros'],
  ['an ARN of a secret with a forbidden character', secretArn('a*'), 'U+002A'],
  ['an ARN of more than 2048 characters', secretArn('x').padEnd(2049, 'x'), '2048'],
  ['a prefix of the other service before a secret', `ssm:${secretArn('db')}`, 'the prefix says ssm'],
  ['a prefix of the other service before a parameter', `secretsmanager:${parameterArn('x')}`, 'of ssm'],
  ['one part behind an ARN', secretArn('db:AWSPREVIOUS'), 'three colons'],
  ['one part with a slash behind an ARN', secretArn('db:a/b'), 'three colons'],
  ['one empty part behind an ARN', secretArn('db:'), 'three colons'],
  ['an id alone behind an ARN', secretArn(`db:${VERSION_ID}`), 'three colons'],
  ['two parts behind an ARN', secretArn('db:k:AWSPREVIOUS'), 'three colons'],
  ['two parts that may not be quoted', secretArn('db:my key:AWSPREVIOUS'), 'three colons'],
  ['four parts behind an ARN', secretArn('db:::::'), 'more than'],
  ['a stage and an id behind an ARN', secretArn(`db::a:${VERSION_ID}`), 'not by both'],
  ['a stage with a slash behind an ARN', secretArn('db::a/b:'), '"/"'],
  ['a key behind an ARN and a field', secretArn('db:k::#x'), 'twice'],
  ['a key behind an ARN that ends in a space', secretArn('db:k ::'), 'whitespace'],
  ['an empty field behind an ARN', secretArn('db#'), 'nothing follows the "#"'],
]

describe.each([...REFUSED, ...REFUSED_ARNS])('%s', (_title, text, words) => {
  test(`is refused with what was wrong: ${words}`, () => {
    expect(refusalOf(text).message).toContain(words)
  })

  test('is answered with a correct example', () => {
    const examples = examplesIn(refusalOf(text))
    expect(examples).not.toHaveLength(0)
    for (const example of examples) expect(() => parseAnything(example)).not.toThrow()
  })
})

describe('the hint', () => {
  test.each([
    ['sm:prod/db', ['secretsmanager:prod/db', 'ssm:/prod/db']],
    ['resolve:ssm:/x:3', ['secretsmanager:x', 'ssm:/x']],
    ['SSM:X', ['secretsmanager:X', 'ssm:/X']],
    ['ssm:prod/x', ['ssm:/prod/x']],
    ['ssm:/prod//x', ['ssm:/prod/x']],
    ['ssm:/x:007', ['ssm:/x:7']],
    [`ssm:${secretArn('db')}`, [secretArn('db')]],
    [secretArn('db:AWSPREVIOUS'), [secretArn('db::AWSPREVIOUS:'), secretArn('db#AWSPREVIOUS')]],
    [secretArn('db:'), [secretArn('db:::')]],
    [secretArn('db:k:AWSPREVIOUS'), [secretArn('db:k:AWSPREVIOUS:')]],
    [secretArn('db:k:'), [secretArn('db:k::')]],
    [secretArn(`db:k:${VERSION_ID}`), [secretArn(`db:k::${VERSION_ID}`)]],
  ])('corrects %j', (text, corrected) => {
    expect(examplesIn(refusalOf(text))).toStrictEqual(corrected)
  })
})

describe('the error', () => {
  test('carries the reference and no attempts', () => {
    expect(refusalOf('sm:prod/db')).toMatchObject({ ref: 'sm:prod/db', attempts: 0, retryable: false })
  })

  test.each([undefined, null, 5, true, 5n, Symbol('s'), () => 'db', ['db'], Buffer.from('db')])(
    'is a TypeError for %s, which is neither string nor object',
    (input) => {
      const error = thrownBy(() => parseAnything(input))
      expect(error).toBeInstanceOf(TypeError)
      expect(isSecretsError(error)).toBe(false)
      expect(String(error)).toMatch(/^TypeError: reference must be a string or a plain object, got [a-z ]+$/)
    },
  )

  test('is none at 4096 characters', () => {
    const text = 'db#'.padEnd(4096, 'x')
    expect(parseReference(text).ref).toBe(text)
  })
})
