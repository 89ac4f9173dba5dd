/** Rotations of a real PostgreSQL under load, through the adapter's pool. */

import { startPostgres } from '../support/postgres.js'
import { postgresEngine } from './engine.js'
import { rotationFunctionScenes } from './function-scenes.js'
import { rotationScenes } from './scenes.js'
import { pgPool } from './ways.js'

const engine = postgresEngine(await startPostgres())

rotationScenes(engine, pgPool)
rotationFunctionScenes(engine, pgPool)
