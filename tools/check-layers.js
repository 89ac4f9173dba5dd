// Fails when an import in src/ points against the layers of docs/design.md, or closes a circle.
// Layers: 0 ← 1 (rooms never import each other) ← 2 ← index; the emulator imports nothing but Node.
import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const LAYERS = [
  ['abortable', 'clock', 'errors', 'reference', 'stored-value'],
  ['batch', 'cache', 'decode', 'observe', 'redact', 'retry', 'source'],
  ['client', 'lean', 'options'],
  ['cli', 'integration', 'rotation', 'testing'],
]
const ENTRY = 'index'
const ISOLATED = 'emulator'
/** By its name the outermost layer imports the public surface, so that there is one copy of it when it is built. */
const PACKAGE = 'aws-secrets-client'

const src = fileURLToPath(new URL('../src', import.meta.url))
const problems = []

/** The room of a file: its folder directly below src/, or its own name there. */
const roomOf = (file) => relative(src, file).split('/')[0].replace(/\.ts$/, '')
const layerOf = (room) => LAYERS.findIndex((rooms) => rooms.includes(room))

const files = readdirSync(src, { recursive: true })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => join(src, name))

const imports = new Map(
  files.map((file) => {
    const { importedFiles } = ts.preProcessFile(readFileSync(file, 'utf8'), true, true)
    return [file, importedFiles.map(({ fileName }) => fileName)]
  }),
)
const resolved = (file, specifier) => resolve(dirname(file), specifier.replace(/\.js$/, '.ts'))

for (const [file, specifiers] of imports) {
  const from = roomOf(file)
  if (from !== ENTRY && from !== ISOLATED && layerOf(from) < 0)
    problems.push(`src/${from}: a room that no layer knows`)
  for (const specifier of specifiers) {
    const complain = (why) => problems.push(`${relative(src, file)} imports ${specifier}: ${why}`)
    if (!specifier.startsWith('.')) {
      if (from === ISOLATED && !specifier.startsWith('node:'))
        complain('the emulator imports nothing but Node')
      if (specifier === PACKAGE && layerOf(from) !== 3)
        complain('only the outermost layer uses the public surface')
      continue
    }
    const to = roomOf(resolved(file, specifier))
    if (to === from || from === ENTRY) {
      if (to === ISOLATED && from === ENTRY) complain('the emulator is a subpath of its own')
      continue
    }
    if (from === ISOLATED) complain('the emulator imports nothing but Node')
    else if (to === ENTRY) {
      if (layerOf(from) !== 3) complain('only the outermost layer uses the public surface')
    } else if (layerOf(from) === 3) complain('the outermost layer uses the public surface only')
    else if (layerOf(to) > layerOf(from)) complain('it points to an outer layer')
    else if (layerOf(to) === 1 && layerOf(from) === 1) complain('rooms of this layer never import each other')
  }
}

/** Depth first; a file met again on the way down closes a circle. */
const done = new Set()
const visit = (file, way) => {
  if (way.includes(file)) {
    const circle = [...way.slice(way.indexOf(file)), file]
    problems.push(`circle: ${circle.map((name) => relative(src, name)).join(' → ')}`)
    return
  }
  if (done.has(file)) return
  for (const specifier of imports.get(file) ?? []) {
    if (specifier.startsWith('.')) visit(resolved(file, specifier), [...way, file])
  }
  done.add(file)
}
for (const file of files) visit(file, [])

if (problems.length > 0) {
  console.error(problems.join('\n'))
  process.exit(1)
}
console.log(`layers: ${files.length} files, no import against the layers, no circle`)
