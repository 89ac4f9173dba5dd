// Type-checks every `ts` block of the README and of docs/ as a user's module would be.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = join(root, '.cache/readme')
const CLIENT =
  "import type { SecretsClient } from 'aws-secrets-client'\ndeclare const secrets: SecretsClient\n"

const pages = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'))
const texts = ['README.md', ...pages.map((name) => `docs/${name}`)].map((name) =>
  readFileSync(join(root, name), 'utf8'),
)
const blocks = texts.flatMap((text) =>
  [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code),
)
if (blocks.length === 0) throw new Error('README and docs have no ts block')

rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
const files = blocks.map((code, index) => {
  const hasClient = /\b(?:const|using) (?:secrets\b|\{[^}]*\bsecrets\b)|import \{[^}]*\bSecretsClient\b/
  const isPart = /\bsecrets\b/.test(code) && !hasClient.test(code)
  const file = join(folder, `block-${index + 1}.ts`)
  writeFileSync(file, `${isPart ? CLIENT : ''}${code}\nexport {}\n`)
  return file
})

const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile)
const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files }, ts.sys, root)
const program = ts.createProgram(files, { ...options, noUnusedLocals: false })
const problems = ts.getPreEmitDiagnostics(program)
if (problems.length > 0) {
  console.error(
    ts.formatDiagnostics(problems, {
      getCanonicalFileName: (name) => name,
      getCurrentDirectory: () => root,
      getNewLine: () => '\n',
    }),
  )
  process.exit(1)
}
console.log(`README and docs: ${blocks.length} blocks compile`)
