/** Rotations of a real PostgreSQL under load. */

import { startPostgres } from '../support/postgres.js'
import { postgresEngine } from './engine.js'
import { rotationScenes } from './scenes.js'
import { byHand } from './ways.js'

rotationScenes(postgresEngine(await startPostgres()), byHand)
