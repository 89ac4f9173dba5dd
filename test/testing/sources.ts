/** Good sources, each with a place to put values in: the suite has nothing to object to. */

import { SecretsManagerSource, ParameterStoreSource, type Service, type Source } from 'aws-secrets-client'
import { type Emulator, startEmulator } from 'aws-secrets-client/emulator'
import { type SourceStage, type StageValue, createFakeSecrets } from 'aws-secrets-client/testing'
import { leanSourcesAt } from '../support/lean.js'
import { sdkFor } from '../support/sdk.js'

/** The fake's own. */
export function fakeStage(service: Service): SourceStage {
  const { vault } = createFakeSecrets()
  const ref = (name: string) => (service === 'ssm' ? `ssm:${name}` : name)
  return {
    source: vault.sources[service === 'ssm' ? 1 : 0],
    put: (name, value) => vault.set(ref(name), value),
    label: (name, version, label) => {
      vault.label(`${ref(name)}:${version}`, label)
    },
    hang: () => {
      vault.goDown({ silent: true })
    },
  }
}

/** The built-in ones, through the AWS SDK and HTTP. */
export const sdkStage = (service: Service): Promise<SourceStage> =>
  emulatorStage(service, (emulator) => {
    const sdk = sdkFor(emulator.clientConfig)
    const { secretsManager, ssm } = sdk
    const source =
      service === 'ssm'
        ? new ParameterStoreSource({ client: ssm })
        : new SecretsManagerSource({ client: secretsManager })
    const destroy = () => {
      sdk.destroy()
    }
    return { source, destroy }
  })

/** Those without the SDK, through HTTP. */
export const leanStage = (service: Service): Promise<SourceStage> =>
  emulatorStage(service, (emulator) => {
    const { endpoint, region, credentials } = emulator.clientConfig
    const sources = leanSourcesAt({ endpoint, region, credentials })
    const source = sources.find((candidate) => candidate.service === service)
    if (source === undefined) throw new Error('no such source')
    const destroy = () => {
      for (const opened of sources) opened.close?.()
    }
    return { source, destroy }
  })

async function emulatorStage(
  service: Service,
  open: (emulator: Emulator) => { readonly source: Source; readonly destroy: () => void },
): Promise<SourceStage> {
  const emulator = await startEmulator({ region: 'eu-west-1' })
  const { source, destroy } = open(emulator)
  return {
    source,
    put: (name, value) => {
      if (service === 'secretsmanager') emulator.seed({ secrets: { [name]: value } })
      else emulator.seed({ parameters: { [name]: parameter(value) } })
    },
    label: (name, version, label) => {
      emulator.call('LabelParameterVersion', { Name: name, ParameterVersion: version, Labels: [label] })
    },
    hang: () => {
      emulator.fail('*', { drop: 'never-answer' })
    },
    end: async () => {
      destroy()
      await emulator.close()
    },
  }
}

function parameter(value: StageValue) {
  if (typeof value === 'string') return value
  if (value instanceof Uint8Array) throw new TypeError('a parameter holds text')
  return { type: 'StringList', value } as const
}
