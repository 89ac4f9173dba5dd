/** Where requests go without the AWS SDK is where the AWS SDK would send them; and what it alone knows is left to it. */

import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { SSMClient } from '@aws-sdk/client-ssm'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { planOf } from '../../../src/source/lean/plan.js'
import { LEAN_ENVIRONMENT } from '../../support/lean.js'

const SERVICES = ['secretsmanager', 'ssm'] as const
const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'dummy' }

const planIn = (variables: Readonly<Record<string, string | undefined>>, region?: string) =>
  planOf('secretsmanager', region, { ...LEAN_ENVIRONMENT, ...variables })

describe.each(SERVICES)('the endpoint of %s', (service) => {
  const Client = service === 'ssm' ? SSMClient : SecretsManagerClient

  test.each(['eu-west-1', 'us-east-1', 'ap-southeast-7', 'mx-central-1', 'us-gov-west-1', 'cn-northwest-1'])(
    'in %s is that of the AWS SDK',
    (region) => {
      const { config } = new Client({ region, credentials })
      const { url } = config.endpointProvider({ Region: region, UseFIPS: false, UseDualStack: false })
      expect(planOf(service, region, LEAN_ENVIRONMENT)).toEqual({ service, region, endpoint: url })
    },
  )

  test('comes from its own variable, or else from that for all services', () => {
    const own = `AWS_ENDPOINT_URL_${service === 'ssm' ? 'SSM' : 'SECRETS_MANAGER'}`
    const all = { ...LEAN_ENVIRONMENT, AWS_ENDPOINT_URL: 'http://127.0.0.1:1' }
    expect(planOf(service, undefined, all)).toMatchObject({ endpoint: new URL('http://127.0.0.1:1') })
    expect(planOf(service, undefined, { ...all, [own]: 'https://vault.test' })).toMatchObject({
      endpoint: new URL('https://vault.test'),
    })
  })
})

test('the region is the one that is asked for, or else AWS_REGION', () => {
  expect(planIn({})).toMatchObject({ region: 'eu-west-1' })
  expect(planIn({}, 'us-east-2')).toMatchObject({ region: 'us-east-2' })
})

test('AWS_IGNORE_CONFIGURED_ENDPOINT_URLS has endpoint variables ignored', () => {
  const variables = { AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' }
  const endpoint = new URL('https://secretsmanager.eu-west-1.amazonaws.com')
  expect(planIn(variables)).toMatchObject({ endpoint })
  expect(planIn({ ...variables, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'false' })).toMatchObject({
    endpoint: new URL('http://127.0.0.1:1'),
  })
})

test.each([
  ['AWS_SDK_UA_APP_ID is set', { AWS_SDK_UA_APP_ID: 'shop' }],
  ['AWS_PROFILE is set', { AWS_PROFILE: 'work' }],
  ['AWS_WEB_IDENTITY_TOKEN_FILE is set', { AWS_WEB_IDENTITY_TOKEN_FILE: '/var/run/token' }],
  ['AWS_USE_FIPS_ENDPOINT is set', { AWS_USE_FIPS_ENDPOINT: 'true' }],
  ['AWS_USE_DUALSTACK_ENDPOINT is set', { AWS_USE_DUALSTACK_ENDPOINT: 'true' }],
  ['AWS_DISABLE_CLOCK_SKEW_CORRECTION is set', { AWS_DISABLE_CLOCK_SKEW_CORRECTION: 'true' }],
  ['the environment has no credentials', { AWS_SECRET_ACCESS_KEY: '' }],
  ['AWS_REGION is not set', { AWS_REGION: undefined }],
  ['the region is not one that they know', { AWS_REGION: 'us-iso-east-1' }],
  ['the endpoint URL has more than a host', { AWS_ENDPOINT_URL: 'https://vault.test/aws' }],
  ['the endpoint URL has more than a host', { AWS_ENDPOINT_URL: 'https://user@vault.test' }],
  ['the endpoint URL has more than a host', { AWS_ENDPOINT_URL: 'https://vault.test?a=b' }],
  ['the endpoint URL has more than a host', { AWS_ENDPOINT_URL: 'ftp://vault.test' }],
  ['the endpoint URL has more than a host', { AWS_ENDPOINT_URL: 'vault' }],
])('the AWS SDK is needed because %s: %j', (because, variables) => {
  expect(planIn(variables)).toEqual({ because, instead: expect.stringMatching(/^[A-Z].*[^.]$/) as string })
})

test.each([
  ['FIPS', { AWS_USE_FIPS_ENDPOINT: 'false' }],
  ['credentials of containers', { AWS_ACCESS_KEY_ID: '', AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/v2/x' }],
  ['credentials of containers elsewhere', { AWS_ACCESS_KEY_ID: '', AWS_CONTAINER_CREDENTIALS_FULL_URI: 'x' }],
])('the AWS SDK is not needed for %s', (_title, variables) => {
  expect(planIn(variables)).toMatchObject({ region: 'eu-west-1' })
})

describe('shared files may have settings that only the AWS SDK reads', () => {
  const neededFor = (name: 'config' | 'credentials') => ({
    because: `there is a shared AWS file (${name})`,
    instead: `Point AWS_${name === 'config' ? 'CONFIG' : 'SHARED_CREDENTIALS'}_FILE at a file that is not there`,
  })

  async function emptyFolder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'lean-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    return folder
  }

  describe.each([
    ['AWS_CONFIG_FILE', 'config'],
    ['AWS_SHARED_CREDENTIALS_FILE', 'credentials'],
  ] as const)('under %s', (variable, name) => {
    test('with its path', async () => {
      const file = join(await emptyFolder(), 'settings')
      expect(planIn({ [variable]: file })).not.toHaveProperty('because')
      await writeFile(file, '')
      expect(planIn({ [variable]: file })).toEqual(neededFor(name))
    })

    test('with its path below the home directory', async () => {
      const home = await emptyFolder()
      const variables = { HOME: home, [variable]: '~/settings' }
      expect(planIn(variables)).not.toHaveProperty('because')
      await writeFile(join(home, 'settings'), '')
      expect(planIn(variables)).toEqual(neededFor(name))
    })
  })

  test.each([
    ['HOME', {}],
    ['USERPROFILE', {}],
    ['HOMEPATH', { HOMEDRIVE: '' }],
  ])('in .aws below %s', async (variable, more) => {
    const home = await emptyFolder()
    const variables = { AWS_CONFIG_FILE: '', [variable]: home, ...more }
    expect(planIn(variables)).not.toHaveProperty('because')
    await mkdir(join(home, '.aws'))
    await writeFile(join(home, '.aws', 'config'), '')
    expect(planIn(variables)).toEqual(neededFor('config'))
  })

  test('in .aws below the home directory of the user', () => {
    const isThere = existsSync(join(homedir(), '.aws', 'config'))
    expect('because' in planIn({ AWS_CONFIG_FILE: '' })).toBe(isThere)
  })
})
