// Removes the build output first, because tsup's own cleaning races between its two entry points.
import { rmSync } from 'node:fs'

rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true })
